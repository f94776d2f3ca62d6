// Tables of rows as they came: paged by cursor, the whole row opens its detail.

import { get } from "./api.js";
import { has, none, show, body } from "./cards.js";
import { el, $, announce } from "./dom.js";
import { count } from "./format.js";

const PAGE = 50;
const known = new Map(); // card's key -> {question, rows, cursor}

/**
 * columns: [{name, cell(row) -> node or text, value(row) -> for the CSV, numeric, grow}].
 * ask: {path, params, rows: name of the list in the answer}. open(row): the address of its detail.
 * A refresh asks for the first page again, unless more pages have been opened: those stay.
 */
export async function dataTable(key, { columns, ask, open = null, empty, search = null, caption }, { signal, why }) {
  if (!has(key)) return;
  const question = JSON.stringify([ask.path, ask.params]);
  let held = known.get(key);
  if (!held || held.question !== question) held = null;
  if (why !== "draw" && !(held?.pages > 1 && why === "refresh")) {
    const answer = await get(ask.path, { ...ask.params, limit: PAGE }, signal);
    held = { question, rows: answer[ask.rows], cursor: answer.next_cursor, pages: 1 };
    known.set(key, held);
  }
  draw();

  function draw() {
    const wanted = search?.()?.toLowerCase() ?? "";
    const rows = wanted ? held.rows.filter((row) => JSON.stringify(row).toLowerCase().includes(wanted)) : held.rows;
    const data = { columns: columns.map((one) => one.name), rows: rows.map((row) => columns.map((one) => (one.value ? one.value(row) : one.cell(row)))) };
    const more = held.cursor && el("button", { type: "button", class: "btn", dataset: { key: "more" }, onclick: (event) => next(event.currentTarget) }, "Older");
    if (rows.length === 0) {
      show(key, [none(wanted ? "Nothing in these rows matches." : empty), more].filter(Boolean), data);
      return;
    }
    const place = $(".scroll", body(key));
    const left = place?.scrollLeft ?? 0;
    show(key, [
      el("div", { class: "scroll tall", tabindex: "0", role: "region", "aria-label": caption },
        el("table", {}, el("caption", { class: "sr-only" }, caption),
          el("thead", {}, el("tr", {}, columns.map((one) => el("th", { scope: "col", class: one.numeric ? "num" : null }, one.name)))),
          el("tbody", {}, rows.map(line)))),
      el("p", { class: "pager" }, el("span", { class: "muted" }, `${count(rows.length)} rows${held.cursor ? "" : ", all there are"}`), more),
    ], data);
    const after = $(".scroll", body(key));
    if (after) after.scrollLeft = left;
  }

  function line(row) {
    const address = open?.(row);
    return el("tr", { class: address ? "opens" : null, onclick: address ? (event) => { if (!event.target.closest("a, button")) location.assign(address); } : null },
      columns.map((one, i) => {
        const inside = one.cell(row);
        const content = address && i === 0 ? el("a", { href: address, dataset: { key: address } }, inside) : inside;
        return el("td", { class: [one.numeric && "num", one.grow && "grow"].filter(Boolean).join(" ") || null }, content ?? "\u2014");
      }));
  }

  async function next(button) {
    button.disabled = true;
    try {
      const answer = await get(ask.path, { ...ask.params, limit: PAGE, cursor: held.cursor });
      held.rows = held.rows.concat(answer[ask.rows]);
      held.cursor = answer.next_cursor;
      held.pages += 1;
      announce(`${answer[ask.rows].length} more rows`);
      draw();
    } catch (error) {
      button.disabled = false;
      button.textContent = `${error.message} Try again`;
    }
  }
}
