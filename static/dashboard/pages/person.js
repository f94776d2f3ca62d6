import { get, send } from "../api.js";
import { none, show } from "../cards.js";
import { $, announce, copy, el } from "../dom.js";
import { ago, count, country, exactTime, platform } from "../format.js";
import { conversation, story } from "../timeline.js";
import * as state from "../state.js";

export const keys = ["timeline"];
const PAGE = 200;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
let held = null;

const bot = () => state.kind() === "bot";
/** Of a bot the id is the app's own, elsewhere the uuid: then the app is not named. */
const scope = () => (bot() ? { app: state.app() } : {});

export async function load(context) {
  const id = await ownId(state.get("id") ?? "", context.signal);
  if (context.why === "start") tools(id);
  if (context.why === "refresh" && held?.pages > 1) return;
  if (context.why !== "draw") held = await (bot() ? talk(id, null, context.signal) : rows(id, null, context.signal));
  draw(id);
}

/** Lists of events know a bot's people by uuid; the bot itself knows them by an id of its own. */
async function ownId(id, signal) {
  if (!bot() || !UUID.test(id)) return id;
  const { external_id: own } = await get("/dashboard/api/person", { app: state.app(), user_id: id }, signal);
  return own ?? id;
}

async function talk(id, cursor, signal) {
  const answer = await get(`/api/analytics/users/${encodeURIComponent(id)}/events`, { app: state.app(), limit: PAGE, cursor }, signal);
  return { events: [...(cursor ? held.events : []), ...answer.events], cursor: answer.next_cursor, pages: cursor ? held.pages + 1 : 1 };
}

async function rows(id, cursor, signal) {
  const [events, crashes] = await Promise.all([
    get("/events", { app: state.app(), user_id: id, limit: PAGE, cursor }, signal),
    cursor ? { crashes: held.crashes } : get("/crashes", { app: state.app(), user_id: id, limit: 100 }, signal),
  ]);
  return { events: [...(cursor ? held.events : []), ...events.events], crashes: crashes.crashes, cursor: events.next_cursor, pages: cursor ? held.pages + 1 : 1 };
}

function draw(id) {
  const { events, crashes = [], cursor } = held;
  const data = { columns: ["Time", "What", "Session", "Properties"], rows: [] };
  if (events.length + crashes.length === 0) {
    show("timeline", none("Nothing is held about this person."), data);
    summary([]);
    return;
  }
  let nodes;
  if (bot()) {
    data.columns = ["Time", "Event", "Persona", "Message", "Prompt", "Image"];
    data.rows = events.map((one) => [one.created_at, one.event_name, one.persona_name ?? one.persona_id, one.message, one.prompt, one.image_url]);
    nodes = [conversation(events)];
    summary(events.map((one) => one.created_at));
  } else {
    const oldest = cursor ? events.at(-1)?.timestamp : "";
    const items = [
      ...events.map((row) => ({ kind: "event", at: row.timestamp, session: row.session_id, row })),
      ...crashes.filter((row) => row.timestamp >= oldest).map((row) => ({ kind: "crash", at: row.timestamp, session: row.session_id, row })),
    ].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
    data.rows = items.map(({ at, kind, session, row }) => [at, kind === "crash" ? `crash: ${row.error_message}` : row.event, session, row.properties ?? row.context]);
    nodes = story(items);
    summary(items.map((one) => one.at), events, crashes);
  }
  if (cursor) nodes.push(el("p", { class: "pager" }, el("button", { type: "button", class: "btn", dataset: { key: "more" }, onclick: (event) => more(id, cursor, event.currentTarget) }, bot() ? "Later" : "Older")));
  show("timeline", nodes, data);
}

async function more(id, cursor, button) {
  button.disabled = true;
  try {
    held = await (bot() ? talk(id, cursor) : rows(id, cursor));
    draw(id);
  } catch (error) {
    button.disabled = false;
    button.textContent = `${error.message} Try again`;
  }
}

function summary(moments, events = [], crashes = []) {
  if (!moments.length) { $("#person-summary").textContent = ""; return; }
  const sorted = [...moments].sort();
  const latest = events[0];
  const what = [latest?.app_version && `version ${latest.app_version}`, latest?.platform && platform(latest.platform), latest?.country && country(latest.country)].filter(Boolean).join(", ");
  $("#person-summary").replaceChildren(
    `${count(moments.length)}${held.cursor ? " or more" : ""} ${moments.length === 1 ? "event" : "events"}`, crashes.length ? `, ${crashes.length} of them crashes` : "",
    ", last ", el("time", { datetime: sorted.at(-1), title: exactTime(sorted.at(-1)) }, ago(sorted.at(-1))), what ? `, ${what}` : "");
}

function tools(id) {
  $("#person-id").textContent = id;
  $("#copy-id").addEventListener("click", (event) => copy(id, event.currentTarget));
  $("#export").addEventListener("click", () => download(id));
  const dialog = $("#erase-dialog");
  $("#erase").addEventListener("click", () => { $("#erase-result").textContent = ""; dialog.showModal(); });
  $("#erase-no").addEventListener("click", () => dialog.close());
  $("#erase-yes").addEventListener("click", (event) => erase(id, event.currentTarget));
}

async function download(id) {
  try {
    const found = await get(`/users/${encodeURIComponent(id)}/export`, scope());
    const url = URL.createObjectURL(new Blob([JSON.stringify(found, null, 2)], { type: "application/json" }));
    const anchor = el("a", { href: url, download: `person-${id.slice(0, 8)}.json` });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
    announce("Downloaded");
  } catch (error) {
    $("#tool-result").textContent = error.message;
  }
}

async function erase(id, button) {
  button.disabled = true;
  try {
    const { deleted } = await send("DELETE", `/users/${encodeURIComponent(id)}`, undefined, scope());
    const whole = Object.values(deleted).reduce((sum, n) => sum + n, 0);
    $("#erase-dialog").close();
    $("#tool-result").textContent = `Erased: ${count(whole)} rows. What this person's devices still send from before now is left out.`;
    held = { events: [], crashes: [], cursor: null, pages: 1 };
    draw(id);
  } catch (error) {
    $("#erase-result").textContent = error.message;
  }
  button.disabled = false;
}
