// Questions that take long: after two seconds it is said how long, with a way to end them.

import { Failed, get, send } from "./api.js";
import { $, announce, el } from "./dom.js";
import { count } from "./format.js";

const QUIET_MS = 2_000;

/** A UUID; crypto.randomUUID is there on https and localhost only. */
export function questionId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** A GET whose question can be ended, on the server too. keys: the cards that wait for it; without any it
 *  is said at the foot of the page. events: how many are read, where that is known. Throws Failed with the
 *  code "cancelled" when somebody ended it. */
export async function ask(path, params, signal, { keys = [], events = null } = {}) {
  const id = questionId();
  const began = performance.now();
  const own = new AbortController();
  const cancel = () => {
    own.abort();
    // It may have ended by itself meanwhile.
    send("DELETE", `/questions/${id}`).catch(() => {});
  };
  // The page asks something else: a quick answer is let go, a long one would keep the server busy.
  const stop = () => (performance.now() - began < QUIET_MS ? own.abort() : cancel());
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  try {
    return await busy(keys, get(path, { ...params, question_id: id }, own.signal), { cancel, events });
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** The promise, with the seconds and a button in the cards `keys` (a name or several) while it lasts. */
export async function busy(keys, promise, { cancel = null, events = null } = {}) {
  const began = performance.now();
  let line = null;
  let cancelled = false;
  const end = () => {
    cancelled = true;
    cancel();
  };
  const text = () => `Reading ${events === null ? "the events" : `${count(events)} events`}\u2026 `;
  const tick = () => {
    if (performance.now() - began < QUIET_MS) return;
    if (line === null) {
      line = lineOf(text(), cancel && end);
      place([keys].flat(), line);
      announce(`${text()}It can be cancelled.`);
    }
    $(".seconds", line).textContent = `${Math.floor((performance.now() - began) / 1000)} s`;
  };
  const timer = setInterval(tick, 250);
  try {
    return await promise;
  } catch (error) {
    throw cancelled ? new Failed("You cancelled this.", 0, "cancelled") : error;
  } finally {
    clearInterval(timer);
    line?.remove();
  }
}

function lineOf(text, end) {
  return el(
    "p",
    { class: "busy" },
    text,
    el("span", { class: "seconds num", "aria-hidden": "true" }),
    end && el("button", { type: "button", class: "btn", onclick: end }, "Cancel"),
  );
}

/** In the first of the cards that there is, above what it shows; else at the foot of the window. */
function place(keys, line) {
  const card = keys.map((key) => $(`[data-card="${key}"]`)).find(Boolean);
  if (card) {
    $(".card-body", card).before(line);
    return;
  }
  line.classList.add("busy-page");
  document.body.append(line);
}
