import { ago, exactTime, platform, words } from "../format.js";
import { el } from "../dom.js";
import { days } from "../stats.js";
import { shortId } from "../people.js";
import { dataTable } from "../table.js";
import { form } from "../form.js";
import * as state from "../state.js";

export const keys = ["list"];
form("#row-filter", ["crash_type", "app_version", "os_version", "user_id"]);

export async function load(context) {
  const params = { app: state.app(), ...days(), ...Object.fromEntries(["crash_type", "app_version", "os_version", "user_id"].map((name) => [name, state.get(name)])) };
  await dataTable("list", {
    caption: "Crashes, latest first",
    ask: { path: "/crashes", params, rows: "crashes" },
    open: (row) => state.link({ id: row.crash_id, user: row.user_id, at: row.timestamp }, "/dashboard/crash"),
    empty: "No crash in this period.",
    columns: [
      { name: "When", cell: (row) => el("time", { datetime: row.timestamp, title: exactTime(row.timestamp) }, ago(row.timestamp)), value: (row) => row.timestamp },
      { name: "Message", grow: true, cell: (row) => el("span", { class: "two-lines" }, row.error_message), value: (row) => row.error_message },
      { name: "Type", cell: (row) => words(row.crash_type), value: (row) => row.crash_type },
      { name: "Version", cell: (row) => row.app_version, value: (row) => row.app_version },
      { name: "System", cell: (row) => (row.os_version ? platform(row.os_version) : null), value: (row) => row.os_version },
      { name: "Person", cell: (row) => shortId(row.user_id), value: (row) => row.user_id },
    ],
  }, context);
}
