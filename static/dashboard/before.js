// The events of a person before a crash of theirs.

import { get } from "./api.js";
import { none, show } from "./cards.js";
import { el } from "./dom.js";
import { isOne } from "./people.js";
import * as state from "./state.js";
import { eventLine } from "./timeline.js";

/** Fill the card "before" with the last `most` events before the crash. */
export async function showBefore(crash, most, signal) {
  if (!isOne(crash.user_id)) {
    show("before", none("The crash is nobody's: what else nobody sent says nothing about it."));
    return;
  }
  const { events } = await get(
    "/events",
    { app: state.app(), user_id: crash.user_id, end_date: crash.timestamp, limit: most },
    signal,
  );
  show(
    "before",
    events.length
      ? el(
          "ol",
          { class: "timeline" },
          events.map((event) => eventLine(event, crash.timestamp)),
        )
      : none("No earlier events of this person are stored."),
    {
      columns: ["Time", "Event", "Session", "Properties"],
      rows: events.map((event) => [event.timestamp, event.event, event.session_id, event.properties]),
    },
  );
}
