// The dialogs of Settings in which events and properties get a name to read, and a property its values.

import { onSave, open } from "./dialogs.js";
import { $ } from "./dom.js";
import { longName } from "./names.js";

const MOST_VALUES = 100;
let save = null; // what the open dialog does with what it holds
let installed = false;

function install() {
  if (installed) return;
  installed = true;
  onSave("name-dialog", (form) => save(form.elements.name.value.trim()));
  onSave("values-dialog", (form) => save(valuesOf(form.elements.values.value)));
}

/** kind: events or properties. done(text) sends it; "" takes it away. */
export function askName(kind, name, done) {
  install();
  save = done;
  open("name-dialog", `Name of ${name}`, (form) => {
    form.elements.name.value = longName(kind, name) ?? "";
    form.elements.name.placeholder = name;
  });
}

const valuesOf = (text) => {
  const values = [...new Set(text.split("\n").map((line) => line.trim()))].filter(Boolean);
  if (values.length > MOST_VALUES) throw new Error(`At most ${MOST_VALUES} values; these are ${values.length}.`);
  const long = values.find((value) => value.length > 100);
  if (long) throw new Error(`"${long.slice(0, 30)}\u2026" is longer than 100 characters.`);
  return values;
};

/** values: those that it has. done(values) sends them. */
export function askValues(event, property, values, done) {
  install();
  save = done;
  open("values-dialog", `Values of ${property}`, (form) => {
    form.elements.values.value = values.join("\n");
    $("#values-of").textContent = `Of the event ${event}.`;
  });
}
