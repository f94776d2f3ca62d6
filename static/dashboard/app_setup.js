// How to send to an app: its address, and the lines to paste for each SDK. On its settings page and while it is empty.

import { body, has, show } from "./cards.js";
import { code, copyButton } from "./code_block.js";
import { $, el, replace } from "./dom.js";
import { sdksFor } from "./sdk_lines.js";
import * as state from "./state.js";

export const keys = ["setup"];
const HIDDEN = "\u2022".repeat(8);
const NOT_SHOWN = "THE-KEY-OF-THE-APP"; // to who is no owner
const FIRST = { desktop: "Electron", website: "Browser", generator: "Flask", bot: "aiogram" };
const { server, role } = document.body.dataset;
let app = null;
let chosen = null; // an entry of SDKS
let isKeyShown = false;
let drawn = ""; // what the card was made of

export function load(apps) {
  app = apps.find((each) => each.slug === state.app()) ?? null;
}

/** The card in Settings. A refresh that brings nothing new leaves it alone: somebody may be selecting in it. */
export function draw() {
  if (app === null || !has("setup")) return;
  const made = JSON.stringify([app.dsn, app.accepts]);
  if (made === drawn && $(".setup", body("setup"))) return;
  drawn = made;
  show("setup", lines({ hidesKey: true }));
}

const sdks = () => sdksFor(app.kind);
const entry = () => chosen ?? sdks().find((each) => each.platform === FIRST[app.kind]);

/** What goes into the lines. A key may be shown as dots; what is copied has it. */
function values(isHidden = false) {
  const key = app.ingest_key ?? NOT_SHOWN;
  const dsn = app.dsn ?? `${server.replace("://", `://${key}@`)}/${app.app_id}`;
  return isHidden ? { server, key: HIDDEN, dsn: dsn.replace(key, HIDDEN) } : { server, key, dsn };
}

/** A box that fills itself anew with each choice. hidesKey: until somebody asks, as a shared screen should not show it. */
export function lines({ hidesKey = false } = {}) {
  const box = el("div", { class: "setup" });
  const mayHide = hidesKey && app.ingest_key !== null;
  const fill = () => replace(box, ...parts(mayHide && !isKeyShown, fill, mayHide));
  fill();
  return box;
}

function parts(isHidden, redraw, mayHide) {
  const { install, file, lines, second, brings, names } = entry();
  const block = (name, text, label) => code(name, text(values(isHidden)), label, () => text(values()));
  return [
    el("div", { class: "setup-choice" }, ...choices(redraw), mayHide && keyButton(redraw)),
    el("p", { class: "means muted" }, brings),
    names && app.accepts === "declared" && el("p", { class: "note" }, refusal()),
    app.ingest_key === null && el("p", { class: "note" }, "The key of the app is shown to owners."),
    install && block("Install", () => install, "the line that installs it"),
    block(file, lines, file),
    second && block(second.file, second.lines, second.file),
    facts(isHidden),
  ];
}

const refusal = () =>
  `${app.name} takes declared events only. Declare those that the SDK sends, or let it take events of any name.`;

function choices(redraw) {
  const all = sdks();
  const of = (platform) => all.filter((each) => each.platform === platform);
  const pick = (next) => {
    chosen = next;
    redraw();
  };
  const platforms = [...new Set(all.map((each) => each.platform))];
  const current = entry();
  return [
    select("Program", "setup-platform", platforms, current.platform, (name) => pick(of(name)[0])),
    select(
      "SDK",
      "setup-sdk",
      of(current.platform).map((each) => each.sdk),
      current.sdk,
      (name) => pick(of(current.platform).find((each) => each.sdk === name)),
    ),
  ];
}

const select = (label, key, names, current, onchoice) =>
  el(
    "label",
    {},
    el("span", { class: "muted" }, label),
    el(
      "select",
      { dataset: { key }, autocomplete: "off", onchange: (event) => onchoice(event.target.value) },
      ...names.map((name) => el("option", { value: name, selected: name === current }, name)),
    ),
  );

function keyButton(redraw) {
  const onclick = () => {
    isKeyShown = !isKeyShown;
    redraw();
  };
  return el(
    "button",
    { type: "button", class: "btn", dataset: { key: "setup-key" }, onclick },
    isKeyShown ? "Hide the key" : "Show the key",
  );
}

function facts(isHidden) {
  const row = (name, text, copied) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, el("span", { class: "mono" }, text), " ", copied));
  return el(
    "dl",
    { class: "facts" },
    row(
      "Address",
      server,
      copyButton(() => server, "the address"),
    ),
    row("App id", String(app.app_id)),
    row("DSN", values(isHidden).dsn, role === "owner" && copyButton(() => values().dsn, "the DSN")),
  );
}
