import { get, send } from "../api.js";
import * as appCohorts from "../app_cohorts.js";
import * as appDialog from "../app_dialog.js";
import * as appEvents from "../app_events.js";
import * as appSegments from "../app_segments.js";
import * as appSetup from "../app_setup.js";
import * as appTesters from "../app_testers.js";
import { has, show, tableOf } from "../cards.js";
import * as dialogs from "../dialogs.js";
import { $, copy, el } from "../dom.js";
import { ago, bytes, count, duration, exactTime, fixed, percent } from "../format.js";
import * as keyNumbers from "../key_number_settings.js";
import * as saved from "../saved_settings.js";
import { grid, inOrder } from "../sort.js";

export const keys = [
  "apps",
  ...appSetup.keys,
  ...appEvents.keys,
  ...appSegments.keys,
  ...appCohorts.keys,
  ...appTesters.keys,
  ...keyNumbers.keys,
  ...saved.keys,
  "storage",
  "jobs",
];
const KINDS = { desktop: "Desktop app", website: "Website", generator: "Generator", bot: "Bot" };
let current = null;
const shown = new Set();
const { role } = document.body.dataset;

export async function load(context) {
  if (context.why === "start") tools();
  if (context.why !== "draw") {
    const [apps, server] = await Promise.all([
      get("/apps", {}, context.signal),
      has("storage") ? get("/dashboard/api/server", {}, context.signal) : null,
    ]);
    const own = [appSegments, appCohorts, keyNumbers, saved].map((part) => part.load(context.signal));
    await Promise.all([appEvents.load(apps.apps, context.signal), ...own]);
    appSetup.load(apps.apps);
    appTesters.load(apps.apps);
    current = { apps: apps.apps, server };
  }
  draw();
}

function draw() {
  apps(current.apps);
  appSetup.draw();
  appEvents.draw();
  appSegments.draw();
  appCohorts.draw();
  appTesters.draw();
  keyNumbers.draw();
  saved.draw();
  if (current.server === null) return;
  storage(current.server);
  jobs(current.server);
}

function apps(rows) {
  const data = {
    columns: ["Name", "Slug", "Kind", "Timezone", "Retention in days"],
    rows: rows.map((app) => [app.name, app.slug, app.kind, app.timezone, app.retention_days]),
  };
  const quiet = (label, text, key, onclick) =>
    el("button", { type: "button", class: "plain", dataset: { key }, "aria-label": label, onclick }, text);
  const columns = [
    {
      name: "App",
      sort: "name",
      value: (app) => app.name,
      cell: (app) => [
        el("a", { href: `/dashboard?app=${encodeURIComponent(app.slug)}` }, app.name),
        app.is_default && el("span", { class: "muted" }, " (default)"),
      ],
    },
    { name: "Kind", sort: "kind", value: (app) => app.kind, cell: (app) => KINDS[app.kind] ?? app.kind },
    { name: "Timezone", sort: "timezone", value: (app) => app.timezone, cell: (app) => app.timezone },
    {
      name: "Retention",
      sort: "kept",
      down: true,
      value: (app) => app.retention_days,
      cell: (app) => `${count(app.retention_days)} days`,
    },
    { name: "Key", grow: true, cell: key },
    {
      name: "",
      numeric: true,
      cell: (app) => [
        role !== "viewer" && quiet(`Change ${app.name}`, "Change", `edit-${app.slug}`, () => appDialog.edit(app)),
        role === "owner" && quiet(`New key for ${app.name}`, "New key", `key-${app.slug}`, () => rotate(app)),
      ],
    },
  ];
  show(
    "apps",
    [
      grid("apps", { columns, rows: inOrder("apps", columns, rows), caption: "Apps", tall: true }),
      el(
        "p",
        { class: "pager" },
        el("span", {}),
        role === "owner" &&
          el(
            "button",
            { type: "button", class: "btn", dataset: { key: "new" }, onclick: () => appDialog.edit(null) },
            "New app",
          ),
      ),
    ],
    data,
  );
}

/** Hidden until asked for: a shared screen should not show it. */
function key(app) {
  if (app.ingest_key === null) return el("span", { class: "muted" }, "Shown to owners");
  const open = shown.has(app.slug);
  return el(
    "span",
    { class: "person" },
    el("span", { class: "mono" }, open ? app.ingest_key : "\u2022".repeat(8)),
    " ",
    el(
      "button",
      {
        type: "button",
        class: "plain",
        dataset: { key: `show-${app.slug}` },
        "aria-label": `${open ? "Hide" : "Show"} the key of ${app.name}`,
        onclick: () => {
          if (open) shown.delete(app.slug);
          else shown.add(app.slug);
          draw();
        },
      },
      open ? "Hide" : "Show",
    ),
    el(
      "button",
      {
        type: "button",
        class: "plain",
        "aria-label": `Copy the key of ${app.name}`,
        onclick: (event) => copy(app.ingest_key, event.currentTarget),
      },
      "Copy",
    ),
  );
}

