import { get, send } from "../api.js";
import { none, show } from "../cards.js";
import { checked, confirm, install, onSave, open, pager, showSecret, tool } from "../dialogs.js";
import { el } from "../dom.js";
import { ago, exactTime } from "../format.js";
import { grid, inOrder } from "../sort.js";

export const keys = ["tokens"];
let rows = [];

export async function load(context) {
  if (context.why === "start") {
    install();
    onSave("token-dialog", save);
  }
  if (context.why !== "draw") rows = (await get("/tokens", {}, context.signal)).tokens;
  draw();
}

const moment = (time, never) =>
  time ? el("span", { title: exactTime(time) }, ago(time)) : el("span", { class: "muted" }, never);
const until = (row) => (row.has_ended ? "Ended" : row.expires_at ? exactTime(row.expires_at) : "Never");

function draw() {
  const columns = [
    { name: "Name", sort: "name", grow: true, value: (row) => row.name, cell: (row) => row.name },
    { name: "Scopes", sort: "scopes", value: (row) => row.scopes.join(", "), cell: (row) => row.scopes.join(", ") },
    { name: "App", sort: "app", value: (row) => row.app, cell: (row) => row.app ?? "Every app" },
    { name: "Made by", sort: "by", value: (row) => row.made_by, cell: (row) => row.made_by },
    {
      name: "Last used",
      sort: "used",
      down: true,
      value: (row) => row.used_at,
      cell: (row) => moment(row.used_at, "Never"),
    },
    { name: "Ends", sort: "ends", value: (row) => row.expires_at, cell: until },
    {
      name: "",
      numeric: true,
      cell: (row) => tool(`Revoke ${row.name}`, "Revoke", `revoke-${row.id}`, () => revoke(row)),
    },
  ];
  const table = rows.length
    ? grid("tokens", { columns, rows: inOrder("tokens", columns, rows), caption: "API tokens", tall: true })
    : none("No tokens yet.");
  show("tokens", [table, pager("New token", "new", () => open("token-dialog", "New token"))], {
    columns: ["Name", "Scopes", "App", "Made by", "Last used", "Ends"],
    rows: rows.map((row) => [row.name, row.scopes.join(", "), row.app, row.made_by, row.used_at, row.expires_at]),
  });
}

async function save(form) {
  const { name, app, days } = Object.fromEntries(new FormData(form));
  const body = { name: name.trim(), scopes: checked(form, "scopes") };
  if (app) body.app = app;
  if (days) body.expires_in_days = Number(days);
  const made = await send("POST", "/tokens", body);
  showSecret(`Token ${made.token.name}`, "Copy it now: it is not shown again.", made.secret);
  await reload();
}

function revoke(row) {
  confirm(`Revoke ${row.name}?`, "What uses it is refused at once.", "Revoke", async () => {
    await send("DELETE", `/tokens/${row.id}`);
    await reload();
  });
}

async function reload() {
  rows = (await get("/tokens")).tokens;
  draw();
}
