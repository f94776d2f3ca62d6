// Explore: a question as the address has it, asked of the server, and its answer drawn into a card.

import * as annotations from "./annotations.js";
import * as busy from "./busy.js";
import { body, none, show, tableOf } from "./cards.js";
import { timeChart } from "./charts.js";
import * as compare from "./compare.js";
import { FIELDS, nameOfField, shownValue } from "./condition.js";
import { el } from "./dom.js";
import { bucket, compact, count, DASH, fixed, missing, percent } from "./format.js";
import { barList } from "./lists.js";
import { eventName, propertyName } from "./names.js";
import * as state from "./state.js";

export const MEASURES = {
  events: "Events",
  people: "People",
  sessions: "Sessions",
  per_person: "Events per person",
  sum: "Sum",
  average: "Average",
  median: "Median",
  p95: "95th percentile",
};
const OF_NUMBERS = new Set(["sum", "average", "median", "p95"]);
const WHOLE = new Set(["events", "people", "sessions"]);
const ADDED = new Set(["events", "people", "sessions", "sum"]);
const LINES = 6; // as many colours as there are

export const takesNumber = (measure) => OF_NUMBERS.has(measure);

/** The question of an address: get(name) is its parameter, or null. interval: null for the days as a whole. */
export function read(get) {
  const measure = get("measure") in MEASURES ? get("measure") : "events";
  const interval = get("interval") ?? "day";
  return {
    measure,
    event: get("event"),
    property: takesNumber(measure) ? get("property") : null,
    by: get("by"),
    interval: interval === "none" ? null : interval,
    view: get("view") ?? "line",
  };
}

/** "Median of layers, drawing exported, by format". */
export function inWords({ measure, event, property, by }) {
  const of = property ? ` of ${propertyName(property)}` : "";
  const from = event ? `, ${eventName(event)}` : "";
  const along = by ? `, by ${by in FIELDS ? FIELDS[by].toLowerCase() : nameOfField(by)}` : "";
  return `${MEASURES[measure]}${of}${from}${along}`;
}

/** narrowed: {period or from and to, filter, segment, cohort}. Returns {answer, before}; before is null where
 *  nothing earlier is asked for. */
export async function ask(key, question, narrowed, signal, compares = true) {
  const { view, ...asked } = question;
  const params = { app: state.app(), ...asked, ...narrowed };
  const answer = await busy.ask("/explore", params, signal, { keys: [key] });
  const span = compares && narrowed.period !== "all" ? compare.earlier(answer.from, answer.to) : null;
  if (span === null) return { answer, before: null };
  const { period, ...others } = params;
  return { answer, before: await busy.ask("/explore", { ...others, ...span }, signal, { keys: [key] }) };
}

const formatOf = (measure) => (WHOLE.has(measure) ? count : number);
const number = (value) =>
  missing(value)
    ? DASH
    : Number(value).toLocaleString("en-US", { maximumSignificantDigits: Math.abs(value) < 1000 ? 4 : 7 });

/** A key of the answer in words: null is none, and "other" the rest. */
function keyName(by, key) {
  if (key === null) return "(none)";
  return key === "other" ? "Other" : shownValue(by, key);
}

export function draw(key, question, { answer, before }) {
  const format = formatOf(question.measure);
  const data = withNotes(question.interval, tableData(question, answer, format));
  if (answer.rows.every((row) => !row.value)) show(key, none(nothing(question)), data);
  else if (question.view === "table" && question.interval) show(key, tableOf(key, data, inWords(question)), data);
  else if (question.interval) drawOverTime(key, question, answer, before, format, data);
  else if (question.by) drawRanking(key, question, answer, data);
  else show(key, single(answer, before, format), data);
}

const nothing = ({ measure, property }) =>
  takesNumber(measure)
    ? `No event of this period has the number ${propertyName(property)}.`
    : "No such event in this period.";

