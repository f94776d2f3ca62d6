// Dates for Chart.js's time scale. A calendar day is midnight UTC, whatever the app's timezone; an hour is its own
// moment. Chart.js comes without an adapter: these few functions over Date and Intl are all that its scale asks for.

import { bucket, clock, shortDay } from "./format.js";

const MS = { millisecond: 1, second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };
const MONTHS = { month: 1, quarter: 3, year: 12 };

/** "2026-11-17" or "2026-11-17T13:00+01:00" as milliseconds. */
export const instant = (text) => Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text);
const dayOf = (time) => new Date(time).toISOString().slice(0, 10);

function startOf(time, unit) {
  const date = new Date(time);
  if (unit in MONTHS) {
    const month = unit === "year" ? 0 : date.getUTCMonth() - (date.getUTCMonth() % MONTHS[unit]);
    return Date.UTC(date.getUTCFullYear(), month, 1);
  }
  if (unit === "week" || unit === "isoWeek") {
    return Math.floor(time / MS.day) * MS.day - ((date.getUTCDay() + 6) % 7) * MS.day;
  }
  return Math.floor(time / MS[unit]) * MS[unit];
}

function add(time, amount, unit) {
  if (!(unit in MONTHS)) return time + amount * MS[unit];
  const date = new Date(time);
  date.setUTCMonth(date.getUTCMonth() + amount * MONTHS[unit]);
  return date.getTime();
}

function diff(later, earlier, unit) {
  if (!(unit in MONTHS)) return (later - earlier) / MS[unit];
  const [a, b] = [new Date(later), new Date(earlier)];
  const months = 12 * (a.getUTCFullYear() - b.getUTCFullYear()) + a.getUTCMonth() - b.getUTCMonth();
  return months / MONTHS[unit];
}

/** A tick of the axis. */
export function tick(time, group) {
  if (group === "hour") return clock(new Date(time));
  return group === "month" ? bucket(dayOf(time), "month") : shortDay(dayOf(time));
}

export function install(Chart) {
  const units = [...Object.keys(MS), ...Object.keys(MONTHS)];
  Chart._adapters._date.override({
    formats: () => Object.fromEntries(["datetime", ...units].map((unit) => [unit, unit])),
    parse: (value) => (typeof value === "number" ? value : instant(String(value))),
    format: (time, unit) => tick(time, unit in { hour: 1, minute: 1 } ? "hour" : unit === "month" ? "month" : "day"),
    add,
    diff,
    startOf,
    endOf: (time, unit) => add(startOf(time, unit), 1, unit) - 1,
  });
}
