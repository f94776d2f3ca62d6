// The cohorts of an app on its settings page.

import { get, send } from "./api.js";
import { has, none, show } from "./cards.js";
import { inWords, nameCohort, numbersOf, peopleOf } from "./cohorts.js";
import { confirm, tool } from "./dialogs.js";
import { announce, el } from "./dom.js";
import { forget } from "./filters.js";
import { grid, inOrder } from "./sort.js";
import * as state from "./state.js";

export const keys = ["cohorts"];
const mayChange = document.body.dataset.role !== "viewer";
let cohorts = [];

export async function load(signal) {
  if (has("cohorts")) ({ cohorts } = await get("/cohorts", { app: state.app() }, signal));
}

async function reload() {
  forget();
  await load();
  draw();
}

export function draw() {
  const people = (row) => inWords(row.definition);
  const columns = [
    {
      name: "Cohort",
      sort: "name",
      value: (row) => row.name,
      cell: (row) => el("a", { href: peopleOf(row.id) }, row.name),
    },
    { name: "People", grow: true, value: people, cell: people },
    {
      name: "Numbers",
      cell: (row) => el("a", { href: numbersOf(row.id), "aria-label": `Numbers of ${row.name}` }, "Show"),
    },
    { name: "", numeric: true, cell: (row) => mayChange && tools(row) },
  ];
  show(
    "cohorts",
    cohorts.length > 0
      ? grid("cohorts", { columns, rows: inOrder("cohorts", columns, cohorts), caption: "Cohorts", tall: true })
      : none("None yet. A search on the page People has \u201cSave as cohort\u2026\u201d."),
    { columns: ["Cohort", "People"], rows: cohorts.map((row) => [row.name, people(row)]) },
  );
}

const tools = (row) => [
  tool(`Rename ${row.name}`, "Rename", `rename-cohort-${row.id}`, () => nameCohort(row, reload)),
  tool(`Delete ${row.name}`, "Delete", `delete-cohort-${row.id}`, () =>
    confirm(
      `Delete ${row.name}?`,
      "Its people stay as they are. Links that name the cohort show an error then.",
      "Delete",
      async () => {
        await send("DELETE", `/cohorts/${row.id}`);
        await reload();
        announce("Deleted");
      },
    ),
  ),
];
