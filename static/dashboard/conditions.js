// The editor of conditions: for the filter of a page, a segment, a funnel's step.

import { get } from "./api.js";
import { conditionOf, FIELDS, PROPERTY, read, shownValue } from "./condition.js";
import { el, replace } from "./dom.js";

const MOST = 10;
const ANY_PROPERTY = "property";
const EQUAL = { is: "is", not: "is not", in: "is any of" };
const ORDER = { gte: "is at least", gt: "is above", lte: "is at most", lt: "is below" };
const PRESENCE = { "set:true": "is set", "set:false": "is not set" };
const PLACEHOLDERS = { version: "1.2", country: "Germany", platform_family: "macOS", channel: "debug" };
const suggestions = new Map(); // app and field -> promise of [{value, count}]
let lists = 0;

const operatorsOf = (field) => ({
  ...EQUAL,
  ...(field === "version" || field.startsWith(PROPERTY) ? ORDER : {}),
  ...PRESENCE,
});

/** What the app's events have of a field, most used first; none where the server does not say. */
export function suggested(app, field) {
  const key = JSON.stringify([app, field]);
  if (!suggestions.has(key)) {
    const answer = get("/dashboard/api/values", { app, field }).then(({ values }) => values);
    suggestions.set(
      key,
      answer.catch(() => {
        suggestions.delete(key);
        return [];
      }),
    );
  }
  return suggestions.get(key);
}

/** An element in which conditions are changed. value: texts; onchange(texts) is told those that are whole,
 *  whenever they are others than before. fields: those on offer, all and properties where left out;
 *  allows("field:operator"): which operators are. */
export function editor({ app, value = [], onchange = () => {}, fields = null, allows = null }) {
  const rows = el("div", { class: "condition-rows" });
  const add = el(
    "button",
    {
      type: "button",
      class: "plain",
      onclick: () => {
        const row = rowOf();
        rows.append(row);
        row.querySelector("select").focus();
        say();
      },
    },
    "Add a condition",
  );
  let told = JSON.stringify(value);

  function rowOf(text = null) {
    return conditionRow({ app, fields, allows }, text, say, (row) => {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      say();
      (next?.querySelector("select") ?? add).focus();
    });
  }

  function say() {
    add.hidden = rows.childElementCount >= MOST;
    const texts = textsOf(box);
    if (JSON.stringify(texts) === told) return;
    told = JSON.stringify(texts);
    onchange(texts);
  }

  const box = el("div", { class: "conditions", role: "group", "aria-label": "Conditions" }, rows, add);
  rows.append(...(value.length > 0 ? value : [null]).map(rowOf));
  return box;
}

/** The whole conditions of an editor as they stand. */
export const textsOf = (box) => [
  ...new Set([...box.querySelectorAll(".condition-row")].map((row) => row.condition()).filter(Boolean)),
];

/** The first field that lacks a value, with the focus; null where all are whole. */
export function unfinished(box) {
  for (const row of box.querySelectorAll(".condition-row")) {
    const empty = [...row.querySelectorAll("input")].find((input) => !input.hidden && input.value.trim() === "");
    if (empty && !row.isBlank()) {
      empty.focus();
      return empty;
    }
  }
  return null;
}

