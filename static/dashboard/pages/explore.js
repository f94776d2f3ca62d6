// One measure of one event, or of any, over time and by a field.

import { none, show } from "../cards.js";
import * as compare from "../compare.js";
import { FIELDS, PROPERTY } from "../condition.js";
import { suggested } from "../conditions.js";
import { $, el, replace } from "../dom.js";
import * as explore from "../explore.js";
import { matched } from "../filters.js";
import { form } from "../form.js";
import { saveButton } from "../save.js";
import * as state from "../state.js";

export const keys = ["answer"];
const NAMES = ["measure", "event", "property", "by", "interval", "view"];
let last = null;

export async function load({ signal, why }) {
  if (why === "start") {
    offerFields([]);
    form("#question-form", NAMES);
    suggest();
    saveButton("explore");
  }
  const question = explore.read(state.get);
  draw(question);
  if (explore.takesNumber(question.measure) && !question.property) {
    show("answer", none("Choose the number: a property of the events."), { columns: [], rows: [] });
    return;
  }
  // What reads the events is asked again when somebody asks, not with every refresh.
  const isKept = why === "draw" || (why === "refresh" && last?.answer.computed === "events");
  if (!isKept || last === null)
    last = await explore.ask("answer", question, { ...state.span(), ...state.filter() }, signal);
  matched(last.answer.rows.every((row) => !row.value));
  compare.note(last.before && { ...last.before, daily_stats: last.before.rows }, null);
  explore.draw("answer", question, last);
}

function draw(question) {
  $("#question-property").hidden = !explore.takesNumber(question.measure);
  $("#question-form").elements.view.closest("label").hidden = question.interval === null;
  $("#head-answer").textContent = explore.inWords(question);
}

async function suggest() {
  const [events, properties] = await Promise.all(["event", "property"].map((field) => suggested(state.app(), field)));
  const options = (values) => values.map((each) => el("option", { value: each.value }));
  replace($("#question-events"), options(events));
  replace($("#question-properties"), options(properties));
  offerFields(properties.map((each) => each.value));
}

/** properties: names that events have. That of the address is among the choices, whatever it is. */
function offerFields(properties) {
  const select = $("#question-form").elements.by;
  const now = state.get("by") ?? "";
  const names = [...properties];
  if (now.startsWith(PROPERTY) && !names.includes(now.slice(PROPERTY.length))) names.push(now.slice(PROPERTY.length));
  const option = (value, label) => el("option", { value, selected: value === now }, label);
  replace(
    select,
    option("", "Nothing"),
    Object.entries(FIELDS).map(([field, label]) => option(field, label)),
    names.length > 0 &&
      el(
        "optgroup",
        { label: "Properties" },
        names.map((name) => option(PROPERTY + name, name)),
      ),
  );
}
