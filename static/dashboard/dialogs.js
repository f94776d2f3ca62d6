// Dialogs of the settings pages: a form that sends, a question before something ends, a secret shown once.

import { $, announce, copy, el } from "./dom.js";

/** Opens #id with its form emptied; fill(form) sets what stands in it. */
export function open(id, title, fill = () => {}) {
  const dialog = $(`#${id}`);
  const form = $("form", dialog);
  form.reset();
  $("h2", dialog).textContent = title;
  $(".bad", dialog).textContent = "";
  fill(form);
  dialog.showModal();
}

/** save(form) sends; what it throws is shown in the dialog, else that closes. */
export function onSave(id, save) {
  const dialog = $(`#${id}`);
  $("[data-cancel]", dialog).addEventListener("click", () => dialog.close());
  $("form", dialog).addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = $(".primary, .danger", dialog);
    button.disabled = true;
    try {
      await save(event.target);
      dialog.close();
      announce("Saved");
    } catch (error) {
      $(".bad", dialog).textContent = error.message;
    }
    button.disabled = false;
  });
}

let confirmed = null;

/** action is done when the button of #confirm-dialog is pressed. */
export function confirm(title, text, label, action) {
  confirmed = action;
  open("confirm-dialog", title);
  $("#confirm-text").textContent = text;
  $("#confirm-dialog .danger").textContent = label;
}

export function install() {
  onSave("confirm-dialog", () => confirmed());
  $("#secret-close").addEventListener("click", () => $("#secret-dialog").close());
  $("#secret-copy").addEventListener("click", (event) => copy($("#secret-value").textContent, event.currentTarget));
}

export function showSecret(title, text, secret) {
  $("#secret-title").textContent = title;
  $("#secret-text").textContent = text;
  $("#secret-value").textContent = secret;
  $("#secret-dialog").showModal();
}

/** Checkboxes of a fieldset: what is checked, or set from a list. */
export const checked = (form, name) => [...form.querySelectorAll(`[name="${name}"]:checked`)].map((box) => box.value);

export function check(form, name, values) {
  for (const box of form.querySelectorAll(`[name="${name}"]`)) box.checked = values.includes(box.value);
}

export const tool = (label, text, key, onclick) =>
  el("button", { type: "button", class: "plain", dataset: { key }, "aria-label": label, onclick }, text);

export const pager = (label, key, onclick) =>
  el(
    "p",
    { class: "pager" },
    el("span", {}),
    el("button", { type: "button", class: "btn", dataset: { key }, onclick }, label),
  );
