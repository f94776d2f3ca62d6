// Tables whose heads sort them: the order of each card's table is in the address, as sort.<card>.

import { el } from "./dom.js";
import * as state from "./state.js";

/** {key, down} of a card's table, or null for the order of the answer. */
export function order(card, initial = null) {
  const text = state.get(`sort.${card}`) ?? initial;
  return text ? { key: text.replace(/^-/, ""), down: text.startsWith("-") } : null;
}

const nothing = (value) => value === null || value === undefined || value === "";
const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return words.compare(String(a), String(b));
}

/** rows in the card's order; rows without a value come last in both directions. */
export function inOrder(card, columns, rows) {
  const chosen = order(card);
  const column = chosen && columns.find((column) => column.sort === chosen.key);
  if (!column?.value) return rows;
  return [...rows].sort((rowA, rowB) => {
    const [a, b] = [column.value(rowA), column.value(rowB)];
    if (nothing(a) || nothing(b)) return nothing(a) - nothing(b);
    return chosen.down ? compare(b, a) : compare(a, b);
  });
}

const classes = (column, ...more) => [column.class, ...more].filter(Boolean).join(" ") || null;

function head(card, column, now) {
  const props = { scope: "col", class: classes(column, column.numeric && "num") };
  if (!column.sort) return el("th", props, column.head ?? column.name);
  const chosen = now?.key === column.sort;
  const down = chosen ? !now.down : Boolean(column.down ?? column.numeric);
  return el(
    "th",
    { ...props, "aria-sort": chosen ? (now.down ? "descending" : "ascending") : "none" },
    el(
      "button",
      {
        type: "button",
        class: "sort",
        dataset: { key: `sort-${column.sort}` },
        onclick: () => state.change({ [`sort.${card}`]: (down ? "-" : "") + column.sort }),
      },
      column.name,
      el("span", { class: "sort-arrow", "aria-hidden": "true" }),
    ),
  );
}

/**
 * columns: [{name, head: a node instead of it, cell(row) -> node or text, value(row) -> to sort by, sort: its
 * name in the address, down: first click from the top, numeric, grow, class}]. line(row, cells) -> tr, where
 * rows are more than cells.
 */
export function grid(
  card,
  { columns, rows, caption, tall = false, initial = null, line = (_row, cells) => el("tr", {}, cells) },
) {
  const now = order(card, initial);
  return el(
    "div",
    { class: `scroll${tall ? " tall" : ""}`, tabindex: "0", role: "region", "aria-label": `${caption}, table` },
    el(
      "table",
      {},
      el("caption", { class: "sr-only" }, caption),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          columns.map((column) => head(card, column, now)),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((row) =>
          line(
            row,
            columns.map((column) =>
              el(
                "td",
                { class: classes(column, column.numeric && "num", column.grow && "grow") },
                column.cell(row) ?? "\u2014",
              ),
            ),
          ),
        ),
      ),
    ),
  );
}
