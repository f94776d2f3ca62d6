import { get } from "../api.js";
import { showBefore } from "../before.js";
import * as busy from "../busy.js";
import { none, show } from "../cards.js";
import { timeChart } from "../charts.js";
import { contextFacts, dumpFacts, feedbackOf } from "../context.js";
import { onSave, open } from "../dialogs.js";
import { $, $$, announce, copy, el } from "../dom.js";
import { count, country, exactTime, percent, shift, words } from "../format.js";
import { stackCard, stackData } from "../frames.js";
import * as actions from "../issue_actions.js";
import { markdown } from "../issue_markdown.js";
import { badges, entryWords, issueLink, mayChange, moment, plural, resolvesLater, sentence } from "../issues.js";
import * as shortcuts from "../keys.js";
import { barList } from "../lists.js";
import { crashLink, shortId } from "../people.js";
import { platform, shownPlatform } from "../platforms.js";
import { releaseLink } from "../releases.js";
import * as state from "../state.js";
import { takeBack } from "../toast.js";

export const keys = ["days", "crash", "stack", "before", "why", "versions", "systems", "countries", "log"];
const BEFORE = 12;
const SERIES = 5; // versions of the chart; the rest are one more
let issue = null;
let releases = []; // of the chart
let crash = null; // the one that is shown
let isRaw = false;
let walk = null; // {of, order, kept, rows, cursor, at}: through the stored crashes

tools();

export async function load(context) {
  const { signal, why } = context;
  if (why !== "draw") {
    const id = state.get("id") ?? "";
    const asking = state.isNarrowed() ? busy.ask : get;
    const params = { ...state.span(), ...state.filter() };
    const { issue: answered } = await asking(`/issues/${encodeURIComponent(id)}`, params, signal, { keys: ["days"] });
    const span = { app: state.app(), from: answered.from, to: answered.to };
    releases = (await get("/dashboard/api/releases", span, signal)).releases;
    issue = answered;
  }
  draw();
  if (walk?.of !== walked()) await begin("newest", signal);
  else if (why === "draw") showCrash();
}

function draw() {
  $("h1").textContent = issue.title;
  document.title = `${issue.id} ${issue.title} · Stories Analytics`;
  $("#culprit").replaceChildren(
    el("span", {}, issue.id),
    ` · `,
    el("span", { class: "mono" }, issue.culprit || words(issue.crash_type)),
  );
  $("#state").replaceChildren(badges(issue), el("span", {}, sentence(issue)));
  figures();
  chart();
  breakdowns();
  groups();
  note();
  log();
  for (const menu of $$("#actions .menu")) menu.hidden = issue.state === "resolved";
  const seen = $("#actions [data-act=seen]");
  if (!seen) return;
  seen.hidden = issue.state !== "open" || issue.because === "seen";
  $("#actions [data-act=reopen]").hidden = issue.state === "open";
}

const figure = (name, value, under) =>
  el("div", {}, el("dt", {}, name), el("dd", {}, value, under && el("span", { class: "muted" }, under)));

function figures() {
  const share = issue.people_share === null ? null : `${percent(issue.people_share)} of active people`;
  const noun = issue.handled ? "Errors" : "Crashes";
  $("#figures").replaceChildren(
    figure(
      noun,
      count(issue.crashes),
      state.isNarrowed() ? "that match" : `${count(issue.kept)} of ${count(issue.crashes)} kept, all counted`,
    ),
    figure("People", count(issue.people), share),
    figure("First seen", moment(issue.first_seen), issue.first_version && `in ${issue.first_version}`),
    figure("Last seen", moment(issue.last_seen), issue.last_version && `in ${issue.last_version}`),
  );
}

/** Every day of the period, also those without a crash. */
function chart() {
  const byDate = new Map(issue.days.map((row) => [row.date, row]));
  const dates = [];
  for (let date = issue.from; date <= issue.to; date = shift(date, 1)) dates.push(date);
  const named = issue.versions.map((row) => row.value).filter((value) => value !== "other");
  const shown = named.slice(0, SERIES);
  const of = (row, version) => row?.versions?.[version] ?? 0;
  const series = shown.map((version) => ({
    label: version || "No version",
    values: dates.map((date) => of(byDate.get(date), version)),
  }));
  const rest = dates.map((date) => {
    const row = byDate.get(date);
    return (row?.crashes ?? 0) - shown.reduce((sum, version) => sum + of(row, version), 0);
  });
  if (rest.some((value) => value > 0))
    series.push({ label: series.length > 0 ? "Others" : "Crashes", values: rest.map((value) => Math.max(0, value)) });
  timeChart("days", dates, series, {
    type: "bar",
    stacked: true,
    daily: true,
    releases,
    empty: "No crashes in this period.",
  });
}

