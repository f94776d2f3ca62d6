// The dialog that makes an alert or changes one: its fields are those of what it watches.

import { KINDS, OF_ISSUES, UNITS, WINDOWS, watches } from "./alert_words.js";
import { send } from "./api.js";
import { onSave, open } from "./dialogs.js";
import { $, el } from "./dom.js";
import * as state from "./state.js";

const ID = "rule-dialog";
const NAME = 60;
let current = null; // {rule: null for a new one, ofServer, context: {numbers, segments, destinations}, isNamed}

/** What most people want first; those whose number the app does not have are left out. */
function templates({ numbers }) {
  const has = (name) => numbers.some((number) => number.name === name && number.is_rolled_up);
  const number = (name, comparison, threshold, more = {}) => ({
    kind: "number",
    for_minutes: 10,
    settings: { number: name, comparison, threshold, window: "today", ...more },
  });
  const errors = numbers.find(
    (each) => each.key_number_id && each.unit === "percent" && each.is_rolled_up && /error|fail/i.test(each.title),
  );
  return [
    has("crash_free_rate") && {
      title: "Crash-free below 98 %",
      ...number("crash_free_rate", "below", 98, { clear: 98.5, least: 20 }),
    },
    errors && { title: "Error share over 10 %", ...number(errors.name, "above", 10, { clear: 8, least: 20 }) },
    has("success_rate") && {
      title: "More than 10 % of transcriptions fail",
      ...number("success_rate", "below", 90, { clear: 92, least: 20 }),
    },
    { title: "No events", kind: "no_events", for_minutes: 0, settings: { hours: 6 } },
    { title: "New issue", kind: "new_issue", for_minutes: 0, settings: { people: 1 } },
    { title: "A release worse than the one before", kind: "release_worse", for_minutes: 0, settings: {} },
    has("cost_usd") && { title: "Cost over $10 a day", ...number("cost_usd", "above", 10), for_minutes: 0 },
  ].filter(Boolean);
}

const form = () => $(`#${ID} form`);

/** rule: null for a new one; context: {numbers, segments, destinations}. */
export function edit(rule, ofServer, context) {
  current = { rule, ofServer, context, isNamed: rule !== null };
  open(ID, rule ? `Change ${rule.name}` : ofServer ? "New alert of the server" : "New alert", (box) => {
    for (const label of box.querySelectorAll(".only-new")) label.hidden = rule !== null;
    box.elements.template.closest("label").hidden = rule !== null || ofServer;
    const offers = ofServer ? [] : templates(context);
    box.elements.template.replaceChildren(
      ...offers.map((each, i) => el("option", { value: i }, each.title)),
      el("option", { value: "" }, "Something else"),
    );
    box.elements.kind.replaceChildren(
      ...Object.entries(KINDS)
        .filter(([, kind]) => Boolean(kind.of_server) === ofServer)
        .map(([name, kind]) => el("option", { value: name }, kind.title)),
    );
    $("#rule-destinations").replaceChildren(...destinationBoxes(rule, context.destinations));
    if (rule) fill(rule);
    else if (offers.length > 0) fill(offers[0], offers[0].title);
    else fill({ kind: box.elements.kind.value, settings: {} });
  });
}

function destinationBoxes(rule, destinations) {
  if (destinations.length === 0)
    return [el("p", { class: "muted" }, "There is no destination yet: what happens stands on this page alone.")];
  const alone = destinations.length === 1 && rule === null;
  return destinations.map((each) =>
    el(
      "label",
      { class: "check" },
      el("input", {
        type: "checkbox",
        name: "destinations",
        value: each.id,
        checked: alone || rule?.destinations.includes(each.id),
      }),
      el("span", {}, each.name),
    ),
  );
}

function fill({ kind, settings, for_minutes: minutes, name }, title = name) {
  const box = form();
  box.elements.kind.value = kind;
  const fields = kind === "number" ? numberFields(settings) : KINDS[kind].fields.map((each) => field(each, settings));
  $("#rule-fields").replaceChildren(...fields);
  $("#rule-for").hidden = OF_ISSUES.includes(kind);
  box.elements.for_minutes.value = minutes ?? KINDS[kind].waits ?? 0;
  if (kind === "number") fitNumber();
  if (title) box.elements.name.value = title.slice(0, NAME);
  else suggest();
}

const field = ({ name, label, value, min, max, step = 1 }, settings) =>
  el(
    "label",
    {},
    `${label} `,
    el("input", { name, type: "number", min, max, step, required: true, value: settings[name] ?? value }),
  );

const select = (name, value, options) =>
  el(
    "select",
    { name },
    options.map(([each, text, disabled]) =>
      el("option", { value: each, selected: each === String(value ?? ""), disabled }, text),
    ),
  );

