// Number cards: value, change against the period before, sparkline, exact value in the tip.

import { el, svg, $, $$, replace } from "./dom.js";
import { DASH, FORMATS, exactly, fixed, missing, today } from "./format.js";
import * as state from "./state.js";

const REASONS = {
  percent: "Nothing to divide by in this period.",
  duration: "Nothing was measured in this period.",
};

const at = (answer, path) => path.split(".").reduce((inner, name) => inner?.[name], answer);

/** before: the same numbers of the time that each card names in data-before; summary's are `previous`. */
export function fillNumbers(answer, before = null) {
  for (const card of $$("[data-number]")) {
    const { number: path, format, good, spark } = card.dataset;
    const unfiltered = answer.unfiltered ?? [];
    const left = unfiltered.includes(path) || unfiltered.includes(path.split(".")[0]);
    const value = left ? null : at(answer, path);
    if (value === undefined && !left && at(answer, path.split(".")[0]) === undefined) continue;
    const earlier = path.startsWith("summary.") ? answer.previous?.[path.slice(8)] : at(before, path);
    const reason = left
      ? "This number cannot be told for one filter alone."
      : (REASONS[format] ?? "Not known for this period.");
    put(card, value, earlier, format, good, reason);
    if (spark)
      sparkline(
        $(".spark", card),
        whole(answer).map((row) => row[spark]),
      );
  }
}

/** The buckets that are over: one still running would end every line in a fall. */
function whole(answer) {
  const rows = answer.daily_stats ?? [];
  return rows.length > 2 && answer.to === today() ? rows.slice(0, -1) : rows;
}

export function put(card, value, earlier, format, good, reason = "Not known.") {
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
  if (missing(earlier)) {
    return state.period().name === "all" && when.includes("period")
      ? ["No period before"]
      : [el("span", { title: `${when}: nothing to divide by, or nothing was measured.` }, "Nothing before")];
  }
  const difference = Number(value) - Number(earlier);
  const points = format === "percent";
  if (!points && Number(earlier) === 0) return [difference === 0 ? "No change" : "None before"];
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
  const known = points.filter((value) => value !== null);
  if (known.length < 2) return replace(box);
  const low =
    Math.min(0, ...known) || (Math.min(...known) > 50 && Math.max(...known) <= 100 ? Math.min(...known) - 1 : 0);
  const high = Math.max(...known, low + 1e-9);
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