function breakdowns() {
  const shares = (rows, field) => {
    const whole = rows.reduce((sum, row) => sum + row[field], 0);
    return rows.map((row) => ({ key: row.value, count: row[field], percentage: (100 * row[field]) / whole }));
  };
  barList("versions", shares(issue.versions, "crashes"), {
    head: ["Version", "Crashes"],
    name: (value) => value || "No version",
    empty: "No crashes in this period.",
    href: (row) => (row.key && row.key !== "other" ? releaseLink(row.key) : null),
  });
  barList("systems", shares(issue.systems, "crashes"), {
    head: ["System", "Crashes"],
    name: (value) => (value ? platform(value) : "No system"),
    named: true,
    empty: "No crashes in this period.",
  });
  barList("countries", shares(issue.countries, "people"), {
    head: ["Country", "People"],
    name: (value) => (value ? country(value) : "Unknown"),
    empty: "No country is known of its people.",
  });
}

// Groups

function groups() {
  const box = $("#groups-card");
  box.hidden = issue.groups.length < 2 && issue.merged.length === 0;
  if (box.hidden) return;
  show("groups", [
    el(
      "ul",
      { class: "groups" },
      issue.groups.map((group) =>
        el(
          "li",
          {},
          el("span", { class: "issue-title" }, group.title),
          el("span", { class: "issue-culprit mono" }, group.culprit),
          el(
            "span",
            { class: "muted small" },
            `${plural(group.crashes, "crash", "crashes")} · ${plural(group.people, "person", "people")} · `,
            moment(group.last_seen),
          ),
          mayChange() &&
            issue.groups.length > 1 &&
            el(
              "button",
              {
                type: "button",
                class: "plain",
                dataset: { key: `unmerge-${group.fingerprint}` },
                "aria-label": `Unmerge ${group.title}`,
                onclick: () => actions.unmerge(issue.id, [group.fingerprint]),
              },
              "Unmerge",
            ),
        ),
      ),
    ),
    issue.merged.length > 0 && el("p", { class: "muted small under" }, `Merged from ${issue.merged.join(", ")}.`),
  ]);
}

/** "function main/export.js:drain": what counted, and its value. */
function reason(part) {
  const [what, ...value] = part.split(" ");
  return [el("span", { class: "muted" }, `${what} `), value.join(" ")];
}

function why() {
  const group = issue.groups.find((each) => each.fingerprint === crash?.fingerprint) ?? issue.groups[0];
  const parts = group?.why ?? [];
  show(
    "why",
    parts.length > 0
      ? el(
          "ul",
          { class: "why mono" },
          parts.map((part) => el("li", {}, reason(part))),
        )
      : none("The reason was not stored."),
    { columns: ["Grouped because"], rows: parts.map((part) => [part]) },
  );
}

// Note and log

function note() {
  const field = $("#note-form")?.elements.note;
  if (!field) $("#note").textContent = issue.note || "No note.";
  else if (document.activeElement !== field && field.dataset.changed !== "yes") field.value = issue.note;
}

/** What the fold does happens by itself. */
const who = (entry) => (entry.who === "fold" || !entry.who ? "" : `${entry.who} · `);

function log() {
  const entries = issue.log;
  const undoable = entries.find((entry) => entry.undoable);
  show(
    "log",
    el(
      "ol",
      { class: "issue-log" },
      entries.map((entry) =>
        el(
          "li",
          { class: entry.undone ? "undone" : null },
          el("span", {}, entryWords(entry)),
          el("span", { class: "muted small" }, who(entry), moment(entry.at)),
          mayChange() &&
            entry === undoable &&
            el(
              "button",
              {
                type: "button",
                class: "plain",
                dataset: { key: "undo" },
                "aria-label": `Undo: ${entryWords(entry)}`,
                onclick: () => actions.undo([issue.id]),
              },
              "Undo",
            ),
        ),
      ),
    ),
    { columns: ["Time", "Who", "What"], rows: entries.map((entry) => [entry.at, entry.who, entryWords(entry)]) },
  );
}

// The stored crashes, one at a time

/** What is walked through: the matching crashes of the issue. */
const walked = () => JSON.stringify([issue.id, state.filter()]);

async function begin(order, signal) {
  walk = { order, kept: true, rows: [], cursor: null, at: -1 };
  await go(1, signal);
  if (!crash) {
    walk.kept = null; // none came with a stack or a context
    await go(1, signal);
  }
  walk.of = walked(); // a load that failed on the way begins again
}

/** by: 1 is on in the walk's order, -1 back. */
async function go(by, signal) {
  const next = walk.at + by;
  if (next >= walk.rows.length && (walk.rows.length === 0 || walk.cursor)) {
    const path = `/issues/${encodeURIComponent(issue.id)}/crashes`;
    const params = { order: walk.order, kept: walk.kept, limit: 1, cursor: walk.cursor, ...state.filter() };
    const answer = await get(path, params, signal);
    walk.rows.push(...answer.crashes);
    walk.cursor = answer.next_cursor;
  }
  walk.at = Math.max(0, Math.min(next, walk.rows.length - 1));
  crash = walk.rows[walk.at] ?? null;
  showCrash();
  if (crash) await showBefore(crash, BEFORE, signal);
  else show("before", none(noCrash()));
}