function numberFields(set) {
  const { numbers, segments } = current.context;
  const listed = numbers.map((each) => [
    each.name,
    each.is_rolled_up ? each.title : `${each.title}: save its conditions as a segment first`,
    !each.is_rolled_up,
  ]);
  const bound = (name, value, required) => el("input", { name, type: "number", step: "any", required, value });
  return [
    el("label", { class: "whole" }, "Number ", select("number", set.number ?? numbers[0]?.name, listed)),
    el(
      "label",
      {},
      "Is ",
      select("comparison", set.comparison ?? "below", [
        ["above", "above"],
        ["below", "below"],
      ]),
    ),
    el("label", {}, el("span", { dataset: { unit: "Threshold" } }), bound("threshold", set.threshold, true)),
    el("label", {}, "When ", select("window", set.window ?? "today", Object.entries(WINDOWS))),
    el("label", {}, el("span", { dataset: { unit: "Ends at" } }), bound("clear", set.clear, false)),
    el(
      "label",
      {},
      "Of so many people at least ",
      el("input", { name: "least", type: "number", min: 0, max: 1e9, step: 1, value: set.least ?? 0, required: true }),
    ),
    el(
      "label",
      {},
      "Among ",
      select("segment_id", set.segment_id, [
        ["", "everybody"],
        ...segments.map((each) => [String(each.id), each.name]),
      ]),
    ),
  ];
}

/** The units of the chosen number stand at its fields. */
function fitNumber() {
  const box = form();
  const number = current.context.numbers.find((each) => each.name === box.elements.number.value);
  const unit = UNITS[number?.unit] ?? "";
  for (const label of box.querySelectorAll("[data-unit]"))
    label.textContent = `${label.dataset.unit}${unit ? `, in ${unit}` : ""} `;
  box.elements.clear.placeholder = box.elements.threshold.value || "The threshold";
}

/** The settings as the API takes them. */
function settingsOf(box, kind) {
  const number = (name) => Number(box.elements[name].value);
  if (kind !== "number") return Object.fromEntries(KINDS[kind].fields.map(({ name }) => [name, number(name)]));
  const settings = {
    number: box.elements.number.value,
    comparison: box.elements.comparison.value,
    threshold: number("threshold"),
    window: box.elements.window.value,
    least: number("least"),
  };
  if (box.elements.clear.value !== "") settings.clear = number("clear");
  if (box.elements.segment_id.value !== "") settings.segment_id = number("segment_id");
  return settings;
}

const minutesOf = (box, kind) => (OF_ISSUES.includes(kind) ? 0 : Number(box.elements.for_minutes.value));

/** A name that follows what is chosen, until somebody writes one. */
function suggest() {
  if (current.isNamed) return;
  const box = form();
  const kind = box.elements.kind.value;
  const settings = settingsOf(box, kind);
  const isWhole = kind !== "number" || box.elements.threshold.value !== "";
  const words = watches({ kind, settings: { ...settings, least: 0, clear: null }, for_minutes: 0 }, current.context);
  box.elements.name.value = isWhole ? words.slice(0, NAME) : "";
}

async function save(box) {
  const { rule, ofServer } = current;
  const kind = box.elements.kind.value;
  const body = {
    name: box.elements.name.value.trim(),
    settings: settingsOf(box, kind),
    destinations: [...box.querySelectorAll("[name=destinations]:checked")].map((each) => Number(each.value)),
    for_minutes: minutesOf(box, kind),
  };
  // Other settings begin anew: what has not changed is not sent.
  if (rule && same(rule.settings, body.settings)) delete body.settings;
  if (rule) await send("PATCH", `/alerts/${rule.id}`, body);
  else await send("POST", "/alerts", { kind, ...body }, ofServer ? {} : { app: state.app() });
}

const same = (held, given) =>
  [...new Set([...Object.keys(held), ...Object.keys(given)])].every(
    (name) => (held[name] ?? null) === (given[name] ?? null),
  );

/** done(): called after an alert was saved. */
export function install(done) {
  if (!$(`#${ID}`)) return;
  onSave(ID, async (box) => {
    await save(box);
    await done();
  });
  const { elements } = form();
  elements.name.addEventListener("input", () => {
    current.isNamed = elements.name.value.trim() !== "";
  });
  elements.template.addEventListener("change", () => {
    const chosen = templates(current.context)[elements.template.value];
    current.isNamed = false;
    if (chosen) fill(chosen, chosen.title);
    else fill({ kind: "number", settings: {} });
  });
  elements.kind.addEventListener("change", () => {
    elements.template.value = "";
    fill({ kind: elements.kind.value, settings: {} });
  });
  $("#rule-fields").addEventListener("input", () => {
    if (elements.kind.value === "number") fitNumber();
    elements.template.value = "";
    suggest();
  });
}
