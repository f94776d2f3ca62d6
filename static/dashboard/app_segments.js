// The segments of an app on its settings page: conditions with a name, counted as events come in.

import { get, send } from "./api.js";
import { fail, has, none, show } from "./cards.js";
import { allInWords } from "./condition.js";
import { confirm } from "./dialogs.js";
import { announce, el } from "./dom.js";
import { count, fixed } from "./format.js";
import { editSegment } from "./segments.js";
import { grid, inOrder } from "./sort.js";
import * as state from "./state.js";

export const keys = ["segments"];
const MOST = 10;
const POLL_MS = 3_000;
const mayChange = document.body.dataset.role !== "viewer";
let segments = [];
let problem = null; // of their request: the other cards are shown all the same
let polling = null;

export async function load(signal) {
  if (!has("segments")) return;
  try {
    ({ segments } = await get("/segments", { app: state.app() }, signal));
    problem = null;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    problem = error;
  }
}

async function reload() {
  await load();
  draw();
}

/** While some are counted. A request that fails leaves what is shown, and is made again. */
async function poll() {
  const before = segments;
  await load();
  if (problem) {
    problem = null;
    segments = before;
  }
  draw();
}

export function draw() {
  if (!has("segments")) return;
  if (problem) {
    fail(keys, problem, reload);
    return;
  }
  const columns = [
    {
      name: "Segment",
      sort: "name",
      value: (row) => row.name,
      cell: (row) =>
        el("a", { href: `/dashboard?${new URLSearchParams({ app: state.app(), segment: row.id })}` }, row.name),
    },
    { name: "Conditions", grow: true, cell: (row) => allInWords(row.filter) },
    { name: "State", cell: progress },
    { name: "", numeric: true, cell: (row) => mayChange && tools(row) },
  ];
  show(
    "segments",
    [
      segments.length > 0
        ? grid("segments", { columns, rows: inOrder("segments", columns, segments), caption: "Segments", tall: true })
        : none("None yet. The filter of every page has \u201cSave as segment\u2026\u201d."),
      mayChange &&
        segments.length < MOST &&
        el(
          "p",
          { class: "pager" },
          el("span", { class: "muted" }, segments.length > 0 ? `${segments.length} of ${MOST}` : ""),
          button("New segment", "New segment", "new-segment", () => editSegment({ filter: [] }, reload), "btn"),
        ),
    ].filter(Boolean),
    {
      columns: ["Segment", "Conditions", "Ready"],
      rows: segments.map((row) => [row.name, row.filter.join(" and "), row.ready]),
    },
  );
  clearTimeout(polling);
  if (segments.some((row) => !row.ready)) polling = setTimeout(poll, POLL_MS);
}

/** How far it is counted. */
function progress({ ready, progress }) {
  if (ready) return "Ready";
  const { days, filled } = progress ?? { days: 0, filled: 0 }; // nothing has been counted yet
  const share = days > 0 ? `, ${fixed((100 * filled) / days, 0)} %` : "";
  return el(
    "span",
    { class: "muted", dataset: { counting: "" }, title: "Until it is counted, it is read from the events" },
    `Counted ${count(filled)} of ${count(days)} days${share}`,
  );
}

const tools = (row) => [
  button(`Change ${row.name}`, "Change", `change-${row.id}`, () => editSegment(row, reload)),
  button(`Delete ${row.name}`, "Delete", `delete-${row.id}`, () =>
    confirm(
      `Delete ${row.name}?`,
      "Its counts go with it. Links that name it show an error then.",
      "Delete",
      async () => {
        await send("DELETE", `/segments/${row.id}`);
        await reload();
        announce("Deleted");
      },
    ),
  ),
];

const button = (label, text, key, onclick, kind = "plain") =>
  el("button", { type: "button", class: kind, dataset: { key }, "aria-label": label, onclick }, text);