const STORED = {
  events: "Events",
  old_events: "Events of old days, compressed",
  crashes: "Crashes and handled errors",
  rollups: "Rollups",
  symbols: "Source maps and symbols",
  contents: "Messages and images' queue",
  administration: "Accounts, alerts and settings",
};

function storage({ storage: kinds, growth }) {
  const left =
    growth.days_left === null
      ? ""
      : growth.days_left > 3650
        ? ", enough for more than ten years"
        : `, enough for ${count(growth.days_left)} days at this rate`;
  const data = {
    columns: ["What", "Size", "Share", "Number, about"],
    formats: [String, bytes, percent, count],
    rows: kinds.map(({ kind, bytes: size, items }) => [
      STORED[kind] ?? kind,
      size,
      Number(fixed((100 * size) / growth.bytes, 1)),
      items,
    ]),
  };
  show(
    "storage",
    [
      el(
        "p",
        { class: "means" },
        `${bytes(growth.bytes)} in total`,
        growth.bytes_per_day ? `, about ${bytes(growth.bytes_per_day)} more a day (mean of the last 14 days)` : "",
        growth.free_bytes === null
          ? ". Free disk space is not known: the database is on another server."
          : `. ${bytes(growth.free_bytes)} free on the disk${left}.`,
      ),
      tableOf("storage", data, "Storage", { bar: 1 }),
    ],
    data,
  );
}

function jobs({ jobs: rows, fold, replica }) {
  const columns = [
    {
      name: "Job",
      sort: "job",
      value: (job) => job.name,
      cell: (job) => (job.note ? el("span", {}, `${job.name}, `, el("span", { class: "muted" }, job.note)) : job.name),
    },
    {
      name: "Last run",
      sort: "run",
      down: true,
      value: (job) => job.started_at,
      cell: (job) => el("span", { title: job.started_at ? exactTime(job.started_at) : "" }, ago(job.started_at)),
    },
    { name: "Took", sort: "took", numeric: true, value: (job) => job.seconds, cell: (job) => duration(job.seconds) },
    {
      name: "Last error",
      sort: "error",
      down: true,
      grow: true,
      value: (job) => job.error_at,
      cell: (job) =>
        job.last_error
          ? el("span", { class: "bad", title: exactTime(job.error_at) }, `${job.last_error}, ${ago(job.error_at)}`)
          : el("span", { class: "muted" }, "None"),
    },
  ];
  show(
    "jobs",
    [
      el(
        "p",
        { class: "means" },
        `${count(fold.waiting)} queued, ${count(fold.set_aside)} failed, last counted `,
        el("span", { title: exactTime(fold.folded_at) }, ago(fold.folded_at)),
        ".",
        replicaState(replica),
      ),
      grid("jobs", { columns, rows: inOrder("jobs", columns, rows), caption: "Jobs", tall: true }),
    ],
    {
      columns: ["Job", "Started", "Seconds", "Error", "Error at"],
      rows: rows.map((job) => [job.name, job.started_at, job.seconds, job.last_error, job.error_at]),
    },
  );
}

/** Of the standby that reports are read from, where one is set. */
function replicaState(replica) {
  if (replica === undefined) return "";
  const lag = replica.lag_seconds;
  return lag === null
    ? " The replica does not answer: reports come from the primary."
    : ` The replica is ${duration(lag)} behind.`;
}

let rotating = null;

function rotate(app) {
  rotating = app;
  $("#key-title").textContent = `Create a new key for ${app.name}?`;
  $("#key-problem").textContent = "";
  $("#key-dialog").showModal();
}

async function reload() {
  current.apps = (await get("/apps")).apps;
  await appEvents.load(current.apps);
  appSetup.load(current.apps);
  appTesters.load(current.apps);
  draw();
}

function tools() {
  appDialog.install(reload);
  dialogs.install();
  $("#key-no").addEventListener("click", () => $("#key-dialog").close());
  $("#key-yes").addEventListener("click", async () => {
    try {
      await send("POST", `/apps/${encodeURIComponent(rotating.slug)}/key`, {});
      shown.add(rotating.slug);
      $("#key-dialog").close();
      await reload();
    } catch (error) {
      $("#key-problem").textContent = error.message;
    }
  });
  $("#cleanup")?.addEventListener("click", async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    $("#cleanup-result").textContent = "Cleaning up";
    try {
      const { result } = await send("POST", "/cleanup", {});
      $("#cleanup-result").textContent =
        `Deleted ${count(result.events_deleted)} events and ${count(result.crashes_deleted)} crashes.`;
    } catch (error) {
      $("#cleanup-result").textContent = error.message;
    }
    button.disabled = false;
  });
}
