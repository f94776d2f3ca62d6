import { address, get } from "../api.js";
import { none, show } from "../cards.js";
import { el } from "../dom.js";
import { exactTime } from "../format.js";
import { grid } from "../sort.js";

export const keys = ["log"];
const PAGE = 100;
let entries = [];
let cursor = null;

export async function load(context) {
  if (context.why !== "draw") {
    const page = await get("/audit", { limit: PAGE }, context.signal);
    [entries, cursor] = [page.entries, page.next_cursor];
  }
  draw();
}

async function more() {
  const page = await get("/audit", { limit: PAGE, cursor });
  [entries, cursor] = [[...entries, ...page.entries], page.next_cursor];
  draw();
}

function draw() {
  const columns = [
    { name: "Time", cell: (entry) => exactTime(entry.at) },
    { name: "Who", cell: (entry) => entry.actor },
    {
      name: "What",
      grow: true,
      cell: (entry) => [entry.action, entry.subject && el("span", { class: "muted" }, `: ${entry.subject}`)],
    },
    { name: "App", cell: (entry) => entry.app },
  ];
  const table = entries.length
    ? grid("log", { columns, rows: entries, caption: "Log", tall: true })
    : none("Nothing yet.");
  const all = el("a", { href: address("/audit", { format: "csv" }).pathname + "?format=csv" }, "All of it as CSV");
  const next =
    cursor && el("button", { type: "button", class: "btn", dataset: { key: "more" }, onclick: more }, "More");
  show("log", [table, el("p", { class: "pager" }, all, next)], {
    columns: ["Time", "Who", "What", "Subject", "App"],
    rows: entries.map((entry) => [entry.at, entry.actor, entry.action, entry.subject, entry.app]),
  });
}
