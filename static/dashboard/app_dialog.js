// The dialog that makes an app or changes one: everything of it that has no card of its own.

import { send } from "./api.js";
import { $, $$, announce, el } from "./dom.js";

const FUNNEL = ["vertical_views", "pricing_views", "demo_views"];
const PATTERNS = ["in_app", "not_in_app"]; // of `grouping`, a line each
const ENVIRONMENTS = "ignored_environments"; // a line each too
const IGNORED = "development\ndev\ntest\nlocal"; // by a new app
const NUMBERS = ["retention_days", "content_days"];
let editing = null; // the app; null: a new one
let saved = () => {};

/** Open it on an app, or null for a new one. */
export function edit(app) {
  editing = app;
  const form = $("#app-form");
  form.reset();
  $("#app-problem").textContent = "";
  $("#app-title").textContent = app ? `Change ${app.name}` : "New app";
  for (const [name, value] of Object.entries(valuesOf(app))) form.elements[name].value = value;
  offer();
  $("#app-dialog").showModal();
}

const valuesOf = (app) => ({
  ...(app ? { kind: app.kind } : {}),
  name: app?.name ?? "",
  timezone: app?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC",
  retention_days: app?.retention_days ?? "",
  content_days: app?.content_days ?? "",
  hash_rotation: app?.hash_rotation ?? "never",
  ...Object.fromEntries(FUNNEL.map((step) => [step, app?.funnel[step] ?? ""])),
  ...Object.fromEntries(PATTERNS.map((name) => [name, app?.grouping[name].join("\n") ?? ""])),
  [ENVIRONMENTS]: app?.ignored_environments.join("\n") ?? IGNORED,
});

/** The fields that an app of this kind has, and a new or an old one. */
function offer() {
  const form = $("#app-form");
  const kind = form.elements.kind.value;
  for (const label of $$("label", form)) {
    const { kinds } = label.dataset;
    const isHidden = (label.classList.contains("only-new") && editing) || (kinds && !kinds.split(" ").includes(kind));
    label.hidden = Boolean(isHidden);
    for (const field of $$("input, select, textarea", label)) field.disabled = label.hidden;
  }
}

const lines = (text) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** What the form changes, as the body of a request. An app without days of its own has the server's, also when
 *  those change: nothing is sent but a change. */
function changes(form) {
  const before = valuesOf(editing);
  const body = {};
  for (const [name, text] of new FormData(form)) {
    const value = PATTERNS.includes(name) || name === ENVIRONMENTS ? lines(text).join("\n") : text;
    const isNumber = NUMBERS.includes(name);
    const now = isNumber && value !== "" ? Number(value) : value;
    const isChanged = editing ? now !== before[name] || name === "name" : value !== "" || name === "name";
    if (!isChanged) continue;
    if (FUNNEL.includes(name)) body.funnel = { ...body.funnel, [name]: value };
    else if (PATTERNS.includes(name)) body.grouping = { ...body.grouping, [name]: lines(value) };
    else if (name === ENVIRONMENTS) body[name] = lines(value);
    else body[name] = isNumber && value === "" ? null : now;
  }
  return body;
}

async function save(event) {
  event.preventDefault();
  try {
    const body = changes(event.target);
    if (editing) await send("PATCH", `/apps/${encodeURIComponent(editing.slug)}`, body);
    else await send("POST", "/apps", body);
    $("#app-dialog").close();
    await saved();
    announce("Saved");
  } catch (error) {
    $("#app-problem").textContent = error.message;
  }
}

/** done(): called after an app was made or changed. */
export function install(done) {
  saved = done;
  const zones = Intl.supportedValuesOf?.("timeZone") ?? [];
  $("#zones").append(...zones.map((value) => el("option", { value })));
  const form = $("#app-form");
  form.addEventListener("submit", save);
  form.elements.kind.addEventListener("change", offer);
  $("#app-cancel").addEventListener("click", () => $("#app-dialog").close());
}
