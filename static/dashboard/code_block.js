// Lines to paste somewhere, under the name of where they go, with a button that copies them.

import { copy, el } from "./dom.js";

/** copied(): what the button copies, where that is not what is shown. */
export const code = (name, text, label, copied = () => text) =>
  el(
    "div",
    { class: "setup-file" },
    el("p", {}, el("span", { class: "muted" }, name), copyButton(copied, label)),
    el("pre", { class: "code", tabindex: "0", "aria-label": name }, text),
  );

export const copyButton = (copied, label) =>
  el(
    "button",
    {
      type: "button",
      class: "plain",
      "aria-label": `Copy ${label}`,
      onclick: (event) => copy(copied(), event.currentTarget),
    },
    "Copy",
  );
