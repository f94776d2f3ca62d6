// Saved questions on an overview: each asks by itself after the page has its numbers. They follow the page's period
// and conditions; their own conditions join those.

import { fail } from "./cards.js";
import { $, el } from "./dom.js";
import * as state from "./state.js";

const FRESH_MS = 5 * 60_000; // questions to the events are not asked with every refresh
// Most overviews have none: what asks and draws them is loaded with the first.
let REPORTS, addressOf;
const kept = new Map(); // card's key -> {question of the server, answer, at}

/** Called by a page after its own numbers, without being waited for. */
export async function load(context) {
  const box = $("#pinned");
  if (!box) return;
  [{ REPORTS }, { addressOf }] = await Promise.all([import("./pinned_reports.js"), import("./save.js")]);
  for (const saved of JSON.parse(box.dataset.pinned)) {
    await one(`pinned-${saved.id}`, saved, context);
    if (context.signal.aborted) return;
  }
  document.body.dataset.pinned = "ready";
}

async function one(key, saved, { signal, why }) {
  head(key, saved);
  const { question } = saved;
  const report = REPORTS[saved.report];
  const narrowed = { ...state.span(), ...joined(question) };
  const text = JSON.stringify([question, narrowed]);
  const last = kept.get(key);
  try {
    const isFresh = last?.text === text && (why === "draw" || (why === "refresh" && Date.now() - last.at < FRESH_MS));
    const given = isFresh ? last.given : await report.ask(key, question, narrowed, signal);
    if (signal.aborted) return;
    kept.set(key, { text, given, at: isFresh ? last.at : Date.now() });
    report.draw(key, question, given);
  } catch (error) {
    if (error.name === "AbortError" || signal.aborted) return;
    fail([key], error, () => one(key, saved, { signal, why: "change" }));
  }
}

/** The name leads to the page that asks the question. */
function head(key, saved) {
  const title = $(`#head-${key}`);
  if (title && !$("a", title)) title.replaceChildren(el("a", { href: addressOf(saved) }, saved.name));
}

function joined(question) {
  const page = state.filter();
  return {
    ...page,
    filter: [...new Set([...(question.filter ?? []), ...page.filter])],
    segment: page.segment ?? question.segment?.[0] ?? null,
    cohort: page.cohort ?? question.cohort?.[0] ?? null,
  };
}
