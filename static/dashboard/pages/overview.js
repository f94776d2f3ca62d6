import { get } from "../api.js";
import { has, none, show } from "../cards.js";
import { timeChart } from "../charts.js";
import { el } from "../dom.js";
import { ago, compact, country, exactTime, money } from "../format.js";
import * as keyNumbers from "../key_numbers.js";
import { barList } from "../lists.js";
import { eventName } from "../names.js";
import { fillNumbers } from "../numbers.js";
import { isPerson, personLink, shortId } from "../people.js";
import * as pinned from "../pinned.js";
import { platform } from "../platforms.js";
import * as state from "../state.js";
import { ask, column, dates, emptyOf } from "../stats.js";

export const keys = [
  "people",
  "all",
  "names",
  "recordings",
  "minutes",
  "countries",
  "versions",
  "platforms",
  "crashes",
  "cost",
  "live",
];
const LIVE_MS = 30 * 60_000;
let live = [];

export async function load(context) {
  const since = new Date(Date.now() - LIVE_MS).toISOString();
  const [{ answer, before, page, releases }, latest] = await Promise.all([
    ask(context, { page: "overview", include: has("names") ? ["usage"] : [] }),
    context.why === "draw" || !has("live")
      ? null
      : get("/events", { app: state.app(), start_date: since, limit: 12, ...state.filter() }, context.signal),
  ]);
  live = latest?.events ?? live;
  fillNumbers({ ...answer, rolling: page.rolling }, before);
  const days = dates(answer);
  const line = (key, title, name, options = {}) =>
    timeChart(key, days, [{ label: title, values: column(answer, name), before: column(before, name) }], options);
  line("people", "People", "active_users", { releases, format: compact });
  line("all", "Events", "events", { type: "bar", format: compact });
  barList("names", answer.usage?.events_by_name ?? [], { head: ["Event", "Count"], name: eventName, filter: "event" });
  line("recordings", "Recordings", "recordings", { type: "bar", format: compact });
  line("minutes", "Minutes", "minutes_transcribed", { type: "bar", format: compact });
  timeChart(
    "crashes",
    days,
    [{ label: "Crashes", values: column(answer, "crashes"), before: column(before, "crashes"), colour: "bad" }],
    { type: "bar", releases, empty: emptyOf(answer, "daily_stats.crashes", "No crashes in this period.") },
  );
  line("cost", "Cost", "cost_usd", { type: "bar", format: money });
  barList("countries", page.countries, { head: ["Country", "People"], filter: "country", name: country });
  barList("versions", page.versions, { head: ["Version", "People"], filter: "version" });
  barList("platforms", page.platforms, {
    head: ["Platform", "People"],
    filter: "platform",
    name: platform,
    named: true,
  });
  liveList(live);
  keyNumbers.load(context);
  pinned.load(context);
}

function liveList(events) {
  if (!has("live")) return;
  const data = {
    columns: ["Time", "Event", "Person", "Version", "Platform", "Country"],
    rows: events.map((event) => [
      event.timestamp,
      event.event,
      event.user_id,
      event.app_version,
      event.platform,
      event.country,
    ]),
  };
  if (events.length === 0) {
    show("live", none("No events in the last 30 minutes."), data);
    return;
  }
  show(
    "live",
    el(
      "ul",
      { class: "live" },
      events.map((event) =>
        el(
          "li",
          {},
          el(
            "time",
            { class: "muted", datetime: event.timestamp, title: exactTime(event.timestamp) },
            ago(event.timestamp),
          ),
          el("span", { class: "clip" }, eventName(event.event)),
          el(
            "span",
            { class: "clip muted wide-only" },
            [event.app_version, event.platform && platform(event.platform), event.country && country(event.country)]
              .filter(Boolean)
              .join(", "),
          ),
          isPerson(event.user_id)
            ? el("a", { class: "mono", href: personLink(event.user_id) }, event.user_id.slice(0, 8))
            : shortId(event.user_id),
        ),
      ),
    ),
    data,
  );
}
