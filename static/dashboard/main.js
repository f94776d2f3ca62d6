// Starts a page: loads its module, asks again every 30 seconds, when the address changes or on return.

import { $ } from "./dom.js";
import * as frame from "./frame.js";
import * as cards from "./cards.js";
import * as state from "./state.js";
import { repaint } from "./charts.js";
import { get } from "./api.js";

const REFRESH = 30_000;
const EMPTY_REFRESH = 3_000;
let running = null;
let last = 0;

/** A page's module exports load({signal, why}): why is "start", "change", "refresh" or "draw". Its
 *  `keys` are the cards that say so when it fails. */
async function run(page, why) {
  running?.abort();
  const own = running = new AbortController();
  last = Date.now();
  try {
    await page.load({ signal: own.signal, why });
    if (own.signal.aborted) return;
    document.body.dataset.ready = why;
    if (why !== "draw") await frame.loaded(null);
  } catch (error) {
    if (error.name === "AbortError" || own.signal.aborted) return;
    if (error.status === undefined) console.error(error);
    const problem = error.status === undefined ? new Error("This page could not be drawn.") : error;
    cards.fail(page.keys ?? [], problem, () => run(page, "change"));
    await frame.loaded(problem);
    document.body.dataset.ready = "failed";
  }
}

async function waitForFirst() {
  const { has_data: arrived } = await get("/dashboard/api/state", { app: state.app() }).catch(() => ({}));
  if (arrived) location.reload();
}

frame.install();
setInterval(frame.status, 1000);
if (document.body.dataset.empty === "yes" && state.page() !== "settings") {
  $("#status").textContent = "Waiting for the first event";
  document.body.dataset.ready = "empty";
  setInterval(waitForFirst, EMPTY_REFRESH);
} else {
  const page = await import(`./pages/${state.page()}.js`);
  cards.install(() => run(page, "draw"));
  state.onChange(() => run(page, "change"));
  addEventListener("repaint", () => { repaint(); run(page, "draw"); });
  setInterval(() => { if (!document.hidden && Date.now() - last >= REFRESH) run(page, "refresh"); }, 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - last >= REFRESH) run(page, "refresh");
  });
  await run(page, "start");
}
