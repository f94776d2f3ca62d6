import { get, send } from "../api.js";
import { none, show } from "../cards.js";
import { code } from "../code_block.js";
import { confirm, install, tool } from "../dialogs.js";
import { $, el } from "../dom.js";
import { ago, bytes, count, exactTime } from "../format.js";
import { mayChange, plural } from "../issues.js";
import { grid, inOrder } from "../sort.js";
import * as state from "../state.js";
import { uploadLines } from "../upload_lines.js";

export const keys = ["missing", "artifacts", "uploads", "how"];
const KINDS = {
  script: "Script",
  source_map: "Source map",
  symcache: "Symbols",
  cfi: "Unwinding rules",
};
const SENT = { script: "Script and map", bundle: "Bundle", symbols: "Symbols" };
const STATES = { waiting: "Waiting", stored: "Stored", failed: "Failed" };
const FEW = 3; // releases of a file, or ids of a release, that are named at once
let answer = null; // of GET /artifacts

export async function load({ signal, why }) {
  if (why === "start") install();
  if (why !== "draw") answer = await get("/artifacts", { app: state.app() }, signal);
  $("#no-symbolic").hidden = answer.symbolic;
  missing();
  artifacts();
  uploads();
  show(
    "how",
    uploadLines(document.body.dataset.server, state.app()).map(({ name, lines }) => code(name, lines, `for ${name}`)),
  );
}

/** Others scroll in their card. */
const isShort = (rows) => rows.length <= 20;

const moment = (time, never) =>
  time ? el("span", { title: exactTime(time) }, ago(time)) : el("span", { class: "muted" }, never);

/** The first few texts, and how many more there are. */
const few = (texts) =>
  el(
    "span",
    { title: texts.length > FEW ? texts.join("\n") : null },
    texts.slice(0, FEW).join(", "),
    texts.length > FEW && el("span", { class: "muted" }, ` and ${count(texts.length - FEW)} more`),
  );

/** Strangers name files: none may take the width of the page. */
const name = (text, under) => [
  el("span", { class: "two-lines", title: text }, text),
  under && el("span", { class: "muted small two-lines mono", title: under }, under),
];

const releasesOf = (row) => row.releases.map(({ release, dist }) => (dist ? `${release} (${dist})` : release));

// What is missing

/** What was uploaded for a release: an id that is close to the missing one, or a name, often tells what went wrong. */
function thereFor(release) {
  const rows = answer.artifacts.filter(
    ({ kind, releases }) => kind !== "script" && releases.some((each) => each.release === release),
  );
  return rows.map((row) => (row.debug_id ? `${row.name}, ${row.debug_id}` : row.name));
}

function there({ release }) {
  if (release === null) return null;
  const names = thereFor(release);
  if (names.length === 0) return el("span", { class: "muted" }, `Nothing for ${release}`);
  return el(
    "details",
    {},
    el("summary", {}, plural(names.length, "file")),
    el(
      "ul",
      { class: "pairs mono" },
      names.map((each) => el("li", {}, each)),
    ),
  );
}

/** Names that can be read need no map, unless their source is of another language. */
const isNeeded = (row) => row.raw || row.key.startsWith("debug:");

function missing() {
  const [rows, readable] = [true, false].map((needed) => answer.missing.filter((row) => isNeeded(row) === needed));
  const columns = [
    { name: "File or debug id", sort: "what", grow: true, value: (row) => row.what, cell: (row) => name(row.what) },
    { name: "Release", sort: "release", value: (row) => row.release, cell: (row) => row.release },
    { name: "Uploaded for it", cell: there },
    {
      name: "Crashes",
      sort: "crashes",
      numeric: true,
      value: (row) => row.crashes,
      cell: (row) => count(row.crashes),
    },
    { name: "Last", sort: "last", down: true, value: (row) => row.last_at, cell: (row) => moment(row.last_at) },
  ];
  const table = (some, caption) =>
    grid("missing", { columns, rows: inOrder("missing", columns, some), caption, tall: isShort(some) });
  show(
    "missing",
    [
      rows.length ? table(rows, "Missing") : none("Nothing is missing."),
      readable.length > 0 &&
        el(
          "details",
          { class: "under small" },
          el(
            "summary",
            { class: "muted" },
            `${plural(readable.length, "file")} without a map, whose names can be read`,
          ),
          table(readable, "Without a map"),
        ),
    ],
    {
      columns: ["File or debug id", "Release", "Uploaded for it", "Crashes", "Last"],
      rows: answer.missing.map((row) => [
        row.what,
        row.release,
        thereFor(row.release).join("; "),
        row.crashes,
        row.last_at,
      ]),
    },
  );
}

