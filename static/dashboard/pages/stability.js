import { has, none, show } from "../cards.js";
import { timeChart } from "../charts.js";
import { el } from "../dom.js";
import { words } from "../format.js";
import { issueLine } from "../issues.js";
import { barList } from "../lists.js";
import { fillNumbers } from "../numbers.js";
import { platform } from "../platforms.js";
import * as state from "../state.js";
import { ask, column, dates, emptyOf } from "../stats.js";

export const keys = ["crashes", "crashed", "issues", "types", "by-version", "by-os"];
const TOP = 5;

export async function load(context) {
  const { answer, before, releases } = await ask(context, { include: ["stability"] });
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
  barList("by-version", stability.crashes_by_version ?? [], {
    head: ["Version", "Crashes"],
    bad: true,
    empty: empty("stability.crashes_by_version"),
    filter: "version",
  });
  barList("by-os", stability.crashes_by_os ?? [], {
    head: ["System", "Crashes"],
    name: platform,
    named: true,
    bad: true,
    empty: empty("stability.crashes_by_os"),
    filter: "platform",
  });
  topIssues(stability.top_issues ?? [], empty("stability.top_issues"));
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
