import { get } from "../api.js";
import { none, show, tableOf } from "../cards.js";
import { timeChart } from "../charts.js";
import { ago, compact, count, exactTime, words } from "../format.js";
import { funnel } from "../funnel.js";
import { barList } from "../lists.js";
import { fillNumbers } from "../numbers.js";
import { ask, column, dates, range, rangeBefore } from "../stats.js";

export const keys = ["visitors", "funnel", "sources", "paths", "devices", "browsers", "conversions"];
const STEPS = [["homepage_views", "Home page"], ["vertical_views", "Verticals"], ["pricing_views", "Pricing"], ["demo_views", "Demo"], ["conversions", "Converted"]];
let held = null;

export async function load(context) {
  const { answer, before } = await ask(context);
  if (context.why !== "draw") {
    const here = range(answer);
    const [metrics, paths, sessions, earlier] = await Promise.all([
      get("/dashboard/api/website", here, context.signal),
      get("/dashboard/api/labels", { ...here, event: "pageview", property: "path" }, context.signal),
      get("/dashboard/api/sessions", here, context.signal),
      answer.period === "all" ? null : get("/dashboard/api/website", { ...here, ...rangeBefore(answer) }, context.signal),
    ]);
    held = { metrics, paths, sessions, earlier };
  }
  const { metrics, paths, sessions, earlier } = held;
  fillNumbers(metrics, earlier);
  timeChart("visitors", dates(answer), [{ label: "Visitors", values: column(answer, "active_users"), before: column(before, "active_users") }], { format: compact, daily: true });
  funnel("funnel", STEPS.map(([name, label]) => ({ label, count: metrics.funnel_data[name] ?? 0 })));
  barList("sources", metrics.traffic_sources, { head: ["Source", "Visitors"] });
  barList("paths", paths.labels, { head: ["Page", "Views"] });
  barList("devices", sessions.devices, { head: ["Device", "Sessions"], name: words });
  barList("browsers", sessions.browsers, { head: ["Browser", "Sessions"] });
  const rows = metrics.recent_conversions.map((row) => [row.timestamp, row.type, row.path, row.value]);
  const data = { columns: ["When", "What", "Page", "Value"], rows, formats: [(value) => `${ago(value)}, ${exactTime(value)}`, (value) => (value ? words(value) : "\u2014"), null, (value) => (value === null ? "\u2014" : count(value))] };
  show("conversions", rows.length ? tableOf(data, "Recent conversions") : none("No conversion in this period."), data);
}
