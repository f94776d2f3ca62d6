// A person's timeline: events and crashes by day and session, or a bot's conversation.

import { el } from "./dom.js";
import { dateOf, duration, exactTime, time, words } from "./format.js";
import { eventName } from "./names.js";
import { debugMark } from "./narrow.js";
import { crashLink } from "./people.js";

/** "14:05" of a moment. */
const clock = (moment) => time(moment).slice(0, 5);

const brief = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));

const howLong = (moment, before) => `${duration(Math.max(0, (Date.parse(before) - Date.parse(moment)) / 1000))} before`;

/** A breadcrumb of an SDK, {time, category, level, message, data}: any member may be missing, or be anything.
 *  at: its time as ISO 8601, or null. */
export function crumbLine(crumb, at, before) {
  const data = Object.entries(crumb.data ?? {});
  const isBad = ["warning", "error", "fatal"].includes(crumb.level);
  return el(
    "li",
    { class: "crumb" },
    at
      ? el("time", { class: "muted", datetime: at, title: exactTime(at) }, howLong(at, before))
      : el("span", { class: "muted" }, "before"),
    el(
      "span",
      { class: "what" },
      el("b", { class: isBad ? "bad" : null }, brief(crumb.category ?? "breadcrumb")),
      crumb.message ? `${brief(crumb.message)} ` : null,
      data.length > 0 &&
        el(
          "span",
          { class: "muted props" },
          data.map(([name, value]) => el("span", {}, `${name} `, el("span", { class: "value" }, brief(value)))),
        ),
    ),
  );
}

/** before: a later moment; the line then says how long before it the event was. */
export function eventLine(event, before = null) {
  const entries = Object.entries(event.properties ?? {});
  return el(
    "li",
    {},
    el(
      "time",
      { class: "muted", datetime: event.timestamp, title: exactTime(event.timestamp) },
      before ? howLong(event.timestamp, before) : time(event.timestamp),
    ),
    el(
      "span",
      { class: "what" },
      el("b", {}, eventName(event.event)),
      event.channel === "debug" && debugMark(),
      entries.length > 0 &&
        el(
          "span",
          { class: "muted props" },
          entries.map(([name, value]) => el("span", {}, `${name} `, el("span", { class: "value" }, brief(value)))),
        ),
    ),
  );
}

function crashLine(crash) {
  return el(
    "li",
    { class: "crash" },
    el("time", { class: "muted", datetime: crash.timestamp, title: exactTime(crash.timestamp) }, time(crash.timestamp)),
    el(
      "a",
      { class: "what", href: crashLink(crash) },
      el("b", { class: "bad" }, "Crash"),
      el("span", { class: "props" }, el("span", {}, crash.error_message.split("\n")[0])),
    ),
  );
}

/** items: [{kind: "event" | "crash", at, session, row}], latest first; grouped by day and session. */
export function story(items) {
  const days = [];
  for (const item of items) {
    const label = dateOf(item.at);
    if (days.at(-1)?.label !== label) days.push({ label, sessions: [] });
    const sessions = days.at(-1).sessions;
    const last = sessions.at(-1);
    const near =
      last &&
      last.id === (item.session ?? null) &&
      Date.parse(last.items.at(-1).at) - Date.parse(item.at) < 30 * 60_000;
    if (last && (near || (item.session && last.id === item.session))) last.items.push(item);
    else sessions.push({ id: item.session ?? null, items: [item] });
  }
  return days.map((day) =>
    el(
      "section",
      { class: "day" },
      el("h3", { class: "day-head" }, day.label),
      day.sessions.map((session) => {
        const last = session.items[0];
        const first = session.items.at(-1);
        const length = (Date.parse(last.at) - Date.parse(first.at)) / 1000;
        return el(
          "div",
          { class: "session" },
          el(
            "p",
            { class: "session-head muted" },
            session.items.length === 1
              ? clock(first.at)
              : `${clock(first.at)} \u2013 ${clock(last.at)} · ${duration(length)} · ${session.items.length} events`,
          ),
          el(
            "ol",
            { class: "timeline" },
            session.items.map((item) => (item.kind === "crash" ? crashLine(item.row) : eventLine(item.row))),
          ),
        );
      }),
    ),
  );
}

const BADGES = {
  start_command: () => "/start",
  chat_cleared: () => "/clear",
  chat_continued: () => "Chat continued",
  persona_selected: (event) => `Persona: ${event.persona_name ?? event.persona_id ?? "unknown"}`,
  story_selected: (event) => `Story: ${event.meta?.story_id ?? "unknown"}`,
  premium_action: (event) => `Premium: ${words(event.meta?.action ?? "action")}`,
  command: (event) => event.meta?.command ?? "Command",
};

/** Where a stored image may be shown from: this server, or Cloudflare's image host. */
function pictureAddress(text) {
  try {
    const url = new URL(text, location.origin);
    const ours = url.origin === location.origin;
    return ours || url.origin === "https://imagedelivery.net" ? url.href : null;
  } catch {
    return null;
  }
}

export function picture(address, label) {
  const source = address && pictureAddress(address);
  const missing = (why) => el("span", { class: "picture none" }, why);
  if (!source) return missing(address ? "This picture is on another server" : "The picture is not stored yet");
  const image = el("img", { class: "picture", src: source, alt: label, loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(missing("The picture could not be loaded")));
  return image;
}

/** A bot's conversation, oldest first: user right and blue, bot left and grey with its persona. */
export function conversation(events) {
  const nodes = [];
  let label = null;
  for (const event of events) {
    const now = dateOf(event.created_at);
    if (now !== label) nodes.push(el("li", { class: "chat-day muted" }, (label = now)));
    nodes.push(turn(event));
  }
  return el("ol", { class: "chat" }, nodes);
}

function turn(event) {
  const when = el(
    "time",
    { class: "muted", datetime: event.created_at, title: exactTime(event.created_at) },
    clock(event.created_at),
  );
  if (event.event_name === "user_message") {
    return el("li", { class: "bubble user" }, el("p", {}, event.message ?? "No longer stored"), when);
  }
  const persona = el("span", { class: "who muted" }, event.persona_name ?? event.persona_id ?? "Bot");
  if (event.event_name === "ai_message") {
    return el("li", { class: "bubble ai" }, persona, el("p", {}, event.message ?? "No longer stored"), when);
  }
  if (event.event_name === "image_generated" || event.event_name === "image_refresh") {
    return el(
      "li",
      { class: "bubble ai image" },
      persona,
      picture(event.image_url, event.prompt ?? "Generated picture"),
      event.prompt && el("p", { class: "prompt" }, event.prompt),
      event.negative_prompt && el("p", { class: "prompt muted" }, `Negative prompt: ${event.negative_prompt}`),
      el("span", { class: "muted small" }, event.event_name === "image_refresh" ? "Regenerated" : ""),
      when,
    );
  }
  const text = BADGES[event.event_name]?.(event) ?? eventName(event.event_name);
  return el("li", { class: "badge", title: exactTime(event.created_at) }, String(text));
}
