// What was just done, said at the foot of the page, with a way back.

import { $, el } from "./dom.js";

const SECONDS = 12;
let undoing = null; // what the shown toast takes back
let timer = null;

/** undo(): takes it back; it stays in reach until the toast goes. */
export function toast(text, { undo = null, bad = false } = {}) {
  undoing = undo;
  const hide = () => {
    clearTimeout(timer);
    undoing = null;
    box.replaceChildren();
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, SECONDS * 1000);
  };
  const box = place();
  box.replaceChildren(
    el(
      "div",
      {
        class: `toast${bad ? " bad-toast" : ""}`,
        onpointerenter: () => clearTimeout(timer),
        onpointerleave: wait,
        onfocusin: () => clearTimeout(timer),
        onfocusout: wait,
      },
      el("span", {}, text),
      undo && el("button", { type: "button", class: "toast-undo", onclick: takeBack }, "Undo"),
      el(
        "button",
        { type: "button", class: "toast-close", "aria-label": "Close this message", onclick: hide },
        "\u00d7",
      ),
    ),
  );
  wait();
}

/** Undo what the shown toast tells of; false where there is nothing. */
export function takeBack() {
  if (!undoing) return false;
  const undo = undoing;
  undoing = null;
  undo();
  return true;
}

function place() {
  let box = $("#toasts");
  if (!box) document.body.append((box = el("div", { id: "toasts", role: "status", "aria-live": "polite" })));
  return box;
}
