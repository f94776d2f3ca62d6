import * as form from "../alert_form.js";
import { amount, moment, STATES, silence, stateOf, unitOf, watches } from "../alert_words.js";
import { get, send } from "../api.js";
import { body, fail, has, none, show } from "../cards.js";
import * as destinations from "../destinations.js";
import { confirm, install, pager, tool } from "../dialogs.js";
import { $, el } from "../dom.js";
import { ago, exactTime, missing } from "../format.js";
import * as reports from "../mail_reports.js";
import { grid } from "../sort.js";
import * as state from "../state.js";
import { toast } from "../toast.js";

export const keys = ["rules", "history", "server", "server-history", "destinations", "reports"];
const PAGE = 50; // entries of the log
const MOST_SUBJECTS = 5; // of an alert that many issues fire
const mayChange = document.body.dataset.role !== "viewer";
const SNOOZES = [
  ["For an hour", { minutes: 60 }],
  ["For a day", { minutes: 1440 }],
  ["Until it is over", { minutes: null }],
];
const context = { numbers: [], segments: [], destinations: [] };
const rules = { rules: [], server: [] }; // by card
const problems = new Map(); // card's key -> why its request failed
// By card. of: parameters that say whose log it is; rules: the card of its alerts.
const logs = {
  history: { of: () => ({ app: state.app() }), rules: "rules" },
  "server-history": { of: () => ({}), rules: "server" },
};
for (const log of Object.values(logs)) begin(log);

export async function load({ signal, why }) {
  if (why === "start") setUp();
  if (why !== "draw") await loadAll(signal, why);
  draw();
}

/** The log and the reports may fail by themselves; without the rest there is no page. */
async function loadAll(signal, why) {
  await Promise.all([
    loadContext(signal),
    loadRules(signal),
    ...Object.keys(logs)
      .filter(has)
      .map((key) => part(key, loadLog(logs[key], signal, why))),
    part("reports", reports.load(signal)),
  ]);
}

async function part(key, loading) {
  try {
    await loading;
    problems.delete(key);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    problems.set(key, error);
  }
}

function setUp() {
  install();
  form.install(reload);
  destinations.install(reload);
  reports.install(reload);
}

async function loadContext(signal) {
  const app = state.app();
  const [{ numbers }, { segments }] = await Promise.all([
    get("/numbers", { app }, signal),
    get("/segments", { app }, signal),
    destinations.load(signal),
  ]);
  Object.assign(context, { numbers, segments, destinations: destinations.all() });
}

async function loadRules(signal) {
  const [own, ofServer] = await Promise.all([
    get("/alerts", { app: state.app() }, signal),
    has("server") ? get("/alerts", {}, signal) : { alerts: [] },
  ]);
  Object.assign(rules, { rules: own.alerts, server: ofServer.alerts });
}

function begin(log) {
  Object.assign(log, { entries: [], cursor: null, pages: 0 });
}

/** A refresh leaves pages that somebody has asked for. */
async function loadLog(log, signal, why) {
  if (why === "refresh" && log.pages > 1) return;
  const answer = await get("/alerts/log", { ...log.of(), limit: PAGE }, signal);
  Object.assign(log, { entries: answer.log, cursor: answer.next_cursor, pages: 1 });
}

async function nextPage(log) {
  const answer = await get("/alerts/log", { ...log.of(), limit: PAGE, cursor: log.cursor });
  Object.assign(log, {
    entries: [...log.entries, ...answer.log],
    cursor: answer.next_cursor,
    pages: log.pages + 1,
  });
}

async function reload() {
  await loadAll(undefined, "reload");
  draw();
}

function draw() {
  for (const key of ["rules", "server"]) if (has(key)) drawRules(key);
  destinations.draw();
  for (const key of Object.keys(logs)) if (has(key)) drawLog(key);
  reports.draw(context.destinations);
  for (const [key, problem] of problems) fail([key], problem, reload);
}

function drawRules(key) {
  if ($("details[open]", body(key))) return; // a menu that somebody has just opened
  const isServer = key === "server";
  const list = rules[key].length
    ? el(
        "ul",
        { class: "rules" },
        rules[key].map((rule) => line(rule)),
      )
    : none(
        mayChange && !isServer
          ? "None yet. A new one begins with the usual: crash-free people, no events, a new issue."
          : "None yet.",
      );
  const more = mayChange && pager("New alert", `new-${key}`, () => form.edit(null, isServer, context));
  show(key, [list, more].filter(Boolean));
}

function line(rule) {
  const name = stateOf(rule);
  const { text, tone } = STATES[name];
  const quiet = rule.is_on && silence(rule);
  const told = context.destinations.filter((each) => rule.destinations.includes(each.id)).map((each) => each.name);
  return el(
    "li",
    { class: "rule", dataset: { rule: rule.id, state: name } },
    el(
      "div",
      { class: "rule-main" },
      el(
        "p",
        { class: "rule-head" },
        el("span", { class: `tag ${tone}` }, text),
        el("b", {}, rule.name),
        quiet && el("span", { class: "tag accent" }, `Silent ${quiet}`),
      ),
      el("p", { class: "muted" }, watches(rule, context)),
      rule.is_on && subjects(rule, name),
      el("p", { class: "muted small" }, told.length > 0 ? `Tells ${told.join(", ")}` : "Tells nobody"),
      rule.last_error && el("p", { class: "bad" }, `Could not be looked at: ${rule.last_error}`),
    ),
    mayChange && el("div", { class: "rule-tools" }, tools(rule, quiet)),
  );
}

