import { get, send } from "../api.js";
import { none, show } from "../cards.js";
import { check, checked, confirm, install, onSave, open, pager, showSecret, tool } from "../dialogs.js";
import { $, el } from "../dom.js";
import { exactTime } from "../format.js";
import { grid, inOrder } from "../sort.js";

export const keys = ["people"];
const LINK = "The link works once and ends in a day. Send it to them on a way that you trust.";
let rows = [];
let editing = null;

export async function load(context) {
  if (context.why === "start") tools();
  if (context.why !== "draw") rows = (await get("/accounts", {}, context.signal)).accounts;
  draw();
}

const apps = (person) => (person.apps === null ? "Every app" : person.apps.join(", ") || "None");
const state = (person) =>
  person.invited_until
    ? `Link until ${exactTime(person.invited_until)}`
    : person.has_password
      ? "Active"
      : "Link has ended";

function draw() {
  const columns = [
    { name: "Name", sort: "name", value: (person) => person.name, cell: (person) => person.name },
    { name: "Role", sort: "role", value: (person) => person.role, cell: (person) => person.role },
    { name: "Apps", sort: "apps", grow: true, value: apps, cell: apps },
    {
      name: "State",
      sort: "state",
      value: state,
      cell: (person) => el("span", { title: state(person) }, person.invited_until ? "Link open" : state(person)),
    },
    {
      name: "Sessions",
      sort: "sessions",
      numeric: true,
      value: (person) => person.sessions,
      cell: (person) => String(person.sessions),
    },
    {
      name: "",
      numeric: true,
      cell: (person) => [
        tool(`Change ${person.name}`, "Change", `edit-${person.id}`, () => edit(person)),
        tool(`New link for ${person.name}`, "New link", `link-${person.id}`, () => invite(person)),
        tool(`Remove ${person.name}`, "Remove", `remove-${person.id}`, () => remove(person)),
      ],
    },
  ];
  const table = rows.length
    ? grid("people", { columns, rows: inOrder("people", columns, rows), caption: "People who log in", tall: true })
    : none("Nobody yet.");
  show("people", [table, pager("New person", "new", () => edit(null))], {
    columns: ["Name", "Role", "Apps", "State"],
    rows: rows.map((person) => [person.name, person.role, apps(person), state(person)]),
  });
}

function edit(person) {
  editing = person;
  open("person-dialog", person ? `Change ${person.name}` : "New person", (form) => {
    const name = $(".only-new", form);
    name.hidden = person !== null;
    form.elements.name.disabled = person !== null;
    form.elements.role.value = person?.role ?? "viewer";
    check(form, "apps", person?.apps ?? []);
  });
}

async function save(form) {
  const chosen = checked(form, "apps");
  const body = { role: form.elements.role.value, apps: chosen.length ? chosen : null };
  if (editing) await send("PATCH", `/accounts/${editing.id}`, body);
  else {
    const made = await send("POST", "/accounts", { name: form.elements.name.value.trim(), ...body });
    reveal(made);
  }
  await reload();
}

const reveal = (made) => showSecret(`Link for ${made.account.name}`, LINK, `${location.origin}/invite#${made.invite}`);

async function invite(person) {
  confirm(
    `New link for ${person.name}?`,
    "An open link stops working; the password works until the new one is used.",
    "New link",
    async () => {
      reveal(await send("POST", `/accounts/${person.id}/invite`));
      await reload();
    },
  );
}

function remove(person) {
  confirm(`Remove ${person.name}?`, "Their sessions, tokens and share links end at once.", "Remove", async () => {
    await send("DELETE", `/accounts/${person.id}`);
    await reload();
  });
}

async function reload() {
  rows = (await get("/accounts")).accounts;
  draw();
}

function tools() {
  install();
  onSave("person-dialog", save);
}
