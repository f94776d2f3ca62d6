// The app, period, filters and orders of a page are kept in its URL, so that every view is a link.

import { canonical, conditionOf, fieldOf, fieldWord, startOf } from "./condition.js";
import { today } from "./format.js";

// The parameters that one condition each had, and links of old have, by the field they stand for.
const NAMED = { app_version: "version", platform: "platform", country: "country" };
const PERIODS = ["today", "7d", "30d", "90d", "all"];
const GROUPS = ["day", "week", "month"];
const CARRIED = ["app", "period", "from", "to", "group_by", "compare"];
const listeners = [];

export const page = () => document.body.dataset.page;
export const app = () => document.body.dataset.app;
export const kind = () => document.body.dataset.kind;
export const isShared = () => document.body.dataset.shared !== undefined;
/** The server fixes the question of a shared page. */
const fixed = new URLSearchParams(document.body.dataset.question ?? "");
const query = () => new URLSearchParams([...fixed, ...new URLSearchParams(location.search)]);
export const get = (name) => query().get(name) || null;
export const getAll = (name) => query().getAll(name).filter(Boolean);

/** A parameter of the address, if it is one of the allowed: somebody may have typed it. */
const oneOf = (name, allowed) => (allowed.includes(get(name)) ? get(name) : null);

function dayIn(name) {
  const text = get(name);
  if (!/^\d{4}-\d\d-\d\d$/.test(text ?? "")) return null;
  const moment = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text) ? text : null;
}

export function period() {
  const from = dayIn("from");
  if (from) return { name: null, from, to: dayIn("to") ?? today() };
  return { name: oneOf("period", PERIODS) ?? "30d", from: null, to: null };
}

/** The period as parameters of a request. */
export function span() {
  const { name, from, to } = period();
  if (name === "today") return { from: today(), to: today() };
  return name ? { period: name } : { from, to };
}

export const group = () => oneOf("group_by", GROUPS) ?? "day";

/** The conditions of the address, each "field:operator:value". */
export function conditions() {
  const named = Object.entries(NAMED)
    .filter(([name]) => get(name))
    .map(([name, field]) => conditionOf(field, "is", [field === "country" ? get(name).toUpperCase() : get(name)]));
  return [...new Set([...getAll("filter").map(canonical), ...named])];
}

const id = (name) => (/^\d{1,9}$/.test(get(name) ?? "") ? get(name) : null);
export const segment = () => id("segment");
export const cohort = () => id("cohort");

const taken = () => (document.body.dataset.filters ?? "").split(" ").filter(Boolean);
/** Whether this page can be narrowed by a field, or by "field:operator"; without one: by any at all. */
export const takes = (field) =>
  field === undefined
    ? taken().length > 0
    : taken().some((each) => each === "all" || each === field || field.startsWith(`${each}:`));
/** Whether a condition narrows this page. */
export const honours = (text) => takes(startOf(text));
/** The conditions that narrow this page; of the others it says that it cannot. */
export const honoured = () => conditions().filter(honours);
export const isNarrowed = () =>
  honoured().length > 0 || (takes("segment") && segment() !== null) || (takes("cohort") && cohort() !== null);

/** Set the conditions, in place of those that the address has; more: what else changes. */
export const setConditions = (texts, more = {}) =>
  change({ ...Object.fromEntries(Object.keys(NAMED).map((name) => [name, null])), filter: texts, ...more });

/** Narrow the page to one value of a field, in place of another that it was narrowed to. */
export const narrow = (field, value) =>
  setConditions([
    ...conditions().filter((text) => !text.startsWith(`${field}:is:`)),
    conditionOf(field, "is", [value]),
  ]);

export const remove = (condition) => setConditions(conditions().filter((text) => text !== condition));

export const clearFilter = () => setConditions(null, { segment: null, cohort: null });

/** "country filter": why numbers that cannot be filtered are missing. */
export function filterName() {
  const fields = [...new Set(honoured().map(fieldOf))];
  if (segment() !== null && fields.length === 0) return "segment";
  if (cohort() !== null && fields.length === 0) return "cohort";
  if (fields.length > 1) return "filter of several conditions";
  return `${fields.map(fieldWord).join("")} filter`.trim();
}

/** What narrows this page, as parameters of a request. */
export const filter = () => ({
  filter: honoured(),
  segment: takes("segment") ? segment() : null,
  cohort: takes("cohort") ? cohort() : null,
});

/** The parameters of a request for the numbers of this page. */
export const question = (extra = {}) => ({ app: app(), group_by: group(), ...span(), ...filter(), ...extra });

/** The address of this page, or another, with some parameters set: null takes one out, a list gives it
 *  once for each of its texts. */
export function link(changes, path = location.pathname) {
  const params = query();
  for (const [name, value] of Object.entries(changes)) {
    params.delete(name);
    for (const each of [value].flat())
      if (each !== null && each !== undefined && each !== "") params.append(name, each);
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

/** The address of a detail page: of the same app and period, and without the filters of this page unless
 *  they are given, as filter() has them. */
export function detail(path, params, { filter: texts = [], ...groups } = {}) {
  const carried = CARRIED.map((name) => [name, get(name)]).filter(([, value]) => value);
  const narrowed = [...texts.map((text) => ["filter", text]), ...Object.entries(groups).filter(([, id]) => id)];
  return `${path}?${new URLSearchParams([...carried, ...Object.entries(params), ...narrowed])}`;
}

/** typing: replaces the last step of the history instead of adding one. */
export function change(changes, { typing = false } = {}) {
  const address = link(changes);
  if (address === location.pathname + location.search) return;
  if (typing) history.replaceState(null, "", address + location.hash);
  else history.pushState(null, "", address + location.hash);
  changed();
}

export const onChange = (listener) => listeners.push(listener);
function changed() {
  for (const listener of listeners) listener();
}
addEventListener("popstate", changed);
