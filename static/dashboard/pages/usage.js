import { timeChart } from "../charts.js";
import { compact } from "../format.js";
import { barList } from "../lists.js";
import { eventName } from "../names.js";
import { fillNumbers } from "../numbers.js";
import { ask, column, dates } from "../stats.js";

export const keys = ["moving", "recordings", "minutes", "names", "events"];

export async function load(context) {
  const { answer, before } = await ask(context, { include: ["usage"] });
  fillNumbers(answer, before);
  const days = dates(answer);
  const usage = answer.usage ?? {};
  timeChart(
    "moving",
    (usage.mau ?? []).map((row) => row.date),
    [
      { label: "30 days", values: (usage.mau ?? []).map((row) => row.users), colour: "series-3" },
      { label: "7 days", values: (usage.wau ?? []).map((row) => row.users), colour: "series-2" },
      { label: "1 day", values: (usage.dau ?? []).map((row) => row.users), colour: "accent" },
    ],
    { format: compact, daily: true },
  );
  const bars = (key, label, name) =>
    timeChart(key, days, [{ label, values: column(answer, name), before: column(before, name) }], {
      type: "bar",
      format: compact,
    });
  bars("recordings", "Recordings", "recordings");
  bars("minutes", "Minutes", "minutes_transcribed");
  bars("events", "Events", "events");
  barList("names", usage.events_by_name ?? [], { head: ["Event", "Count"], name: eventName, filter: "event" });
}
