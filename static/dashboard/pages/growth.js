import { timeChart } from "../charts.js";
import { heatmap } from "../heatmap.js";
import { fillNumbers } from "../numbers.js";
import { ask, column, dates } from "../stats.js";

export const keys = ["new", "active", "cohorts"];

export async function load(context) {
  const { answer, before, releases } = await ask(context, { include: ["growth"] });
  fillNumbers(answer, before);
  const days = dates(answer);
  timeChart(
    "new",
    days,
    [{ label: "New people", values: column(answer, "new_users"), before: column(before, "new_users") }],
    { type: "bar", releases },
  );
  timeChart(
    "active",
    days,
    [{ label: "People", values: column(answer, "active_users"), before: column(before, "active_users") }],
    { releases },
  );
  heatmap("cohorts", answer.growth?.cohorts ?? []);
}
