// What is looked at lives in the URL, so that every view is a link.

import { today } from "./format.js";

const FILTERS = ["app_version", "platform", "country"];
export const FILTER_NAMES = { app_version: "Version", platform: "Platform", country: "Country" };
const PERIODS = ["today", "7d", "30d", "90d", "all"];
const GROUPS = ["day", "week", "month"];
const KEPT = ["app", "period", "from", "to", "group_by"];
const listeners = [];

export const page = () => document.body.dataset.page;
export const app = () => document.body.dataset.app;
export const kind = () => document.body.dataset.kind;
const query = () => new URLSearchParams(location.search);
export const get = (name) => query().get(name) || null;

/** What stands in the address, if it is one of these: it may have been written by hand. */
const oneOf = (name, known) => (known.includes(get(name)) ? get(name) : null);

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

export const group = () => oneOf("group_by", GROUPS) ?? "day";

/** Names of the filters that narrow this page: lists honour each, /stats takes one. */
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

/** What /stats and its like are asked with. */
export function question(extra = {}) {
  const { name, from, to } = period();
  const asked = { app: app(), group_by: group() };
  if (name === "today") Object.assign(asked, { from: today(), to: today() });
  else if (name) asked.period = name;
  else Object.assign(asked, { from, to });
  const one = filter();
  if (one) asked[one.name] = one.value;
  return { ...asked, ...extra };
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

/** The address of a detail page: of the same app and period, without what narrowed this page. */
export function detail(path, params) {
  const kept = KEPT.map((name) => [name, get(name)]).filter(([, value]) => value);
  return `${path}?${new URLSearchParams([...kept, ...Object.entries(params)])}`;
}

/** typing: still the same step of the history. */
export function change(changes, { typing = false } = {}) {
  const address = link(changes);
  if (address === location.pathname + location.search) return;
  if (typing) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  changed();
}

export const setFilter = (name, value) =>
  change({ ...Object.fromEntries(FILTERS.map((one) => [one, null])), [name]: value });

export const onChange = (listener) => listeners.push(listener);
const changed = () => listeners.forEach((listener) => listener());
addEventListener("popstate", changed);
