// The app, period, filters and orders of a page are kept in its URL, so that every view is a link.

import { today } from "./format.js";

const FILTERS = ["app_version", "platform", "country"];
export const FILTER_NAMES = { app_version: "Version", platform: "Platform", country: "Country" };
const PERIODS = ["today", "7d", "30d", "90d", "all"];
const GROUPS = ["day", "week", "month"];
const CARRIED = ["app", "period", "from", "to", "group_by"];
const listeners = [];

export const page = () => document.body.dataset.page;
export const app = () => document.body.dataset.app;
export const kind = () => document.body.dataset.kind;
/** The server fixes the question of a shared page. */
const fixed = new URLSearchParams(document.body.dataset.question ?? "");
const query = () => new URLSearchParams([...fixed, ...new URLSearchParams(location.search)]);
export const get = (name) => query().get(name) || null;

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

/** Names of the filters that apply to this page: lists take all that are set, /stats one. */
export function filters() {
  const { filters: taken, narrows } = document.body.dataset;
  const set = FILTERS.filter((name) => taken.split(" ").includes(name) && get(name));
  return narrows === "one" ? set.slice(0, 1) : set;
}

/** {name, value} of the one filter that /stats takes. */
export function filter() {
  const [name] = filters();
  return name ? { name, value: get(name) } : null;
}

/** "country filter": why numbers that /stats cannot filter are missing. */
export const filterName = () => `${FILTER_NAMES[filter()?.name]?.toLowerCase() ?? ""} filter`.trim();

/** The parameters of a request for the numbers of this page. */
export function question(extra = {}) {
  const params = { app: app(), group_by: group(), ...span() };
  const narrowing = filter();
  if (narrowing) params[narrowing.name] = narrowing.value;
  return { ...params, ...extra };
}

/** The address of this page, or another, with some parameters set (null: taken out). */
export function link(changes, path = location.pathname) {
  const params = query();
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") params.delete(name);
    else params.set(name, value);
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

/** The address of a detail page: of the same app and period, without the filters of this page. */
export function detail(path, params) {
  const carried = CARRIED.map((name) => [name, get(name)]).filter(([, value]) => value);
  return `${path}?${new URLSearchParams([...carried, ...Object.entries(params)])}`;
}

/** typing: replaces the last step of the history instead of adding one. */
export function change(changes, { typing = false } = {}) {
  const address = link(changes);
  if (address === location.pathname + location.search) return;
  if (typing) history.replaceState(null, "", address + location.hash);
  else history.pushState(null, "", address + location.hash);
  changed();
}

export const setFilter = (name, value) =>
  change({ ...Object.fromEntries(FILTERS.map((filter) => [filter, null])), [name]: value });

export const onChange = (listener) => listeners.push(listener);
function changed() {
  for (const listener of listeners) listener();
}
addEventListener("popstate", changed);
