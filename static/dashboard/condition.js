// Conditions on events, "field:operator:value": read, written, and said in words.

import { country } from "./format.js";
import { eventName, propertyName } from "./names.js";
import { platform } from "./platforms.js";

export const FIELDS = {
  version: "Version",
  platform_family: "System",
  platform: "Platform",
  country: "Country",
  source: "Source",
  channel: "Channel",
  event: "Event",
};
export const PROPERTY = "prop.";
const SIGNS = { gte: "\u2265", gt: ">", lte: "\u2264", lt: "<" };

/** {field, operator, values} of a text; null where it is none. */
export function read(text) {
  const [, field, operator, , value = ""] =
    /^(prop\..+?|[a-z_]+):(is|not|in|gte|gt|lt|lte|set)(:(.*))?$/s.exec(text) ?? [];
  if (!field || !(field in FIELDS || field.startsWith(PROPERTY))) return null;
  const parts = operator === "in" ? value.split(",") : [value];
  return { field, operator, values: parts.map((part) => part.replace(/%2c/gi, ",")) };
}

/** Commas are written %2C, as the server writes them. */
export const conditionOf = (field, operator, values) =>
  `${field}:${operator}:${values.map((value) => String(value).replaceAll(",", "%2C")).join(",")}`;

/** The same text for the same condition; what is none stays, for the server to say what is wrong with it. */
export function canonical(text) {
  const condition = read(text);
  return condition ? conditionOf(condition.field, condition.operator, condition.values) : text;
}

export const fieldOf = (text) => read(text)?.field ?? "";

/** "field:operator" of a text. */
export const startOf = (text) => {
  const condition = read(text);
  return condition ? `${condition.field}:${condition.operator}` : "";
};

export const nameOfField = (field) =>
  field.startsWith(PROPERTY) ? propertyName(field.slice(PROPERTY.length)) : (FIELDS[field] ?? field);
export const fieldWord = (field) => (field.startsWith(PROPERTY) ? "property" : (FIELDS[field] ?? field).toLowerCase());

/** A value of a field as people read it. */
export function shownValue(field, value) {
  if (field === "country") return country(value);
  if (field === "platform") return platform(value);
  return field === "event" ? eventName(value) : String(value);
}

const list = (texts, joint) =>
  texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} ${joint} ${texts.at(-1)}`;

/** "Version \u2265 1.2", "System is macOS", "format is png". */
export function inWords(text) {
  const condition = read(text);
  if (!condition) return text;
  const { field, operator, values } = condition;
  const name = nameOfField(field);
  if (operator === "set") return `${name} is ${values[0] === "false" ? "not set" : "set"}`;
  if (SIGNS[operator]) return `${name} ${SIGNS[operator]} ${values[0]}`;
  const shown = values.map((value) => shownValue(field, value));
  return `${name} is ${operator === "not" ? "not " : ""}${list(shown, "or")}`;
}

/** Several, joined as they count: all must hold. */
export const allInWords = (texts) => list(texts.map(inWords), "and");
