// What an app or an SDK sent with a crash, to be read: its context, its breadcrumbs, what people wrote.

import { el } from "./dom.js";
import { exactTime } from "./format.js";

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
