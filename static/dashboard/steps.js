// A step: the name of an event, or a path, and conditions on it, as one text: "event;field:op:value;…".

import { allInWords } from "./condition.js";
import { editor, suggested, textsOf, unfinished } from "./conditions.js";
import { $, el, replace } from "./dom.js";
import { eventName } from "./names.js";
import * as state from "./state.js";

const whole = (text) => text.replace(/%3b/gi, ";");

export function read(text) {
  const [name, ...conditions] = text.split(";").map(whole);
  return { name: name.trim(), conditions: conditions.filter(Boolean) };
}

export const textOf = (name, conditions) => [name, ...conditions].map((part) => part.replaceAll(";", "%3B")).join(";");

/** "Drawing exported, where format is png". */
export function inWords(text, any = "Any event") {
  const { name, conditions } = read(text);
  const title = name === "" ? any : name.startsWith("/") ? name : eventName(name);
  return conditions.length > 0 ? `${title}, where ${allInWords(conditions)}` : title;
}

/** Fields for one step. box.step() is its text, "" for a blank one; box.problem() has focused what is missing. */
export function field(label, text, { placeholder = "Event or /path", tools = [] } = {}) {
  const { name, conditions } = read(text);
  const input = el("input", {
    "aria-label": label,
    list: "step-events",
    maxlength: 300,
    placeholder,
    value: name,
    autocomplete: "off",
    spellcheck: "false",
  });
  const number = el("span", { class: "muted" });
  const conditionsBox = editor({ app: state.app(), value: conditions, onchange: (texts) => tell(texts.length) });
  const tell = (length) => {
    number.textContent = length === 0 ? "" : ` (${length})`;
  };
  tell(conditions.length);
  const box = el(
    "div",
    { class: "asking-field" },
    el("label", { class: "asking-name" }, el("span", {}, label), input),
    el(
      "details",
      { class: "asking-conditions", open: conditions.length > 0 },
      el("summary", {}, "Conditions", number),
      conditionsBox,
    ),
    tools.length > 0 && el("div", { class: "asking-tools" }, tools),
  );
  box.step = () => textOf(input.value.trim(), textsOf(conditionsBox));
  box.isBlank = () => input.value.trim() === "" && textsOf(conditionsBox).length === 0;
  box.problem = () => {
    const empty = unfinished(conditionsBox);
    if (empty) $("details", box).open = true;
    empty?.focus();
    return empty !== null;
  };
  box.focusName = () => input.focus();
  return box;
}

/** The names of the app's events, offered in every field. */
export async function suggest() {
  const events = await suggested(state.app(), "event");
  replace(
    $("#step-events"),
    events.map((each) => el("option", { value: each.value })),
  );
}

/** A form whose question goes into the address when it is asked. read(): {name: value} or null where something
 *  is missing; fill(): shows the address. */
export function asking({ names, take, fill }) {
  const form = $("#question-form");
  const problem = $("#question-problem");
  const fillAll = () => {
    problem.textContent = "";
    for (const name of names) form.elements[name].value = state.get(name) ?? "";
    for (const select of form.querySelectorAll("select[name]")) {
      if (select.selectedIndex >= 0) continue;
      select.append(el("option", { value: state.get(select.name) }, state.get(select.name)));
      select.value = state.get(select.name);
    }
    fill();
  };
  fillAll();
  state.onChange(fillAll);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    problem.textContent = "";
    const taken = take(problem);
    if (taken === null) return;
    const own = Object.fromEntries(names.map((name) => [name, form.elements[name].value.trim() || null]));
    state.change({ ...own, ...taken });
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    state.change(Object.fromEntries([...names, ...Object.keys(take(null) ?? {})].map((name) => [name, null])));
  });
  return form;
}
