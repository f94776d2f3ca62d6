// What narrows a page: its conditions, segment and cohort as chips, the menu that changes them, and what it
// says of a page that cannot be narrowed, or that they leave empty.

import { get } from "./api.js";
import { conditionOf, FIELDS, fieldOf, fieldWord, inWords } from "./condition.js";
import { $, el, replace } from "./dom.js";
import * as state from "./state.js";

const DEBUG = conditionOf("channel", "is", ["debug"]);
const mayChange = document.body.dataset.role !== "viewer";
const lists = { segment: null, cohort: null }; // what can be chosen, once asked for: promises
const idOf = (kind) => (kind === "segment" ? state.segment() : state.cohort());
let hasNothing = false; // nothing of the period matches

/** {id, name, …} of the app's segments, or cohorts; none where they cannot be had. */
function choices(kind) {
  const path = `/${kind}s`;
  lists[kind] ??= get(path, { app: state.app() }).then(
    (answer) => answer[`${kind}s`] ?? [],
    () => [],
  );
  return lists[kind];
}

/** They have changed: ask anew. */
export const forget = () => Object.assign(lists, { segment: null, cohort: null });

export function install() {
  const menu = $("#filter-menu");
  menu?.addEventListener("toggle", () => {
    if (menu.open) fill(toEdit);
    else $("#filter-editor").replaceChildren();
    toEdit = null;
  });
  $("#filter-form")?.addEventListener("submit", apply);
  $("#filter-clear")?.addEventListener("click", () => {
    close();
    state.clearFilter();
  });
  $("#filter-save")?.addEventListener("click", () => {
    if (!edited) return;
    const texts = typed();
    close();
    saveAsSegment(texts);
  });
  addEventListener("save-segment", () => saveAsSegment(state.conditions()));
}

let toEdit = null; // the condition for which the menu is opened
let edited = null; // the editor, while the menu is open: its module comes with the first opening

function close() {
  const menu = $("#filter-menu");
  if (!menu.open) return;
  menu.open = false;
  $("summary", menu).focus();
}

/** The menu, as the address is now. focus: the condition to edit. */
async function fill(focus = null) {
  const conditions = state.conditions();
  const form = $("#filter-form");
  form.elements.debug.checked = conditions.includes(DEBUG);
  const { editor } = await import("./conditions.js");
  const limited = Object.keys(FIELDS).filter((field) => state.takes(`${field}:is`));
  const value = conditions.filter((text) => text !== DEBUG);
  edited = editor({
    app: state.app(),
    value,
    fields: state.takes("event") || limited.length === 0 ? null : limited,
    allows: state.takes() ? state.takes : null,
  });
  replace($("#filter-editor"), edited);
  const at = Math.max(value.indexOf(focus), 0);
  const row = edited.querySelectorAll(".condition-row")[at];
  (focus === null ? row.querySelector("select") : row.querySelector("[aria-label=Value]")).focus();
  for (const kind of Object.keys(lists)) fillChoices(kind);
}

async function fillChoices(kind) {
  const select = $("#filter-form").elements[kind];
  const now = idOf(kind);
  const all = await choices(kind);
  const isListed = all.some((each) => String(each.id) === now);
  select.replaceChildren(
    el("option", { value: "" }, "Everybody"),
    ...all.map((each) => el("option", { value: each.id, selected: String(each.id) === now }, each.name)),
    ...(now !== null && !isListed ? [el("option", { value: now, selected: true }, `Number ${now}`)] : []),
  );
  select.closest("label").hidden = all.length === 0 && now === null;
}

const typed = () => {
  const texts = [...edited.querySelectorAll(".condition-row")].map((row) => row.condition()).filter(Boolean);
  return [...new Set([...texts, ...($("#filter-form").elements.debug.checked ? [DEBUG] : [])])];
};

async function apply(event) {
  event.preventDefault();
  const { unfinished } = await import("./conditions.js");
  if (unfinished(edited)) return;
  const { segment, cohort } = event.target.elements;
  const texts = typed();
  close();
  state.setConditions(texts, { segment: segment.value || null, cohort: cohort.value || null });
}

async function saveAsSegment(texts) {
  const { editSegment } = await import("./segments.js");
  editSegment({ filter: texts }, (segment) => {
    forget();
    state.setConditions(null, { segment: String(segment.id) });
  });
}