function conditionRow({ app, fields, allows }, text, say, remove) {
  const start = text === null ? null : read(text);
  const names = Object.entries(FIELDS).filter(([name]) => fields === null || fields.includes(name));
  const takesProperties = fields === null || fields.includes(ANY_PROPERTY);
  const isProperty = start?.field.startsWith(PROPERTY);
  const field = el(
    "select",
    { "aria-label": "Field" },
    names.map(([name, label]) => el("option", { value: name, selected: name === start?.field }, label)),
    takesProperties && el("option", { value: ANY_PROPERTY, selected: isProperty }, "Property\u2026"),
  );
  const listed = (kind) => el("datalist", { id: `suggested-${kind}-${(lists += 1)}` });
  const [nameList, valueList] = [listed("names"), listed("values")];
  const input = (label, list, more) =>
    el("input", { "aria-label": label, list: list.id, autocomplete: "off", spellcheck: "false", ...more });
  const name = input("Name of the property", nameList, {
    maxlength: 100,
    placeholder: "Property",
    value: isProperty ? start.field.slice(PROPERTY.length) : null,
  });
  const operator = el("select", { "aria-label": "Is" });
  const value = input("Value", valueList, { maxlength: 2000 });
  const row = el(
    "div",
    { class: "condition-row" },
    field,
    name,
    operator,
    value,
    el(
      "button",
      { type: "button", class: "plain", "aria-label": "Remove this condition", onclick: () => remove(row) },
      "\u00d7",
    ),
    nameList,
    valueList,
  );
  let isUntouched = text === null;
  let shownAs = new Map(); // what people read, in small letters -> the value

  const fieldNow = () => (field.value === ANY_PROPERTY ? PROPERTY + name.value.trim() : field.value);
  const isWhole = () => (field.value !== ANY_PROPERTY || name.value.trim() !== "") && valuesNow().length > 0;
  const operatorNow = () => operator.value.split(":")[0];

  function valuesNow() {
    if (operatorNow() === "set") return [operator.value.split(":")[1]];
    const typed = operatorNow() === "in" ? value.value.split(",") : [value.value];
    return typed
      .map((each) => each.trim())
      .filter(Boolean)
      .map((each) => (operatorNow() === "in" ? each.replace(/%2c/gi, ",") : each))
      .map((each) => shownAs.get(each.toLowerCase()) ?? each)
      .map((each) => (field.value === "country" ? each.toUpperCase() : each));
  }

  row.condition = () => (isWhole() ? conditionOf(fieldNow(), operatorNow(), valuesNow()) : null);
  row.isBlank = () => isUntouched && value.value.trim() === "";

  function offerOperators(chosen) {
    const choices = Object.entries(operatorsOf(fieldNow())).filter(
      ([key]) => key === chosen || allows === null || allows(`${fieldNow()}:${key.split(":")[0]}`),
    );
    const now = choices.some(([key]) => key === chosen) ? chosen : "is";
    replace(
      operator,
      choices.map(([key, label]) => el("option", { value: key, selected: key === now }, label)),
    );
  }

  function show() {
    name.hidden = field.value !== ANY_PROPERTY;
    value.hidden = operatorNow() === "set";
    value.placeholder = operatorNow() === "in" ? "One, another" : (PLACEHOLDERS[field.value] ?? "Value");
  }

  async function suggest() {
    if (!name.hidden) {
      const properties = await suggested(app, ANY_PROPERTY);
      replace(
        nameList,
        properties.map((each) => el("option", { value: each.value })),
      );
      if (name.value.trim() === "") return replace(valueList);
    }
    const asked = fieldNow();
    const values = await suggested(app, asked);
    if (asked !== fieldNow()) return null;
    // Of several values with one name the most used is meant.
    shownAs = new Map(values.toReversed().map((each) => [shownValue(asked, each.value).toLowerCase(), each.value]));
    return replace(
      valueList,
      values.map((each) => {
        const label = shownValue(asked, each.value);
        return el("option", { value: each.value, label: label === each.value ? null : label });
      }),
    );
  }

  const changed = () => {
    isUntouched = false;
    offerOperators(operator.value);
    show();
    say();
  };
  field.addEventListener("change", () => {
    value.value = "";
    changed();
    suggest();
  });
  name.addEventListener("change", () => {
    changed();
    suggest();
  });
  operator.addEventListener("change", changed);
  value.addEventListener("change", changed);
  // Asked for when somebody is about to type, not for every row that is drawn.
  value.addEventListener("focus", suggest);
  name.addEventListener("focus", suggest);

  offerOperators(start?.operator === "set" ? `set:${start.values[0] === "false" ? "false" : "true"}` : start?.operator);
  if (start && start.operator !== "set")
    value.value = start.values.map((each) => (start.operator === "in" ? each.replaceAll(",", "%2C") : each)).join(", ");
  show();
  return row;
}
