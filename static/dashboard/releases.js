// What the pages of releases share: links, and a verdict in words.

import { el } from "./dom.js";
import { fixed } from "./format.js";
import * as state from "./state.js";

/** From a page of releases it keeps what that one is narrowed to. */
export const releaseLink = (version) =>
  state.page().startsWith("release")
    ? state.detail("/dashboard/release", { version }, state.filter())
    : state.detail("/dashboard/release", { version });

export const VERDICTS = {
  worse: { text: "Worse", tone: "bad", arrow: "\u2193" },
  better: { text: "Better", tone: "good", arrow: "\u2191" },
};

/** When it came out: as marked, else as first seen. */
export const releaseTime = (release) => release.released_at ?? release.first_seen;

/** A link that somebody gave: only to where a browser may go. */
export const webLink = (url, text, label) =>
  /^https?:\/\//i.test(url)
    ? el("a", { href: url, rel: "noreferrer noopener", target: "_blank", "aria-label": label, class: "small" }, text)
    : null;

/** How often as large a difference would come by chance. */
export function chance(p) {
  if (p === null || p === undefined) return "too few people";
  if (p < 0.0001) return "by chance less than 1 in 10,000";
  if (p < 0.01) return `by chance ${fixed(1000 * p, p < 0.001 ? 1 : 0)} in 1,000`;
  return `by chance ${fixed(100 * p, 0)} in 100`;
}

/** "p = 0.0057", of which the server gives four decimals. */
export const exactChance = (p) => (p < 0.0001 ? "p\u00a0<\u00a00.0001" : `p\u00a0=\u00a0${p}`);

/** "Worse, Better or Cannot tell yet", with why below. */
export function verdict({ verdict: name, compared_to: before, p }) {
  if (!before) return el("span", { class: "muted" }, "No release before it");
  const { text, tone, arrow } = VERDICTS[name] ?? { text: "Cannot tell yet", tone: "muted" };
  return el(
    "span",
    { class: "verdict", title: `Crash-free people, against ${before}${p === null ? "" : `, ${exactChance(p)}`}` },
    el("b", { class: tone }, arrow && el("span", { "aria-hidden": "true" }, `${arrow} `), text),
    el("span", { class: "since muted" }, chance(p)),
  );
}
