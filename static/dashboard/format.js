// Numbers and times as people read them. Null is an em dash; its reason belongs in the title.

export { platform } from "./platforms.js";

export const DASH = "\u2014";
const zone = () => document.body.dataset.timezone || "UTC";
const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });

export const missing = (value) => value === null || value === undefined || Number.isNaN(Number(value));

const digits = [0, 1, 2, 3, 4].map(
  (places) =>
    new Intl.NumberFormat("en-US", {
      minimumFractionDigits: places,
      maximumFractionDigits: places,
      useGrouping: false,
      signDisplay: "negative",
    }),
);

/** A number with so many decimals, halves away from zero; toFixed rounds the binary number, 12.35 to 12.3. */
export const fixed = (value, places) => digits[places].format(value);

export function count(value) {
  return missing(value) ? DASH : grouped.format(value);
}

/** 1,250 and 12.4k: exact up to four digits. */
export function compact(value) {
  if (missing(value)) return DASH;
  const size = Math.abs(value);
  if (size < 10_000) return grouped.format(value);
  for (const [unit, letter] of [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ]) {
    if (size >= unit * 0.99995) return `${fixed(value / unit, size >= unit * 100 ? 0 : 1)}${letter}`;
  }
  return grouped.format(value);
}

export const percent = (value) => (missing(value) ? DASH : `${fixed(value, 1)} %`);
const decimal = (value) => (missing(value) ? DASH : fixed(value, Math.abs(value) < 10 ? 2 : 1));
const ratio = (value) => (missing(value) ? DASH : fixed(value, 3));
const hours = (value) => (missing(value) ? DASH : `${Number(value) >= 1000 ? compact(value) : fixed(value, 1)} h`);

export function money(value) {
  if (missing(value)) return DASH;
  const number = Number(value);
  if (number === 0) return "$0.00";
  if (Math.abs(number) < 0.1) return `$${fixed(number, 4)}`;
  if (Math.abs(number) >= 10_000) return `$${compact(number)}`;
  return `$${number.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** 0.42 s, 3 m 20 s, 2 h 5 m, 4 d 3 h. */
export function duration(seconds) {
  if (missing(seconds)) return DASH;
  const value = Number(seconds);
  if (value < 10) return `${Number.isInteger(value) ? value : fixed(value, 2)} s`;
  if (value < 59.5) return `${Math.round(value)} s`;
  const steps = [
    [86_400, "d", 3_600, "h"],
    [3_600, "h", 60, "m"],
    [60, "m", 1, "s"],
  ];
  for (const [big, bigName, small, smallName] of steps) {
    if (value >= big - small / 2) {
      const whole = Math.round(value / small);
      const rest = whole % (big / small);
      return `${Math.floor(whole / (big / small))} ${bigName}${rest ? ` ${rest} ${smallName}` : ""}`;
    }
  }
  return `${Math.round(value)} s`;
}

export function bytes(value) {
  if (missing(value)) return DASH;
  let size = Number(value);
  for (const unit of ["B", "KB", "MB", "GB"]) {
    if (size < 1000) return `${fixed(size, unit === "B" || size >= 100 ? 0 : 1)} ${unit}`;
    size /= 1000;
  }
  return `${fixed(size, 1)} TB`;
}

export const FORMATS = { count: compact, percent, money, hours, ratio, decimal, duration, bytes };

/** The same value without rounding for the eye. */
export function exactly(value, format) {
  if (missing(value)) return DASH;
  if (format === "money") return `$${value}`;
  if (format === "percent") return `${value} %`;
  if (format === "hours") return `${value} h`;
  if (format === "duration") return `${Number(value).toLocaleString("en-US", { maximumFractionDigits: 6 })} s`;
  return Number(value).toLocaleString("en-US", { maximumFractionDigits: 6 });
}

const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
const SHORT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });
const FULL = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

const asDay = (text) => new Date(`${text}T00:00:00Z`);

/** A calendar day as the server names it ("2026-11-17"): "Tue 17 Nov". */
export const day = (text) => DAY.format(asDay(text)).replace(",", "");
export const fullDay = (text) => FULL.format(asDay(text));
export const shortDay = (text) => SHORT.format(asDay(text));
/** A day, or the hour, week or month that begins with it, in words. */
export function bucket(text, group) {
  if (group === "hour") return `${day(text.slice(0, 10))}, ${text.slice(11, 16)}`;
  if (group === "month") return MONTH.format(asDay(text));
  return group === "week" ? `Week of ${day(text)}` : day(text);
}

const parts = {};
function inZone(options) {
  const key = JSON.stringify(options);
  parts[key] ??= new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone() });
  return parts[key];
}

export const time = (moment) =>
  inZone({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(moment));
export const clock = (moment) => inZone({ hour: "2-digit", minute: "2-digit" }).format(new Date(moment));
export const dateOf = (moment) =>
  inZone({ weekday: "short", day: "numeric", month: "short" }).format(new Date(moment)).replace(",", "");
const EXACT = {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
};
export const exactTime = (moment) => `${inZone(EXACT).format(new Date(moment))} ${zone()}`;

/** A moment in the app's timezone as a field of a time has it: "2026-11-21T14:20". */
export const inputTime = (moment) =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: zone(), dateStyle: "short", timeStyle: "short" })
    .format(new Date(moment))
    .replace(" ", "T");

/** "3 min ago"; put exactTime in the title. */
export function ago(moment) {
  if (!moment) return DASH;
  const seconds = (Date.now() - new Date(moment)) / 1000;
  if (seconds < 0) return dateOf(moment);
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  if (seconds < 7 * 86_400) return `${Math.floor(seconds / 86_400)} d ago`;
  return dateOf(moment);
}

/** Today in the app's timezone, as "2026-11-21". */
export function today(now = new Date()) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone() }).format(now);
}

export function shift(text, days) {
  return new Date(asDay(text).getTime() + days * 86_400_000).toISOString().slice(0, 10);
}

const countries = (() => {
  try {
    return new Intl.DisplayNames(["en"], { type: "region" });
  } catch {
    return null;
  }
})();

export function country(code) {
  try {
    return countries?.of(code) ?? code;
  } catch {
    return code;
  }
}

export const words = (name) => {
  const text = String(name).replaceAll("_", " ");
  return (text.charAt(0).toUpperCase() + text.slice(1)).replace(/\b(ai|api)\b/gi, (letters) => letters.toUpperCase());
};
