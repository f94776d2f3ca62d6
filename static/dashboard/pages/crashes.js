import { get } from "../api.js";
import { el } from "../dom.js";
import { form } from "../form.js";
import { ago, exactTime, words } from "../format.js";
import { showCounts } from "../issues.js";
import { debugMark, only } from "../narrow.js";
import { crashLink, shortId } from "../people.js";
import { platform } from "../platforms.js";
import * as state from "../state.js";
import { days } from "../stats.js";
import { dataTable } from "../table.js";

export const keys = ["list"];
const NAMES = ["crash_type", "user_id"];
form("#row-filter", NAMES);

export async function load(context) {
  const chosen = Object.fromEntries(NAMES.map((name) => [name, state.get(name)]));
  const params = { app: state.app(), ...days(), ...state.filter(), ...chosen };
  await dataTable(
    "list",
    {
      caption: "Crashes",
      source: { path: "/crashes", sorted: "/dashboard/api/crashes", params, rows: "crashes" },
      initial: "-time",
      open: crashLink,
      empty: "No crashes in this period.",
      columns: [
        {
          name: "When",
          sort: "time",
          down: true,
          cell: (row) => el("time", { datetime: row.timestamp, title: exactTime(row.timestamp) }, ago(row.timestamp)),
          value: (row) => row.timestamp,
        },
        {
          name: "Message",
          sort: "message",
          grow: true,
          cell: (row) => el("span", { class: "two-lines" }, row.error_message),
          value: (row) => row.error_message,
        },
        { name: "Type", sort: "type", cell: (row) => words(row.crash_type), value: (row) => row.crash_type },
        {
          name: "Version",
          sort: "version",
          down: true,
          cell: (row) => [only("version", row.app_version), row.channel === "debug" && debugMark()],
          value: (row) => row.app_version,
        },
        {
          name: "System",
          sort: "system",
          cell: (row) => (row.os_version ? only("platform", row.os_version, platform(row.os_version)) : null),
          value: (row) => row.os_version,
        },
        { name: "Person", cell: (row) => shortId(row.user_id), value: (row) => row.user_id },
      ],
    },
    context,
  );
  if (context.why === "draw") return;
  const { counts } = await get("/issues", { app: state.app(), ...state.span(), limit: 1 }, context.signal);
  showCounts(counts);
}
