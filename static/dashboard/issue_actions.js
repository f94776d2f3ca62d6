// What people do to issues, from the list and from an issue: each says what it did, and offers Undo.

import { send } from "./api.js";
import { onSave, open } from "./dialogs.js";
import { $, $$ } from "./dom.js";
import { exactTime } from "./format.js";
import { plural, resolvesLater } from "./issues.js";
import * as state from "./state.js";
import { toast } from "./toast.js";

export const MOST = 100; // issues that one request changes

const at = (id, what = "") => `/issues/${encodeURIComponent(id)}${what}`;
const named = (ids) => (ids.length === 1 ? ids[0] : plural(ids.length, "issue"));

/** Loads the page again, as it is shown. */
export const reload = () => dispatchEvent(new Event("reload"));

/** action() sends and returns what it did; undoIds: issues whose last change that is. Throws what went wrong. */
async function perform(action, undoIds = null) {
  const text = await action();
  toast(text, { undo: undoIds && (() => undo(undoIds)) });
  reload();
}

async function tell(action, undoIds) {
  try {
    await perform(action, undoIds);
  } catch (error) {
    toast(error.message, { bad: true });
  }
}

/** body: as PATCH /issues takes it; done: "resolved in 1.3.0". */
const changing = (ids, body, done) => async () => {
  if (ids.length === 1) {
    await send("PATCH", at(ids[0]), body);
    return `${ids[0]} ${done}`;
  }
  const { changed, refused } = await send("PATCH", "/issues", { ids, ...body }, { app: state.app() });
  ids.splice(0, ids.length, ...changed); // what Undo takes back
  if (changed.length === 0) throw new Error(refused[0].error);
  return `${named(changed)} ${done}${refused.length > 0 ? `, not ${named(refused.map((each) => each.id))}` : ""}`;
};
const change = (ids, body, done) => tell(changing(ids, body, done), ids);

export const resolve = (ids) => (resolvesLater() ? resolveNext(ids) : resolveNow(ids));
const resolveNow = (ids) => change(ids, { state: "resolved" }, "resolved");
const resolveNext = (ids) => change(ids, { state: "resolved", in_next_release: true }, "resolved in the next release");
export const mute = (ids) => change(ids, { state: "muted" }, "muted for ever");
export const markSeen = (ids) => change(ids, { state: "open" }, "marked as seen");
export const reopen = (ids) => change(ids, { state: "open" }, "opened again");

/** Throws what the server refuses: its callers are forms, which show it. */
export const merge = (into, others) =>
  perform(async () => {
    await send("POST", at(into, "/merge"), { issues: others });
    return `${named(others)} merged into ${into}`;
  }, [into]);

export const unmerge = (id, fingerprints) =>
  tell(async () => {
    await send("POST", at(id, "/unmerge"), { fingerprints });
    return `${plural(fingerprints.length, "group")} taken out of ${id}`;
  }, [id]);

export const writeNote = (id, note) =>
  perform(async () => {
    await send("PATCH", at(id), { note });
    return "Note saved";
  });

export const undo = (ids) =>
  tell(async () => {
    for (const id of ids) await send("POST", at(id, "/undo"), {});
    return `Undone: ${named(ids)}`;
  });

const HOURS = 3_600_000;
const mutedFor = (ids, hours, words) =>
  change(ids, { state: "muted", until: new Date(Date.now() + hours * HOURS).toISOString() }, `muted for ${words}`);

const ACTIONS = {
  "resolve-next": resolveNext,
  "resolve-now": resolveNow,
  "resolve-in": (ids) => open("version-dialog", `Resolve ${named(ids)} in a version`),
  "mute-ever": mute,
  "mute-day": (ids) => mutedFor(ids, 24, "a day"),
  "mute-week": (ids) => mutedFor(ids, 7 * 24, "a week"),
  "mute-until": (ids) => open("mute-dialog", `Mute ${named(ids)} until`, fitMute),
  seen: markSeen,
  reopen,
};

/** Buttons with data-act do it to targets(), the ids of the issues that are meant. */
export function install(targets) {
  for (const button of $$("[data-act]")) {
    const act = ACTIONS[button.dataset.act];
    if (!act) continue;
    button.addEventListener("click", () => {
      const menu = button.closest("details");
      if (menu) {
        menu.open = false;
        $("summary", menu).focus();
      }
      const ids = targets();
      if (ids.length > 0) act(ids);
    });
  }
  if (!$("#mute-dialog")) return;
  onSave("version-dialog", (form) => {
    const [ids, version] = [targets(), form.elements.version.value.trim()];
    return perform(changing(ids, { state: "resolved", in_version: version }, `resolved in ${version}`), ids);
  });
  onSave("mute-dialog", (form) => {
    const [ids, how] = [targets(), form.elements.how.value];
    const value = UNTIL[how](form);
    return perform(changing(ids, { state: "muted", [how]: value }, WORDS[how](value)), ids);
  });
  $("#mute-dialog form").addEventListener("input", (event) => fitMute(event.currentTarget));
}

const UNTIL = {
  until: (form) => new Date(form.elements.time.value).toISOString(),
  until_crashes: (form) => Number(form.elements.number.value),
  per_hour: (form) => Number(form.elements.number.value),
  until_people: (form) => Number(form.elements.number.value),
};
const WORDS = {
  until: (value) => `muted until ${exactTime(value)}`,
  until_crashes: (value) => `muted until ${plural(value, "more crash", "more crashes")}`,
  per_hour: (value) => `muted until ${plural(value, "crash", "crashes")} in an hour`,
  until_people: (value) => `muted until ${plural(value, "more person", "more people")}`,
};

/** A time or a number, as the choice above needs. */
function fitMute(form) {
  const timed = form.elements.how.value === "until";
  for (const [name, needed] of [
    ["time", timed],
    ["number", !timed],
  ]) {
    const field = form.elements[name];
    field.required = needed;
    field.disabled = !needed;
    field.closest("label").hidden = !needed;
  }
}
