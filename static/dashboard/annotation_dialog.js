// The dialog of a page's notes: what there is, one more, and the way to take one out.

import * as annotations from "./annotations.js";
import { send } from "./api.js";
import { $, announce, el } from "./dom.js";
import { dateOf, exactTime, inputTime } from "./format.js";
import * as state from "./state.js";

const dialog = $("#annotation-dialog");
const form = $("form", dialog);
const mayChange = document.body.dataset.role !== "viewer";
let gone = []; // deleted in this dialog, each with a way back

/** Loads the page again, and with it its notes. */
const reload = () => dispatchEvent(new Event("reload"));

export function open() {
  gone = [];
  form?.reset();
  if (form) form.elements.at.value = inputTime(new Date());
  say("");
  draw();
  dialog.showModal();
}

const say = (text) => {
  $(".bad", dialog).textContent = text;
};

function draw() {
  const { list, problem } = annotations.all();
  const shown = [...list, ...gone.filter((note) => list.every((other) => other.id !== note.id))].sort((a, b) =>
    a.at < b.at ? 1 : -1,
  );
  if (problem) say(`The notes could not be loaded: ${problem.message}`);
  $(".annotation-list", dialog).replaceChildren(
    ...(shown.length > 0 ? shown.map(line) : [el("li", { class: "muted" }, "None in this period.")]),
  );
}

function line(note) {
  const isGone = gone.includes(note);
  const whose = note.of_all_apps ? `${note.created_by}, on every app` : note.created_by;
  const act = isGone ? () => perform(() => bringBack(note)) : () => perform(() => remove(note));
  return el(
    "li",
    { class: isGone ? "gone" : null },
    el("span", { class: "annotation-text" }, note.text),
    el("span", { class: "muted small", title: exactTime(note.at) }, `${dateOf(note.at)}, ${whose}`),
    mayChange &&
      el(
        "button",
        {
          type: "button",
          class: "plain",
          onclick: act,
          "aria-label": `${isGone ? "Bring back" : "Delete"} the note ${note.text}`,
        },
        isGone ? "Undo" : "Delete",
      ),
  );
}

async function perform(action) {
  say("");
  try {
    await action();
  } catch (error) {
    say(error.message);
    return;
  }
  await annotations.load();
  draw();
  reload();
}

async function remove(note) {
  await send("DELETE", `/annotations/${note.id}`);
  gone = [...gone, note];
  announce("Deleted");
}

async function bringBack(note) {
  await add({ text: note.text, at: note.at }, note.of_all_apps);
  gone = gone.filter((each) => each !== note);
}

const add = (body, isOfAll) => send("POST", "/annotations", body, isOfAll ? {} : { app: state.app() });

dialog.addEventListener("close", () => $("#annotations").focus());
$("[data-close]", dialog).addEventListener("click", () => dialog.close());
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  perform(async () => {
    const button = $(".primary", form);
    button.disabled = true;
    try {
      const { text, at, of_all: isOfAll } = form.elements;
      const isEvery = isOfAll?.checked === true;
      // A time without an offset is the app's; on every app's charts the server takes it for UTC.
      await add({ text: text.value, at: `${at.value}:00${isEvery ? "Z" : ""}` }, isEvery);
    } finally {
      button.disabled = false;
    }
    form.reset();
    form.elements.at.value = inputTime(new Date());
    announce("Added");
  });
});
