// Starts a page: loads its module, asks again every 30 seconds, when the address changes or on return.

import * as annotations from "./annotations.js";
import * as cards from "./cards.js";
import { repaint } from "./charts.js";
import { $ } from "./dom.js";
import * as frame from "./frame.js";
import * as shared from "./shared.js";
import * as state from "./state.js";

const REFRESH = 30_000;
const GIVEN_UP = 4 * REFRESH; // a load that takes longer is replaced
let running = null;
let loading = null; // why of the running load
let drawn = false; // whether the last load succeeded
let last = 0;
let pause = REFRESH; // until the next refresh: ten times as long as the last load took, if that is more
let waits = false; // for somebody: the last load was cancelled, or too much for the server

/** A page's module exports load({signal, why}): why is "start", "change", "refresh", "reload" (something
 *  was done here) or "draw", the last only after a load that succeeded. Its `keys` are the cards that show
 *  the error of a failed one. */
async function run(page, why) {
  running?.abort();
  const own = (running = new AbortController());
  last = Date.now();
  loading = why;
  busy(why === "change");
  let problem = null;
  try {
    await Promise.all([page.load({ signal: own.signal, why }), annotations.load(own.signal)]);
    // Notes that came after their charts.
    if (annotations.isStale() && !own.signal.aborted) await page.load({ signal: own.signal, why: "draw" });
  } catch (error) {
    problem = error;
  }
  if (own.signal.aborted) return;
  pause = Math.max(REFRESH, 10 * (Date.now() - last));
  waits = problem?.code === "cancelled" || problem?.code === "too_slow";
  if (problem?.code === "link_password") {
    await shared.askPassword(problem);
    run(page, why);
    return;
  }
  loading = null;
  busy(false);
  drawn = problem === null;
  // After a refresh that failed the page shows what it did, with its age; after a change that would be false.
  const isKept = why === "refresh";
  if (problem) problem = fail(page, problem, isKept);
  else document.body.dataset.ready = why;
  await frame.loaded(problem, isKept);
  if (problem && running === own) document.body.dataset.ready = "failed";
}

function fail(page, error, isKept = false) {
  if (error.status === undefined) console.error(error);
  const problem = error.status === undefined ? new Error("This page could not be shown.") : error;
  if (isKept) return problem;
  cards.fail(page.keys ?? [], problem, () => run(page, "change"));
  cards.failNumbers(problem);
  return problem;
}

/** Numbers of another period must not look like those of this one while these are on their way. */
function busy(isBusy) {
  document.body.toggleAttribute("data-loading", isBusy);
  $("#content").setAttribute("aria-busy", String(isBusy));
}

/** After a failed load as a change, so that its cards show that they load again; not while a load runs. */
function refresh(page) {
  if (page.asksItself && drawn && !loading) return;
  if (document.hidden || (waits && !loading) || Date.now() - last < (loading ? GIVEN_UP : pause)) return;
  run(page, drawn ? "refresh" : "change");
}

/** Draw the loaded numbers again, in other colours or as a table; a running load will draw them itself. */
async function draw(page) {
  if (!drawn || (loading && loading !== "refresh")) return;
  try {
    await page.load({ signal: running.signal, why: "draw" });
    document.body.dataset.ready = "draw";
  } catch (error) {
    fail(page, error);
  }
}

frame.install();
$("#annotations")?.addEventListener("click", async () => (await import("./annotation_dialog.js")).open());
setInterval(frame.status, 1000);
if (document.body.dataset.empty === "yes") {
  const waiting = await import("./waiting.js");
  await waiting.start();
  document.body.dataset.ready = "empty";
} else {
  const page = await import(`./pages/${state.page()}.js`);
  cards.install(() => draw(page));
  state.onChange(() => run(page, "change"));
  addEventListener("reload", () => run(page, "reload"));
  addEventListener("repaint", () => {
    repaint();
    draw(page);
  });
  setInterval(() => refresh(page), 1000);
  document.addEventListener("visibilitychange", () => refresh(page));
  await run(page, "start");
}
