import { get, send } from "../api.js";
import { show } from "../cards.js";
import { $, announce, copy, el } from "../dom.js";
import { ago, bytes, count, duration, exactTime, percent } from "../format.js";

export const keys = ["apps", "storage", "jobs"];
const KINDS = { desktop: "Desktop app", website: "Website", generator: "Generator", bot: "Bot" };
let held = null;
const shown = new Set();

export async function load(context) {
  if (context.why === "start") tools();
  if (context.why !== "draw") {
    const [apps, server] = await Promise.all([get("/apps", {}, context.signal), get("/dashboard/api/server", {}, context.signal)]);
    held = { apps: apps.apps, server };
  }
  draw();
}

function draw() {
  apps(held.apps);
  storage(held.server);
  jobs(held.server);
}

function apps(rows) {
  const data = { columns: ["Name", "Short name", "Kind", "Timezone", "Days kept"], rows: rows.map((app) => [app.name, app.slug, app.kind, app.timezone, app.retention_days]) };
  show("apps", [
    el("div", { class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Apps" }, el("table", {},
      el("thead", {}, el("tr", {}, ["App", "Kind", "Times in", "Kept", "Key", ""].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, rows.map((app) => el("tr", {},
        el("td", {}, el("a", { href: `/dashboard?app=${encodeURIComponent(app.slug)}` }, app.name), app.is_default && el("span", { class: "muted" }, " (default)")),
        el("td", {}, KINDS[app.kind] ?? app.kind), el("td", {}, app.timezone), el("td", {}, `${count(app.retention_days)} days`), el("td", {}, key(app)),
        el("td", { class: "num" }, el("button", { type: "button", class: "plain", dataset: { key: `edit-${app.slug}` }, "aria-label": `Change ${app.name}`, onclick: () => edit(app) }, "Change"),
          el("button", { type: "button", class: "plain", dataset: { key: `key-${app.slug}` }, "aria-label": `New key for ${app.name}`, onclick: () => rotate(app) }, "New key"))))))),
    el("p", { class: "pager" }, el("span", {}), el("button", { type: "button", class: "btn", dataset: { key: "new" }, onclick: () => edit(null) }, "New app")),
  ], data);
}

/** Hidden until asked for: a shared screen should not show it. */
function key(app) {
  const open = shown.has(app.slug);
  return el("span", { class: "person" }, el("span", { class: "mono" }, open ? app.ingest_key : "\u2022".repeat(8)), " ",
    el("button", { type: "button", class: "plain", dataset: { key: `show-${app.slug}` }, "aria-label": `${open ? "Hide" : "Show"} the key of ${app.name}`, onclick: () => { if (open) shown.delete(app.slug); else shown.add(app.slug); draw(); } }, open ? "Hide" : "Show"),
    el("button", { type: "button", class: "plain", "aria-label": `Copy the key of ${app.name}`, onclick: (event) => copy(app.ingest_key, event.currentTarget) }, "Copy"));
}

function storage({ tables, growth }) {
  const rows = tables.filter((one) => one.bytes > 0).slice(0, 12);
  const top = Math.max(...rows.map((one) => one.bytes), 1);
  const left = growth.days_left === null ? "" : growth.days_left > 3650 ? ", enough for more than ten years" : `, enough for ${count(growth.days_left)} days at this growth`;
  show("storage", [
    el("p", { class: "means" }, `${bytes(growth.bytes)} in all`, growth.bytes_per_day ? `, about ${bytes(growth.bytes_per_day)} a day by the last 14 days` : "",
      growth.free_bytes === null ? ". The database is on another server, so how much room is left is not known here." : `. ${bytes(growth.free_bytes)} of the disk are free${left}.`),
    el("div", { class: "bars" }, rows.map((one) => el("div", { class: "bar-item" }, el("span", { class: "fill", style: { width: `${(100 * one.bytes) / top}%` } }),
      el("span", { class: "clip" }, one.name), el("span", {}, bytes(one.bytes)), el("span", { class: "share" }, percent((100 * one.bytes) / growth.bytes)))))],
  { columns: ["Table", "Bytes", "Rows, about"], rows: tables.map((one) => [one.name, one.bytes, one.rows]) });
}

function jobs({ jobs: rows, fold }) {
  show("jobs", [
    el("p", { class: "means" }, `${count(fold.waiting)} waiting to be counted, ${count(fold.set_aside)} set aside, last counted `, el("span", { title: exactTime(fold.folded_at) }, ago(fold.folded_at)), "."),
    el("div", { class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Jobs" }, el("table", {},
      el("thead", {}, el("tr", {}, ["Job", "Last run", "Took", "Last error"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, rows.map((job) => el("tr", {}, el("td", {}, job.name), el("td", { title: job.started_at ? exactTime(job.started_at) : "" }, ago(job.started_at)), el("td", {}, duration(job.seconds)),
        el("td", { class: job.last_error ? "bad" : "muted" }, job.last_error ? el("span", { title: exactTime(job.error_at) }, `${job.last_error}, ${ago(job.error_at)}`) : "None"))))))],
  { columns: ["Job", "Started", "Seconds", "Error", "Error at"], rows: rows.map((job) => [job.name, job.started_at, job.seconds, job.last_error, job.error_at]) });
}

let editing = null;

function edit(app) {
  editing = app;
  const form = $("#app-form");
  form.reset();
  $("#app-problem").textContent = "";
  $("#app-title").textContent = app ? `Change ${app.name}` : "New app";
  for (const label of form.querySelectorAll(".only-new")) {
    label.hidden = app !== null;
    label.querySelector("input, select").disabled = app !== null;
  }
  form.elements.name.value = app?.name ?? "";
  form.elements.timezone.value = app?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
  form.elements.retention_days.value = app?.retention_days ?? 365;
  $("#app-dialog").showModal();
}

async function save(event) {
  event.preventDefault();
  const values = Object.fromEntries(new FormData(event.target));
  values.retention_days = Number(values.retention_days);
  try {
    if (editing) {
      if (values.timezone === editing.timezone) delete values.timezone;
      await send("PATCH", `/apps/${encodeURIComponent(editing.slug)}`, values);
    } else await send("POST", "/apps", values);
    $("#app-dialog").close();
    held.apps = (await get("/apps")).apps;
    draw();
    announce("Saved");
  } catch (error) {
    $("#app-problem").textContent = error.message;
  }
}

let rotating = null;

function rotate(app) {
  rotating = app;
  $("#key-title").textContent = `Make a new key for ${app.name}?`;
  $("#key-problem").textContent = "";
  $("#key-dialog").showModal();
}

function tools() {
  const zones = Intl.supportedValuesOf?.("timeZone") ?? [];
  $("#zones").append(...zones.map((value) => el("option", { value })));
  $("#app-form").addEventListener("submit", save);
  $("#app-cancel").addEventListener("click", () => $("#app-dialog").close());
  $("#key-no").addEventListener("click", () => $("#key-dialog").close());
  $("#key-yes").addEventListener("click", async () => {
    try {
      await send("POST", `/apps/${encodeURIComponent(rotating.slug)}/key`, {});
      shown.add(rotating.slug);
      $("#key-dialog").close();
      held.apps = (await get("/apps")).apps;
      draw();
    } catch (error) {
      $("#key-problem").textContent = error.message;
    }
  });
  $("#cleanup").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    $("#cleanup-result").textContent = "Cleaning up";
    try {
      const { result } = await send("POST", "/cleanup", {});
      $("#cleanup-result").textContent = `Deleted ${count(result.events_deleted)} events and ${count(result.crashes_deleted)} crashes.`;
    } catch (error) {
      $("#cleanup-result").textContent = error.message;
    }
    button.disabled = false;
  });
}
