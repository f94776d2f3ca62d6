// A release beside another version, each over its first days: a card of the page of a release.

import { get } from "./api.js";
import { ask } from "./busy.js";
import { fail, none, show } from "./cards.js";
import { $, el, replace } from "./dom.js";
import { form } from "./form.js";
import { count, FORMATS, fullDay } from "./format.js";
import { chance, exactChance, releaseLink, VERDICTS } from "./releases.js";
import { grid } from "./sort.js";
import * as state from "./state.js";

const KEY = "beside";
const DAYS = 14;
/** [name, key of the answer, format, key of its verdict] */
const LINES = [
  ["People", "people", count],
  ["Crash-free people", "crash_free_people", FORMATS.percent, "crash_free_people"],
  ["Sessions", "sessions", count],
  ["Crash-free sessions", "crash_free_sessions", FORMATS.percent, "crash_free_sessions"],
  ["Crashes per person", "crashes_per_person", FORMATS.ratio],
  ["Transcriptions", "transcriptions", count],
  ["Success rate", "success_rate", FORMATS.percent, "success_rate"],
  ["Median processing time", "median_processing_seconds", FORMATS.duration],
  ["Cost per person", "cost_per_person", FORMATS.money],
];
let versions = []; // others that were seen, the newest first
let comparison = null;

form("#beside-form", ["beside", "first_days"]);

/** Its own failure leaves the rest of the page as it is. */
export async function load(release, { signal, why }) {
  try {
    if (why !== "draw") {
      const every = { app: state.app(), period: "all" };
      const { releases } = await get("/releases", every, signal);
      versions = releases.map((row) => row.version).filter((version) => version !== release.version);
      comparison = release.first_seen && (await compare(release, signal));
    }
    draw(release);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    fail([KEY], error, () => dispatchEvent(new Event("reload")));
  }
}

async function compare(release, signal) {
  const other = state.get("beside") ?? release.compared_to ?? versions[0];
  offer(other);
  if (!other) return null;
  const params = { app: state.app(), compare: other, days: state.get("first_days") ?? DAYS, ...state.filter() };
  const path = `/releases/${encodeURIComponent(release.version)}`;
  return (await ask(path, params, signal, { keys: [KEY] })).comparison;
}

function offer(chosen) {
  $("#beside-form").hidden = versions.length === 0;
  replace(
    $("#beside-form").elements.beside,
    versions.map((version) => el("option", { value: version, selected: version === chosen }, version)),
  );
}

function draw(release) {
  if (!comparison) {
    const why = release.first_seen
      ? "There is no other version to compare with."
      : "Nothing has come from this version yet.";
    show(KEY, none(why), { columns: [], rows: [] });
    return;
  }
  const [own, other] = comparison.versions;
  const lines = LINES.filter(([, key]) => (own[key] ?? null) !== null || (other[key] ?? null) !== null).filter(
    ([, key]) => key !== "transcriptions" || own[key] + other[key] > 0,
  );
  const columns = [
    { name: "", cell: ([name]) => name },
    { name: own.version, numeric: true, cell: ([, key, format]) => format(own[key]) },
    {
      name: other.version,
      head: el("a", { href: releaseLink(other.version) }, other.version),
      numeric: true,
      cell: ([, key, format]) => format(other[key]),
    },
    { name: `${own.version} is`, grow: true, cell: ([, , , told]) => (told ? verdict(told) : "") },
  ];
  show(
    KEY,
    [el("p", { class: "means" }, sentence(own, other)), grid(KEY, { columns, rows: lines, caption: "Two versions" })],
    {
      columns: ["Number", own.version, other.version, "Verdict", "p"],
      rows: lines.map(([name, key, , told]) => [
        name,
        own[key],
        other[key],
        told ? comparison.verdicts[told].verdict : null,
        told ? comparison.verdicts[told].p : null,
      ]),
    },
  );
}

function sentence(own, other) {
  const wanted = Number(state.get("first_days") ?? DAYS);
  const { days } = comparison;
  const long = days === 1 ? "The first day of each" : `The first ${days} days of each`;
  const younger = days < wanted ? "; one of the two is no older" : "";
  const gone = own.is_whole && other.is_whole ? "" : " Some of these days have expired in part.";
  return `${long}${younger}: ${own.version} from ${fullDay(own.from)}, ${other.version} from ${fullDay(other.from)}.${gone}`;
}

function verdict(key) {
  const { verdict: name, p } = comparison.verdicts[key];
  const { text, tone, arrow } = VERDICTS[name] ?? { text: "Cannot tell yet", tone: "muted" };
  return el(
    "span",
    { class: "verdict", title: p === null ? "" : exactChance(p) },
    el("b", { class: tone }, arrow && el("span", { "aria-hidden": "true" }, `${arrow} `), text),
    el("span", { class: "since muted" }, p === null ? "too few" : chance(p)),
  );
}
