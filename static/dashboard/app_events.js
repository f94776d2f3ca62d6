// The events of an app on its settings page: which it takes, what of them is counted and what could be.

import { get, send } from "./api.js";
import { askName, askValues } from "./app_names.js";
import { has, none, show } from "./cards.js";
import { confirm } from "./dialogs.js";
import { announce, el } from "./dom.js";
import { count, fullDay, today } from "./format.js";
import { longName, rename } from "./names.js";
import { grid, inOrder } from "./sort.js";
import * as state from "./state.js";

export const keys = ["events", "properties"];
const TYPES = { label: "Text, by value", number: "Number", boolean: "Yes or no" };
const COUNTED = { ...TYPES, enum: "Text, by value" };
const NAMED_FREELY = new Set(["desktop", "bot"]); // the others' events have names of their kind
const WORDS = { string: "text", boolean: "yes or no", array: "list" };
const TEXTS = new Set(["enum", "label"]);
const PLAIN = new Set(["string", "number", "boolean"]);
const POLL_MS = 2_000;
const mayChange = document.body.dataset.role !== "viewer";
const path = () => `/apps/${encodeURIComponent(state.app())}`;

let app = null;
let offered = null;
let problem = "";
let polling = null;

export async function load(apps, signal) {
  app = apps.find((each) => each.slug === state.app()) ?? null;
  if (app) rename(app.long_names);
  offered = has("properties") ? await get(`${path()}/properties`, {}, signal) : null;
}

export function draw() {
  if (app === null) return;
  drawEvents();
  if (offered) drawProperties();
  clearTimeout(polling);
  if (app.counting_back && app.counting_back.done < app.counting_back.of) polling = setTimeout(refresh, POLL_MS);
}

async function refresh() {
  try {
    const { apps } = await get("/apps");
    app = apps.find((each) => each.slug === state.app()) ?? app;
  } catch (error) {
    problem = error.message;
  }
  draw();
}

/** Send a change, and show what came of it, or why it failed. */
async function change(method, address, body, done) {
  problem = "";
  try {
    await send(method, address, body);
    await reread(done);
  } catch (error) {
    problem = error.message;
  }
  draw();
}

async function reread(done) {
  const { apps } = await get("/apps");
  await load(apps);
  announce(done);
}

function drawEvents() {
  const rows = [
    ...Object.entries(app.events).map(([event, properties]) => ({ event, properties: Object.keys(properties) })),
    ...app.undeclared.map((each) => ({ ...each, properties: null })),
    ...builtIn(),
  ];
  const columns = [
    {
      name: "Event",
      sort: "event",
      grow: true,
      value: (row) => row.event,
      cell: (row) => called("events", row.event),
    },
    {
      name: "State",
      sort: "state",
      value: stateOf,
      cell: (row) => (row.properties && !row.isBuiltIn ? "Declared" : el("span", { class: "muted" }, stateOf(row))),
    },
    {
      name: "Counted properties",
      cell: (row) => (row.properties?.length ? row.properties.join(", ") : el("span", { class: "muted" }, "None")),
    },
    {
      name: "Last sent",
      sort: "sent",
      down: true,
      value: (row) => row.last_seen,
      cell: (row) => (row.last_seen ? fullDay(row.last_seen) : el("span", { class: "muted" }, "\u2014")),
    },
    {
      name: "",
      numeric: true,
      cell: (row) =>
        mayChange &&
        !row.isBuiltIn &&
        (row.properties ? [undeclare(row.event)] : [declareEvent(row.event), forget(row.event)]),
    },
  ];
  show(
    "events",
    [
      NAMED_FREELY.has(app.kind) && accepts(),
      progress(),
      problem && el("p", { class: "bad", role: "alert" }, problem),
      rows.length > 0
        ? grid("events", { columns, rows: inOrder("events", columns, rows), caption: "Events", tall: true })
        : none("No events beside those that every app of this kind has."),
      mayChange && app.kind !== "generator" && newEvent(),
    ].filter(Boolean),
    {
      columns: ["Event", "Name to read", "Declared", "Counted properties", "First sent", "Last sent"],
      rows: rows.map((row) => [
        row.event,
        longName("events", row.event),
        row.properties !== null,
        row.properties?.join(", ") ?? "",
        row.first_seen,
        row.last_seen,
      ]),
    },
  );
}

