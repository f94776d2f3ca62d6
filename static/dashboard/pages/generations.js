import { grouped } from "../buckets.js";
import { show, tableOf } from "../cards.js";
import { timeChart } from "../charts.js";
import { compact, day, duration } from "../format.js";
import * as keyNumbers from "../key_numbers.js";
import { fillNumbers } from "../numbers.js";
import * as pinned from "../pinned.js";
import { ask } from "../stats.js";

export const keys = ["generations", "visits", "times", "week"];

export async function load(context) {
  const { answer, page } = await ask(context, { page: "generations" });
  fillNumbers({ ...page.now, isPartial: answer.isPartial }, page.before);
  const made = grouped(page.made, ["true", "false"]);
  timeChart(
    "generations",
    made.dates,
    [
      { label: "Generated", values: made.true, colour: "accent" },
      { label: "Failed", values: made.false, colour: "bad" },
    ],
    { type: "bar", stacked: true, format: compact },
  );
  const visits = grouped(page.events, ["visit"]);
  timeChart("visits", visits.dates, [{ label: "Visits", values: visits.visit }], { type: "bar", format: compact });
  const mean = new Map(page.times.map((row) => [row.day, row.avg]));
  const dates = page.events.map((row) => row.day);
  timeChart("times", dates, [{ label: "Mean", values: dates.map((date) => mean.get(date) ?? null) }], {
    format: duration,
    daily: true,
  });
  const data = {
    columns: ["Day", "Visitors", "Visits", "Generated", "Failed"],
    rows: page.now.last_7_days.map((row) => [
      row.date,
      row.unique_visitors,
      row.total_visits,
      row.successful_generations,
      row.failed_generations,
    ]),
    formats: [day],
  };
  show("week", tableOf("week", data, "Last 7 days"), data);
  keyNumbers.load(context);
  pinned.load(context);
}
