import { get, send } from "../api.js";
import { none, show } from "../cards.js";
import { $, announce, copy, el } from "../dom.js";
import { ago, count, country, exactTime } from "../format.js";
import { platform } from "../platforms.js";
import * as state from "../state.js";
import { conversation, story } from "../timeline.js";

export const keys = ["timeline"];
const PAGE = 200;
const CRASHES = 100;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
let loaded = null; // {events, cursor, crashes, crashCursor, pages, isPaging, error}
let id = null;

// A bot knows its people by ids of its own and shows their conversations. Who is known by a crash alone has
// neither, but a UUID and a timeline, as the people of other apps.
let isBotsOwn = state.kind() === "bot";
/** The bot's own ids need the app; a UUID is good across all apps. */
const scope = () => (isBotsOwn ? { app: state.app() } : {});

export async function load(context) {
  if (context.why === "start") tools(); // even if the next line fails: a later load may succeed
  $("#person-id").textContent = id ?? state.get("id");
  id ??= await ownId(state.get("id") ?? "", context.signal);
  $("#person-id").textContent = id;
  const isKept = () => context.why === "refresh" && (loaded.pages > 1 || loaded.isPaging);
  if (isKept()) return;
  if (context.why !== "draw") {
    const before = loaded;
    const next = { ...(await loadFirst(context.signal)), pages: 1 };
    if (loaded !== before || isKept()) return; // "Older" was clicked meanwhile
    loaded = next;
  }
  draw();
}

/** The id that a bot has for a person: links from lists of events have the UUID. */
async function ownId(id, signal) {
  if (!isBotsOwn || !UUID.test(id)) return id;
  const { external_id: own } = await get("/dashboard/api/person", { app: state.app(), user_id: id }, signal);
  return own ?? id;
}

async function loadFirst(signal) {
  if (isBotsOwn) {
    const conversation = await loadConversation(null, signal);
    if (conversation.events.length > 0 || !UUID.test(id)) return conversation;
    isBotsOwn = false;
  }
  return loadEvents(null, signal);
}

/** `before` and the page after it, or the first page. */
async function loadConversation(before, signal) {
  const answer = await get(
    `/api/analytics/users/${encodeURIComponent(id)}/events`,
    { app: state.app(), limit: PAGE, cursor: before?.cursor },
    signal,
  );
  return { events: [...(before?.events ?? []), ...answer.events], cursor: answer.next_cursor };
}

async function loadEvents(before, signal) {
  const params = { app: state.app(), user_id: id };
  const since = before && horizon(before);
  // Both lists must reach equally far back: only the one that ends later goes on.
  const events = !before || (before.cursor && before.events.at(-1).timestamp === since);
  const crashes = !before || (before.crashCursor && before.crashes.at(-1).timestamp === since);
  const [newEvents, newCrashes] = await Promise.all([
    events && get("/events", { ...params, limit: PAGE, cursor: before?.cursor }, signal),
    crashes && get("/crashes", { ...params, limit: CRASHES, cursor: before?.crashCursor }, signal),
  ]);
  return {
    events: [...(before?.events ?? []), ...(newEvents ? newEvents.events : [])],
    cursor: newEvents ? newEvents.next_cursor : before.cursor,
    crashes: [...(before?.crashes ?? []), ...(newCrashes ? newCrashes.crashes : [])],
    crashCursor: newCrashes ? newCrashes.next_cursor : before.crashCursor,
  };
}

/** The time back to which both lists are complete; "" when everything is loaded. */
function horizon({ events, cursor, crashes, crashCursor }) {
  const ends = [cursor ? events.at(-1).timestamp : "", crashCursor ? crashes.at(-1).timestamp : ""];
  return ends.sort().at(-1);
}

