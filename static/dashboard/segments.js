// Conditions with a name: the dialog that makes a segment or changes one.

import { send } from "./api.js";
import { editor, textsOf, unfinished } from "./conditions.js";
import { onSave, open } from "./dialogs.js";
import { $, el } from "./dom.js";
import * as state from "./state.js";

const ID = "segment-dialog";
let current = null; // {id, name, filter, done(segment)} of the open dialog

/** Open the dialog on a segment, or on conditions that become one. done(segment) is called when it is saved. */
export function editSegment({ id = null, name = "", filter }, done) {
  if (!$(`#${ID}`)) make();
  current = { id, name, filter, done };
  open(ID, id === null ? "Save as a segment" : `Change ${name}`, (form) => {
    form.elements.name.value = name;
    $(".segment-conditions", form).replaceChildren(editor({ app: state.app(), value: filter }));
  });
  $(`#${ID} [name=name]`).focus();
}

function make() {
  document.body.append(
    el(
      "dialog",
      { id: ID, "aria-labelledby": "segment-title", class: "wide-dialog" },
      el(
        "form",
        {},
        el("h2", { id: "segment-title" }),
        el(
          "p",
          { class: "muted" },
          "Its numbers are counted as events come in, so they are there at once however long the period. Days gone by are counted first.",
        ),
        el("label", {}, "Name ", el("input", { name: "name", required: true, maxlength: 60, autocomplete: "off" })),
        el("div", { class: "segment-conditions" }),
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
    const box = $(".conditions", form);
    if (unfinished(box)) throw new Error("A condition lacks its value.");
    const filter = textsOf(box);
    if (filter.length === 0) throw new Error("A segment has at least one condition.");
    const name = form.elements.name.value.trim();
    if (current.id === null) {
      const { segment } = await send("POST", "/segments", { name, filter }, { app: state.app() });
      current.done(segment);
      return;
    }
    // Another filter would be counted anew.
    const isSame = JSON.stringify(filter) === JSON.stringify(current.filter);
    const { segment } = await send("PATCH", `/segments/${current.id}`, { name, ...(isSame ? {} : { filter }) });
    current.done(segment);
  });
}
