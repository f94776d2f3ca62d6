// Cards: each has a body that a module fills, a table of what it shows and a CSV of the same.

import { csv, download } from "./csv.js";
import { $, $$, announce, el, replace } from "./dom.js";
import { grid, inOrder } from "./sort.js";
import * as state from "./state.js";

const shown = new Map(); // card's key -> {columns, rows, formats}

const box = (key) => $(`[data-card="${key}"]`);
export const has = (key) => box(key) !== null;
export const body = (key) => $(".card-body", box(key));

/** The content of a card. data: {columns: [name…], rows: [[value…]…], formats: [function…]}, exact
 *  values as its table and CSV give them. */
export function show(key, nodes, data) {
  const card = box(key);
  if (!card) return;
  if (data) shown.set(key, data);
  const table = $("[data-table]", card);
  if (table?.getAttribute("aria-pressed") === "true" && data) nodes = [tableOf(key, data, titleOf(card))];
  replace(body(key), ...[nodes].flat());
}

export const none = (text = "No data in this period.") => el("p", { class: "none" }, text);

/** Show an error in these cards, with a button to try again. */
export function fail(keys, error, retry) {
  for (const key of keys) {
    const card = box(key);
    if (!card) continue;
    replace(
      body(key),
      el(
        "div",
        { class: "card-error", role: "alert" },
        el("span", {}, error.message),
        el("button", { type: "button", onclick: retry }, "Try again"),
        error.code === "too_slow" && saveAsSegment(),
      ),
    );
  }
}

/** What is too slow to be read from the events is counted as they come in. */
const saveAsSegment = () =>
  state.conditions().length > 0 &&
  document.body.dataset.role !== "viewer" &&
  el("button", { type: "button", onclick: () => dispatchEvent(new Event("save-segment")) }, "Save it as a segment");

const titleOf = (card) => $("h2", card).textContent.trim();

/** A card's data as a table that its heads sort. bar: the number that a bar behind the name shows. */
export function tableOf(key, { columns, rows, formats = [] }, caption, { bar = null, tall = false } = {}) {
  const top = bar === null ? 0 : Math.max(...rows.map((row) => Number(row[bar])), 1e-9);
  const described = columns.map((name, i) => ({
    name,
    sort: name,
    value: (row) => row[i],
    numeric: rows.length > 0 && rows.every((row) => typeof row[i] !== "string"),
    cell: (row) => [
      bar !== null && i === 0 && el("span", { class: "fill", style: { width: `${(92 * row[bar]) / top}%` } }),
      el("span", {}, shownValue(row[i], formats[i])),
    ],
  }));
  return grid(key, { columns: described, rows: inOrder(key, described, rows), caption, tall });
}

const shownValue = (value, format) => {
  if (format) return format(value);
  if (value === null || value === undefined) return "\u2014";
  return typeof value === "number" ? value.toLocaleString("en-US", { maximumFractionDigits: 6 }) : String(value);
};

export function install(redraw) {
  for (const card of $$("[data-card]")) {
    const key = card.dataset.card;
    $("[data-csv]", card)?.addEventListener("click", () => {
      const data = shown.get(key);
      if (!data) return announce("There is nothing to download yet");
      const { name, from, to } = state.period();
      download(`${state.app()}-${key}-${name ?? `${from}-${to}`}.csv`, csv(data.columns, data.rows));
      return announce("Downloaded");
    });
    $("[data-table]", card)?.addEventListener("click", (event) => {
      const pressed = event.currentTarget.getAttribute("aria-pressed") === "true";
      event.currentTarget.setAttribute("aria-pressed", String(!pressed));
      redraw();
    });
  }
}
