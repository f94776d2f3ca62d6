// Tables of rows as they came: paged by cursor, the whole row opens its detail.

import { get } from "./api.js";
import { has, none, show, body } from "./cards.js";
import { el, $, announce } from "./dom.js";
import { count, exactTime } from "./format.js";
import { grid, order } from "./sort.js";

const PAGE = 50;
const MOST_ASKED = 10; // a search looks at 100,000 events each time
const known = new Map(); // card's key -> {question, rows, cursor, searched, asked, isPaging, trouble}

/**
 * columns: as grid has them, with value(row) for the CSV.
 * ask: {path, params, rows: name of the list in the answer, sorted: path that takes `sort`}. initial: the
 * order of `path`. open(row): the address of its detail.
 * A refresh asks for the first page again, unless more pages have been opened, or are being, or a search
 * took several questions: those stay.
 */
export async function dataTable(key, { columns, ask, initial = null, open = null, empty, caption }, { signal, why }) {
  if (!has(key)) return;
  const chosen = order(key, initial);
  const now = columns.some((one) => one.sort && one.sort === chosen?.key) ? chosen : null;
  const sort = now && (now.down ? "-" : "") + now.key;
  const [path, params] = sort && sort !== initial ? [ask.sorted, { ...ask.params, sort }] : [ask.path, ask.params];
  const question = JSON.stringify([path, params]);
  let held = known.get(key);
  if (!held || held.question !== question) held = null;
  if (why !== "draw" && !((held?.asked > 1 || held?.isPaging) && why === "refresh")) {
    const wasHeld = held;
    held = { question, rows: [], cursor: null, asked: 0 };
    await page(signal, wasHeld ? null : (until) => show(key, none(`Looked back to ${exactTime(until)}.`)));
    if (why === "refresh" && (wasHeld?.isPaging || wasHeld?.asked > 1)) held = wasHeld; // a click came between
    known.set(key, held);
  }
  draw();

  /** The next page. A search that finds little goes on by itself; progress(time) is told how far. */
  async function page(given, progress) {
    let found = 0;
    for (let asked = 0; asked < MOST_ASKED; asked += 1) {
      const answer = await get(path, { ...params, limit: PAGE, cursor: held.cursor }, given);
      held.rows = held.rows.concat(answer[ask.rows]);
      held.cursor = answer.next_cursor;
      held.searched = answer.searched_to;
      held.asked += 1;
      found += answer[ask.rows].length;
      if (!held.searched || found >= PAGE) break;
      progress?.(held.searched);
    }
    return found;
  }

  function draw() {
    const { rows, cursor, searched } = held;
    const data = {
      columns: columns.map((one) => one.name),
      rows: rows.map((row) => columns.map((one) => (one.value ? one.value(row) : one.cell(row)))),
    };
    const more =
      cursor &&
      el(
        "button",
        {
          type: "button",
          class: "btn",
          disabled: held.isPaging,
          dataset: { key: "more" },
          onclick: (event) => next(event.currentTarget),
        },
        held.trouble ? `${held.trouble} Try again` : searched && rows.length === 0 ? "Search on" : "More",
      );
    const so_far = cursor ? (searched ? `, looked back to ${exactTime(searched)}` : "") : ", all there are";
    const pager = el(
      "p",
      { class: "pager" },
      el("span", { class: "muted" }, `${count(rows.length)} ${rows.length === 1 ? "row" : "rows"}${so_far}`),
      more,
    );
    if (rows.length === 0) {
      show(key, [none(empty), cursor && pager].filter(Boolean), data);
      return;
    }
    const left = $(".scroll", body(key))?.scrollLeft ?? 0;
    show(
      key,
      [
        grid(key, {
          columns: columns.map((one, i) =>
            i === 0 && open ? { ...one, cell: (row) => opener(row, one.cell(row)) } : one,
          ),
          rows,
          caption,
          initial,
          tall: true,
          line,
        }),
        pager,
      ],
      data,
    );
    const after = $(".scroll", body(key));
    if (after) after.scrollLeft = left;
  }

  function opener(row, inside) {
    const address = open(row);
    return address ? el("a", { href: address, dataset: { key: address } }, inside) : inside;
  }

  function line(row, cells) {
    const address = open?.(row);
    return el(
      "tr",
      {
        class: address ? "opens" : null,
        onclick: address
          ? (event) => {
              if (!event.target.closest("a, button")) location.assign(address);
            }
          : null,
      },
      cells,
    );
  }

  /** Without the load's signal: that a click on "More" is answered does not end with the load before it. */
  async function next(button) {
    button.disabled = true;
    Object.assign(held, { isPaging: true, trouble: null });
    let found = null;
    try {
      found = await page();
    } catch (error) {
      held.trouble = error.message;
    }
    held.isPaging = false;
    if (known.get(key) !== held) return; // another question has been asked meanwhile
    draw();
    if (found !== null) announce(`${found} more rows`);
  }
}
