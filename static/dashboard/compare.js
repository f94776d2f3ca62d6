// What the numbers are compared with: `compare` of the address, its menu, and its name in words.

import { $, $$ } from "./dom.js";
import { day, fullDay, shift, today } from "./format.js";
import * as state from "./state.js";

const NAMES = {
  weekdays: "Same weekdays before",
  previous: "Period before",
  year: "A year before",
  none: "Nothing",
};
const LENGTHS = { today: 1, "7d": 7, "30d": 30, "90d": 90, all: Number.POSITIVE_INFINITY };
const DAYS = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/;
let shown = { from: null, to: null, dates: [], until: null };

function length() {
  const { name, from, to } = state.period();
  return name === null ? Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1 : LENGTHS[name];
}

const isDay = (text) => !Number.isNaN(Date.parse(text)) && shift(text, 0) === text;

/** {name, from, to} of days of one's own, else {name}: as the address has it; else the same weekdays, of a single day the
 *  day before, and of a year or more the one before. */
export function comparison() {
  const text = state.get("compare") ?? "";
  const [, from, to] = DAYS.exec(text) ?? [];
  if (from && isDay(from) && isDay(to) && from <= to) return { name: "days", from, to };
  if (text in NAMES) return { name: text };
  const days = length();
  return { name: days === 1 || days >= 365 ? "previous" : "weekdays" };
}

/** As parameters of a request. */
export function params() {
  const { name, from, to } = comparison();
  return name === "days" ? { compare_from: from, compare_to: to } : { compare: name };
}

/** {from, to} of the days that some days are compared with; null for none. */
export function earlier(from, to) {
  const chosen = comparison();
  const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;
  const back = (length) => ({ from: shift(from, -length), to: shift(to, -length) });
  if (chosen.name === "days") return { from: chosen.from, to: chosen.to };
  if (chosen.name === "previous") return back(days);
  if (chosen.name === "weekdays") return back(Math.ceil(days / 7) * 7);
  return chosen.name === "year" ? { from: yearBefore(from), to: yearBefore(to) } : null;
}

function yearBefore(day) {
  const rest = day.slice(4) === "-02-29" ? "-02-28" : day.slice(4);
  return `${Number(day.slice(0, 4)) - 1}${rest}`;
}

/** What the answer was compared with; `before` as /dashboard/api/stats has it. */
export function note(before, hours) {
  shown = {
    from: before?.from ?? null,
    to: before?.to ?? null,
    dates: (before?.daily_stats ?? []).map((row) => row.date),
    until: hours?.running && hours.before ? hours.before.until : null,
  };
}

/** The day of each point of the line of before. */
export const dates = () => shown.dates;

/** The name of the line of before. */
export function label() {
  const { name } = comparison();
  if (shown.from && shown.from === shown.to) return day(shown.from);
  return name === "days" && shown.from ? `${fullDay(shown.from)} \u2013 ${fullDay(shown.to)}` : NAMES[name];
}

/** Against which days a number stands, as a sentence's end. */
export function when() {
  if (!shown.from) return "No earlier period";
  const until = shown.until ? `, until ${shown.until}` : "";
  return shown.from === shown.to
    ? `${day(shown.from)}${until}`
    : `${NAMES[comparison().name] ?? "Compared"}: ${fullDay(shown.from)} \u2013 ${fullDay(shown.to)}`;
}

export function install() {
  const menu = $("#compare-menu");
  if (!menu) return;
  const choose = (compare) => {
    menu.open = false;
    $("summary", menu).focus();
    state.change({ compare });
  };
  for (const item of $$("[data-compare]", menu)) {
    item.addEventListener("click", (event) => {
      event.preventDefault();
      choose(item.dataset.compare);
    });
  }
  $("form", menu).addEventListener("submit", (event) => {
    event.preventDefault();
    const { from, to } = Object.fromEntries(new FormData(event.target));
    choose(from <= to ? `${from}..${to}` : `${to}..${from}`);
  });
  const draw = () => {
    const { name, from, to } = comparison();
    for (const item of $$("[data-compare]", menu)) {
      item.href = state.link({ compare: item.dataset.compare });
      if (item.dataset.compare === name) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
    const form = $("form", menu);
    form.elements.from.value = from ?? shift(today(), -59);
    form.elements.to.value = to ?? shift(today(), -30);
    $("summary", menu).title = name === "days" ? `Compared with ${from} to ${to}` : `Compared with: ${NAMES[name]}`;
  };
  draw();
  state.onChange(draw);
}
