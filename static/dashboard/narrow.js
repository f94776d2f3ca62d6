// A value that narrows the page to itself.

import { conditionOf, inWords, PROPERTY } from "./condition.js";
import { el } from "./dom.js";
import * as state from "./state.js";

const LONGEST = 200; // of a condition's value

/** A button that adds the condition "field is value", where the page takes such; else the text. more: its
 *  properties beside. */
export function only(field, value, text = value, more = {}) {
  if (value === null || value === undefined || value === "" || !state.takes(`${field}:is`)) return text;
  if (String(value).length > LONGEST) return text;
  const condition = inWords(conditionOf(field, "is", [value]));
  return el(
    "button",
    {
      type: "button",
      class: "only",
      title: `Only where ${condition}`,
      onclick: () => state.narrow(field, value),
      ...more,
    },
    text,
  );
}

/** Of a property. A row has many: they are no stops of the tab key, which has the filter's menu. */
export const onlyProperty = (name, value, text) =>
  typeof value === "object" ? text : only(PROPERTY + name, value, text, { tabindex: -1 });

/** Beside an event or a crash of a debug build. */
export const debugMark = () =>
  el("span", { class: "mark", title: "From a debug build: counted only where the filter asks for those" }, "debug");
