// The saved questions of an app on its settings page: rename, pin, delete.

import { get, send } from "./api.js";
import { has, none, show } from "./cards.js";
import * as dialogs from "./dialogs.js";
import { $, announce, el } from "./dom.js";
import { addressOf, HEADS } from "./save.js";
import { grid, inOrder } from "./sort.js";
import * as state from "./state.js";

export const keys = ["saved"];
const ID = "saved-dialog";
const mayChange = document.body.dataset.role !== "viewer";
let rows = [];
let renamed = null;

export async function load(signal) {
  if (has("saved")) rows = (await get("/saved", { app: state.app() }, signal)).saved;
}

export function draw() {
  if (!has("saved")) return;
  const columns = [
    {
      name: "Name",
      sort: "name",
      grow: true,
      value: (row) => row.name,
      cell: (row) => el("a", { href: addressOf(row) }, row.name),
    },
    { name: "Page", sort: "report", value: (row) => HEADS[row.report], cell: (row) => HEADS[row.report] },
    {
      name: "On the overview",
      cell: (row) =>
        el("input", {
          type: "checkbox",
          checked: row.is_pinned,
          disabled: !mayChange,
          "aria-label": `${row.name} on the overview`,
          dataset: { key: `pin-${row.id}` },
          onchange: (event) => change("PATCH", row, { is_pinned: event.currentTarget.checked }, "Saved"),
        }),
    },
    { name: "", numeric: true, cell: (row) => (mayChange ? tools(row) : "") },
  ];
  const table = rows.length
    ? grid("saved", { columns, rows: inOrder("saved", columns, rows), caption: "Saved questions", tall: true })
    : none("No saved questions yet. The pages under Explore save them.");
  show("saved", table, {
    columns: ["Name", "Page", "On the overview"],
    rows: rows.map((row) => [row.name, row.report, row.is_pinned]),
  });
}

function tools(row) {
  return [
    dialogs.tool(`Rename ${row.name}`, "Rename", `rename-${row.id}`, () => rename(row)),
    dialogs.tool(`Delete ${row.name}`, "Delete", `delete-${row.id}`, () =>
      dialogs.confirm(`Delete ${row.name}?`, "Links to the question itself keep working.", "Delete", () =>
        change("DELETE", row, undefined, "Deleted"),
      ),
    ),
  ];
}

async function change(method, row, body, done) {
  await send(method, `/saved/${row.id}`, body);
  await load();
  draw();
  announce(done);
}

function rename(row) {
  if (!$(`#${ID}`)) make();
  renamed = row;
  dialogs.open(ID, `Rename ${row.name}`, (form) => {
    form.elements.name.value = row.name;
  });
}

function make() {
  document.body.append(
    el(
      "dialog",
      { id: ID, "aria-labelledby": "saved-title" },
      el(
        "form",
        {},
        el("h2", { id: "saved-title" }),
        el("label", {}, "Name ", el("input", { name: "name", required: true, maxlength: 60, autocomplete: "off" })),
        el("p", { class: "bad", role: "alert" }),
        el(
          "p",
          { class: "dialog-tools" },
          el("button", { type: "button", class: "btn", "data-cancel": true }, "Cancel"),
          el("button", { class: "btn primary" }, "Save"),
        ),
      ),
    ),
  );
  dialogs.onSave(ID, (form) => change("PATCH", renamed, { name: form.elements.name.value.trim() }, "Renamed"));
}
