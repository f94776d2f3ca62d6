import { get } from "../api.js";
import * as busy from "../busy.js";
import { none, show } from "../cards.js";
import { timeChart } from "../charts.js";
import { $, el } from "../dom.js";
import { count, percent, shift } from "../format.js";
import { issueLine, moment, plural } from "../issues.js";
import { coverage } from "../notes.js";
import { fillNumbers } from "../numbers.js";
import * as beside from "../release_beside.js";
import { chance, exactChance, releaseLink, releaseTime, VERDICTS, webLink } from "../releases.js";
import * as state from "../state.js";

export const keys = ["people", "crashes", "beside", "new", "regressed", "fixed"];
const ISSUES = {
  new: "No issue was seen first in this version.",
  regressed: "No resolved issue came back in this version.",
  fixed: "No issue is marked as fixed in this version.",
};
let release = null;
let unfiltered = []; // as paths of number cards

export async function load({ signal, why }) {
  if (why !== "draw") {
    const params = { app: state.app(), ...state.span(), ...state.filter() };
    const version = state.get("version") ?? "";
    const asking = state.isNarrowed() ? busy.ask : get;
    const answer = await asking(`/releases/${encodeURIComponent(version)}`, params, signal, { keys: ["people"] });
    release = answer.release;
    unfiltered = answer.unfiltered.map((name) => `release.${name}`);
  }
  const { version, before } = release;
  $("h1").textContent = version;
  document.title = `${version} · Stories Analytics`;
  $("#release-facts").replaceChildren(
    ...[
      release.released_at ? "Released " : "First seen ",
      moment(releaseTime(release)),
      before && " · after ",
      before && el("a", { href: releaseLink(before.version) }, before.version),
      release.url && " · ",
      release.url && webLink(release.url, "Notes", `Notes of ${version}`),
    ].filter(Boolean),
  );
  symbols();
  summary();
  const sameDays = release.comparison && { crash_free_people: release.comparison.crash_free_people_before };
  coverage({ unfiltered });
  $("#session-numbers").hidden = (release.sessions ?? null) === null;
  fillNumbers({ release, unfiltered }, before && { release: { ...before, ...sameDays } });
  charts();
  for (const [key, empty] of Object.entries(ISSUES)) {
    const issues = release[key] ?? [];
    const missing = release[key] ? empty : `Not available with a ${state.filterName()}.`;
    show(key, issues.length ? el("ul", { class: "issue-lines" }, issues.map(issueLine)) : none(missing), {
      columns: ["Issue", "Title", "Culprit", "Crashes", "People"],
      rows: issues.map((issue) => [issue.id, issue.title, issue.culprit, issue.crashes, issue.people]),
    });
  }
  await beside.load(release, { signal, why });
}

/** Whether its crashes have real names; of those that need none there is nothing to be said. */
function symbols() {
  const { version, symbols: there } = release;
  const box = $("#release-symbols");
  box.hidden = !there.artifacts && !there.missing;
  const link = el("a", { href: state.detail("/dashboard/symbols", {}) }, "Symbols");
  const lacking = there.missing === 1 ? "One file of its crashes has none." : "";
  box.replaceChildren(
    link,
    ...(there.artifacts
      ? [
          `: ${plural(there.artifacts, "file")} for ${version}. `,
          lacking || (there.missing ? `${count(there.missing)} files of its crashes have none.` : ""),
        ]
      : [": none. Crashes of this release show minified names, or none."]),
  );
}

/** Whether it is worse or better than the one before, over the days since it came. */
function summary() {
  const { comparison, compared_to: before, verdict, p } = release;
  const box = $("#release-verdict");
  box.hidden = !before || !comparison;
  if (box.hidden) return;
  const { text, tone } = VERDICTS[verdict] ?? { text: "Cannot tell yet" };
  const both =
    ` ${percent(comparison.crash_free_people)} of its ${count(comparison.people)} people had no crash, against ` +
    `${percent(comparison.crash_free_people_before)} of ${count(comparison.people_before)} ` +
    `with ${before} in the same days.`;
  const why =
    p === null || p === undefined
      ? ` There are too few people for a verdict.`
      : ` As large a difference comes ${chance(p)} (${exactChance(p)}).`;
  box.replaceChildren(el("b", { class: tone ?? "" }, `${text}.`), both, why);
}

function charts() {
  const byDate = new Map(release.days.map((row) => [row.date, row]));
  const dates = [];
  for (let date = release.from; date <= release.to; date = shift(date, 1)) dates.push(date);
  const of = (name) => dates.map((date) => byDate.get(date)?.[name] ?? 0);
  const day = releaseTime(release)?.slice(0, 10);
  const releases = day ? [{ day, version: release.version }] : [];
  const options = { daily: true, releases, type: "bar" };
  timeChart("people", dates, [{ label: "People", values: of("people") }], {
    ...options,
    empty: "Nobody used it in this period.",
  });
  const isTold = !unfiltered.includes("release.crashes");
  timeChart("crashes", dates, isTold ? [{ label: "Crashes", values: of("crashes"), colour: "bad" }] : [], {
    ...options,
    empty: isTold ? "No crashes in this period." : `Not available with a ${state.filterName()}.`,
  });
}
