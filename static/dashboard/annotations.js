// Notes at a time, which stand in every chart over time: those of the app and those of all.

import { get } from "./api.js";
import { instant } from "./chart_dates.js";
import { $ } from "./dom.js";
import { clock, dateOf, shift, today } from "./format.js";
import * as state from "./state.js";

const HOUR = 3_600_000;
const DAYS = { day: 1, week: 7, month: 31 };
let list = []; // [{id, at, text, of_all_apps, created_by}], by time
let problem = null; // of the last request: charts keep the notes they have
const used = new Set(); // lists that charts have been drawn with since isStale() was asked

export const all = () => ({ list, problem });

/** A chart by week or month begins with a whole one, before the period. */
function since() {
  const { name, from } = state.period();
  if (name === "all") return null;
  return shift(from ?? shift(today(), 1 - (Number.parseInt(name, 10) || 1)), -DAYS.month);
}

/** The notes of the page's period, on pages with charts; it never throws. */
export async function load(signal) {
  if (!$("#annotations")) return;
  try {
    const { annotations } = await get("/annotations", { app: state.app(), from: since() }, signal);
    if (JSON.stringify(annotations) !== JSON.stringify(list)) list = annotations;
    problem = null;
  } catch (error) {
    if (!signal?.aborted) problem = error;
  }
}

/** Whether a chart stands there that was drawn before these notes came. */
export function isStale() {
  const isOld = [...used].some((each) => each !== list);
  used.clear();
  return isOld;
}

/** For each bucket of a chart its notes, as texts; undefined for none. dates: what the buckets begin with. */
export function inBuckets(dates, group) {
  used.add(list);
  const texts = [];
  for (const note of list) {
    const index = bucketOf(note, dates, group);
    if (index < 0) continue;
    const when = group === "week" || group === "month" ? dateOf(note.at) : clock(note.at);
    texts[index] = [...(texts[index] ?? []), `${when} ${note.text}`];
  }
  return texts;
}

function bucketOf({ at }, dates, group) {
  if (dates.length === 0) return -1;
  if (group === "hour") {
    const moment = Date.parse(at);
    const index = dates.findLastIndex((hour) => instant(hour) <= moment);
    return index >= 0 && moment < instant(dates[index]) + HOUR ? index : -1;
  }
  const day = today(new Date(at));
  if (day >= shift(dates.at(-1), DAYS[group])) return -1;
  return dates.findLastIndex((start) => start <= day);
}

/** A chart's table with a column of its notes, if it has any. */
export function inTable(data, dates, group) {
  const texts = inBuckets(dates, group);
  if (texts.length === 0) return data;
  const formats = data.columns.map((_, i) => data.formats?.[i]);
  return {
    columns: [...data.columns, "Notes"],
    rows: data.rows.map((row, i) => [...row, texts[i]?.join("; ") ?? null]),
    formats: [...formats, (text) => text ?? "\u2014"],
  };
}