let stepping = Promise.resolve(); // who clicks fast takes one step after the other

const steps = {
  first: () => begin("oldest"),
  last: () => begin("newest"),
  previous: () => go(walk.order === "newest" ? 1 : -1),
  next: () => go(walk.order === "newest" ? -1 : 1),
};

const noCrash = () =>
  state.isNarrowed()
    ? "None of its stored crashes matches these conditions."
    : "None of its crashes is stored any more.";

function showCrash() {
  why();
  const ends = walk.at + 1 >= walk.rows.length && !walk.cursor;
  const isFirst = walk.order === "oldest" ? walk.at <= 0 : ends;
  const isLast = walk.order === "newest" ? walk.at <= 0 : ends;
  for (const button of $$("[data-step]"))
    button.disabled = !crash || (["first", "previous"].includes(button.dataset.step) ? isFirst : isLast);
  if (!crash) {
    $("#stack-switch").replaceChildren();
    $("#stack-of").textContent = "";
    for (const key of ["crash", "stack"]) show(key, none(noCrash()));
    return;
  }
  const facts = [
    ["When", el("time", { datetime: crash.timestamp }, exactTime(crash.timestamp))],
    ["Version", crash.app_version || null],
    ["System", crash.os_version ? shownPlatform(crash.os_version) : null],
    ["Person", shortId(crash.user_id)],
    ["Message", crash.error_message],
    ...(crash.feedback?.length ? [["Feedback", feedbackOf(crash)]] : []),
    ...dumpFacts(crash),
    ...contextFacts(crash),
  ];
  show(
    "crash",
    [
      el(
        "dl",
        { class: "facts" },
        facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value ?? "\u2014"))),
      ),
      !crash.handled && el("p", { class: "under" }, el("a", { href: crashLink(crash) }, "This crash alone")),
    ].filter(Boolean),
    {
      columns: ["Field", "Value"],
      rows: Object.entries(crash).filter(([name]) => !["chain", "frames"].includes(name)),
    },
  );
  const stack = stackCard(crash, isRaw, (raw) => {
    isRaw = raw;
    showCrash();
    $(`[data-key="stack-${raw ? "raw" : "frames"}"]`)?.focus();
  });
  $("#stack-of").textContent = [
    exactTime(crash.timestamp),
    crash.app_version,
    crash.os_version && platform(crash.os_version),
  ]
    .filter(Boolean)
    .join(" · ");
  show("stack", stack ?? none("No stack trace was sent."), stackData(crash));
}

// What can be done

function ids() {
  return issue ? [issue.id] : [];
}

function tools() {
  $("#copy-markdown").addEventListener("click", (event) => {
    if (issue) copy(markdown(issue, crash, location.origin + issueLink(issue.id)), event.currentTarget);
  });
  for (const button of $$("[data-step]"))
    button.addEventListener("click", () => {
      stepping = stepping.then(steps[button.dataset.step]).catch((error) => show("stack", none(error.message)));
    });
  const act = (action) => () => issue && action(ids());
  const changes = [
    { key: "e", name: `Resolve${resolvesLater() ? " in the next release" : ""}`, run: act(actions.resolve) },
    { key: "m", name: "Mute for ever", run: act(actions.mute) },
    { key: "g", name: "Merge with others", run: act(askMerge) },
    { key: "u", name: "Undo the last change", run: undoLast },
  ];
  shortcuts.install([
    { key: "j", name: "Crash before this one", run: () => $("[data-step=previous]").click() },
    { key: "k", name: "Crash after this one", run: () => $("[data-step=next]").click() },
    ...(mayChange() ? changes : []),
  ]);
  if (!mayChange()) return;
  actions.install(ids);
  $("#merge").addEventListener("click", askMerge);
  onSave("merge-dialog", (form) => actions.merge(issue.id, form.elements.issues.value.split(/[\s,]+/).filter(Boolean)));
  const form = $("#note-form");
  form.addEventListener("input", () => {
    form.elements.note.dataset.changed = "yes";
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await actions.writeNote(issue.id, form.elements.note.value);
      delete form.elements.note.dataset.changed;
      $("#note-problem").textContent = "";
    } catch (error) {
      $("#note-problem").textContent = error.message;
    }
  });
}

function undoLast() {
  if (takeBack()) return;
  if (issue?.log.some((entry) => entry.undoable)) actions.undo(ids());
  else announce("There is nothing to undo");
}

/** Suggests the issues that were seen last. */
async function askMerge() {
  open("merge-dialog", `Merge others into ${issue.id}`);
  const { issues } = await get("/issues", { app: state.app(), limit: 100 }).catch(() => ({ issues: [] }));
  $("#other-issues").replaceChildren(
    ...issues
      .filter((other) => other.id !== issue.id)
      .map((other) => el("option", { value: other.id }, `${other.title}, ${other.culprit}`)),
  );
}
