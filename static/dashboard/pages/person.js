import { get, send } from "../api.js";
import { none, show } from "../cards.js";
import { $, announce, copy, el } from "../dom.js";
import { ago, count, country, exactTime, platform } from "../format.js";
import { conversation, story } from "../timeline.js";
import * as state from "../state.js";

export const keys = ["timeline"];
const PAGE = 200;
const CRASHES = 100;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
let held = null; // {events, cursor, crashes, crashCursor, pages, isPaging, trouble}
let id = null;

const bot = () => state.kind() === "bot";
/** Of a bot the id is the app's own, elsewhere the uuid: then the app is not named. */
const scope = () => (bot() ? { app: state.app() } : {});

export async function load(context) {
  if (context.why === "start") tools(); // also when the next line fails: it may go well later
  $("#person-id").textContent = id ?? state.get("id");
  id ??= await ownId(state.get("id") ?? "", context.signal);
  $("#person-id").textContent = id;
  const isKept = () => context.why === "refresh" && (held.pages > 1 || held.isPaging);
  if (isKept()) return;
  if (context.why !== "draw") {
    const before = held;
    const found = { ...(await (bot() ? talk : rows)(null, context.signal)), pages: 1 };
    if (held !== before || isKept()) return; // a click came between
    held = found;
  }
  draw();
}

/** Lists of events know a bot's people by uuid; the bot itself knows them by an id of its own. */
async function ownId(id, signal) {
  if (!bot() || !UUID.test(id)) return id;
  const { external_id: own } = await get("/dashboard/api/person", { app: state.app(), user_id: id }, signal);
  return own ?? id;
}

/** The first page, or what comes after `before`: what is held. */
async function talk(before, signal) {
  const answer = await get(
    `/api/analytics/users/${encodeURIComponent(id)}/events`,
    { app: state.app(), limit: PAGE, cursor: before?.cursor },
    signal,
  );
  return { events: [...(before?.events ?? []), ...answer.events], cursor: answer.next_cursor };
}

async function rows(before, signal) {
  const asked = { app: state.app(), user_id: id };
  const since = before && horizon(before);
  // Of two lists the one that ends later goes on: until then the other's rows are not all that happened.
  const events = !before || (before.cursor && before.events.at(-1).timestamp === since);
  const crashes = !before || (before.crashCursor && before.crashes.at(-1).timestamp === since);
  const [more, fallen] = await Promise.all([
    events && get("/events", { ...asked, limit: PAGE, cursor: before?.cursor }, signal),
    crashes && get("/crashes", { ...asked, limit: CRASHES, cursor: before?.crashCursor }, signal),
  ]);
  return {
    events: [...(before?.events ?? []), ...(more ? more.events : [])],
    cursor: more ? more.next_cursor : before.cursor,
    crashes: [...(before?.crashes ?? []), ...(fallen ? fallen.crashes : [])],
    crashCursor: fallen ? fallen.next_cursor : before.crashCursor,
  };
}

/** Since when both lists are whole; "" when all is there. */
function horizon({ events, cursor, crashes, crashCursor }) {
  const ends = [cursor ? events.at(-1).timestamp : "", crashCursor ? crashes.at(-1).timestamp : ""];
  return ends[0] > ends[1] ? ends[0] : ends[1];
}

function draw() {
  const { events, crashes = [], cursor, crashCursor } = held;
  const data = { columns: ["Time", "What", "Session", "Properties"], rows: [] };
  if (events.length + crashes.length === 0) {
    show("timeline", none("Nothing is held about this person."), data);
    summary([]);
    return;
  }
  let nodes;
  if (bot()) {
    data.columns = ["Time", "Event", "Persona", "Message", "Prompt", "Image"];
    data.rows = events.map((one) => [
      one.created_at,
      one.event_name,
      one.persona_name ?? one.persona_id,
      one.message,
      one.prompt,
      one.image_url,
    ]);
    nodes = [conversation(events)];
    summary(events.map((one) => one.created_at));
  } else {
    const since = horizon(held);
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
      items.map((one) => one.at),
      events,
      items.filter((one) => one.kind === "crash").length,
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
            disabled: held.isPaging,
            onclick: (event) => more(event.currentTarget),
          },
          held.trouble ? `${held.trouble} Try again` : bot() ? "Later" : "Older",
        ),
      ),
    );
  show("timeline", nodes, data);
}

async function more(button) {
  const before = held;
  button.disabled = true;
  Object.assign(before, { isPaging: true, trouble: null });
  let found = before;
  try {
    found = { ...(await (bot() ? talk : rows)(before)), pages: before.pages + 1 };
  } catch (error) {
    before.trouble = error.message;
  }
  before.isPaging = false;
  if (held !== before) return; // erased meanwhile
  held = found;
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
  $("#person-summary").replaceChildren(
    `${count(moments.length)}${held.cursor || held.crashCursor ? " or more" : ""} ${moments.length === 1 ? "event" : "events"}`,
    crashes ? `, ${count(crashes)} of them crashes` : "",
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
    if (id === null) return; // not known yet by the name that it is erased by
    $("#erase-result").textContent = "";
    dialog.showModal();
  });
  $("#erase-no").addEventListener("click", () => dialog.close());
  $("#erase-yes").addEventListener("click", (event) => erase(event.currentTarget));
}

async function download() {
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

async function erase(button) {
  button.disabled = true;
  try {
    const { deleted } = await send("DELETE", `/users/${encodeURIComponent(id)}`, undefined, scope());
    const whole = Object.values(deleted).reduce((sum, n) => sum + n, 0);
    $("#erase-dialog").close();
    $("#tool-result").textContent =
      `Erased: ${count(whole)} rows. What this person's devices still send from before now is left out.`;
    held = { events: [], crashes: [], cursor: null, crashCursor: null, pages: 1 };
    draw();
  } catch (error) {
    $("#erase-result").textContent = error.message;
  }
  button.disabled = false;
}
