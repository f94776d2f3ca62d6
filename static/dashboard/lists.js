// Bar lists: label, bar behind it, value right; a click narrows the page to the row.

import { none, show } from "./cards.js";
import { conditionOf } from "./condition.js";
import { el } from "./dom.js";
import { count, percent } from "./format.js";
import * as shared from "./shared.js";
import * as state from "./state.js";

/** rows: [{key, count, percentage}]. filter: the field of conditions that a click narrows the page by; name:
 *  how a key is shown. Events without a value are the row "unknown", and those past the most kept the row
 *  "other": neither is a filter. */
export function barList(
  key,
  rows,
  {
    head = ["", "People"],
    filter = null,
    name = String,
    most = 10,
    bad = false,
    empty,
    value = count,
    href = null,
  } = {},
) {
  const data = {
    columns: [head[0] || "Name", head[1], "Percent"],
    rows: rows.map((row) => [String(row.key), row.count, row.percentage]),
  };
  if (rows.length === 0) return show(key, none(empty), data);
  const top = Math.max(...rows.map((row) => Number(row.count)), 1e-9);
  const field = filter && state.takes(filter) ? filter : null;
  const conditions = state.conditions();
  const line = (row) => {
    const inside = [
      el("span", { class: "fill", style: { width: `${Math.max(0.5, (100 * row.count) / top)}%` } }),
      el("span", { class: "clip", title: String(row.key) }, name(row.key)),
      el("span", {}, value(row.count)),
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
        title: pressed ? "Remove this filter" : `Show only ${name(row.key)}`,
        onclick: () => (pressed ? state.remove(condition) : state.narrow(field, row.key)),
      },
      inside,
    );
  };
  const list = el(
    "div",
    { class: "bars" },
    el("div", { class: "bar-head" }, el("span", {}, head[0]), el("span", {}, head[1])),
    rows.slice(0, most).map(line),
  );
  const rest = rows.length - most;
  const more = rest > 0 && el("p", { class: "muted more" }, `and ${count(rest)} more in the CSV`);
  return show(key, [list, more].filter(Boolean), data);
}
