// The key numbers of an app on its settings page: add, change, order and remove them, without JSON.

import { get, send } from "./api.js";
import { has, none, show } from "./cards.js";
import { suggested } from "./conditions.js";
import * as dialogs from "./dialogs.js";
import { $, announce, el, replace } from "./dom.js";
import { eventName, propertyName } from "./names.js";
import { grid } from "./sort.js";
import * as state from "./state.js";

export const keys = ["key-numbers"];
const ID = "key-number-dialog";
const MOST = 12;
const MEASURES = {
  events: "How often",
  people: "How many people",
  sum: "Sum of a number",
  average: "Average of a number",
  median: "Median of a number",
  p95: "95th percentile of a number",
  share: "Share of a value",
};
const TYPES = { number: "a number", label: "a text" };
const mayChange = document.body.dataset.role !== "viewer";

let numbers = [];
let segments = [];
let current = null;

export async function load(signal) {
  if (!has("key-numbers")) return;
  const app = state.app();
  const [own, others] = await Promise.all([
    get("/key-numbers", { app }, signal),
    has("segments") ? get("/segments", { app }, signal) : { segments: [] },
  ]);
  numbers = own.key_numbers;
  segments = others.segments;
}

const ofProperty = (measure) => !["events", "people"].includes(measure);
const what = ({ measure, event, property, value }) =>
  `${MEASURES[measure].replace(/ of a (number|value)$/, "")}${property ? ` of ${propertyName(property)}` : ""}${value ? ` = ${value}` : ""}, ${eventName(event)}`;

export function draw() {
  if (!has("key-numbers")) return;
  const columns = [
    { name: "Name", grow: true, cell: (number) => number.name },
    { name: "What", cell: what },
    {
      name: "Segment",
      cell: (number) =>
        number.segment === null
          ? el("span", { class: "muted" }, "Everybody")
          : (segments.find((each) => each.id === number.segment)?.name ?? String(number.segment)),
    },
    { name: "Order", cell: (number) => (mayChange ? order(number) : "") },
    { name: "", numeric: true, cell: (number) => (mayChange ? tools(number) : "") },
  ];
  const table = numbers.length
    ? grid("key-numbers", { columns, rows: numbers, caption: "Key numbers", tall: true })
    : none("No key numbers yet. They stand first on the overview.");
  const more = mayChange && numbers.length < MOST;
  show("key-numbers", [table, more && dialogs.pager("New key number", "new-key-number", () => open(null))], {
    columns: ["Name", "Measure", "Event", "Property", "Value", "Segment"],
    rows: numbers.map((each) => [each.name, each.measure, each.event, each.property, each.value, each.segment]),
  });
}

function order(number) {
  const place = numbers.indexOf(number);
  const move = (to) => change(() => send("PATCH", `/key-numbers/${number.id}`, { place: to }), "Moved");
  return [
    place > 0 && dialogs.tool(`Move ${number.name} up`, "Up", `up-${number.id}`, () => move(place - 1)),
    place < numbers.length - 1 &&
      dialogs.tool(`Move ${number.name} down`, "Down", `down-${number.id}`, () => move(place + 1)),
  ].filter(Boolean);
}

function tools(number) {
  return [
    dialogs.tool(`Change ${number.name}`, "Change", `change-${number.id}`, () => open(number)),
    dialogs.tool(`Remove ${number.name}`, "Remove", `remove-${number.id}`, () =>
      dialogs.confirm(`Remove ${number.name}?`, "What it counts stays counted.", "Remove", () =>
        change(() => send("DELETE", `/key-numbers/${number.id}`), "Removed"),
      ),
    ),
  ];
}

async function change(action, done) {
  await action();
  await load();
  draw();
  announce(done);
}

function open(number) {
  if (!$(`#${ID}`)) make();
  current = number;
  dialogs.open(ID, number ? `Change ${number.name}` : "New key number", (form) => {
    for (const name of ["name", "measure", "event", "property", "value"])
      form.elements[name].value = number?.[name] ?? "";
    form.elements.measure.value = number?.measure ?? "events";
    replace(
      form.elements.segment,
      el("option", { value: "" }, "Everybody"),
      segments.map((each) => el("option", { value: each.id, selected: each.id === number?.segment }, each.name)),
    );
    offer(null);
    fields();
  });
  suggest();
}

