// Asking for a page's numbers: /stats, the same of the period before, and the page's own lists.

import { get } from "./api.js";
import { el, $ } from "./dom.js";
import { heard } from "./frame.js";
import { fullDay, shift, today } from "./format.js";
import * as state from "./state.js";

let kept = { key: null, found: null };

/** {answer, before, page, releases}: before has daily_stats and families of the period before, if there
 *  is one; page what reports/dashboard.py has under that name. */
export async function ask({ signal, why }, { include = [], page = null } = {}) {
  const asked = state.question({ include: include.join(","), page });
  const key = JSON.stringify(asked);
  if (why === "draw" && kept.key === key) return kept.found;
  const found = await get("/dashboard/api/stats", asked, signal);
  heard(found.rollup_lag_seconds);
  coverage(found.answer);
  kept = { key, found };
  return found;
}

const LEFT = "This cannot be told for one filter alone.";

/** What a card says that has nothing to show: text, unless the filter leaves its report out. */
export const emptyOf = (answer, path, text) =>
  (answer.unfiltered ?? []).some((one) => one === path || one === path.split(".")[0]) ? LEFT : text;

export const column = (answer, name) => (answer?.daily_stats ?? []).map((row) => row[name] ?? null);
export const dates = (answer) => (answer.daily_stats ?? []).map((row) => row.date);

function coverage(answer) {
  const note = $("#coverage");
  const since = answer.covers_from;
  const late = since && since > answer.from;
  const left = (answer.unfiltered ?? []).length > 0;
  note.hidden = !late && !left;
  note.replaceChildren(
    ...(late
      ? [
          el(
            "span",
            {},
            `Up to ${fullDay(shift(since, -1))} people have expired or been erased; numbers counted from people's own rows cover those still held. `,
          ),
        ]
      : []),
    ...(left ? [el("span", {}, "Numbers that cannot be told for one filter alone are left out.")] : []),
  );
}

const LENGTHS = { today: 1, "7d": 7, "30d": 30, "90d": 90 };

/** The period as start_date and end_date of /events and /crashes. */
export function days() {
  const { name, from, to } = state.period();
  if (name === null) return { start_date: from, end_date: to };
  return name === "all" ? {} : { start_date: shift(today(), 1 - (LENGTHS[name] ?? 30)) };
}