// What is there

function artifacts() {
  const rows = answer.artifacts;
  const columns = [
    {
      name: "File",
      sort: "file",
      grow: true,
      value: (row) => row.name,
      cell: (row) => name(row.name, row.debug_id || row.url),
    },
    {
      name: "Kind",
      sort: "kind",
      value: (row) => KINDS[row.kind] ?? row.kind,
      cell: (row) => KINDS[row.kind] ?? row.kind,
    },
    {
      name: "Releases",
      sort: "release",
      down: true,
      value: (row) => row.releases[0]?.release,
      cell: (row) => (row.releases.length ? few(releasesOf(row)) : null),
    },
    {
      name: "Size",
      sort: "size",
      numeric: true,
      value: (row) => row.bytes,
      cell: (row) => el("span", { title: `${bytes(row.kept_bytes)} as it is stored` }, bytes(row.bytes)),
    },
    {
      name: "Uploaded",
      sort: "at",
      down: true,
      value: (row) => row.uploaded_at,
      cell: (row) => moment(row.uploaded_at),
    },
    {
      name: "Last used",
      sort: "used",
      down: true,
      value: (row) => row.used_at,
      cell: (row) => moment(row.used_at, "Never"),
    },
    { name: "Times used", sort: "uses", numeric: true, value: (row) => row.uses, cell: (row) => count(row.uses) },
    {
      name: "Trouble",
      sort: "trouble",
      value: (row) => row.trouble,
      cell: (row) => (row.trouble ? el("span", { class: "bad" }, row.trouble) : el("span", { class: "muted" }, "None")),
    },
    mayChange() && {
      name: "",
      numeric: true,
      cell: (row) => tool(`Delete ${row.name}`, "Delete", `delete-${row.id}`, () => remove(row)),
    },
  ].filter(Boolean);
  show(
    "artifacts",
    [
      el(
        "p",
        { class: "means muted" },
        `${bytes(answer.bytes)} of ${bytes(answer.limit_bytes)} are taken, by all apps. When that is full, what was used ` +
          "longest ago goes first, never what belongs to the newest three releases.",
      ),
      rows.length
        ? grid("artifacts", {
            columns,
            rows: inOrder("artifacts", columns, rows),
            caption: "Source maps and symbols",
            tall: isShort(rows),
          })
        : none("Nothing was uploaded yet."),
    ],
    {
      columns: [
        "File",
        "Kind",
        "Debug id",
        "URL",
        "Releases",
        "Bytes",
        "Uploaded",
        "Last used",
        "Times used",
        "Trouble",
      ],
      rows: rows.map((row) => [
        row.name,
        row.kind,
        row.debug_id,
        row.url,
        releasesOf(row).join(", "),
        row.bytes,
        row.uploaded_at,
        row.used_at,
        row.uses,
        row.trouble,
      ]),
    },
  );
}

function remove(row) {
  const text = "Crashes that come from now on show the names that were sent. Those that have real names keep them.";
  confirm(`Delete ${row.name}?`, text, "Delete", async () => {
    await send("DELETE", `/artifacts/${row.id}`);
    await load({ why: "reload" });
  });
}

// What was sent

function uploads() {
  const rows = answer.uploads;
  const columns = [
    { name: "When", sort: "at", down: true, value: (row) => row.at, cell: (row) => moment(row.at) },
    { name: "Kind", sort: "kind", value: (row) => row.kind, cell: (row) => SENT[row.kind] ?? row.kind },
    { name: "File", sort: "file", grow: true, value: (row) => row.name, cell: (row) => name(row.name) },
    { name: "Release", sort: "release", down: true, value: (row) => row.release, cell: (row) => row.release },
    {
      name: "State",
      sort: "state",
      value: (row) => row.state,
      cell: (row) => [
        el("span", { class: row.state === "failed" ? "bad" : null }, STATES[row.state] ?? row.state),
        row.detail && el("span", { class: "muted small two-lines", title: row.detail }, row.detail),
      ],
    },
  ];
  show(
    "uploads",
    rows.length
      ? grid("uploads", {
          columns,
          rows: inOrder("uploads", columns, rows),
          caption: "Recent uploads",
          tall: isShort(rows),
        })
      : none("Nothing was uploaded yet."),
    {
      columns: ["When", "Kind", "File", "Release", "State", "Why"],
      rows: rows.map((row) => [row.at, row.kind, row.name, row.release, row.state, row.detail]),
    },
  );
}
