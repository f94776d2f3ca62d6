import { el } from "../dom.js";
import { form } from "../form.js";
import { ago, country, exactTime } from "../format.js";
import { eventName } from "../names.js";
import { debugMark, only, onlyProperty } from "../narrow.js";
import { shortId } from "../people.js";
import { platform } from "../platforms.js";
import * as state from "../state.js";
import { days } from "../stats.js";
import { dataTable } from "../table.js";

export const keys = ["list"];
const NAMES = ["search", "event_type", "user_id", "session_id"];
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

// A whole id is looked up, not searched for.
form("#row-filter", NAMES, (values) => ({
  ...values,
  ...(UUID.test(values.search) ? { search: null, user_id: values.search } : {}),
}));

const shown = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));
const brief = (row) =>
  Object.entries(row.properties ?? {}).map(([name, value]) =>
    el("span", {}, `${name} `, el("span", { class: "value" }, onlyProperty(name, value, shown(value)))),
  );

export async function load(context) {
  const desktop = state.kind() === "desktop";
  const search = state.get("search");
  await dataTable(
    "list",
    {
      caption: "Events, latest first",
      source: {
        path: search ? "/dashboard/api/search" : "/events",
        rows: "events",
        params: {
          app: state.app(),
          ...days(),
          ...state.filter(),
          ...Object.fromEntries(NAMES.map((name) => [name, state.get(name)])),
        },
      },
      empty: search ? "No events match." : "No events in this period.",
      columns: [
        {
          name: "When",
          cell: (row) => el("time", { datetime: row.timestamp, title: exactTime(row.timestamp) }, ago(row.timestamp)),
          value: (row) => row.timestamp,
        },
        {
          name: "Event",
          cell: (row) => [only("event", row.event, eventName(row.event)), row.channel === "debug" && debugMark()],
          value: (row) => row.event,
        },
        {
          name: "Properties",
          grow: true,
          cell: (row) => el("span", { class: "props muted", title: shown(row.properties ?? {}) }, brief(row)),
          value: (row) => row.properties,
        },
        ...(desktop
          ? [
              { name: "Version", cell: (row) => only("version", row.app_version), value: (row) => row.app_version },
              {
                name: "Platform",
                cell: (row) => (row.platform ? only("platform", row.platform, platform(row.platform)) : null),
                value: (row) => row.platform,
              },
              {
                name: "Country",
                cell: (row) => (row.country ? only("country", row.country, country(row.country)) : null),
                value: (row) => row.country,
              },
            ]
          : []),
        { name: "Person", cell: (row) => shortId(row.user_id), value: (row) => row.user_id },
      ],
    },
    context,
  );
}
