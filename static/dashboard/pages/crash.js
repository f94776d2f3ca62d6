import { get } from "../api.js";
import { showBefore } from "../before.js";
import { none, show } from "../cards.js";
import { contextFacts, dumpFacts, feedbackOf } from "../context.js";
import { $, copy, el } from "../dom.js";
import { ago, exactTime, words } from "../format.js";
import { stackCard, stackData } from "../frames.js";
import { issueLink } from "../issues.js";
import { shortId } from "../people.js";
import { shownPlatform } from "../platforms.js";
import { textOf } from "../stack_text.js";
import * as state from "../state.js";

export const keys = ["what", "stack", "context", "before"];
const BEFORE = 50;
let isRaw = false;

export async function load(context) {
  if (context.why === "refresh" || context.why === "draw") return;
  const [id, user, at] = ["id", "user", "at"].map(state.get);
  const answer = await read(id, { app: state.app(), user_id: user, timestamp: at }, context.signal);
  if (!answer) {
    for (const key of keys) show(key, none("This crash is no longer stored."));
    return;
  }
  draw(answer.crash);
  showIssue(answer.issue);
  await showBefore(answer.crash, BEFORE, context.signal);
}

/** null: it is gone. */
async function read(id, params, signal) {
  try {
    return await get(`/crashes/${encodeURIComponent(id ?? "")}`, params, signal);
  } catch (error) {
    if (error.code === "unknown_crash") return null;
    throw error;
  }
}

/** Of a crash that is not counted yet there is none. */
function showIssue(issue) {
  $("#issue-of").replaceChildren(
    ...(issue ? ["One of ", el("a", { href: issueLink(issue.id) }, issue.id), `, ${issue.title}`] : []),
  );
}

function draw(crash) {
  $("h1").textContent = crash.error_message.split("\n")[0] || words(crash.crash_type);
  document.title = `${$("h1").textContent} · Stories Analytics`;
  const facts = [
    ["Type", words(crash.crash_type)],
    ["When", el("time", { datetime: crash.timestamp, title: ago(crash.timestamp) }, exactTime(crash.timestamp))],
    ["Version", crash.app_version || null],
    ["System", crash.os_version ? shownPlatform(crash.os_version) : null],
    ["Person", shortId(crash.user_id)],
    ["Session", crash.session_id],
    ["Crash", el("span", { class: "mono" }, crash.crash_id)],
    ["Message", crash.error_message],
    ...(crash.feedback.length ? [["Feedback", feedbackOf(crash)]] : []),
  ];
  show(
    "what",
    el(
      "dl",
      { class: "facts" },
      facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value ?? "\u2014"))),
    ),
    {
      columns: ["Field", "Value"],
      rows: Object.entries(crash).filter(([name]) => !["chain", "frames"].includes(name)),
    },
  );
  stack(crash);
  const entries = [...dumpFacts(crash), ...contextFacts(crash)];
  show(
    "context",
    entries.length
      ? el(
          "dl",
          { class: "facts" },
          entries.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
        )
      : none("No context was sent."),
    { columns: ["Name", "Value"], rows: Object.entries(crash.context ?? {}) },
  );
}

function stack(crash) {
  const nodes = stackCard(crash, isRaw, (raw) => {
    isRaw = raw;
    stack(crash);
    $(`[data-key="stack-${raw ? "raw" : "frames"}"]`)?.focus();
  });
  const text = () => (crash.stack_trace && (isRaw || !crash.mapped) ? crash.stack_trace : textOf(crash));
  const button = el(
    "button",
    { type: "button", class: "btn", onclick: (event) => copy(text(), event.currentTarget) },
    "Copy",
  );
  const body = nodes ? [...nodes, el("p", { class: "under" }, button)] : none("No stack trace was sent.");
  show("stack", body, stackData(crash));
}
