import { none, show, tableOf } from "../cards.js";
import { timeChart } from "../charts.js";
import { ago, compact, count, exactTime, words } from "../format.js";
import { funnel } from "../funnel.js";
import * as keyNumbers from "../key_numbers.js";
import { barList } from "../lists.js";
import { fillNumbers } from "../numbers.js";
import * as pinned from "../pinned.js";
import { ask, column, dates } from "../stats.js";

export const keys = ["visitors", "funnel", "sources", "paths", "devices", "browsers", "conversions"];
const STEPS = [
  ["homepage_views", "Home page"],
  ["vertical_views", "Verticals"],
  ["pricing_views", "Pricing"],
  ["demo_views", "Demo"],
  ["conversions", "Converted"],
];

export async function load(context) {
  const { answer, before, page } = await ask(context, { page: "website" });
  const { now } = page;
  fillNumbers({ ...now, daily_stats: answer.daily_stats, to: answer.to, isPartial: answer.isPartial }, page.before);
  timeChart(
    "visitors",
    dates(answer),
    [{ label: "Visitors", values: column(answer, "active_users"), before: column(before, "active_users") }],
    { format: compact },
  );
  funnel(
    "funnel",
    STEPS.map(([name, label]) => ({ label, count: now.funnel_data[name] ?? 0 })),
  );
  barList("sources", now.traffic_sources, { head: ["Source", "Visitors"] });
  barList("paths", page.paths, { head: ["Page", "Views"] });
  barList("devices", page.devices, { head: ["Device", "Sessions"], name: words });
  barList("browsers", page.browsers, { head: ["Browser", "Sessions"] });
  const rows = now.recent_conversions.map((row) => [row.timestamp, row.type, row.path, row.value]);
  const data = {
    columns: ["When", "What", "Page", "Value"],
    rows,
    formats: [
      (value) => `${ago(value)}, ${exactTime(value)}`,
      (value) => (value ? words(value) : "\u2014"),
      null,
      (value) => (value === null ? "\u2014" : count(value)),
    ],
  };
  show(
    "conversions",
    rows.length
      ? tableOf("conversions", data, "Recent conversions", { tall: true })
      : none("No conversions in this period."),
    data,
  );
  keyNumbers.load(context);
  pinned.load(context);
}
