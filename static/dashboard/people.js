// A person's id: eight characters of it, and a button that copies all.

import { copy, el } from "./dom.js";
import * as state from "./state.js";

export const personLink = (id) => state.detail("/dashboard/person", { id });

export const crashLink = (crash) =>
  state.detail("/dashboard/crash", { id: crash.crash_id, user: crash.user_id, at: crash.timestamp });

export function shortId(id, href = true) {
  const text = String(id);
  const short = text.length > 12 ? text.slice(0, 8) : text;
  return el(
    "span",
    { class: "person" },
    href
      ? el("a", { class: "mono", href: personLink(text), title: text }, short)
      : el("span", { class: "mono", title: text }, short),
    el(
      "button",
      {
        type: "button",
        class: "plain",
        "aria-label": `Copy ${text}`,
        onclick: (event) => copy(text, event.currentTarget),
      },
      "Copy",
    ),
  );
}
