import { get } from "../api.js";
import { body, none, show } from "../cards.js";
import { conditionOf } from "../condition.js";
import { $, el } from "../dom.js";
import { count, country, exactTime, time } from "../format.js";
import { loaded, setLag } from "../frame.js";
import { barList } from "../lists.js";
import { eventName } from "../names.js";
import { shortId } from "../people.js";
import { shownPlatform } from "../platforms.js";
import { grid } from "../sort.js";
import * as state from "../state.js";

export const keys = ["minutes", "versions", "families", "countries", "events"];
export const asksItself = true; // every few seconds, once the first answer is there
const EVERY_MS = 5_000;
const MOST = 50;
const DEBUG = conditionOf("channel", "is", ["debug"]);
const RANKINGS = {
  versions: { part: "versions", filter: "version", name: String },
  families: { part: "platform_families", filter: "platform_family", name: String },
  countries: { part: "countries", filter: "country", name: country },
};
let answer = null;
let rows = []; // the latest events of all answers, the last arrived first
let asks = null; // AbortController of the question that is on its way
let isPaused = false;

export async function load({ signal, why }) {
  if (why === "start") tools();
  drawTools();
  if (why !== "draw") {
    answer = null;
    await ask(signal);
  }
  draw();
}

/** Ask for the numbers and for the events since the last answer. */
async function ask(signal) {
  asks?.abort();
  const own = new AbortController();
  asks = own;
  signal?.addEventListener("abort", () => own.abort());
  try {
    const after = answer?.cursor ?? null;
    const next = await get("/live", { app: state.app(), ...state.filter(), after }, own.signal);
    rows = after === null ? next.events : merged(next.events);
    answer = next;
  } finally {
    if (asks === own) asks = null;
  }
}

const keyOf = (row) => `${row.user_id} ${row.timestamp} ${row.event_key}`;

/** With those before it: an answer repeats what arrived in the last seconds before the one before. */
function merged(events) {
  const seen = new Set(events.map(keyOf));
  return [...events, ...rows.filter((row) => !seen.has(keyOf(row)))]
    .sort((a, b) => (a.received_at < b.received_at ? 1 : a.received_at > b.received_at ? -1 : 0))
    .slice(0, MOST);
}

async function tick() {
  if (isPaused || document.hidden || asks !== null || answer === null) return;
  let problem = null;
  try {
    await ask();
  } catch (error) {
    if (error.name === "AbortError") return;
    problem = error;
  }
  setLag(null); // nothing is folded for this page
  if (problem === null) draw();
  loaded(problem);
}

function tools() {
  $("#live-pause").addEventListener("click", () => {
    isPaused = !isPaused;
    drawTools();
    tick();
  });
  $("#live-debug").addEventListener("click", () => {
    const conditions = state.conditions();
    const isOn = conditions.includes(DEBUG);
    state.setConditions(isOn ? conditions.filter((text) => text !== DEBUG) : [...conditions, DEBUG]);
  });
  document.addEventListener("visibilitychange", tick);
  setInterval(tick, EVERY_MS);
}

function drawTools() {
  const button = $("#live-pause");
  button.textContent = isPaused ? "Go on" : "Pause";
  button.setAttribute("aria-pressed", String(isPaused));
  $("#live-debug").setAttribute("aria-pressed", String(state.conditions().includes(DEBUG)));
  const note = isPaused ? "Paused. What arrives is kept." : "Asks every 5 seconds while this page is in sight.";
  if ($("#live-note").textContent !== note) $("#live-note").textContent = note;
}

function draw() {
  for (const name of ["people_now", "people", "count"]) {
    $(`[data-live=${name}]`).textContent = count(answer[name]);
  }
  minutes();
  for (const [key, { part, filter, name }] of Object.entries(RANKINGS)) {
    const { rows: ranked, more } = answer[part];
    barList(
      key,
      ranked.map((row) => ({
        key: row.key ?? "unknown",
        count: row.people,
        percentage: (100 * row.people) / answer.people,
      })),
      {
        head: [more > 0 ? `The first ${ranked.length} of ${count(ranked.length + more)}` : "", "People"],
        filter,
        name: (value) => (value === "unknown" ? "(none)" : name(value)),
        empty: "Nobody in the last 30 minutes.",
      },
    );
  }
  events();
}

function minutes() {
  const data = {
    columns: ["Minute from", "Events", "People"],
    rows: answer.minutes.map((row) => [row.start, row.events, row.people]),
    formats: [exactTime, count, count],
  };
  const most = Math.max(...answer.minutes.map((row) => row.events));
  if (most === 0) {
    show("minutes", none("No events in the last 30 minutes."), data);
    return;
  }
  const bar = (row) =>
    el(
      "div",
      { title: `From ${time(row.start)}: ${count(row.events)} events, ${count(row.people)} people` },
      el("span", { style: { height: `${row.events === 0 ? 0 : Math.max(2, (100 * row.events) / most)}%` } }),
    );
  const label = `Events by minute: ${count(answer.count)} in 30 minutes, ${count(most)} in the fullest one`;
  show(
    "minutes",
    [
      el("div", { class: "live-bars", role: "img", "aria-label": label }, answer.minutes.map(bar)),
      el(
        "div",
        { class: "live-axis" },
        el("span", {}, "30 minutes ago"),
        el("span", {}, `${count(most)} at most`),
        el("span", {}, "Now"),
      ),
    ],
    data,
  );
}

const shown = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));
const brief = (row) =>
  Object.entries(row.properties ?? {}).map(([name, value]) =>
    el("span", {}, `${name} `, el("span", { class: "value" }, shown(value))),
  );

function events() {
  const isDesktop = state.kind() === "desktop";
  const columns = [
    {
      name: "Time",
      value: (row) => row.timestamp,
      cell: (row) => el("time", { datetime: row.timestamp, title: exactTime(row.timestamp) }, time(row.timestamp)),
    },
    { name: "Event", value: (row) => row.event, cell: (row) => eventName(row.event) },
    {
      name: "Properties",
      grow: true,
      value: (row) => row.properties,
      cell: (row) => el("span", { class: "props muted", title: shown(row.properties ?? {}) }, brief(row)),
    },
    ...(isDesktop
      ? [
          { name: "Version", value: (row) => row.app_version, cell: (row) => row.app_version },
          {
            name: "Platform",
            value: (row) => row.platform,
            cell: (row) => (row.platform ? shownPlatform(row.platform) : null),
          },
          {
            name: "Country",
            value: (row) => row.country,
            cell: (row) => (row.country ? country(row.country) : null),
          },
        ]
      : []),
    { name: "Person", value: (row) => row.user_id, cell: (row) => shortId(row.user_id) },
  ];
  const data = {
    columns: columns.map((column) => column.name),
    rows: rows.map((row) => columns.map((column) => column.value(row))),
  };
  const scrolled = $(".scroll", body("events"));
  const [left, top] = [scrolled?.scrollLeft ?? 0, scrolled?.scrollTop ?? 0];
  const nothing = state.conditions().includes(DEBUG)
    ? "No event of a debug build in the last 30 minutes. Send one with \u201cchannel\u201d: \u201cdebug\u201d."
    : "No events in the last 30 minutes. They appear here seconds after they are sent.";
  show(
    "events",
    rows.length > 0 ? grid("live-events", { columns, rows, caption: "Latest events", tall: true }) : none(nothing),
    data,
  );
  const after = $(".scroll", body("events"));
  if (after) Object.assign(after, { scrollLeft: left, scrollTop: top });
}
