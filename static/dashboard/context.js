// What an app or an SDK sent with a crash, to be read: its context, its breadcrumbs, what people wrote.

import { el } from "./dom.js";
import { count, exactTime } from "./format.js";

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const text = (value) => (value !== null && typeof value === "object" ? JSON.stringify(value) : String(value));

/** The breadcrumbs of a crash, oldest first: [{time, category, level, message, data}], each member optional. */
export function crumbsOf(crash) {
  const crumbs = crash.context?.breadcrumbs;
  return Array.isArray(crumbs) ? crumbs.filter(isObject) : [];
}

/** [name, value] of a context's members; breadcrumbs stand in the card "before". */
export const contextFacts = (crash) =>
  Object.entries(crash.context ?? {})
    .filter(([name]) => name !== "breadcrumbs" || crumbsOf(crash).length === 0)
    .map(([name, value]) => [name === "_notes" ? "Notes" : name, isObject(value) ? pairs(value) : text(value)]);

const pairs = (value) =>
  el(
    "ul",
    { class: "pairs" },
    Object.entries(value).map(([name, item]) => el("li", {}, el("span", { class: "muted" }, `${name} `), text(item))),
  );

/** [name, value] of what a minidump says of its process. */
export function dumpFacts({ dump }) {
  if (!isObject(dump)) return [];
  const joined = (...parts) => parts.filter((part) => part !== null && part !== undefined && part !== "").join(", ");
  const exception = dump.address ? `${dump.exception} at ${dump.address}` : dump.exception;
  const thread = dump.threads ? joined(dump.thread, `${count(dump.threads)} in all`) : dump.thread;
  return [
    ["Exception", exception],
    ["Thread", thread],
    ["Process", dump.process],
    ["Machine", joined(dump.system, dump.cpu)],
    ["Modules", modules(dump.modules)],
  ]
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => [name, value instanceof Node ? value : text(value)]);
}

const modules = (list) =>
  Array.isArray(list) && list.length > 0
    ? el(
        "details",
        {},
        el("summary", {}, `${list.length}: ${list[0].name}${list.length > 1 ? " \u2026" : ""}`),
        el(
          "ul",
          { class: "pairs" },
          list.map(({ name, version, debug_id: id }) =>
            el("li", {}, name, el("span", { class: "muted mono" }, ` ${[version, id].filter(Boolean).join(" ")}`)),
          ),
        ),
      )
    : null;

/** What people wrote about a crash, or null. */
export const feedbackOf = (crash) =>
  crash.feedback?.length
    ? el(
        "ul",
        { class: "feedback" },
        crash.feedback.map((each) =>
          el(
            "li",
            {},
            el("q", {}, each.message),
            el("time", { class: "muted small", datetime: each.timestamp }, exactTime(each.timestamp)),
          ),
        ),
      )
    : null;
