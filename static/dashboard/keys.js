// Single keys that work while no field has the focus, and the dialog that lists them.

import { $, el } from "./dom.js";

const FIELDS = "textarea, select, input:not([type=checkbox]), [contenteditable]";

/** keys: [{key, name, run}]; "?" lists them. run(event) is not called while a dialog is open. */
export function install(keys) {
  const all = [...keys, { key: "?", name: "This list", run: () => showHelp(all) }];
  const byKey = new Map(all.map((entry) => [entry.key, entry]));
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.(FIELDS) || $("dialog[open]")) return;
    const entry = byKey.get(event.key);
    if (!entry) return;
    event.preventDefault();
    entry.run(event);
  });
  $("#show-keys")?.addEventListener("click", () => showHelp(all));
}

function showHelp(keys) {
  const close = el("button", { type: "button", class: "btn", onclick: () => dialog.close() }, "Close");
  const dialog = el(
    "dialog",
    { id: "keys-dialog", "aria-labelledby": "keys-title", onclose: () => dialog.remove() },
    el("h2", { id: "keys-title" }, "Keys"),
    el(
      "dl",
      { class: "keys" },
      keys.map(({ key, name }) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, name))),
    ),
    el("p", { class: "dialog-tools" }, close),
  );
  document.body.append(dialog);
  dialog.showModal();
}