const stateOf = (row) => (row.isBuiltIn ? "Built in" : row.properties ? "Declared" : "Not declared");

/** Those of the app's kind that it sends: they are counted as they are, and can have a name to read. */
const builtIn = () =>
  (offered?.events ?? [])
    .filter((each) => each.built_in)
    .map(({ event, properties }) => ({
      event,
      properties: properties.filter((each) => each.declared).map((each) => each.property),
      isBuiltIn: true,
    }));

function accepts() {
  return el(
    "label",
    { class: "check" },
    el("input", {
      type: "checkbox",
      checked: app.accepts === "open",
      disabled: !mayChange,
      dataset: { key: "accepts" },
      onchange: (event) =>
        change("PATCH", path(), { accepts: event.currentTarget.checked ? "open" : "declared" }, "Saved"),
    }),
    " Take events that are not declared. They are counted by name; up to 500 names.",
  );
}

function progress() {
  const back = app.counting_back;
  if (!back) return null;
  const running = back.done < back.of;
  return el(
    "p",
    { class: "means", dataset: { counting: running ? "running" : "done" } },
    running &&
      el(
        "progress",
        { value: back.done, max: back.of, "aria-label": "Days counted back" },
        `${back.done} of ${back.of}`,
      ),
    running && ` Counting back, ${count(back.done)} of ${count(back.of)} days. `,
    back.whole_since <= today() && `Counts of properties are whole since ${fullDay(back.whole_since)}.`,
  );
}

function drawProperties() {
  const rows = offered.events.flatMap((each) =>
    each.properties.map((property) => ({ ...property, event: each.event, of: each.events, built_in: each.built_in })),
  );
  const columns = [
    {
      name: "Property",
      sort: "property",
      value: (row) => `${row.event} ${row.property}`,
      cell: (row) => [...called("properties", row.property), el("br"), el("span", { class: "muted" }, row.event)],
    },
    { name: "Counted", cell: offer },
    { name: "Type", sort: "type", value: (row) => row.types.join(", "), cell: (row) => inWords(row.types) },
    {
      name: "In events",
      sort: "in",
      numeric: true,
      value: (row) => row.events,
      cell: (row) => `${count(row.events)} of ${count(row.of)}`,
    },
    { name: "Values", sort: "values", numeric: true, value: (row) => row.values, cell: (row) => count(row.values) },
  ];
  show(
    "properties",
    [
      el("p", { class: "means muted" }, `Of the last ${count(offered.of)} events.`),
      rows.length > 0
        ? grid("properties", { columns, rows: inOrder("properties", columns, rows), caption: "Properties", tall: true })
        : none("No properties in these events."),
    ],
    {
      columns: ["Event", "Property", "Name to read", "Types", "In events", "Of events", "Values", "Counted as"],
      rows: rows.map((row) => [
        row.event,
        row.property,
        longName("properties", row.property),
        row.types.join(", "),
        row.events,
        row.of,
        row.values,
        row.declared,
      ]),
    },
  );
}

const inWords = (types) => types.map((type) => WORDS[type] ?? type).join(", ");

/** A type to choose and a button, or what is so already. */
function offer(row) {
  const key = `count-${row.event}-${row.property}`;
  if (row.declared) {
    return el(
      "span",
      { dataset: { key }, tabindex: "-1" },
      COUNTED[row.declared],
      !row.built_in && mayChange && TEXTS.has(row.declared) && valuesButton(row.event, row.property),
      !row.built_in && mayChange && stopCounting(row.event, row.property),
    );
  }
  if (row.built_in || !mayChange || !row.types.some((type) => PLAIN.has(type))) {
    return el("span", { class: "muted" }, "Not counted");
  }
  const name = `${row.property} of ${row.event}`;
  const select = el(
    "select",
    {
      "aria-label": `Type of ${name}`,
      title: row.suggested ? null : "Many values: text that people write is better not counted",
    },
    !row.suggested && el("option", { value: "" }, "Choose"),
    Object.entries(TYPES).map(([type, label]) =>
      el("option", { value: type, selected: type === row.suggested }, label),
    ),
  );
  return el(
    "span",
    { class: "offer" },
    select,
    " ",
    button(`Count ${name}`, "Count it", key, () => {
      if (select.value === "") select.focus();
      else declare(row.event, row.property, select.value);
    }),
  );
}

