// Cohorts: searches for people with a name, in words, and the dialog that gives them one.

import { send } from "./api.js";
import { onSave, open } from "./dialogs.js";
import { $, el } from "./dom.js";
import { forget } from "./filters.js";
import { count, country } from "./format.js";
import * as state from "./state.js";
import { inWords as stepInWords } from "./steps.js";

const ID = "cohort-dialog";
let current = null; // {id, definition, done(cohort)} of the open dialog

const inDays = (n) => (n === 1 ? "today" : `in the last ${count(n)} days`);

/** A definition as a sentence: "Country Germany, last seen in the last 7 days". */
export function inWords({ country: code, app_version: version, platform_family: system, did, times = 1, ...more }) {
  const { last_seen_days: seen, first_seen_days: first, days = 30 } = more;
  const often = times === 1 ? "" : ` at least ${count(times)} times`;
  const parts = [
    code && `country ${country(code)}`,
    version && `version ${version}`,
    system && `system ${system}`,
    seen && `last seen ${inDays(seen)}`,
    first && `first seen ${inDays(first)}`,
    did && `did \u201c${stepInWords(did)}\u201d${often} ${inDays(days)}`,
  ].filter(Boolean);
  const text = parts.join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The list of a cohort's people, and the numbers of these people. */
export const peopleOf = (id) => `/dashboard/users?${new URLSearchParams({ app: state.app(), cohort: id })}`;
export const numbersOf = (id) => `/dashboard?${new URLSearchParams({ app: state.app(), cohort: id })}`;

/** Open the dialog on a search that becomes a cohort, or on a cohort to be renamed. done(cohort) is called
 *  when it is saved. */
export function nameCohort({ id = null, name = "", definition }, done) {
  if (!$(`#${ID}`)) make();
  current = { id, definition, done };
  open(ID, id === null ? "Save as a cohort" : `Rename ${name}`, (form) => {
    form.elements.name.value = name;
    $(".cohort-definition", form).textContent = `${inWords(definition)}.`;
  });
  $(`#${ID} [name=name]`).focus();
}

function make() {
  document.body.append(
    el(
      "dialog",
      { id: ID, "aria-labelledby": "cohort-title" },
      el(
        "form",
        {},
        el("h2", { id: "cohort-title" }),
        el("p", { class: "cohort-definition" }),
        el("p", { class: "muted" }, "Who is in it is found anew each time: nobody's name is kept in it."),
        el("label", {}, "Name ", el("input", { name: "name", required: true, maxlength: 60, autocomplete: "off" })),
        el("p", { class: "bad", role: "alert" }),
        el(
          "p",
          { class: "dialog-tools" },
          el("button", { type: "button", class: "btn", "data-cancel": true }, "Cancel"),
          el("button", { class: "btn primary" }, "Save"),
        ),
      ),
    ),
  );
  onSave(ID, async (form) => {
    const { id, definition, done } = current;
    const name = form.elements.name.value.trim();
    const { cohort } =
      id === null
        ? await send("POST", "/cohorts", { name, definition }, { app: state.app() })
        : await send("PATCH", `/cohorts/${id}`, { name });
    forget();
    await done(cohort);
  });
}
