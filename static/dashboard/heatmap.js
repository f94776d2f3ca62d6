// Cohorts: a row per first week, a cell per week since, the percent in each.

import { none, show } from "./cards.js";
import { el } from "./dom.js";
import { count, percent, shortDay } from "./format.js";

const MOST_WEEKS = 13;

/** cohorts: [{week, size, active: [percent…]}] as /stats/growth has them. */
export function heatmap(key, cohorts) {
  const longest = Math.max(0, ...cohorts.map((row) => row.active.length));
  const data = {
    columns: ["First week", "People", ...Array.from({ length: longest }, (_, i) => `Week ${i}`)],
    rows: cohorts.map((row) => [row.week, row.size, ...row.active]),
  };
  if (cohorts.length === 0) return show(key, none("No data yet."), data);
  const rows = cohorts.slice(-MOST_WEEKS);
  const weeks = Math.min(MOST_WEEKS, longest);
  return show(
    key,
    el(
      "div",
      { class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Who comes back, by week" },
      el(
        "table",
        { class: "heat" },
        el("caption", { class: "sr-only" }, "Share of each week's new people who were active in each week after it"),
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            el("th", { scope: "col" }, "First week"),
            el("th", { scope: "col", class: "num" }, "People"),
            Array.from({ length: weeks }, (_, i) => el("th", { scope: "col" }, i === 0 ? "Week 0" : String(i))),
          ),
        ),
        el(
          "tbody",
          {},
          rows.map((row) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, shortDay(row.week)),
              el("td", { class: "num muted" }, count(row.size)),
              row.active.slice(0, weeks).map((value, i) => cell(value, i, row, i === row.active.length - 1)),
            ),
          ),
        ),
      ),
    ),
    data,
  );
}

function cell(value, index, row, isRunning) {
  if (value === null || value === undefined)
    return el("td", { class: "cell", title: "Nobody started in this week" }, "\u2014");
  const full = value > 90;
  const mix = full ? 90 : Math.round(6 + (value / 90) * 44); // a mix between the two gives text too little contrast
  return el(
    "td",
    {
      class: `cell${full ? " strong" : ""}${isRunning && index > 0 ? " open" : ""}`,
      style: { background: `color-mix(in srgb, var(--accent) ${mix}%, var(--surface))` },
      title:
        `${percent(value)} of the ${count(row.size)} people of ${shortDay(row.week)} were active in week ${index}` +
        (isRunning && index > 0 ? ", which is still running" : ""),
    },
    `${Math.round(value)} %`,
  );
}
