import { none, show, tableOf } from "../cards.js";
import { timeChart } from "../charts.js";
import { compact, count, exactTime, words } from "../format.js";
import { funnel } from "../funnel.js";
import * as keyNumbers from "../key_numbers.js";
import { barList } from "../lists.js";
import { fillNumbers } from "../numbers.js";
import * as pinned from "../pinned.js";
import { ask, column, dates } from "../stats.js";

// List -> the property that a click on a row of it narrows the page by.
const OF_VISITS = { campaign: "prop.utm_campaign", source: "prop.utm_source", medium: "prop.utm_medium" };
const VISITS = {
  entry: ["Page", "Sessions"],
  exit: ["Page", "Sessions"],
  campaign: ["Campaign", "Sessions"],
  source: ["Source", "Sessions"],
  medium: ["Medium", "Sessions"],
};
export const keys = [
  "visitors",
  "funnel",
  "sources",
  "paths",
  "devices",
  "browsers",
  "conversions",
  ...Object.keys(VISITS),
];
const TOO_MANY = "The events of this period are too many to be read on the way: choose fewer days.";
const NUMBERS = ["visitors", "bounce_rate", "avg_seconds"];
const STEPS = [
  ["homepage_views", "Home page"],
  ["vertical_views", "Verticals"],
  ["pricing_views", "Pricing"],
  ["demo_views", "Demo"],
  ["conversions", "Converted"],
];

export async function load(context) {
  const { answer, before, page } = await ask(context, { page: "website" });
  const { now, visits } = page;
  const sessions = now.metrics.total_visitors;
  fillNumbers(
    {
      ...now,
      visits: visits ?? Object.fromEntries(NUMBERS.map((name) => [name, null])),
      daily_stats: answer.daily_stats,
      to: answer.to,
      isPartial: answer.isPartial,
      samples: {
        "metrics.avg_session_pages": sessions,
        "metrics.conversion_rate": sessions,
        "visits.visitors": visits?.visitors_of,
        "visits.avg_seconds": visits?.sessions,
        "visits.bounce_rate": visits?.sessions,
      },
    },
    { ...page.before, visits: page.visits_before },
  );
  timeChart(
    "visitors",
    dates(answer),
    [{ label: "Sessions", values: column(answer, "active_users"), before: column(before, "active_users") }],
    { type: "bar", format: compact },
  );
  for (const [key, head] of Object.entries(VISITS)) {
    const empty = visits ? (head[0] === "Page" ? "No page in this period." : "No campaign in this period.") : TOO_MANY;
    barList(key, visits?.[key] ?? [], { head, empty, filter: OF_VISITS[key] });
  }
  funnel(
    "funnel",
    STEPS.map(([name, label]) => ({ label, count: now.funnel_data[name] ?? 0 })),
  );
  barList("sources", now.traffic_sources, { head: ["Source", "Sessions"], filter: "source" });
  barList("paths", page.paths, { head: ["Page", "Views"], filter: "prop.path" });
  barList("devices", page.devices, { head: ["Device", "Sessions"], name: words, filter: "prop.device" });
  barList("browsers", page.browsers, { head: ["Browser", "Sessions"], filter: "prop.browser" });
  const rows = now.recent_conversions.map((row) => [row.timestamp, row.type, row.path, row.value]);
  const data = {
    columns: ["When", "What", "Page", "Value"],
    rows,
    formats: [
      exactTime,
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
