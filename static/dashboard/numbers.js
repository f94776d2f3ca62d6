// Number cards: value, change against the previous period, sparkline, exact value in the tip.

import * as compare from "./compare.js";
import { $, $$, el, replace, svg } from "./dom.js";
import { count, DASH, exactly, FORMATS, fixed, missing, today } from "./format.js";
import * as state from "./state.js";
import { isUnfiltered } from "./stats.js";

const REASONS = {
  percent: "No data in this period.",
  duration: "No measurements in this period.",
};

// Numbers of people: where an app's SDK tells none, zero of them would read as nobody being there.
const OF_PEOPLE = /users|people|crash_free_rate|crash_rate/;

const at = (answer, path) => path.split(".").reduce((inner, name) => inner?.[name], answer);

/** before: the same numbers of what they are compared with, or of the time that a card names in data-before;
 *  those of the summary's that it has not are in answer.previous. */
export function fillNumbers(answer, before = null) {
  for (const card of $$("[data-number]")) {
    const { number: path, format, good, spark } = card.dataset;
    const unfiltered = isUnfiltered(answer, path);
    const tellsNone = answer.nobody === "all" && (card.dataset.of === "people" || OF_PEOPLE.test(path));
    const value = unfiltered || tellsNone ? null : at(answer, path);
    if (value === undefined && !unfiltered && at(answer, path.split(".")[0]) === undefined) continue;
    const earlier = at(before, path) ?? (path.startsWith("summary.") ? answer.previous?.[path.slice(8)] : null);
    const reason = unfiltered
      ? `Not available with a ${state.filterName()}.`
      : tellsNone
        ? "Its SDK tells no people: sessions are counted."
        : (REASONS[format] ?? "Not available for this period.");
    // All of the other day is no measure of a part of this one.
    const isPartial = answer.isPartial?.(path) ?? false;
    put(card, value, earlier, format, isPartial ? "none" : good, reason);
    sample(card, value, answer.samples ?? {});
    if (spark)
      sparkline(
        $(".spark", card),
        whole(answer, spark).map((row) => row[spark.split(".").at(-1)]),
      );
  }
}

/** Over how many a rate is: 50 % of 2 people is no 50 % of 2,000. Parts of a number, such as its median, share its. */
function sample(card, value, samples) {
  const box = $(".of", card);
  if (!box) return;
  const { number: path, of } = card.dataset;
  const size = samples[path] ?? samples[path.split(".").slice(0, 2).join(".")];
  replace(box, missing(size) || missing(value) ? "\u00a0" : `of ${count(size)} ${size === 1 ? SINGLE[of] : of}`);
}

const SINGLE = {
  people: "person",
  sessions: "session",
  transcriptions: "transcription",
  measurements: "measurement",
  starts: "start",
};

/** The rows behind a sparkline: a column of daily_stats, or a list of the answer and its column. Only those that
 *  have ended: the running one would make every line fall at its end. */
function whole(answer, spark) {
  const list = spark.includes(".") ? spark.split(".")[0] : "daily_stats";
  const rows = (answer[list] ?? []).filter((row) => list !== "daily_stats" || row.events !== null);
  return list === "daily_stats" && rows.length > 2 && answer.to === today() ? rows.slice(0, -1) : rows;
}

export function put(card, value, earlier, format, good, reason = "Not available.") {
  const text = FORMATS[format](value);
  const box = $(".value", card);
  if (box.textContent !== text) replace(box, text);
  box.title = text === DASH ? reason : "";
  $(".exact", card).textContent = text === DASH ? reason : exactly(value, format);
  const change = $(".change", card);
  if (change && !card.dataset.never)
    replace(change, changeOf(value, earlier, format, good, card.dataset.before, reason));
}

function changeOf(value, earlier, format, good, when, reason) {
  if (missing(value)) return [reason];
  if (when === "") {
    if (compare.comparison().name === "none") return ["Not compared"];
    when = compare.when();
  }
  if (missing(earlier)) {
    return when === "No earlier period" ? [when] : [el("span", { title: `${when}: no data.` }, "No earlier data")];
  }
  const difference = Number(value) - Number(earlier);
  const points = format === "percent";
  if (!points && Number(earlier) === 0) return [difference === 0 ? "No change" : "was 0"];
  const size = points ? difference : (100 * difference) / Math.abs(Number(earlier));
  const rounded = Number(fixed(size, Math.abs(size) >= 100 ? 0 : 1));
  const was = `was ${FORMATS[format](earlier)}`;
  if (rounded === 0) return [`No change, ${was}`];
  const better = good === "none" ? "" : rounded > 0 === (good === "up") ? "good" : "bad";
  const shown = `${Math.abs(rounded).toLocaleString("en-US")}${points ? " points" : " %"}`;
  return [
    el(
      "b",
      { class: better },
      el("span", { class: "arrow", "aria-hidden": "true" }, rounded > 0 ? "\u2191" : "\u2193"),
      el("span", { class: "sr-only" }, rounded > 0 ? "up " : "down "),
      shown,
    ),
    " ",
    el("span", { class: "was", title: when }, was),
  ];
}

function sparkline(box, values) {
  const points = values.map((value) => (missing(value) ? null : Number(value)));
  const present = points.filter((value) => value !== null);
  if (present.length < 2) return replace(box);
  const low =
    Math.min(0, ...present) ||
    (Math.min(...present) > 50 && Math.max(...present) <= 100 ? Math.min(...present) - 1 : 0);
  const high = Math.max(...present, low + 1e-9);
  const x = (index) => ((index / (points.length - 1)) * 100).toFixed(2);
  const y = (value) => (38 - ((value - low) / (high - low)) * 36).toFixed(2);
  let line = "";
  let open = false;
  points.forEach((value, index) => {
    if (value === null) {
      open = false;
      return;
    }
    line += `${open ? "L" : "M"}${x(index)} ${y(value)}`;
    open = true;
  });
  const whole = !points.includes(null);
  return replace(
    box,
    svg(
      "svg",
      { viewBox: "0 0 100 40", preserveAspectRatio: "none", focusable: "false" },
      whole && svg("path", { class: "fill", d: `${line}L100 40L0 40Z` }),
      svg("path", { d: line }),
    ),
  );
}
