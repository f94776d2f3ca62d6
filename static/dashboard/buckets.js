// Days summed into the weeks (from Monday) or months that the page is looked at in.

import * as state from "./state.js";

function start(day, group) {
  if (group === "month") return `${day.slice(0, 7)}-01`;
  if (group !== "week") return day;
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

/** days: [{day, name: count…}] -> {dates, name: [sum per bucket]…} for the names. */
export function grouped(days, names) {
  const group = state.group();
  const dates = [...new Set(days.map((row) => start(row.day, group)))];
  const place = new Map(dates.map((date, index) => [date, index]));
  const sums = { dates };
  for (const name of names) {
    sums[name] = dates.map(() => 0);
    for (const row of days) sums[name][place.get(start(row.day, group))] += row[name] ?? 0;
  }
  return sums;
}
