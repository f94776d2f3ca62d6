// What a page's numbers do not cover, in sentences above it; filters.js says what conditions a page does not take.

import { fieldOf, fieldWord } from "./condition.js";
import { $, $$, el } from "./dom.js";
import { fullDay } from "./format.js";
import * as state from "./state.js";

const OF_CRASHES = ["version", "platform", "platform_family", "channel"];

/** Why a number is not known under a filter, by its path in the answer; "" where there is no shorter reason. */
function reason(path) {
  if (!/crash|stability|issues/.test(path)) return "";
  const fields = state.honoured().map(fieldOf);
  return fields.every((field) => OF_CRASHES.includes(field)) ? "crashes are not counted by both" : "crashes carry none";
}

/** The names of the cards whose numbers the filter leaves out, by the reason. unfiltered: paths of the answer. */
function leftOut(unfiltered) {
  const groups = new Map();
  const names = new Set();
  for (const card of $$("[data-number]")) {
    if (card.closest("[hidden]")) continue; // not of this app
    const path = card.dataset.number;
    const label = $("h3", card).textContent.trim();
    if (names.has(label) || !unfiltered.some((name) => name === path || path.startsWith(`${name}.`))) continue;
    names.add(label);
    groups.set(reason(path), [...(groups.get(reason(path)) ?? []), label]);
  }
  return groups;
}

/** "country", "version and event", "segment" */
function byWhat() {
  const fields = [...new Set(state.honoured().map(fieldOf))].map(fieldWord);
  if (fields.length > 0) return fields.join(" and ");
  return state.segment() === null ? "cohort" : "segment";
}

export function coverage(answer) {
  const note = $("#coverage");
  const sentences = [];
  const since = answer.covers_from;
  if (since && since > answer.from) {
    sentences.push(`Some people were deleted; counts before ${fullDay(since)} may be low. `);
  }
  if (answer.nobody === "all") sentences.push("Its SDK tells no people: sessions are counted. ");
  if (answer.nobody === "some") {
    sentences.push(
      "Some sessions have no person: numbers of events, sessions and crashes have them, those of people not. ",
    );
  }
  if (answer.isLate) {
    sentences.push("This day has too many events to be counted by hours on the way: it is one point. ");
  }
  if (state.isNarrowed()) {
    for (const [why, labels] of leftOut(answer.unfiltered ?? [])) {
      sentences.push(`Not filtered by ${byWhat()}, so left out: ${labels.join(", ")}${why && `; ${why}`}. `);
    }
  }
  note.hidden = sentences.length === 0;
  note.replaceChildren(...sentences.map((sentence) => el("span", {}, sentence)));
}

/** A list without the columns that the filter leaves out, and a sentence about these. A column's number of the
 *  answer is its `of`, else what it sorts by. */
export function columnsLeftOut(unfiltered, columns) {
  const isLeft = (column) => unfiltered.includes(column.of ?? column.sort);
  const left = columns.filter(isLeft);
  const note = $("#coverage");
  note.hidden = left.length === 0;
  const names = left.map((column) => column.name).join(", ");
  note.replaceChildren(el("span", {}, `Not filtered by ${byWhat()}, so left out: ${names}. `));
  return columns.filter((column) => !isLeft(column));
}
