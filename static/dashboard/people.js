// A person's id: eight characters of it, and a button that copies all; or that there is no person.

import { copy, el } from "./dom.js";
import * as state from "./state.js";

export const personLink = (id) => state.detail("/dashboard/person", { id });

export const crashLink = (crash) =>
  state.detail("/dashboard/crash", { id: crash.crash_id, user: crash.user_id, at: crash.timestamp });

// From here on a user_id stands for a session of which no person is known, or for nobody at all.
const NOBODY = "ffffffff-ffff-ffff-0000-000000000000";

export const isPerson = (id) => !/^[0-9a-f-]{36}$/.test(id) || id < NOBODY;

/** Whether a user_id stands for one session or one person, and not for all that is nobody's. */
export const isOne = (id) => id !== NOBODY;

export function shortId(id, href = true) {
  const text = String(id);
  if (!isPerson(text)) return el("span", { class: "muted" }, isOne(text) ? "a session" : "nobody");
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
