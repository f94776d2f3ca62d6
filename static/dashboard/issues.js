// What the pages of issues share: links, badges, the spark of 14 days, and states in words.

import { $$, el, svg } from "./dom.js";
import { ago, count, dateOf, exactTime } from "./format.js";
import * as state from "./state.js";

/** From the list it keeps what that one is narrowed to. */
export const issueLink = (id) =>
  state.page() === "issues"
    ? state.detail("/dashboard/issue", { id }, state.filter())
    : state.detail("/dashboard/issue", { id });

/** What a press on "Resolve" alone does: a desktop app is fixed by its next release, others at once. */
export const resolvesLater = () => state.kind() === "desktop";
export const mayChange = () => document.body.dataset.role !== "viewer";

export const plural = (number, noun, several = `${noun}s`) => `${count(number)} ${number === 1 ? noun : several}`;

/** Counts of the tabs. */
export function showCounts(counts) {
  for (const box of $$("[data-count]")) box.textContent = count(counts?.[box.dataset.count]);
}

export const moment = (time) =>
  time ? el("time", { datetime: time, title: exactTime(time) }, ago(time)) : el("span", { class: "muted" }, "\u2014");

const BADGES = {
  new: { text: "New", tone: "accent", version: "first_version" },
  regressed: { text: "Regressed", tone: "bad", version: "last_version" },
  back: { text: "Back", tone: "warning", version: "last_version" },
  reopened: { text: "Reopened", tone: "warning" },
  ongoing: { text: "Ongoing" },
  resolved: { text: "Resolved", tone: "good", version: "fixed_version" },
  muted: { text: "Muted" },
};

const badgeOf = (issue) =>
  issue.state !== "open" ? issue.state : issue.ongoing || issue.because === "seen" ? "ongoing" : issue.because;

const tag = (text, tone = "", title = null) => el("span", { class: `tag ${tone}`, title }, text);

/** Tags of an issue: its state with the version that it is about, and what else is good to know. */
export function badges(issue) {
  const { text, tone, version } = BADGES[badgeOf(issue)] ?? BADGES.ongoing;
  const about = version && issue[version];
  return el(
    "span",
    { class: "tags" },
    tag(about ? `${text} in ${about}` : text, tone),
    issue.handled && tag("Handled", "", "The app caught this error and went on."),
    issue.raw && tag("No symbols", "", "Names of functions are minified or missing."),
  );
}

/** Crashes of the last 14 days as bars. days: integers, oldest first. */
export function spark(days) {
  const top = Math.max(...days, 1);
  const sum = days.reduce((total, each) => total + each, 0);
  const label = `${plural(sum, "crash", "crashes")} in ${days.length} days, ${count(days.at(-1) ?? 0)} today`;
  return svg(
    "svg",
    {
      class: "day-bars",
      viewBox: `0 0 ${days.length * 6 - 1} 24`,
      role: "img",
      "aria-label": label,
      focusable: "false",
    },
    svg("title", {}, label),
    days.map((value, i) => {
      const height = value ? Math.max(2, (22 * value) / top) : 1;
      return svg("rect", { class: value ? null : "zero", x: i * 6, y: 24 - height, width: 5, height, rx: 1 });
    }),
  );
}

/** An issue in a short list. */
export const issueLine = (issue) =>
  el(
    "li",
    {},
    el(
      "a",
      { href: issueLink(issue.id), dataset: { key: issue.id } },
      el("span", { class: "issue-title" }, issue.title),
      el(
        "span",
        { class: "issue-culprit" },
        `${issue.id}${issue.state === "open" ? "" : `, ${issue.state}`} · `,
        el("span", { class: "mono" }, issue.culprit),
      ),
    ),
    el("span", { class: "num" }, plural(issue.crashes, "crash", "crashes")),
  );

export function versions({ first_version: first, last_version: last }) {
  if (!first && !last) return null;
  return !first || !last || first === last ? (first ?? last) : `${first} \u2192 ${last}`;
}

const fixedIn = ({ fixed, fixed_version: version }) => {
  if (fixed === "in") return `in ${version}`;
  if (fixed === "after") return version ? `in the release after ${version}` : "in the next release";
  return "";
};