/** Only what the measure takes. */
function fields() {
  const form = $(`#${ID} form`);
  const measure = form.elements.measure.value;
  const isShown = { property: ofProperty(measure), value: measure === "share" };
  for (const [name, shown] of Object.entries(isShown)) {
    form.elements[name].closest("label").hidden = !shown;
    form.elements[name].disabled = !shown;
  }
  form.elements.property.required = isShown.property;
}

async function suggest() {
  for (const [field, id] of [
    ["event", "key-events"],
    ["property", "key-properties"],
  ]) {
    const values = await suggested(state.app(), field);
    replace(
      $(`#${id}`),
      values.map((each) => el("option", { value: each.value })),
    );
  }
}

const input = (label, name, more) =>
  el(
    "label",
    {},
    `${label} `,
    el("input", { name, maxlength: 100, autocomplete: "off", spellcheck: "false", ...more }),
  );

function make() {
  document.body.append(
    el(
      "dialog",
      { id: ID, "aria-labelledby": "key-number-title" },
      el(
        "form",
        {},
        el("h2", { id: "key-number-title" }),
        input("Name", "name", { required: true, maxlength: 60 }),
        el(
          "label",
          {},
          "Measure ",
          el(
            "select",
            { name: "measure", onchange: fields },
            Object.entries(MEASURES).map(([value, label]) => el("option", { value }, label)),
          ),
        ),
        input("Event", "event", { required: true, list: "key-events" }),
        el("datalist", { id: "key-events" }),
        input("Property", "property", { list: "key-properties" }),
        el("datalist", { id: "key-properties" }),
        input("Value", "value", { placeholder: "true" }),
        el("label", {}, "Segment ", el("select", { name: "segment" })),
        el("p", { class: "bad", role: "alert" }),
        el("p", { id: "key-number-offer", hidden: true }),
        el(
          "p",
          { class: "dialog-tools" },
          el("button", { type: "button", class: "btn", "data-cancel": true }, "Cancel"),
          el("button", { class: "btn primary" }, "Save"),
        ),
      ),
    ),
  );
  dialogs.onSave(ID, save);
}

async function save(form) {
  const { name, measure, event, property, value, segment } = Object.fromEntries(new FormData(form));
  const body = {
    name: name.trim(),
    measure,
    event: event.trim(),
    property: property?.trim() || null,
    value: value?.trim() || null,
    segment: segment ? Number(segment) : null,
  };
  offer(null);
  try {
    if (current) await send("PATCH", `/key-numbers/${current.id}`, body);
    else await send("POST", "/key-numbers", body, { app: state.app() });
  } catch (error) {
    if (error.code === "not_declared") offer(body);
    throw error;
  }
  await load();
  draw();
}

/** A property that is not counted yet is counted with one click, and then kept. body: of what was refused. */
function offer(body) {
  const box = $("#key-number-offer");
  box.hidden = body === null;
  if (body === null) return;
  const type =
    body.measure === "share" ? (["true", "false", null].includes(body.value) ? "boolean" : "label") : "number";
  replace(
    box,
    el(
      "button",
      {
        type: "button",
        class: "btn",
        onclick: async (event) => {
          event.currentTarget.disabled = true;
          try {
            await declare(body.event, body.property, type);
            $(`#${ID} form`).requestSubmit();
          } catch (error) {
            $(`#${ID} .bad`).textContent = error.message;
          }
        },
      },
      `Count ${body.property} as ${TYPES[type] ?? "yes or no"}, and save`,
    ),
  );
}

async function declare(event, property, type) {
  const { apps } = await get("/apps");
  // Entries, since a name may be __proto__.
  const events = new Map(Object.entries(apps.find((each) => each.slug === state.app()).events));
  events.set(event, Object.fromEntries([...Object.entries(events.get(event) ?? {}), [property, { type }]]));
  await send("PATCH", `/apps/${encodeURIComponent(state.app())}`, { events: Object.fromEntries(events) });
}