// Chips

/** Whether this page has something that could be narrowed: settings have not. */
const applies = () => !state.isShared() && ($("#filter-menu") !== null || state.takes());

export function draw() {
  const box = $("#chips");
  const conditions = state.conditions();
  const groups = ["segment", "cohort"].filter((kind) => idOf(kind) !== null);
  const isShown = conditions.length + groups.length > 0 && applies();
  box.hidden = !isShown;
  hasNothing = false;
  drawNote();
  if (!isShown) {
    box.replaceChildren();
    return;
  }
  replace(
    box,
    groups.map(groupChip),
    conditions.map((text) =>
      chip(text === DEBUG ? "Debug builds" : inWords(text), text, state.honours(text), () => state.remove(text)),
    ),
    conditions.length > 0 &&
      mayChange &&
      el(
        "button",
        { type: "button", class: "plain", onclick: () => saveAsSegment(state.conditions()) },
        "Save as segment\u2026",
      ),
    el("button", { type: "button", class: "plain", onclick: state.clearFilter }, "Clear"),
  );
}

function groupChip(kind) {
  const number = idOf(kind);
  const label = kind === "segment" ? "Segment" : "Cohort";
  const made = chip(`${label} ${number}`, null, state.takes(kind), () => state.change({ [kind]: null }));
  choices(kind).then((all) => {
    const each = all.find((one) => String(one.id) === number);
    if (!each) return;
    name(made, `${label}: ${each.name}`);
    if (each.ready === false) $(".chip-text", made).title = "Not counted yet: it is read from the events";
  });
  return made;
}

/** text: the condition that a click on it edits. */
function chip(label, text, isHonoured, remove) {
  const made = el(
    "span",
    { class: `chip${isHonoured ? "" : " chip-off"}` },
    el("button", {
      type: "button",
      class: "chip-text clip",
      dataset: { key: `edit-${label}` },
      onclick: (event) => edit(event, text),
    }),
    el("button", { type: "button", class: "chip-remove", onclick: remove }, "\u00d7"),
  );
  name(made, label);
  if (!isHonoured) $(".chip-text", made).title = "Not used on this page";
  return made;
}

function name(made, label) {
  const [text, remove] = made.children;
  text.textContent = label;
  text.setAttribute("aria-label", `Change the filter ${label}`);
  remove.setAttribute("aria-label", `Remove the filter ${label}`);
}

function edit(event, text) {
  event.stopPropagation(); // a click outside of a menu closes it
  const menu = $("#filter-menu");
  if (!menu) return;
  if (menu.open) fill(text);
  toEdit = text;
  menu.open = true; // and its toggle fills it
}

// What is said about them

/** isNothing: whether nothing of the period matches; called by who has the page's numbers. */
export function matched(isNothing) {
  hasNothing = isNothing && state.isNarrowed();
  drawNote();
}

/** In place of a list that the conditions leave empty. */
export const nothingMatches = () => [
  el("p", { class: "none" }, "Nothing in this period matches these conditions. ", clearButton()),
];

const clearButton = () =>
  el("button", { type: "button", class: "btn", onclick: state.clearFilter }, "Remove the conditions");

function drawNote() {
  const box = $("#filter-note");
  if (!box) return;
  const conditions = state.conditions();
  const left = conditions.filter((text) => !state.honours(text));
  const groups = ["segment", "cohort"].filter((kind) => idOf(kind) !== null && !state.takes(kind));
  const sentences = [];
  if (left.length + groups.length > 0) {
    const names = [...new Set([...groups.map((kind) => `a ${kind}`), ...left.map((text) => fieldWord(fieldOf(text)))])];
    sentences.push(`This page cannot be narrowed by ${names.join(" or ")}: it shows all of them. `);
  }
  if (conditions.includes(DEBUG) && state.takes("channel"))
    sentences.push("Only debug builds are shown. They are counted nowhere else. ");
  if (hasNothing) sentences.push("Nothing in this period matches these conditions. ", clearButton());
  box.hidden = sentences.length === 0 || !applies();
  replace(
    box,
    sentences.map((each) => (typeof each === "string" ? el("span", {}, each) : each)),
  );
}
