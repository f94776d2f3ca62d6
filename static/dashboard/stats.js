// Asking /stats: the period itself, and the days before it for the dashed line.

import { get } from "./api.js";
import { el, $ } from "./dom.js";
import { fullDay, shift, today } from "./format.js";
import * as state from "./state.js";

let kept = { key: null, answer: null };

/** {answer, before}: before is the answer for the period before (its daily_stats and families), or null. */
export async function ask({ signal, why }, include = [], compare = true) {
  const asked = state.question({ include: include.join(",") });
  const key = JSON.stringify(asked);
  if (why === "draw" && kept.key === key) return kept.answer;
  const answer = await get("/stats", asked, signal);
  let before = null;
  if (compare && asked.period !== "all") {
    before = await get("/stats", { ...asked, period: null, ...rangeBefore(answer) }, signal).catch((error) => {
      if (error.name === "AbortError") throw error;
      return null;
    });
  }
  coverage(answer);
  kept = { key, answer: { answer, before } };
  return kept.answer;
}

/** The range that an answer is about, for endpoints that take days only. */
export const range = (answer) => ({ app: state.app(), from: answer.from, to: answer.to });

/** The days before, as many. */
export function rangeBefore(answer) {
  const days = Math.round((Date.parse(answer.to) - Date.parse(answer.from)) / 86_400_000) + 1;
  return { from: shift(answer.from, -days), to: shift(answer.from, -1) };
}

export const column = (answer, name) => (answer?.daily_stats ?? []).map((row) => row[name] ?? null);
export const dates = (answer) => (answer.daily_stats ?? []).map((row) => row.date);

function coverage(answer) {
  const note = $("#coverage");
  const since = answer.covers_from;
  const late = since && since > answer.from;
  const left = (answer.unfiltered ?? []).length > 0;
  note.hidden = !late && !left;
  note.replaceChildren(
    ...(late ? [el("span", {}, `Part of this period is past its retention: people are counted from ${fullDay(since)} on. `)] : []),
    ...(left ? [el("span", {}, "Numbers that cannot be told for one filter alone are left out.")] : []));
}

const LENGTHS = { today: 1, "7d": 7, "30d": 30, "90d": 90 };

/** The period as start_date and end_date of /events and /crashes. */
export function days() {
  const { name, from, to } = state.period();
  if (name === null) return { start_date: from, end_date: to };
  return name === "all" ? {} : { start_date: shift(today(), 1 - (LENGTHS[name] ?? 30)) };
}
