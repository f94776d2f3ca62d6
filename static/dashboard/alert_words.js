// Alerts in words: what one watches, how it is, since when.

import { clock, count, dateOf, fixed, missing, money, percent, today } from "./format.js";

/** Kind -> its name in the form; of_server: it watches the server and no app. fields: of its settings, each
 *  {name, label, value: at first, min, max, step}; those of a number are built by the form itself. */
export const KINDS = {
  number: { title: "A number", fields: [], waits: 10 },
  new_issue: { title: "New issues", fields: [people("Once so many people have met it")] },
  regressed_issue: { title: "Resolved issues that are back", fields: [people("Once so many people have met it")] },
  issue_spike: {
    title: "Issues that are more frequent than usual",
    fields: [
      { name: "times", label: "So many times as usual at that hour", value: 3, min: 1.5, max: 1000, step: "any" },
      { name: "least", label: "And so many crashes in the hour at least", value: 10, min: 1, max: 1e9 },
    ],
  },
  no_events: {
    title: "No events, at an hour when they usually come",
    fields: [{ name: "hours", label: "For so many hours", value: 6, min: 1, max: 168 }],
  },
  release_worse: { title: "A release that crashes for more people than the one before", fields: [] },
  refused: {
    title: "Much of what comes is refused",
    fields: [
      { name: "percent", label: "More than so many percent of a day", value: 10, min: 0.1, max: 100, step: "any" },
      { name: "least", label: "Of so many items at least", value: 100, min: 1, max: 1e9 },
    ],
    waits: 10,
  },
  disk_full: {
    title: "The disk will be full soon",
    of_server: true,
    fields: [{ name: "days", label: "In fewer days than", value: 14, min: 1, max: 365 }],
  },
  fold_behind: {
    title: "Numbers are late",
    of_server: true,
    fields: [{ name: "minutes", label: "By so many minutes", value: 10, min: 1, max: 1440 }],
    waits: 5,
  },
  job_failing: { title: "A job of the server fails", of_server: true, fields: [] },
};

function people(label) {
  return { name: "people", label, value: 1, min: 1, max: 1e9 };
}

export const OF_ISSUES = ["new_issue", "regressed_issue", "issue_spike"];

export const WINDOWS = {
  today: "today",
  yesterday: "yesterday",
  "7d": "in the last 7 days",
  "30d": "in the last 30 days",
};

/** Unit of a number -> how it stands behind a field. */
export const UNITS = { percent: "%", seconds: "seconds", hours: "hours", usd: "US dollars", ratio: "", count: "" };

export function amount(value, unit) {
  if (missing(value)) return "\u2014";
  if (unit === "percent") return percent(value);
  if (unit === "usd") return money(value);
  if (unit === "seconds") return `${count(value)} s`;
  if (unit === "hours") return `${count(value)} h`;
  return Number.isInteger(value) ? count(value) : fixed(value, 2);
}

/** The value of an alert is in the unit of the number it watches. */
export function unitOf(rule, numbers) {
  if (rule.kind === "number") return numbers.find((number) => number.name === rule.settings.number)?.unit ?? "count";
  return rule.kind === "release_worse" || rule.kind === "refused" ? "percent" : "count";
}

const some = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** "Crash-free people below 98.0 % today, of 20 people at least". */
export function watches(rule, { numbers, segments }) {
  const { settings: set } = rule;
  const met = (what) => (set.people > 1 ? `${what} that ${some(set.people, "person", "people")} have met` : what);
  const sentence = {
    number: () => numberInWords(set, numbers, segments),
    new_issue: () => met("A new issue"),
    regressed_issue: () => met("A resolved issue is back"),
    issue_spike: () =>
      `An issue ${set.times} times as frequent as usual, ${some(set.least, "crash", "crashes")} an hour`,
    no_events: () => `No events for ${some(set.hours, "hour")}, at an hour when they usually come`,
    release_worse: () => "A release crashes for more people than the one before",
    refused: () => `More than ${percent(set.percent)} of a day's items refused, of ${count(set.least)} at least`,
    disk_full: () => `The disk is full in fewer than ${some(set.days, "day")}`,
    fold_behind: () => `Numbers are late by ${some(set.minutes, "minute")}`,
    job_failing: () => "A job of the server fails",
  }[rule.kind];
  const minutes = rule.for_minutes ? `, for ${some(rule.for_minutes, "minute")}` : "";
  return `${sentence ? sentence() : rule.kind}${minutes}`;
}

function numberInWords(set, numbers, segments) {
  const number = numbers.find((each) => each.name === set.number);
  const unit = number?.unit;
  const segment = set.segment_id && segments.find((each) => each.id === set.segment_id);
  return [
    `${number?.title ?? set.number} ${set.comparison} ${amount(set.threshold, unit)} ${WINDOWS[set.window]}`,
    set.segment_id && `of the segment ${segment?.name ?? "that is gone"}`,
    !missing(set.clear) && set.clear !== set.threshold && `until it is at ${amount(set.clear, unit)}`,
    set.least > 0 && `of ${some(set.least, "person", "people")} at least`,
  ]
    .filter(Boolean)
    .join(", ");
}

export const STATES = {
  firing: { text: "Firing", tone: "bad" },
  pending: { text: "Pending", tone: "warning" },
  ok: { text: "OK", tone: "good" },
  resolved: { text: "Over", tone: "good" },
  off: { text: "Off", tone: "" },
  new: { text: "Not looked at yet", tone: "" },
};

/** Which of STATES a rule is in; of many subjects the worst. */
export function stateOf(rule) {
  if (!rule.is_on) return "off";
  for (const name of ["firing", "pending"]) if (rule.states.some((each) => each.state === name)) return name;
  return rule.looked_at ? "ok" : "new";
}

const FOR_EVER = "9999";

/** "until Mon 17 Nov, 14:20", "until it is over", or null. */
export function silence(rule, now = new Date()) {
  const until = rule.states
    .map((each) => each.snoozed_until)
    .filter(Boolean)
    .sort()
    .at(-1);
  if (!until) return null;
  if (until.startsWith(FOR_EVER) || until === "infinity") return "until it is over";
  return new Date(until) > now ? `until ${moment(until)}` : null;
}

/** "14:20" today, else "Mon 17 Nov, 14:20"; in the app's timezone. */
export function moment(at) {
  const day = today(new Date(at)) === today() ? "" : `${dateOf(at)}, `;
  return day + clock(at);
}
