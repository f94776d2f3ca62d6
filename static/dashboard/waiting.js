// The page of an app that nothing has come from: what to send, and the dashboard once the first has arrived.

import { get } from "./api.js";
import * as appSetup from "./app_setup.js";
import { $, el, replace } from "./dom.js";
import * as state from "./state.js";

const FIRST_PAUSE = 3_000;
const LONGEST_PAUSE = 30_000;
const GROWTH = 1.05; // 20 minutes after the first look they are 30 seconds apart
const LOOKS_FOR = 2 * 60 * 60_000; // then somebody has to ask
const ANSWERS_IN = 10_000;
let pause = FIRST_PAUSE;
let until = 0;
let next = null;

export async function start() {
  lookAgain();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) lookAgain();
  });
  if (state.isShared()) return;
  const box = $("#setup");
  try {
    const { apps } = await get("/apps");
    appSetup.load(apps);
    replace(box, appSetup.lines());
  } catch (error) {
    replace(box, el("p", { class: "bad", role: "alert" }, error.message));
  }
}

/** As often as at the beginning: somebody came, or came back. */
function lookAgain() {
  pause = FIRST_PAUSE;
  until = Date.now() + LOOKS_FOR;
  $("#status").textContent = "Waiting for the first event";
  clearTimeout(next);
  next = setTimeout(look, pause);
}

/** Not while the page is hidden: it looks when it is seen again. */
async function look() {
  if (document.hidden) return;
  const { has_data: arrived } = await get(
    "/dashboard/api/state",
    { app: state.app() },
    AbortSignal.timeout(ANSWERS_IN),
  ).catch(() => ({}));
  if (arrived) {
    location.reload();
    return;
  }
  if (Date.now() > until) {
    const button = el("button", { type: "button", class: "plain", onclick: lookAgain }, "Look again");
    replace($("#status"), "Nothing came for two hours. ", button);
    return;
  }
  pause = Math.min(pause * GROWTH, LONGEST_PAUSE);
  clearTimeout(next); // a look that took long may meet another that was asked for
  next = setTimeout(look, pause);
}
