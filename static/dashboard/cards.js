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
 *  values as its table and CSV give them; all(signal, progress): the rows of the CSV where the card shows only the
 *  first of them. */
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

/** No number card keeps what it showed before. */
export function failNumbers(error) {
  for (const card of $$("[data-number]")) {
    replace($(".value", card), "\u2014");
    $(".value", card).title = error.message;
    $(".exact", card).textContent = error.message;
    if (!card.dataset.never) replace($(".change", card), "Not loaded");
    $(".of", card)?.replaceChildren("\u00a0");
    replace($(".spark", card) ?? el("div"));
  }
}

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

const savings = new Map(); // card's key -> AbortController of the rows that are on their way

/** Download a card's rows. Where they have to be asked for first, the button counts them and a second click stops. */
async function save(key, button) {
  if (savings.has(key)) return savings.get(key).abort();
  const data = shown.get(key);
  if (!data) return announce("There is nothing to download yet");
  const { name, from, to } = state.period();
  const file = `${state.app()}-${key}-${name ?? `${from}-${to}`}.csv`;
  let rows = data.rows;
  if (data.all) {
    const own = new AbortController();
    savings.set(key, own);
    const text = button.textContent;
    try {
      rows = await data.all(own.signal, (count) => {
        button.textContent = `${count.toLocaleString("en-US")} rows\u2026 Stop`;
      });
    } catch (error) {
      if (error.name === "AbortError") return announce("Stopped");
      button.title = error.message;
      return announce(`Not downloaded: ${error.message}`);
    } finally {
      savings.delete(key);
      button.textContent = text;
    }
  }
  button.removeAttribute("title");
  download(file, csv(data.columns, rows));
  return announce("Downloaded");
}

export function install(redraw) {
  for (const card of $$("[data-card]")) {
    const key = card.dataset.card;
    $("[data-csv]", card)?.addEventListener("click", (event) => save(key, event.currentTarget));
    $("[data-table]", card)?.addEventListener("click", (event) => {
      const pressed = event.currentTarget.getAttribute("aria-pressed") === "true";
      event.currentTarget.setAttribute("aria-pressed", String(!pressed));
      redraw();
    });
  }
}
