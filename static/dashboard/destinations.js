// Where messages go: a card of the page of alerts.

import { get, send } from "./api.js";
import { none, show } from "./cards.js";
import { confirm, onSave, open, pager, showSecret, tool } from "./dialogs.js";
import { $, announce, el } from "./dom.js";
import { ago, count, exactTime } from "./format.js";
import { grid } from "./sort.js";

const KEY = "destinations";
const mayChange = document.body.dataset.role === "owner";
const KINDS = { email: "Mail", service: "Chat or push service", webhook: "Webhook" };
// What an address of each kind looks like.
const HINTS = {
  email: "One address, such as team@example.com. For several people make a destination for each.",
  service:
    "As Apprise writes it: slack://token/token/token, discord://id/token, tgram://bot-token/chat, " +
    "msteams://…, workflows://…, pover://user@token, ntfy://topic.",
  webhook: "An https:// address. Each request is signed with a secret that is shown once, after saving.",
};
const MISSING = {
  SMTP_URL: "No mail can be sent: SMTP_URL is not set.",
  BASE_URL: "Messages have no links: BASE_URL, the address of this server, is not set.",
};
let rows = [];
let current = null; // the destination of the open dialog; null: a new one
let changed = async () => {}; // after one was added, changed or removed
const tests = new Map(); // id -> what came back of the last test, or "" while it runs

export const all = () => rows;

export async function load(signal) {
  const answer = await get("/destinations", {}, signal);
  rows = answer.destinations;
  const box = $("#missing");
  box.hidden = answer.missing.length === 0;
  box.textContent = answer.missing.map((name) => MISSING[name] ?? `${name} is not set.`).join(" ");
}

const last = (row) => {
  const result = tests.get(row.id);
  const tested = result !== undefined && el("span", { class: "tried", role: "status" }, result || "Sending\u2026");
  const left = [row.waiting > 0 && `${count(row.waiting)} waiting`, row.failed > 0 && `${count(row.failed)} failed`];
  return [
    row.last_sent_at
      ? el("span", { title: exactTime(row.last_sent_at) }, ago(row.last_sent_at))
      : el("span", {}, "Nothing yet"),
    left.some(Boolean) && el("span", { class: "left" }, left.filter(Boolean).join(", ")),
    row.last_error && !result && el("span", { class: "bad last-error" }, row.last_error),
    tested,
  ];
};

export function draw() {
  const columns = [
    { name: "Name", grow: true, cell: (row) => row.name },
    { name: "Kind", cell: (row) => row.service ?? KINDS[row.kind] },
    { name: "Last sent", class: "said", cell: last },
    ...(mayChange ? [{ name: "", numeric: true, cell: tools }] : []),
  ];
  const table = rows.length
    ? grid(KEY, { columns, rows, caption: "Destinations", tall: true })
    : none(mayChange ? "None yet. Without one, what happens stands on this page alone." : "None yet.");
  show(KEY, [table, mayChange && pager("New destination", "new-destination", () => edit(null))].filter(Boolean));
}

const tools = (row) => [
  el(
    "button",
    {
      type: "button",
      class: "plain",
      dataset: { key: `test-${row.id}` },
      disabled: tests.get(row.id) === "",
      "aria-label": `Send a test to ${row.name}`,
      onclick: () => test(row),
    },
    "Test",
  ),
  tool(`Change ${row.name}`, "Change", `change-destination-${row.id}`, () => edit(row)),
  tool(`Delete ${row.name}`, "Delete", `delete-destination-${row.id}`, () => remove(row)),
];

async function test(row) {
  tests.set(row.id, "");
  draw();
  try {
    const { sent, answer } = await send("POST", `/destinations/${row.id}/test`);
    tests.set(row.id, sent ? `Test sent: ${answer}` : `Test not sent: ${answer}`);
  } catch (error) {
    tests.set(row.id, `Test not sent: ${error.message}`);
  }
  announce(tests.get(row.id));
  await changed();
}

function remove(row) {
  confirm(
    `Delete ${row.name}?`,
    "Reports to it end, what waits for it is not sent, and alerts go on without it.",
    "Delete",
    async () => {
      await send("DELETE", `/destinations/${row.id}`);
      await changed();
    },
  );
}

function edit(row) {
  current = row;
  open("destination-dialog", row ? `Change ${row.name}` : "New destination", (form) => {
    $(".only-new", form).hidden = row !== null;
    form.elements.kind.value = row?.kind ?? "email";
    form.elements.name.value = row?.name ?? "";
    fit(form);
  });
}

function fit(form) {
  const { kind, address } = form.elements;
  address.required = current === null;
  address.type = kind.value === "email" ? "email" : "text";
  address.placeholder = current ? "As it is" : "";
  $("#address-label").textContent = current ? "New address, if it changes" : "Address";
  $("#address-hint").textContent = HINTS[kind.value];
}

async function save(form) {
  const { kind, name, address } = Object.fromEntries(new FormData(form));
  const body = { name: name.trim() };
  if (address.trim()) body.address = address.trim();
  if (current) await send("PATCH", `/destinations/${current.id}`, body);
  else {
    const made = await send("POST", "/destinations", { kind, ...body });
    if (made.secret) {
      const text = "It signs each request to this webhook. Copy it now: it is not shown again.";
      showSecret(`Secret of ${made.destination.name}`, text, made.secret);
    }
  }
  await changed();
}

/** done(): loads and draws what has changed. */
export function install(done) {
  changed = done;
  if (!mayChange) return;
  onSave("destination-dialog", save);
  const form = $("#destination-dialog form");
  form.elements.kind.addEventListener("change", () => fit(form));
}