function mutedUntil({ mute, mute_value: value, mute_until: until }) {
  if (mute === "until") return `until ${exactTime(until)}`;
  if (mute === "crashes") return `until ${plural(value, "more crash", "more crashes")}`;
  if (mute === "per_hour") return `until ${plural(value, "crash", "crashes")} arrive in an hour`;
  if (mute === "people") return `until it reaches ${plural(value, "more person", "more people")}`;
  return "for ever";
}

const DONE = {
  new: ({ version }) => `First crash${version ? `, in ${version}` : ""}`,
  regressed: (detail) =>
    `Regressed${detail.version ? ` in ${detail.version}` : ""}, after it was resolved ${fixedIn(detail)}`.trimEnd(),
  back: (detail) => `Back: it was muted ${mutedUntil(detail)}`,
  resolved: (detail) => `Resolved ${fixedIn(detail)}`.trimEnd(),
  muted: (detail) => `Muted ${mutedUntil(detail)}`,
  seen: () => "Marked as seen",
  reopened: () => "Reopened",
  unmuted: () => "Unmuted",
  merged: ({ issues }) => `Merged with ${(issues ?? []).join(", ") || "another issue"}`,
  unmerged: ({ origin, groups }) =>
    origin ? `Split off from ${origin}` : `Took ${plural(groups?.length ?? 1, "group")} out`,
  undone: ({ undone }) => `Took back ${TAKEN_BACK[undone] ?? "the last change"}`,
  note: () => "Changed the note",
};
const TAKEN_BACK = {
  resolved: "resolving it",
  muted: "muting it",
  seen: "marking it as seen",
  reopened: "reopening it",
  unmuted: "unmuting it",
  merged: "the merge",
  unmerged: "taking groups out",
  note: "the note",
};

/** An entry of an issue's log in words. */
export const entryWords = (entry) => DONE[entry.what]?.(entry.detail ?? {}) ?? entry.what;

const on = (time) => (time ? ` on ${dateOf(time)}` : "");
const by = (entry) => (entry?.who && entry.who !== "fold" ? ` by ${entry.who}` : "");

/** The state of an issue and the reason for it, in a sentence. */
export function sentence(issue) {
  const latest = (...names) => issue.log?.find((entry) => names.includes(entry.what) && !entry.undone);
  if (issue.state === "muted") return `Muted${by(latest("muted"))} ${mutedUntil(issue)}, since ${dateOf(issue.since)}.`;
  if (issue.state === "resolved") return resolved(issue, latest("resolved"));
  const entry = latest(issue.because);
  const { version } = entry?.detail ?? {};
  if (issue.because === "regressed") {
    const resolvedEntry = latest("resolved");
    const detail = entry?.detail?.fixed ? entry.detail : (resolvedEntry?.detail ?? {});
    const when = fixedIn(detail) ? ` ${fixedIn(detail)}` : on(resolvedEntry?.at);
    return `Regressed${version ? ` in ${version}` : ""}${on(issue.since)}, after it was resolved${when}.`;
  }
  if (issue.because === "back") {
    const detail = entry?.detail?.mute ? entry.detail : (latest("muted")?.detail ?? {});
    return `Back${on(issue.since)}, after it was muted ${mutedUntil(detail)}.`;
  }
  if (issue.because === "reopened") return `Reopened${by(entry)}${on(issue.since)}.`;
  if (issue.because === "seen") return `Open, and seen${by(latest("seen", "unmuted"))}${on(issue.since)}.`;
  const first = version ?? issue.first_version;
  return `New${first ? ` in ${first}` : ""}, first seen on ${dateOf(issue.first_seen)}.`;
}

function resolved(issue, entry) {
  const rest = {
    in: `A crash of ${issue.fixed_version} or later opens it again.`,
    after: `A crash of a release after ${issue.fixed_version ?? "this one"} opens it again.`,
  }[issue.fixed];
  const still =
    issue.fixed !== "now" && issue.last_version && new Date(issue.last_seen) > new Date(issue.since)
      ? ` It still comes from ${issue.last_version}.`
      : "";
  const how = fixedIn(issue) ? `, ${fixedIn(issue)}` : "";
  return `Resolved${by(entry)}${on(issue.since)}${how}. ${rest ?? "Any later crash opens it again."}${still}`;
}
