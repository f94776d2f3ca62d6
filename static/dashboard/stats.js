// Requests for a page's numbers: /stats, the same of the previous period, and the page's own lists.

import { get } from "./api.js";
import * as busy from "./busy.js";
import * as compare from "./compare.js";
import * as filters from "./filters.js";
import { shift, today } from "./format.js";
import { setLag } from "./frame.js";
import { coverage } from "./notes.js";
import * as shared from "./shared.js";
import * as state from "./state.js";

let lastResponse = { key: null, response: null };

/** {answer, before, page, releases}. before: daily_stats and families of what it is compared with, if there is
 *  any; page: the lists that PAGES of reports/dashboard.py has under that name. Of a single day daily_stats has
 *  its hours; while it runs, answer.partial holds the paths of the numbers that are not known for the same hours. */
export async function ask({ signal, why }, { include = [], page = null } = {}) {
  const params = state.question({ include: include.join(","), page, ...compare.params() });
  const key = JSON.stringify(params);
  if (why === "draw" && lastResponse.key === key) return lastResponse.response;
  // Without conditions it comes from the rollups, at once.
  const asking = state.isNarrowed() ? busy.ask : get;
  const response = byHours(await asking(shared.path ?? "/dashboard/api/stats", shared.path ? {} : params, signal));
  if (shared.path) shared.show(response.shared);
  setLag(response.rollup_lag_seconds);
  response.answer.nobody = nobodyIn(response);
  coverage(response.answer);
  filters.matched((response.answer.daily_stats ?? []).every((row) => !row.events && !row.active_users && !row.crashes));
  lastResponse = { key, response };
  compare.note(response.before, response.hours);
  return response;
}

/** What of the period's events are of nobody: "some", as far as the app is known to send such, "all", or null. */
function nobodyIn({ answer, has_nobody: isSent }) {
  const rows = answer.daily_stats ?? [];
  if (!isSent || !rows.some((row) => row.events)) return null;
  return rows.some((row) => row.active_users) ? "some" : "all";
}

// Where the numbers of a part of a day stand in an answer.
const SAME_HOURS = {
  "stability.crash_free_rate": "crash_free_rate",
  "stability.crash_rate": "crash_rate",
  "quality.success_rate": "success_rate",
  "costs.total_cost_usd": "total_cost_usd",
};
const UP_TO_TODAY = ["total_users", "active_users_7d", "active_users_30d"];

/** Whether a number is about the period, and not about days up to today. */
const ofPeriod = (path) =>
  /^(summary|usage|adoption|quality|stability|metrics|visits|range)\.|^costs\.total/.test(path) &&
  !UP_TO_TODAY.includes(path.replace("summary.", "")) &&
  path !== "adoption.feature_stickiness";

/** A single day by its hours. A running one stands beside the same hours of the other. */
function byHours({ answer, before, hours, ...rest }) {
  if (!hours?.now) {
    const isRunning = answer.from === answer.to && answer.to === today();
    return {
      answer: { ...answer, isLate: hours?.late, isPartial: isRunning ? ofPeriod : null },
      before,
      hours,
      ...rest,
    };
  }
  const rows = (day) => day?.rows.map((row) => ({ date: row.hour, ...row }));
  answer = { ...answer, daily_stats: rows(hours.now) };
  before = { ...before, daily_stats: rows(hours.before) };
  if (!hours.running) return { answer, before, hours, ...rest };
  const summary = hours.before?.summary ?? {};
  const kept = Object.fromEntries(UP_TO_TODAY.map((name) => [name, answer.previous?.[name]]));
  answer.previous = answer.previous && { ...kept, ...summary };
  answer.isPartial = (path) =>
    !(path in SAME_HOURS) &&
    !path.startsWith("summary.") &&
    /^(usage|adoption|quality|stability|metrics|visits)\./.test(path);
  for (const [path, name] of Object.entries(SAME_HOURS)) {
    const [section, key] = path.split(".");
    if (before[section]) before[section] = { ...before[section], [key]: summary[name] ?? null };
  }
  return { answer, before, hours, ...rest };
}

/** Whether the answer leaves this number out because it cannot be filtered. path: section.key. */
export const isUnfiltered = (answer, path) =>
  (answer.unfiltered ?? []).some((name) => name === path || name === path.split(".")[0]);

/** The text of a card without data: `text`, or that the filter is the reason. */
export const emptyOf = (answer, path, text) =>
  isUnfiltered(answer, path) ? `Not available with a ${state.filterName()}.` : text;

export const column = (answer, name) => (answer?.daily_stats ?? []).map((row) => row[name] ?? null);
export const dates = (answer) => (answer.daily_stats ?? []).map((row) => row.date);

const LENGTHS = { today: 1, "7d": 7, "30d": 30, "90d": 90 };

/** The period as start_date and end_date of /events and /crashes. */
export function days() {
  const { name, from, to } = state.period();
  if (name === null) return { start_date: from, end_date: to };
  return name === "all" ? {} : { start_date: shift(today(), 1 - (LENGTHS[name] ?? 30)) };
}
