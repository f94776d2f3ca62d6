import { timeChart } from "../charts.js";
import { platform, words } from "../format.js";
import { barList } from "../lists.js";
import { fillNumbers } from "../numbers.js";
import * as state from "../state.js";
import { ask, column, dates } from "../stats.js";

export const keys = ["crashes", "crashed", "types", "by-version", "by-os"];

export async function load(context) {
  const { answer, before, releases } = await ask(context, { include: ["stability"] });
  fillNumbers(answer, before);
  const days = dates(answer);
  const empty = "No crash in this period.";
  const stability = answer.stability ?? {};
  const per = stability[`crashes_per_${state.group()}`] ?? [];
  timeChart("crashes", per.map((row) => row.date), [{ label: "Crashes", values: per.map((row) => row.crashes), before: column(before, "crashes"), colour: "bad" }], { type: "bar", releases, empty });
  timeChart("crashed", days, [{ label: "People", values: column(answer, "crashed_users"), before: column(before, "crashed_users") }], { type: "bar", empty });
  barList("types", stability.top_crash_types ?? [], { head: ["Type", "Crashes"], name: words, bad: true, empty, href: (row) => state.link({ crash_type: row.key }, "/dashboard/crashes") });
  barList("by-version", stability.crashes_by_version ?? [], { head: ["Version", "Crashes"], bad: true, empty, filter: "app_version" });
  barList("by-os", stability.crashes_by_os ?? [], { head: ["System", "Crashes"], name: platform, bad: true, empty, filter: "platform" });
}