/** A row a bucket, a column a key. */
function tableData({ measure, by, interval }, { rows, total }, format) {
  const keys = by ? [...new Set(rows.map((row) => row.key))] : [null];
  const names = by ? keys.map((key) => keyName(by, key)) : [MEASURES[measure]];
  if (!interval) {
    const table = by ? rows.map((row) => [keyName(by, row.key), row.value]) : [["Total", total]];
    return {
      columns: [by ? nameOfField(by) : "", MEASURES[measure]],
      rows: table,
      formats: [String, format],
    };
  }
  const lines = new Map();
  for (const row of rows) {
    if (!lines.has(row.date)) lines.set(row.date, [row.date]);
    lines.get(row.date).push(row.value);
  }
  return {
    columns: ["Date", ...names],
    rows: [...lines.values()],
    formats: [(date) => bucket(date, interval), ...names.map(() => format)],
  };
}

const withNotes = (interval, data) =>
  interval
    ? annotations.inTable(
        data,
        data.rows.map(([date]) => date),
        interval,
      )
    : data;

function drawOverTime(key, question, answer, before, format, data) {
  const { measure, by, interval, view } = question;
  const dates = [...new Set(answer.rows.map((row) => row.date))];
  const keys = by ? [...new Set(answer.rows.map((row) => row.key))] : [undefined];
  const drawn = keys.slice(0, LINES);
  const series = drawn.map((each) => ({
    label: by ? keyName(by, each) : MEASURES[measure],
    values: answer.rows.filter((row) => row.key === each).map((row) => row.value),
  }));
  if (!by && before) series[0].before = before.rows.map((row) => row.value);
  timeChart(key, dates, series, {
    type: view === "bar" ? "bar" : "line",
    // Who has two versions is in two rows: only what adds up is stacked.
    stacked: view === "bar" && by !== null && (measure === "events" || measure === "sum"),
    format: WHOLE.has(measure) ? compact : number,
    group: interval,
  });
  const parts = [totalLine(answer, by ? null : before, format)];
  if (keys.length > drawn.length)
    parts.push(`${drawn.length} of ${keys.length} are drawn; the table and the CSV have all.`);
  const words = el("p", { class: "means muted" }, parts.join(" "));
  show(key, [words, ...chartOf(key)], data);
}

/** What timeChart has drawn, to be kept as it is. */
const chartOf = (key) => [...body(key).childNodes].filter((node) => !node.classList?.contains("means"));

function totalLine(answer, before, format) {
  const was = before ? `, before ${format(before.total)}` : "";
  const of = answer.with_property === undefined ? "" : `, of ${count(answer.with_property)} events that have it`;
  const about = answer.within_percent ? `, within ${answer.within_percent} %` : "";
  return `In all ${format(answer.total)}${of}${about}${was}.`;
}

function drawRanking(key, question, answer, data) {
  const { by, measure } = question;
  // Of people those in all: who is in two rows counts in both.
  const shares = ADDED.has(measure) && Number(answer.total) > 0;
  barList(
    key,
    answer.rows.map((row) => ({
      key: row.key ?? "(none)",
      count: row.value ?? 0,
      percentage: shares ? Number(fixed((100 * row.value) / answer.total, 1)) : null,
    })),
    {
      head: [by in FIELDS ? FIELDS[by] : nameOfField(by), MEASURES[measure]],
      name: (value) => (value === "(none)" ? value : keyName(by, value)),
      value: formatOf(measure),
      most: 11,
    },
  );
  show(key, [el("p", { class: "means muted" }, totalLine(answer, null, formatOf(measure))), ...chartOf(key)], data);
}

function single(answer, before, format) {
  const change =
    before && !missing(before.total) && Number(before.total) !== 0 && !missing(answer.total)
      ? `, ${percent((100 * (answer.total - before.total)) / before.total)} against ${format(before.total)}`
      : "";
  const of = answer.with_property === undefined ? "" : `of ${count(answer.with_property)} events that have it`;
  return [
    el("p", { class: "value" }, format(answer.total)),
    el("p", { class: "muted" }, `${of}${change}`.replace(/^, /, "")),
  ];
}
