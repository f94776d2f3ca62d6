import { has, none, show } from "../cards.js";
import { timeChart } from "../charts.js";
import { $, el } from "../dom.js";
import { count, percent, words } from "../format.js";
import { issueLine } from "../issues.js";
import { barList } from "../lists.js";
import { fillNumbers } from "../numbers.js";
import { platform } from "../platforms.js";
import * as state from "../state.js";
import { ask, column, dates, emptyOf } from "../stats.js";

export const keys = [
  "crashes",
  "crashed",
  "issues",
  "types",
  "by-version",
  "by-os",
  "session-days",
  "session-versions",
];
const TOP = 5;

export async function load(context) {
  const { answer, before, page, releases } = await ask(context, { include: ["stability"], page: "stability" });
  fillNumbers(answer, before);
  const days = dates(answer);
  const empty = (path) => emptyOf(answer, path, "No crashes in this period.");
  const stability = answer.stability ?? {};
  const perName = `crashes_per_${state.group()}`;
  const per = stability[perName] ?? [];
  timeChart(
    "crashes",
    per.map((row) => row.date),
    [{ label: "Crashes", values: per.map((row) => row.crashes), before: column(before, "crashes"), colour: "bad" }],
    { type: "bar", releases, empty: empty(`stability.${perName}`) },
  );
  timeChart(
    "crashed",
    days,
    [{ label: "People", values: column(answer, "crashed_users"), before: column(before, "crashed_users") }],
    { type: "bar", empty: empty("daily_stats.crashed_users") },
  );
  barList("types", stability.top_crash_types ?? [], {
    head: ["Type", "Crashes"],
    name: words,
    bad: true,
    empty: empty("stability.top_crash_types"),
    href: (row) => state.link({ crash_type: row.key }, "/dashboard/crashes"),
  });
  byVersion(page.versions, empty("stability.crashes_by_version"));
  barList("by-os", stability.crashes_by_os ?? [], {
    head: ["System", "Crashes"],
    name: platform,
    named: true,
    bad: true,
    empty: empty("stability.crashes_by_os"),
    filter: "platform",
  });
  topIssues(stability.top_issues ?? [], empty("stability.top_issues"));
  sessions(stability, releases);
}

/** Crashes by version would rank the version that most people use first: the share of its people is what matters. */
function byVersion(versions, text) {
  const rows = (versions ?? []).map((row) => ({ ...row, key: row.version, count: row.rate, percentage: row.rate }));
  barList("by-version", rows, {
    head: ["Version", "People with a crash"],
    cells: [
      ["Version", (row) => row.version],
      ["People with a crash", (row) => row.crashed],
      ["People", (row) => row.people],
      ["Percent", (row) => row.rate],
    ],
    bad: true,
    empty: versions ? "No version in this period." : text,
    filter: "version",
    value: (_, row) => `${count(row.crashed)} of ${count(row.people)}`,
  });
}

/** Of an app whose SDK counts sessions. */
function sessions(stability, releases) {
  const areSent = (stability.sessions ?? null) !== null;
  for (const part of ["#session-numbers", "#session-charts"]) $(part).hidden = !areSent;
  if (!areSent) return;
  const per = stability[`sessions_per_${state.group()}`] ?? [];
  timeChart(
    "session-days",
    per.map((row) => row.date),
    [{ label: "Crash-free sessions", values: per.map((row) => row.crash_free_sessions) }],
    { releases, format: percent, empty: "No session of its SDK in this period." },
  );
  barList(
    "session-versions",
    (stability.sessions_by_version ?? []).map((row) => ({
      ...row,
      count: row.crash_free_sessions,
      percentage: row.crash_free_sessions,
    })),
    {
      head: ["Version", "Crash-free sessions"],
      cells: [
        ["Version", (row) => row.key],
        ["Sessions", (row) => row.sessions],
        ["With an error", (row) => row.errored_sessions],
        ["Crash-free, percent", (row) => row.crash_free_sessions],
      ],
      empty: "No session of its SDK in this period.",
      filter: "version",
      value: (_, row) => `${percent(row.crash_free_sessions)} of ${count(row.sessions)}`,
    },
  );
}

/** Not on a shared page: titles of issues are texts of crashes. */
function topIssues(issues, text) {
  if (!has("issues")) return;
  const all = state.link({ "sort.list": "-crashes" }, "/dashboard/issues");
  show(
    "issues",
    issues.length > 0
      ? [
          el("ul", { class: "issue-lines" }, issues.slice(0, TOP).map(issueLine)),
          el("p", { class: "under" }, el("a", { href: all }, "All issues")),
        ]
      : none(text),
    {
      columns: ["Issue", "Title", "Culprit", "State", "Crashes"],
      rows: issues.map((issue) => [issue.id, issue.title, issue.culprit, issue.state, issue.crashes]),
    },
  );
}
