// Cohorts: a row per first interval, a cell per interval since, the percent in each.

import { none, show } from "./cards.js";
import { el } from "./dom.js";
import { count, percent, shortDay } from "./format.js";

const MOST = 13;

/** cohorts: [{week, size, active: [percent\u2026]}] as /stats/growth has them, or of other intervals: unit is
 *  "Week", "Day" or "Month", name(first day) how a row is called, did what its people did in an interval,
 *  average: percents of a last row. Every row is in the CSV; `most` of the latest are shown. An interval of which
 *  nothing is known has null. */
export function heatmap(
  key,
  cohorts,
  { unit = "Week", name = shortDay, did = "were active", average = null, people = null, most = MOST, empty } = {},
) {
  const longest = Math.max(0, ...cohorts.map((row) => row.active.length));
  const heads = Array.from({ length: longest }, (_, i) => `${unit} ${i}`);
  const sizes = people ? heads.map((head) => `People, ${head.toLowerCase()}`) : [];
  const data = {
    columns: [`First ${unit.toLowerCase()}`, "People", ...heads, ...sizes],
    rows: cohorts.map((row, place) => [
      row.week,
      row.size,
      ...filled(row.active, longest),
      ...(people ? filled(people[place], longest) : []),
    ]),
  };
  if (cohorts.length === 0) return show(key, none(empty ?? "No data yet."), data);
  const rows = cohorts.slice(-most);
  const length = Math.min(most, longest);
  return show(
    key,
    el(
      "div",
      // Where there are more columns than the page is wide, the head cannot stick to the page.
      {
        class: length > MOST ? "scroll far" : "scroll tall",
        tabindex: "0",
        role: "region",
        "aria-label": `Who comes back, by ${unit.toLowerCase()}`,
      },
      el(
        "table",
        { class: "heat" },
        el(
          "caption",
          { class: "sr-only" },
          `Share of each ${unit.toLowerCase()}'s people who ${did} in each later one`,
        ),
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            el("th", { scope: "col" }, `First ${unit.toLowerCase()}`),
            el("th", { scope: "col", class: "num" }, "People"),
            Array.from({ length }, (_, i) => el("th", { scope: "col" }, i === 0 ? `${unit} 0` : String(i))),
          ),
        ),
        el(
          "tbody",
          {},
          rows.map((row) => {
            const values = row.active.slice(0, length);
            const running = (i) => i === row.active.length - 1 && i > 0 && !average;
            return line(
              name(row.week),
              count(row.size),
              values,
              (value, i) => titleOf(value, i, row, { unit, name, did, isRunning: running(i) }),
              running,
            );
          }),
          average &&
            line(
              "Average",
              "",
              average.slice(0, length),
              (value) => `${percent(value)} on average`,
              () => false,
            ),
        ),
      ),
    ),
    data,
  );
}

const filled = (values, length) => [...values, ...Array.from({ length: length - values.length }, () => null)];

const line = (head, size, values, title, running) =>
  el(
    "tr",
    {},
    el("th", { scope: "row" }, head),
    el("td", { class: "num muted" }, size),
    values.map((value, i) => cell(value, title(value, i), running(i))),
  );

function titleOf(value, index, row, { unit, name, did, isRunning }) {
  const interval = `${unit.toLowerCase()} ${index}`;
  if (value === null || value === undefined)
    return row.size === 0 ? `Nobody started in this ${unit.toLowerCase()}` : `${unit} ${index} is not over`;
  return (
    `${percent(value)} of the ${count(row.size)} people of ${name(row.week)} ${did} in ${interval}` +
    (isRunning ? ", which is still running" : "")
  );
}

function cell(value, title, isRunning) {
  if (value === null || value === undefined) return el("td", { class: "cell", title }, "\u2014");
  const full = value > 90;
  const mix = full ? 90 : Math.round(6 + (value / 90) * 44); // a mix between the two gives text too little contrast
  return el(
    "td",
    {
      class: `cell${full ? " strong" : ""}${isRunning ? " open" : ""}`,
      style: { background: `color-mix(in srgb, var(--accent) ${mix}%, var(--surface))` },
      title,
    },
    `${Math.round(value)} %`,
  );
}
