import { none, show } from "../cards.js";
import { timeChart } from "../charts.js";
import { el } from "../dom.js";
import { duration, missing, percent, words } from "../format.js";
import { barList } from "../lists.js";
import { fillNumbers } from "../numbers.js";
import { ask, column, dates } from "../stats.js";

export const keys = ["success", "errors", "times"];

export async function load(context) {
  const { answer, before } = await ask(context, { include: ["quality"] });
  fillNumbers(answer, before);
  timeChart(
    "success",
    dates(answer),
    [{ label: "Success", values: column(answer, "success_rate"), before: column(before, "success_rate") }],
    { format: percent, zero: false, max: 100 },
  );
  const quality = answer.quality ?? {};
  barList("errors", quality.errors_by_type ?? [], {
    head: ["Type", "Failures"],
    name: words,
    bad: true,
    filter: "prop.error_type",
    empty: "No failures in this period.",
  });
  times(quality.processing_time_seconds ?? {});
}

function times(values) {
  const rows = [
    ["Median", values.p50],
    ["Mean", values.avg],
    ["95 of 100", values.p95],
  ];
  const data = { columns: ["Measure", "Seconds"], rows: rows.map(([name, value]) => [name, value ?? null]) };
  if (rows.every(([, value]) => missing(value))) return show("times", none("No measurements in this period."), data);
  const top = Math.max(...rows.map(([, value]) => Number(value) || 0));
  return show(
    "times",
    el(
      "div",
      { class: "bars" },
      rows.map(([name, value]) =>
        el(
          "div",
          { class: "bar-item" },
          el("span", { class: "fill", style: { width: `${(100 * value) / top}%` } }),
          el("span", {}, name),
          el("span", {}, duration(value)),
          el("span", {}),
        ),
      ),
    ),
    data,
  );
}
