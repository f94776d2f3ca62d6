// Tables of events, crashes, issues and people: paged by cursor; a click on a row opens its detail page.

import { Failed, get } from "./api.js";
import { ask } from "./busy.js";
import { body, has, none, show } from "./cards.js";
import { $, announce, el } from "./dom.js";
import { nothingMatches } from "./filters.js";
import { count, exactTime } from "./format.js";
import { grid, order } from "./sort.js";
import * as state from "./state.js";

const PAGE = 50;
const LONGEST = 100; // rows of one request
const IN_CSV = 1_000; // rows of one request for a CSV
const MOST_IN_CSV = 100_000; // a browser holds them all; GET /api/export has no end
const MAX_REQUESTS = 10; // of one search; each looks at 100,000 events
const lists = new Map(); // card's key -> {question, rows, cursor, searchedTo, requests, isPaging, error}

/**
 * columns: as grid has them, with value(row) for the CSV, which leaves out those without a name.
 * source: {path, params, rows: name of the list in the answer, isLong: it may take long and can be cancelled,
 * sorted: path that takes `sort`, ascending: what that wants behind a key from the bottom up}. initial: the order
 * of `path`; onAnswer(answer) sees each answer. open(row): the address of its detail, to which the column with
 * `opens`, else the first, leads. props(row): of its line.
 * A refresh loads the first page again, unless more than one request was made for what is shown: then the
 * rows stay. A reload loads as many rows as are shown.
 */
export async function dataTable(
  key,
  { columns, source, initial = null, open = null, props = () => ({}), empty, caption },
  { signal, why },
) {
  if (!has(key)) return;
  const chosen = order(key, initial);
  const sorting = columns.some((column) => column.sort && column.sort === chosen?.key) ? chosen : null;
  const sort = sorting && (sorting.down ? `-${sorting.key}` : sorting.key + (source.ascending ?? ""));
  const [path, params] =
    sort && sort !== initial ? [source.sorted, { ...source.params, sort }] : [source.path, source.params];
  const question = JSON.stringify([path, params]);
  let list = lists.get(key);
  if (!list || list.question !== question) list = null;
  if (why !== "draw" && !((list?.requests > 1 || list?.isPaging) && why === "refresh")) {
    const previous = list;
    list = { question, rows: [], cursor: null, requests: 0 };
    const length = why === "reload" ? Math.min(Math.max(PAGE, previous?.rows.length ?? 0), LONGEST) : PAGE;
    await loadPage(
      signal,
      length,
      previous ? null : (until) => show(key, none(`Searched back to ${exactTime(until)}.`)),
    );
    // "More" may have been clicked meanwhile.
    if (why === "refresh" && (previous?.isPaging || previous?.requests > 1)) list = previous;
    lists.set(key, list);
  }
  draw();

  /** Load the next page; a search that finds little makes more requests, and calls progress(time) after each.
   *  Returns the number of new rows. */
  async function loadPage(pageSignal, length, progress) {
    let newRows = 0;
    for (let requests = 0; requests < MAX_REQUESTS; requests += 1) {
      const page = { ...params, limit: length, cursor: list.cursor };
      const answer = await (source.isLong ? ask(path, page, pageSignal, { keys: [key] }) : get(path, page, pageSignal));
      source.onAnswer?.(answer);
      list.rows = list.rows.concat(answer[source.rows]);
      list.cursor = answer.next_cursor;
      list.searchedTo = answer.searched_to;
      list.requests += 1;
      newRows += answer[source.rows].length;
      if (!list.searchedTo || newRows >= length) break;
      progress?.(list.searchedTo);
    }
    return newRows;
  }

  /** Every row of the list, in its order. */
  async function allRows(stop, progress) {
    let rows = [];
    let next = null;
    do {
      const answer = await get(path, { ...params, limit: source.most ?? IN_CSV, cursor: next }, stop);
      rows = rows.concat(answer[source.rows]);
      next = answer.next_cursor;
      progress(rows.length);
    } while (next && rows.length < MOST_IN_CSV);
    if (next)
      throw new Failed(`These are more than ${count(MOST_IN_CSV)} rows: choose fewer days, or use /api/export.`);
    return rows;
  }

  function draw() {
    const opening = columns.find((column) => column.opens) ?? columns[0];
    const { rows, cursor, searchedTo } = list;
    const named = columns.filter((column) => column.name);
    const cells = (row) => named.map((column) => (column.value ? column.value(row) : column.cell(row)));
    const data = {
      columns: named.map((column) => column.name),
      rows: rows.map(cells),
      all: cursor && (async (stop, progress) => (await allRows(stop, progress)).map(cells)),
    };
    const more =
      cursor &&
      el(
        "button",
        {
          type: "button",
          class: "btn",
          disabled: list.isPaging,
          dataset: { key: "more" },
          onclick: (event) => next(event.currentTarget),
        },
        list.error ? `${list.error} Try again` : searchedTo && rows.length === 0 ? "Search further" : "More",
      );
    const extent = cursor ? (searchedTo ? `, searched back to ${exactTime(searchedTo)}` : "") : ", end of the list";
    const pager = el(
      "p",
      { class: "pager" },
      el("span", { class: "muted" }, `${count(rows.length)} ${rows.length === 1 ? "row" : "rows"}${extent}`),
      more,
    );
    if (rows.length === 0) {
      const reason = state.isNarrowed() && source.isNarrowed !== false ? nothingMatches() : none(empty);
      show(key, [reason, cursor && pager].flat().filter(Boolean), data);
      return;
    }
    const left = $(".scroll", body(key))?.scrollLeft ?? 0;
    show(
      key,
      [
        grid(key, {
          columns: columns.map((column) =>
            column === opening && open ? { ...column, cell: (row) => opener(row, column.cell(row)) } : column,
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
        ...props(row),
        class: address ? "opens" : null,
        onclick: address
          ? (event) => {
              if (!event.target.closest("a, button, label, input")) location.assign(address);
            }
          : null,
      },
      cells,
    );
  }

  /** Without the load's signal: a refresh that aborts the load must not abort this. */
  async function next(button) {
    button.disabled = true;
    Object.assign(list, { isPaging: true, error: null });
    let newRows = null;
    try {
      newRows = await loadPage(undefined, PAGE);
    } catch (error) {
      list.error = error.message;
    }
    list.isPaging = false;
    if (lists.get(key) !== list) return; // the filters have changed meanwhile
    draw();
    if (newRows !== null) announce(`${newRows} more rows`);
  }
}