/** What it sees: of each subject that is not well its sentence and since when; else its value. */
function subjects(rule, name) {
  const unit = unitOf(rule, context.numbers);
  if (name === "ok") {
    const own = rule.states.find((each) => each.subject === "" && !missing(each.value));
    return own && el("p", { class: "small" }, besides(own, unit));
  }
  const unwell = rule.states.filter((each) => each.state === name);
  const shown = unwell
    .slice(0, MOST_SUBJECTS)
    .map((each) =>
      el(
        "li",
        {},
        safeLink(each.link, each.text || each.subject || rule.name),
        el(
          "span",
          { class: "muted small", title: exactTime(each.since) },
          `Since ${moment(each.since)}, ${ago(each.since)}`,
        ),
      ),
    );
  const rest = unwell.length - shown.length;
  return el(
    "ul",
    { class: "subjects" },
    shown,
    rest > 0 && el("li", { class: "muted" }, `And ${rest === 45 ? "more" : `${rest} more`}`),
  );
}

/** A path of this dashboard; of anything else only the text. */
const safeLink = (path, text) => (/^\/dashboard(?=[/?]|$)/.test(path) ? el("a", { href: path }, text) : text);

const besides = ({ value, normal }, unit) =>
  `${amount(value, unit)}${missing(normal) ? "" : `, usually ${amount(normal, unit)}`}`;

function tools(rule, quiet) {
  return [
    el(
      "button",
      {
        type: "button",
        class: "plain",
        dataset: { key: `switch-${rule.id}` },
        "aria-label": `Turn ${rule.name} ${rule.is_on ? "off" : "on"}`,
        onclick: (event) =>
          act(
            event,
            () => send("PATCH", `/alerts/${rule.id}`, { is_on: !rule.is_on }),
            `${rule.name} is ${rule.is_on ? "off" : "on"}`,
          ),
      },
      rule.is_on ? "Turn off" : "Turn on",
    ),
    rule.is_on && snoozeMenu(rule, quiet),
    tool(`Change ${rule.name}`, "Change", `change-${rule.id}`, () => form.edit(rule, rule.app === null, context)),
    tool(`Delete ${rule.name}`, "Delete", `delete-${rule.id}`, () =>
      confirm(`Delete ${rule.name}?`, "What happened stays in the log.", "Delete", async () => {
        await send("DELETE", `/alerts/${rule.id}`);
        await reload();
      }),
    ),
  ];
}

function snoozeMenu(rule, quiet) {
  const item = (text, snooze, done) =>
    el(
      "button",
      {
        type: "button",
        class: "menu-item",
        onclick: (event) => {
          event.currentTarget.closest("details").open = false;
          act(event, () => send("POST", `/alerts/${rule.id}/snooze`, snooze), `${rule.name} ${done}`);
        },
      },
      text,
    );
  return el(
    "details",
    { class: "menu snooze" },
    el("summary", { "aria-label": `Silence ${rule.name}`, dataset: { key: `snooze-${rule.id}` } }, "Silence"),
    el(
      "div",
      { class: "menu-list" },
      SNOOZES.map(([text, snooze]) => item(text, snooze, `is silent ${text.toLowerCase()}`)),
      quiet && item("No longer", { minutes: 0 }, "speaks again"),
    ),
  );
}

/** Something small, done at once; what went wrong is said in a toast. */
async function act(event, action, done) {
  const button = event.currentTarget;
  button.disabled = true;
  try {
    await action();
    toast(done);
    await reload();
  } catch (error) {
    toast(error.message, { bad: true });
  }
  button.disabled = false;
}

function drawLog(key) {
  const log = logs[key];
  const unit = (entry) => {
    const rule = rules[log.rules].find((each) => each.id === entry.rule_id);
    return rule ? unitOf(rule, context.numbers) : "count";
  };
  const columns = [
    { name: "Time", cell: (entry) => el("span", { title: exactTime(entry.at) }, moment(entry.at)) },
    {
      name: "State",
      cell: ({ state: name }) => el("span", { class: `tag ${STATES[name]?.tone ?? ""}` }, STATES[name]?.text ?? name),
    },
    { name: "Alert", class: "said", cell: (entry) => entry.rule ?? el("span", { class: "muted" }, "Deleted") },
    {
      name: "What",
      grow: true,
      class: "said",
      cell: (entry) => entry.text || (missing(entry.value) ? null : besides(entry, unit(entry))),
    },
  ];
  const caption = $(`#head-${key}`).textContent;
  const table = log.entries.length
    ? grid(key, { columns, rows: log.entries, caption, tall: true })
    : none("Nothing yet.");
  const more =
    log.cursor &&
    el(
      "p",
      { class: "pager" },
      el("span", {}),
      el(
        "button",
        { type: "button", class: "btn", dataset: { key: "more" }, onclick: (event) => next(key, event.currentTarget) },
        "More",
      ),
    );
  show(key, [table, more].filter(Boolean), {
    columns: ["Time", "Alert", "Subject", "State", "Value", "Usually", "What"],
    rows: log.entries.map((entry) => [
      entry.at,
      entry.rule,
      entry.subject,
      entry.state,
      entry.value,
      entry.normal,
      entry.text,
    ]),
  });
}

async function next(key, button) {
  button.disabled = true;
  try {
    await nextPage(logs[key]);
  } catch (error) {
    fail([key], error, () => drawLog(key));
    return;
  }
  drawLog(key);
}
