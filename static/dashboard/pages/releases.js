import { get, send } from "../api.js";
import * as busy from "../busy.js";
import { none, show } from "../cards.js";
import { onSave, open, pager } from "../dialogs.js";
import { el } from "../dom.js";
import { nothingMatches } from "../filters.js";
import { count, exactTime, FORMATS, percent } from "../format.js";
import { mayChange, moment } from "../issues.js";
import { columnsLeftOut } from "../notes.js";
import { releaseLink, releaseTime, verdict, webLink } from "../releases.js";
import { grid, inOrder } from "../sort.js";
import * as state from "../state.js";
import { toast } from "../toast.js";

export const keys = ["list"];
let answer = null;

if (mayChange()) onSave("release-dialog", save);

export async function load({ signal, why }) {
  if (why !== "draw") {
    const params = { app: state.app(), ...state.span(), ...state.filter() };
    const asking = state.isNarrowed() ? busy.ask : get;
    answer = await asking("/releases", params, signal, { keys });
  }
  draw();
}

const number = (name, key, format = count) => ({
  name,
  sort: key,
  numeric: true,
  value: (row) => row[key],
  cell: (row) => format(row[key]),
});

function draw() {
  const { releases: rows, unfiltered } = answer;
  const columns = columnsLeftOut(unfiltered, [
    {
      name: "Version",
      sort: "version",
      down: true,
      value: (row) => row.version,
      cell: (row) => [
        el("a", { href: releaseLink(row.version), dataset: { key: `release-${row.version}` } }, row.version),
        " ",
        row.url && webLink(row.url, "Notes", `Notes of ${row.version}`),
      ],
    },
    { name: "Against the one before", of: "comparison", value: (row) => row.verdict, cell: verdict },
    {
      name: "Adoption",
      sort: "adoption",
      numeric: true,
      class: "adoption",
      value: (row) => row.adoption,
      cell: (row) => [
        el("span", { class: "fill", style: { width: `${0.8 * (row.adoption ?? 0)}%` } }),
        el("span", { title: `${count(row.people)} people` }, percent(row.adoption)),
      ],
    },
    number("Crash-free people", "crash_free_people", FORMATS.percent),
    number("Crashes per person", "crashes_per_person", FORMATS.ratio),
    ...(rows.some((row) => (row.sessions ?? null) !== null)
      ? [number("Sessions", "sessions"), number("Crash-free sessions", "crash_free_sessions", FORMATS.percent)]
      : []),
    ...(rows.some((row) => row.transcriptions > 0)
      ? [
          number("Success rate", "success_rate", FORMATS.percent),
          number("Median processing", "median_processing_seconds", FORMATS.duration),
          number("Cost per person", "cost_per_person", FORMATS.money),
        ]
      : []),
    number("New", "new_issues"),
    number("Regressed", "regressed_issues"),
    number("Fixed", "fixed_issues"),
    {
      name: "Released",
      sort: "time",
      down: true,
      value: releaseTime,
      cell: (row) => [
        moment(releaseTime(row)),
        el("span", { class: "since muted" }, row.released_at ? "marked" : "first seen"),
      ],
    },
  ]);
  const table = rows.length
    ? grid("list", { columns, rows: inOrder("list", columns, rows), caption: "Releases", tall: true })
    : state.isNarrowed()
      ? nothingMatches()
      : none("No version was in use in this period.");
  const mark = mayChange() && pager("Mark a release", "mark", () => open("release-dialog", "Mark a release"));
  show("list", [table, mark].filter(Boolean), {
    columns: [...columns.map((column) => column.name), "p", "People", "Crashes"],
    rows: rows.map((row) => [...columns.map((column) => column.value(row)), row.p, row.people, row.crashes]),
  });
}

async function save(form) {
  const { version, time, url } = Object.fromEntries(new FormData(form));
  const body = { app: state.app(), version: version.trim() };
  if (time) body.released_at = new Date(time).toISOString();
  if (url) body.url = url.trim();
  const { release } = await send("POST", "/releases", body);
  toast(`${release.version} is marked as released ${exactTime(release.released_at)}`);
  dispatchEvent(new Event("reload"));
}
