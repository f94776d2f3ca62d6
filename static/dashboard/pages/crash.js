import { get } from "../api.js";
import { showBefore } from "../before.js";
import { none, show } from "../cards.js";
import { contextFacts } from "../context.js";
import { $, copy, el } from "../dom.js";
import { ago, exactTime, words } from "../format.js";
import { issueLink } from "../issues.js";
import { shortId } from "../people.js";
import { shownPlatform } from "../platforms.js";
import { stackOf } from "../stack.js";
import * as state from "../state.js";

export const keys = ["what", "stack", "context", "before"];
const BEFORE = 50;

export async function load(context) {
  if (context.why === "refresh" || context.why === "draw") return;
  const [id, user, at] = ["id", "user", "at"].map(state.get);
  const end = new Date(Date.parse(at) + 1).toISOString();
  const answer = await get(
    "/crashes",
    { app: state.app(), user_id: user, start_date: at, end_date: end, limit: 20 },
    context.signal,
  );
  const crash = answer.crashes.find((row) => row.crash_id === id) ?? null;
  if (!crash) {
    for (const key of keys) show(key, none("This crash is no longer stored."));
    return;
  }
  draw(crash);
  const key = { user_id: user, timestamp: at, crash_id: id };
  showIssue((await get("/dashboard/api/issue", { app: state.app(), ...key }, context.signal)).issue);
  await showBefore(crash, BEFORE, context.signal);
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
      rows: Object.entries(crash).map(([name, value]) => [name, value]),
    },
  );
  const stack = crash.stack_trace;
  show(
    "stack",
    stack
      ? [
          stackOf(stack),
          el(
            "p",
            { class: "under" },
            el(
              "button",
              { type: "button", class: "btn", onclick: (event) => copy(stack, event.currentTarget) },
              "Copy",
            ),
          ),
        ]
      : none("No stack trace was sent."),
    { columns: ["Line"], rows: (stack ?? "").split("\n").map((line) => [line]) },
  );
  const entries = contextFacts(crash);
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
