import { get } from "../api.js";
import { show, tableOf } from "../cards.js";
import { timeChart } from "../charts.js";
import { compact, day, duration } from "../format.js";
import { fillNumbers } from "../numbers.js";
import * as state from "../state.js";
import { ask, range, rangeBefore } from "../stats.js";
import { grouped } from "../buckets.js";

export const keys = ["generations", "visits", "times", "week"];
const OF = { event: "generation" };
let held = null;

export async function load(context) {
  const { answer } = await ask(context, [], false);
  if (context.why !== "draw") {
    const here = range(answer);
    const earlier = { ...here, ...rangeBefore(answer) };
    const whole = answer.period === "all";
    const [spec, labels, events, times, labelsBefore, timesBefore] = await Promise.all([
      get("/api/analytics", { app: state.app() }, context.signal),
      get("/dashboard/api/labels", { ...here, ...OF, property: "success" }, context.signal),
      get("/dashboard/api/events", here, context.signal),
      get("/dashboard/api/numbers", { ...here, ...OF, property: "processing_time" }, context.signal),
      whole ? null : get("/dashboard/api/labels", { ...earlier, ...OF, property: "success" }, context.signal),
      whole ? null : get("/dashboard/api/numbers", { ...earlier, ...OF, property: "processing_time" }, context.signal),
    ]);
    held = { spec, labels, events, times, labelsBefore, timesBefore };
  }
  const { spec, labels, events, times, labelsBefore, timesBefore } = held;
  const numbers = (counts, measured) => counts && { success_rate: rate(counts.labels), avg: measured.avg, p50: measured.p50, p95: measured.p95 };
  fillNumbers({ ...spec, range: numbers(labels, times) }, labelsBefore && { range: numbers(labelsBefore, timesBefore) });
  const made = grouped(labels.days, ["true", "false"]);
  timeChart("generations", made.dates, [{ label: "Generated", values: made.true, colour: "accent" }, { label: "Failed", values: made.false, colour: "bad" }], { type: "bar", stacked: true, format: compact });
  const visits = grouped(events.days, ["visit"]);
  timeChart("visits", visits.dates, [{ label: "Visits", values: visits.visit }], { type: "bar", format: compact });
  const mean = new Map(times.days.map((row) => [row.day, row.avg]));
  const dates = events.days.map((row) => row.day);
  timeChart("times", dates, [{ label: "Mean", values: dates.map((one) => mean.get(one) ?? null) }], { format: duration, daily: true });
  const data = {
    columns: ["Day", "Visitors", "Visits", "Generated", "Failed"],
    rows: spec.last_7_days.map((row) => [row.date, row.unique_visitors, row.total_visits, row.successful_generations, row.failed_generations]),
    formats: [day],
  };
  show("week", tableOf(data, "Last 7 days"), data);
}

function rate(labels) {
  const of = (key) => labels.find((row) => row.key === key)?.count ?? 0;
  const whole = of("true") + of("false");
  return whole ? Math.round((1000 * of("true")) / whole) / 10 : null;
}
