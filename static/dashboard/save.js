// Saved questions: saves the question of this page under a name, and lists those there are.

import { get, send } from "./api.js";
import * as dialogs from "./dialogs.js";
import { $, announce, el, replace } from "./dom.js";
import * as state from "./state.js";

/** Report of a saved question -> the page that asks it. */
export const PAGES = { explore: "explore", funnel: "funnels", retention: "retention", experiment: "experiments" };
export const HEADS = { explore: "Explore", funnel: "Funnels", retention: "Retention", experiment: "Experiments" };
const mayChange = document.body.dataset.role !== "viewer";

let saved = [];
let installed = null; // the report of this page

/** The question of this page as it is saved: the parameters of its address, {name: [values]}. */
function current() {
  const question = {};
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (name === "app" || name.startsWith("sort.") || value === "") continue;
    question[name] = [...(question[name] ?? []), value];
  }
  return question;
}

/** The address of a saved question. */
export function addressOf({ report, question }) {
  const params = new URLSearchParams({ app: state.app() });
  for (const [name, values] of Object.entries(question)) for (const value of values) params.append(name, value);
  return `/dashboard/${PAGES[report]}?${params}`;
}

const same = (one, other) => {
  const flat = (question) => JSON.stringify(Object.entries(question).sort(([a], [b]) => (a < b ? -1 : 1)));
  return flat(one) === flat(other);
};

/** The buttons "Save…" and "Saved" beside the names of the pages. report: explore, funnel, retention or
 *  experiment. Once a page; the list is asked for by itself and its failure fails nothing else. */
export function saveButton(report) {
  if (installed !== null) return;
  installed = report;
  const button = $("#save-open");
  if (mayChange) {
    button.hidden = false;
    button.addEventListener("click", openDialog);
    dialogs.onSave("save-dialog", save);
    $("#save-dialog [name=name]").addEventListener("input", note);
  }
  state.onChange(draw);
  reload();
}

async function reload() {
  try {
    saved = (await get("/saved", { app: state.app() })).saved;
  } catch {
    return; // the menu stays as it is
  }
  draw();
}

function draw() {
  const menu = $("#saved-menu");
  menu.hidden = saved.length === 0;
  const now = current();
  const lines = Object.keys(PAGES).flatMap((report) => {
    const rows = saved.filter((row) => row.report === report);
    if (rows.length === 0) return [];
    return [el("p", { class: "menu-head" }, HEADS[report]), ...rows.map((row) => line(row, now))];
  });
  const settings = `/dashboard/settings?${new URLSearchParams({ app: state.app() })}#head-saved`;
  replace(
    $(".menu-list", menu),
    lines,
    mayChange && el("a", { class: "menu-foot", href: settings }, "Rename or delete…"),
  );
  replace(
    $("#save-names"),
    saved.filter((row) => row.report === installed).map((row) => el("option", { value: row.name })),
  );
}

function line(row, now) {
  const isHere = row.report === installed && same(row.question, now);
  return el(
    "a",
    { href: addressOf(row), "aria-current": isHere ? "true" : null, dataset: { key: `saved-${row.id}` } },
    el("span", { class: "clip" }, row.name),
    row.is_pinned && el("span", { class: "muted" }, " on the overview"),
  );
}

const named = (name) => saved.find((row) => row.report === installed && row.name === name.trim());

function openDialog() {
  dialogs.open("save-dialog", "Save this question", (form) => {
    const now = current();
    form.elements.name.value = saved.find((row) => row.report === installed && same(row.question, now))?.name ?? "";
    note();
  });
}

function note() {
  const form = $("#save-dialog form");
  const row = named(form.elements.name.value);
  $("#save-note").textContent = row ? "The saved question of this name is replaced." : "";
  if (row) form.elements.is_pinned.checked = row.is_pinned;
}

async function save(form) {
  const name = form.elements.name.value.trim();
  const body = { question: current(), is_pinned: form.elements.is_pinned.checked };
  const row = named(name);
  if (row) await send("PATCH", `/saved/${row.id}`, body);
  else await send("POST", "/saved", { report: installed, name, ...body }, { app: state.app() });
  await reload();
  announce("Saved");
}
