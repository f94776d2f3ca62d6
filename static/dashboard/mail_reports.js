// Who gets the report of each day, week or month: a card of the page of alerts.

import { moment } from "./alert_words.js";
import { address, get, send } from "./api.js";
import { none, show } from "./cards.js";
import { confirm, onSave, open, pager, tool } from "./dialogs.js";
import { $, el } from "./dom.js";
import { exactTime } from "./format.js";
import { grid } from "./sort.js";
import * as state from "./state.js";

const KEY = "reports";
const EVERY = { day: "Every day", week: "Every week", month: "Every month" };
const mayChange = document.body.dataset.role !== "viewer";
let rows = [];
let changed = async () => {};

export async function load(signal) {
  rows = (await get("/reports", { app: state.app() }, signal)).reports;
}

const preview = (every, text, label) => {
  const url = address("/reports/preview", { app: state.app(), every });
  return el("a", { href: url.pathname + url.search, target: "_blank", rel: "noopener", "aria-label": label }, text);
};

/** destinations: those there are. */
export function draw(destinations) {
  const columns = [
    { name: "To", grow: true, cell: (row) => row.destination_name },
    { name: "How often", cell: (row) => EVERY[row.every] },
    { name: "Next", cell: (row) => el("span", { title: exactTime(row.next_at) }, moment(row.next_at)) },
    {
      name: "",
      numeric: true,
      cell: (row) =>
        mayChange && tool(`End the report to ${row.destination_name}`, "Remove", `report-${row.id}`, () => remove(row)),
    },
  ];
  const table = rows.length
    ? grid(KEY, { columns, rows, caption: "Reports", tall: true })
    : none("Nobody gets one yet.");
  const previews = el(
    "p",
    { class: "means previews" },
    "As it would be now: ",
    ["day", "week", "month"].flatMap((every, i) => [
      i > 0 && ", ",
      preview(every, `the ${every}'s`, `Preview of the ${every}'s report`),
    ]),
    ".",
  );
  const more = mayChange && pager("New report", "new-report", () => begin(destinations));
  const first = mayChange && el("p", { class: "muted pager" }, "A report needs a destination first.");
  show(KEY, [table, previews, destinations.length > 0 ? more : first].filter(Boolean));
}

function begin(destinations) {
  open("report-dialog", "New report", (form) =>
    form.elements.destination.replaceChildren(
      ...destinations.map((each) => el("option", { value: each.id }, each.name)),
    ),
  );
}

function remove(row) {
  confirm(`End the report to ${row.destination_name}?`, `${EVERY[row.every]}.`, "Remove", async () => {
    await send("DELETE", `/reports/${row.id}`);
    await changed();
  });
}

async function save(form) {
  const { destination, every } = form.elements;
  await send("POST", "/reports", { destination: Number(destination.value), every: every.value }, { app: state.app() });
  await changed();
}

export function install(done) {
  changed = done;
  if ($("#report-dialog")) onSave("report-dialog", save);
}
