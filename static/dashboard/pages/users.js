import { el } from "../dom.js";
import { ago, count, country, exactTime } from "../format.js";
import { personLink, shortId } from "../people.js";
import { shownPlatform } from "../platforms.js";
import * as state from "../state.js";
import { dataTable } from "../table.js";

export const keys = ["list"];
const when = (moment) => (moment ? el("time", { datetime: moment, title: exactTime(moment) }, ago(moment)) : null);

export async function load(context) {
  const kind = state.kind();
  const bot = kind === "bot";
  const messages = (row) => (row.counts?.user_message ?? 0) + (row.counts?.ai_message ?? 0);
  const named = (row) => row.external_id ?? row.user_id;
  await dataTable(
    "list",
    {
      caption: "People",
      source: { path: "/users", sorted: "/dashboard/api/users", params: { app: state.app() }, rows: "users" },
      initial: "-last_active",
      open: (row) => personLink(bot ? named(row) : row.user_id),
      empty: "No people yet.",
      columns: [
        { name: "Person", cell: (row) => shortId(named(row), false), value: named },
        {
          name: "Last active",
          sort: "last_active",
          down: true,
          cell: (row) => when(row.last_active ?? row.last_seen),
          value: (row) => row.last_active ?? row.last_seen,
        },
        {
          name: "First seen",
          sort: "first_seen",
          down: true,
          cell: (row) => when(row.first_seen),
          value: (row) => row.first_seen,
        },
        { name: "Events", sort: "events", numeric: true, cell: (row) => count(row.events), value: (row) => row.events },
        ...(kind === "desktop"
          ? [
              {
                name: "Crashes",
                sort: "crashes",
                numeric: true,
                cell: (row) => el("span", { class: row.crashes ? "bad" : "muted" }, count(row.crashes)),
                value: (row) => row.crashes,
              },
              {
                name: "Recordings",
                sort: "recordings",
                numeric: true,
                cell: (row) => count(row.counts?.recording_completed ?? 0),
                value: (row) => row.counts?.recording_completed ?? 0,
              },
              {
                name: "Version",
                sort: "version",
                down: true,
                cell: (row) => row.app_version,
                value: (row) => row.app_version,
              },
              {
                name: "Platform",
                sort: "platform",
                cell: (row) => (row.platform ? shownPlatform(row.platform) : null),
                value: (row) => row.platform,
              },
              {
                name: "Country",
                sort: "country",
                cell: (row) => (row.country ? country(row.country) : null),
                value: (row) => row.country,
              },
            ]
          : []),
        ...(bot
          ? [
              {
                name: "Messages",
                sort: "messages",
                numeric: true,
                cell: (row) => count(messages(row)),
                value: messages,
              },
              {
                name: "Images",
                sort: "images",
                numeric: true,
                cell: (row) => count(row.counts?.image_generated ?? 0),
                value: (row) => row.counts?.image_generated ?? 0,
              },
            ]
          : []),
        ...(kind === "website"
          ? [
              {
                name: "Pages",
                sort: "pages",
                numeric: true,
                cell: (row) => count(row.counts?.pageview ?? 0),
                value: (row) => row.counts?.pageview ?? 0,
              },
              {
                name: "Conversions",
                sort: "conversions",
                numeric: true,
                cell: (row) => count(row.counts?.conversion ?? 0),
                value: (row) => row.counts?.conversion ?? 0,
              },
            ]
          : []),
      ],
    },
    context,
  );
}
