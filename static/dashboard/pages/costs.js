import { timeChart } from "../charts.js";
import { compact, money } from "../format.js";
import { fillNumbers } from "../numbers.js";
import { ask, column, dates } from "../stats.js";

export const keys = ["cost", "per-minute", "minutes"];

export async function load(context) {
  const { answer, before } = await ask(context, { include: ["costs"] });
  fillNumbers(answer, before);
  const days = dates(answer);
  const perMinute = (answer) =>
    (answer?.daily_stats ?? []).map((row) =>
      row.minutes_transcribed > 0 ? row.cost_usd / row.minutes_transcribed : null,
    );
  timeChart("cost", days, [{ label: "Cost", values: column(answer, "cost_usd"), before: column(before, "cost_usd") }], {
    type: "bar",
    format: money,
  });
  timeChart("per-minute", days, [{ label: "Per minute", values: perMinute(answer), before: perMinute(before) }], {
    format: money,
  });
  timeChart(
    "minutes",
    days,
    [
      {
        label: "Minutes",
        values: column(answer, "minutes_transcribed"),
        before: column(before, "minutes_transcribed"),
      },
    ],
    { type: "bar", format: compact },
  );
}
