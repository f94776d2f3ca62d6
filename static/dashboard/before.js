// What a person did before a crash of theirs: their events, and the breadcrumbs that an SDK sent with it.

import { get } from "./api.js";
import { none, show } from "./cards.js";
import { crumbsOf } from "./context.js";
import { el } from "./dom.js";
import { isOne } from "./people.js";
import * as state from "./state.js";
import { crumbLine, eventLine } from "./timeline.js";

/** Fill the card "before" with the last `most` events before the crash and all breadcrumbs, the latest first. */
export async function showBefore(crash, most, signal) {
  const crumbs = crumbsOf(crash)
    .map((crumb) => crumbEntry(crumb, crash))
    .reverse();
  const events = isOne(crash.user_id) ? await eventEntries(crash, most, signal) : [];
  const entries = [...crumbs, ...events].sort((one, other) => other.at - one.at);
  show(
    "before",
    entries.length > 0
      ? el(
          "ol",
          { class: "timeline" },
          entries.map((each) => each.line),
        )
      : nothing(crash),
    {
      columns: ["Time", "Event", "Session", "Properties"],
      rows: entries.map((each) => each.cells),
    },
  );
}

const nothing = (crash) =>
  none(
    isOne(crash.user_id)
      ? "No earlier events of this person are stored."
      : "The crash is nobody's: what else nobody sent says nothing about it.",
  );

async function eventEntries(crash, most, signal) {
  const { events } = await get(
    "/events",
    { app: state.app(), user_id: crash.user_id, end_date: crash.timestamp, limit: most },
    signal,
  );
  return events.map((event) => ({
    at: Date.parse(event.timestamp),
    line: eventLine(event, crash.timestamp),
    cells: [event.timestamp, event.event, event.session_id, event.properties],
  }));
}

/** A breadcrumb without a time that can be read stands at the crash. */
function crumbEntry(crumb, crash) {
  const when = new Date(crumb.time); // milliseconds since 1970
  const at = Number.isNaN(when.getTime()) ? null : when.toISOString();
  return {
    at: Date.parse(at ?? crash.timestamp),
    line: crumbLine(crumb, at, crash.timestamp),
    cells: [at, crumb.category, null, { message: crumb.message, ...crumb.data }],
  };
}