const declare = (event, property, type) =>
  changeDeclared((events) => {
    if (!events.has(event)) events.set(event, new Map());
    events.get(event).set(property, { type });
  }, `${property} is counted from now on`);

/** Send the declared events with a change. As they are now: somebody else may have declared something since. edit is
 *  given a map of event to a map of property to how it is counted: maps, since a name may be __proto__. */
async function changeDeclared(edit, done) {
  const { apps } = await get("/apps");
  const { events } = apps.find((each) => each.slug === state.app());
  const declared = new Map(Object.entries(events).map(([event, own]) => [event, new Map(Object.entries(own))]));
  edit(declared);
  const body = Object.fromEntries([...declared].map(([event, own]) => [event, Object.fromEntries(own)]));
  await change("PATCH", path(), { events: body }, done);
}

const declareEvent = (event) =>
  button(`Declare ${event}`, "Declare", `declare-${event}`, () =>
    changeDeclared((events) => events.has(event) || events.set(event, new Map()), "Declared"),
  );

const forget = (event) =>
  button(`Forget ${event}`, "Forget", `forget-${event}`, () =>
    change("DELETE", `${path()}/events/${encodeURIComponent(event)}`, undefined, "Forgotten"),
  );

const undeclare = (event) =>
  button(`Undeclare ${event}`, "Undeclare", `undeclare-${event}`, () =>
    confirm(
      `Undeclare ${event}?`,
      app.accepts === "open"
        ? "It is still taken and counted by name; its properties are counted no more. What was counted stays."
        : "This app takes declared events only: it will be refused. What was counted stays.",
      "Undeclare",
      () => changeDeclared((events) => events.delete(event), "Undeclared"),
    ),
  );

const stopCounting = (event, property) =>
  button(`Stop counting ${property} of ${event}`, "Stop", `stop-${event}-${property}`, () =>
    confirm(
      `Stop counting ${property}?`,
      `New events of ${event} add nothing to its counts. What was counted stays.`,
      "Stop counting",
      () => changeDeclared((events) => events.get(event)?.delete(property), `${property} is counted no more`),
    ),
  );

/** A name as it is sent, and below it the one to read; or a way to give it one. kind: events or properties. */
function called(kind, name) {
  const own = longName(kind, name);
  return [
    own ? [el("b", { class: "long-name" }, own), " ", el("span", { class: "muted mono" }, name)] : name,
    mayChange &&
      button(`Name ${name}`, own ? "Rename" : "Name\u2026", `name-${kind}-${name}`, () =>
        askName(kind, name, (text) => giveName(kind, name, text)),
      ),
  ].flat();
}

/** With the names as they are now: somebody else may have given one since. */
async function giveName(kind, name, text) {
  const { apps } = await get("/apps");
  const names = new Map(Object.entries(apps.find((each) => each.slug === state.app()).long_names[kind] ?? {}));
  names.delete(name);
  if (text !== "") names.set(name, text);
  await send("PATCH", path(), { long_names: { [kind]: Object.fromEntries(names) } });
  await reread("Named");
  draw();
}

const valuesButton = (event, property) =>
  button(`Values of ${property} of ${event}`, "Values\u2026", `values-${event}-${property}`, () =>
    askValues(event, property, app.events[event]?.[property]?.values ?? [], async (values) => {
      const item = values.length > 0 ? { type: "enum", values } : { type: "label" };
      await changeDeclared((events) => events.get(event)?.set(property, item), "Saved");
      if (problem) throw new Error(problem);
    }),
  );

/** An event can be declared before it was ever sent. */
function newEvent() {
  const submit = (event) => {
    event.preventDefault();
    const name = event.target.elements.event.value.trim();
    if (name) changeDeclared((events) => events.has(name) || events.set(name, new Map()), "Declared");
  };
  return el(
    "form",
    { class: "inline-form", onsubmit: submit },
    el("input", {
      name: "event",
      required: true,
      maxlength: 100,
      autocomplete: "off",
      "aria-label": "Name of an event",
      placeholder: "Name of an event",
      dataset: { key: "new-event" },
    }),
    el("button", { class: "btn" }, "Declare"),
  );
}

const button = (label, text, key, onclick) =>
  el("button", { type: "button", class: "plain", dataset: { key }, "aria-label": label, onclick }, text);