function draw() {
  const { events, crashes = [], cursor, crashCursor } = loaded;
  const data = { columns: ["Time", "What", "Session", "Properties"], rows: [] };
  if (events.length + crashes.length === 0) {
    show("timeline", none("Nothing is stored about this person."), data);
    summary([]);
    return;
  }
  let nodes;
  if (isBotsOwn) {
    data.columns = ["Time", "Event", "Persona", "Message", "Prompt", "Image"];
    data.rows = events.map((event) => [
      event.created_at,
      event.event_name,
      event.persona_name ?? event.persona_id,
      event.message,
      event.prompt,
      event.image_url,
    ]);
    nodes = [conversation(events)];
    summary(events.map((event) => event.created_at));
  } else {
    const since = horizon(loaded);
    const items = [
      ...events
        .filter((row) => row.timestamp >= since)
        .map((row) => ({ kind: "event", at: row.timestamp, session: row.session_id, row })),
      ...crashes
        .filter((row) => row.timestamp >= since)
        .map((row) => ({ kind: "crash", at: row.timestamp, session: row.session_id, row })),
    ].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
    data.rows = items.map(({ at, kind, session, row }) => [
      at,
      kind === "crash" ? `crash: ${row.error_message}` : row.event,
      session,
      row.properties ?? row.context,
    ]);
    nodes = story(items);
    summary(
      items.map((item) => item.at),
      events,
      items.filter((item) => item.kind === "crash").length,
    );
  }
  if (cursor || crashCursor)
    nodes.push(
      el(
        "p",
        { class: "pager" },
        el(
          "button",
          {
            type: "button",
            class: "btn",
            dataset: { key: "more" },
            disabled: loaded.isPaging,
            onclick: (event) => more(event.currentTarget),
          },
          loaded.error ? `${loaded.error} Try again` : isBotsOwn ? "Newer" : "Older",
        ),
      ),
    );
  show("timeline", nodes, data);
}

async function more(button) {
  const before = loaded;
  button.disabled = true;
  Object.assign(before, { isPaging: true, error: null });
  let next = before;
  try {
    next = { ...(await (isBotsOwn ? loadConversation : loadEvents)(before)), pages: before.pages + 1 };
  } catch (error) {
    before.error = error.message;
  }
  before.isPaging = false;
  if (loaded !== before) return; // erased meanwhile
  loaded = next;
  draw();
}

function summary(moments, events = [], crashes = 0) {
  if (!moments.length) {
    $("#person-summary").textContent = "";
    return;
  }
  const sorted = [...moments].sort();
  const latest = events[0];
  const what = [
    latest?.app_version && `version ${latest.app_version}`,
    latest?.platform && platform(latest.platform),
    latest?.country && country(latest.country),
  ]
    .filter(Boolean)
    .join(", ");
  const hasMore = loaded.cursor || loaded.crashCursor;
  const eventCount = moments.length - crashes;
  $("#person-summary").replaceChildren(
    `${count(eventCount)}${hasMore ? " or more" : ""} ${eventCount === 1 ? "event" : "events"}`,
    crashes > 0 ? `, ${count(crashes)} ${crashes === 1 ? "crash" : "crashes"}` : "",
    ", last ",
    el("time", { datetime: sorted.at(-1), title: exactTime(sorted.at(-1)) }, ago(sorted.at(-1))),
    what ? `, ${what}` : "",
  );
}

function tools() {
  $("#copy-id").addEventListener("click", (event) => copy($("#person-id").textContent, event.currentTarget));
  $("#export").addEventListener("click", () => {
    if (id !== null) download();
  });
  const dialog = $("#erase-dialog");
  $("#erase").addEventListener("click", () => {
    if (id === null) return; // its own id is not loaded yet
    $("#erase-result").textContent = "";
    dialog.showModal();
  });
  $("#erase-no").addEventListener("click", () => dialog.close());
  $("#erase-yes").addEventListener("click", (event) => erase(event.currentTarget));
}

async function download() {
  try {
    const stored = await get(`/users/${encodeURIComponent(id)}/export`, scope());
    const url = URL.createObjectURL(new Blob([JSON.stringify(stored, null, 2)], { type: "application/json" }));
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

async function erase(button) {
  button.disabled = true;
  try {
    const { deleted } = await send("DELETE", `/users/${encodeURIComponent(id)}`, undefined, scope());
    const whole = Object.values(deleted).reduce((sum, n) => sum + n, 0);
    $("#erase-dialog").close();
    $("#tool-result").textContent = `Erased ${count(whole)} rows. Earlier events that arrive later are discarded.`;
    loaded = { events: [], crashes: [], cursor: null, crashCursor: null, pages: 1 };
    draw();
  } catch (error) {
    $("#erase-result").textContent = error.message;
  }
  button.disabled = false;
}
