// Bar lists: label, bar behind it, value right; a click narrows the page to the row.

import { none, show } from "./cards.js";
import { conditionOf } from "./condition.js";
import { el } from "./dom.js";
import { count, percent } from "./format.js";
import * as shared from "./shared.js";
import * as state from "./state.js";

const whole = new Set(); // keys of the lists that are shown to their end

/** rows: all that there are, [{key, count, percentage}], of which `most` are shown until more are asked for.
 *  filter: the field of conditions that a click narrows the page by; name: how a key is shown; named: the CSV has
 *  these names too; cells: [name, of(row)] of its columns, where they are others. Events without a value are the row "unknown", and those past the most kept the row "other":
 *  neither is a filter. */
export function barList(
  key,
  rows,
  {
    head = ["", "People"],
    filter = null,
    name = String,
    named = false,
    most = 10,
    bad = false,
    empty,
    value = count,
    cells = null,
    href = null,
  } = {},
) {
  const data = cells
    ? { columns: cells.map(([column]) => column), rows: rows.map((row) => cells.map(([, of]) => of(row))) }
    : {
        columns: [head[0] || "Name", ...(named ? ["Name"] : []), head[1], "Percent"],
        rows: rows.map((row) => [String(row.key), ...(named ? [name(row.key)] : []), row.count, row.percentage]),
      };
  if (rows.length === 0) return show(key, none(empty), data);
  const top = Math.max(...rows.map((row) => Number(row.count)), 1e-9);
  const field = filter && state.takes(`${filter}:is`) ? filter : null;
  const conditions = state.conditions();
  // Several kernels may be one system in words; then they are told apart as they were sent.
  const times = new Map();
  for (const row of rows) times.set(name(row.key), (times.get(name(row.key)) ?? 0) + 1);
  const told = (row) => (times.get(name(row.key)) > 1 ? `${name(row.key)}, ${row.key}` : name(row.key));
  const line = (row) => {
    const inside = [
      el("span", { class: "fill", style: { width: `${Math.max(0.5, (100 * row.count) / top)}%` } }),
      el("span", { class: "clip", title: String(row.key) }, told(row)),
      el("span", {}, value(row.count, row)),
      el("span", { class: "share" }, percent(row.percentage)),
    ];
    const classes = `bar-item${bad ? " bad-bar" : ""}`;
    const address = href?.(row);
    if (address) return el("a", { class: classes, href: address, dataset: { key: row.key } }, inside);
    if (!field || row.key === "unknown" || row.key === "other" || shared.path)
      return el("div", { class: classes }, inside);
    const condition = conditionOf(field, "is", [row.key]);
    const pressed = conditions.includes(condition);
    return el(
      "button",
      {
        type: "button",
        class: classes,
        dataset: { key: row.key },
        "aria-pressed": String(pressed),
        title: pressed ? "Remove this filter" : `Show only ${told(row)}`,
        onclick: () => (pressed ? state.remove(condition) : state.narrow(field, row.key)),
      },
      inside,
    );
  };
  const draw = () => {
    const shown = whole.has(key) ? rows : rows.slice(0, most);
    const list = el(
      "div",
      { class: "bars" },
      el("div", { class: "bar-head" }, el("span", {}, head[0]), el("span", {}, head[1])),
      shown.map(line),
    );
    const more =
      rows.length > most &&
      el(
        "p",
        { class: "muted more" },
        el("span", {}, `${count(shown.length)} of ${count(rows.length)}`),
        el(
          "button",
          { type: "button", class: "quiet", dataset: { key: `more-${key}` }, onclick: turn },
          shown.length < rows.length ? "Show all" : `Show ${most}`,
        ),
      );
    show(key, [list, more].filter(Boolean), data);
  };
  const turn = () => {
    if (!whole.delete(key)) whole.add(key);
    draw();
  };
  return draw();
}
