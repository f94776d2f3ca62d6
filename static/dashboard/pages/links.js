import { get, send } from "../api.js";
import { none, show } from "../cards.js";
import { confirm, install, onSave, open, pager, showSecret, tool } from "../dialogs.js";
import { $, el } from "../dom.js";
import { ago, exactTime } from "../format.js";
import { grid, inOrder } from "../sort.js";

export const keys = ["links"];
const FILTERS = { app_version: "version", platform: "platform", country: "country" };
let rows = [];

export async function load(context) {
  if (context.why === "start") tools();
  if (context.why !== "draw") rows = (await get("/links", {}, context.signal)).links;
  draw();
}

const filter = (row) => {
  const name = Object.keys(FILTERS).find((each) => row[each]);
  return name ? `, ${FILTERS[name]} ${row[name]}` : "";
};
const content = (row) => `${row.app}, ${row.page}, ${row.period}${filter(row)}`;
const guard = (row) =>
  [row.has_password && "password", row.frame_sites.length && `frames of ${row.frame_sites.join(", ")}`]
    .filter(Boolean)
    .join(", ") || "the address";
const until = (row) => (row.has_ended ? "Ended" : row.expires_at ? exactTime(row.expires_at) : "Never");

function draw() {
  const columns = [
    { name: "Name", sort: "name", value: (row) => row.name, cell: (row) => row.name },
    { name: "Shows", sort: "shows", grow: true, value: content, cell: content },
    { name: "Opened by", sort: "guard", value: guard, cell: guard },
    { name: "Made by", sort: "by", value: (row) => row.made_by, cell: (row) => row.made_by },
    {
      name: "Last opened",
      sort: "used",
      down: true,
      value: (row) => row.used_at,
      cell: (row) => (row.used_at ? el("span", { title: exactTime(row.used_at) }, ago(row.used_at)) : "Never"),
    },
    { name: "Ends", sort: "ends", value: (row) => row.expires_at, cell: until },
    {
      name: "",
      numeric: true,
      cell: (row) => tool(`Revoke ${row.name}`, "Revoke", `revoke-${row.id}`, () => revoke(row)),
    },
  ];
  const table = rows.length
    ? grid("links", { columns, rows: inOrder("links", columns, rows), caption: "Share links", tall: true })
    : none("Nothing is shared.");
  show("links", [table, pager("New share link", "new", begin)], {
    columns: ["Name", "Shows", "Opened by", "Made by", "Last opened", "Ends"],
    rows: rows.map((row) => [row.name, content(row), guard(row), row.made_by, row.used_at, row.expires_at]),
  });
}

function begin() {
  open("link-dialog", "New share link", fit);
}

/** Only pages of the chosen app's kind, and a filter only where the page takes one. */
function fit(form) {
  const { app, page, what, value } = form.elements;
  const kind = app.selectedOptions[0]?.dataset.kind;
  for (const option of page.options) option.hidden = option.disabled = option.dataset.kind !== kind;
  if (page.selectedOptions[0]?.disabled ?? true) page.value = [...page.options].find((one) => !one.disabled)?.value;
  what.disabled = page.selectedOptions[0]?.dataset.filtered !== "yes";
  if (what.disabled) what.value = "";
  value.disabled = what.value === "";
  value.required = !value.disabled;
}

async function save(form) {
  const { name, app, page, period, group_by, what, value, password, days, sites } = Object.fromEntries(
    new FormData(form),
  );
  const body = { name: name.trim(), app, page, period, group_by };
  if (what) body[what] = value.trim();
  if (password) body.password = password;
  if (days) body.expires_in_days = Number(days);
  const named = sites.split(/[\s,]+/).filter(Boolean);
  if (named.length) body.frame_sites = named;
  const made = await send("POST", "/links", body);
  showSecret(`Share link ${made.link.name}`, "Copy it now: it is not shown again.", location.origin + made.path);
  await reload();
}

function revoke(row) {
  confirm(`Revoke ${row.name}?`, "Whoever has the address no longer sees the page.", "Revoke", async () => {
    await send("DELETE", `/links/${row.id}`);
    await reload();
  });
}

async function reload() {
  rows = (await get("/links")).links;
  draw();
}

function tools() {
  install();
  onSave("link-dialog", save);
  const form = $("#link-dialog form");
  form.addEventListener("change", () => fit(form));
}
