import { get } from "../api.js";
import { none, show } from "../cards.js";
import { onSave, open } from "../dialogs.js";
import { $, $$, announce, el } from "../dom.js";
import { form } from "../form.js";
import { count, dateOf, exactTime, percent, words } from "../format.js";
import * as actions from "../issue_actions.js";
import { badges, issueLink, mayChange, moment, plural, resolvesLater, showCounts, spark, versions } from "../issues.js";
import * as shortcuts from "../keys.js";
import * as state from "../state.js";
import { dataTable } from "../table.js";
import { takeBack } from "../toast.js";

export const keys = ["list"];
const NAMES = ["q", "first_version", "crash_type", "raw"];
const SORT = "sort.list";
const TABS = {
  open: { asks: { state: "open", handled: false }, noun: "open issues" },
  new: { asks: { state: "open", because: "new", handled: false }, noun: "new issues" },
  regressed: { asks: { state: "open", because: "regressed", handled: false }, noun: "regressed issues" },
  muted: { asks: { state: "muted", handled: false }, noun: "muted issues" },
  resolved: { asks: { state: "resolved", handled: false }, noun: "resolved issues" },
  handled: { asks: { handled: true }, noun: "handled errors" },
};
const ticked = new Set(); // ids
let question = null; // that the ticks belong to
let place = 0; // of the line that had the focus last

form("#row-filter", [...NAMES, SORT]);
$("#more-filters").addEventListener("click", (event) => {
  const isOpen = $("#row-filter").classList.toggle("is-open");
  event.currentTarget.setAttribute("aria-expanded", String(isOpen));
});
if (mayChange()) actions.install(chosen);
tabs();
keyboard();
if (mayChange()) mergeForm();

const tab = () => (state.get("tab") in TABS ? state.get("tab") : "open");
const filters = () => Object.fromEntries(NAMES.map((name) => [name, state.get(name)]));

export async function load(context) {
  const isNarrowed = state.isNarrowed();
  $("#row-filter [value='-rise']").hidden = isNarrowed; // arrivals are not known of what matches
  if (isNarrowed && state.get(SORT)?.endsWith("rise")) {
    state.change({ [SORT]: null }, { typing: true }); // and that loads
    return;
  }
  const params = { app: state.app(), ...TABS[tab()].asks, ...filters(), ...state.span(), ...state.filter() };
  const asked = JSON.stringify(params);
  if (asked !== question || context.why === "reload") ticked.clear();
  question = asked;
  markTab();
  if (tab() === "handled" && isNarrowed) {
    show("list", none("Handled errors are counted, but not stored one by one: they cannot be narrowed."));
    showCounts((await get("/issues", { ...params, handled: null, limit: 1 }, context.signal)).counts);
    drawTicks();
    return;
  }
  const hadFocus = context.why === "reload" && (focused() ?? document.activeElement.closest("#bulk")) !== null;
  await dataTable(
    "list",
    {
      caption: "Issues",
      source: {
        path: "/issues",
        sorted: "/issues",
        ascending: ":asc",
        params,
        rows: "issues",
        most: 100,
        isLong: isNarrowed,
        onAnswer: (answer) => showCounts(answer.counts),
      },
      initial: "-last_seen",
      open: (row) => issueLink(row.id),
      props: (row) => ({ dataset: { issue: row.id } }),
      empty: emptyText(),
      columns: columns(),
    },
    context,
  );
  const shown = lines().map((line) => line.dataset.issue);
  for (const id of ticked) if (!shown.includes(id)) ticked.delete(id);
  drawTicks();
  if (hadFocus && focused() === null) focusLine(Math.min(place, lines().length - 1));
}

function emptyText() {
  const narrowed = NAMES.some((name) => state.get(name)) ? " that match" : "";
  if (state.period().name === "all") return `There are no ${TABS[tab()].noun}${narrowed}.`;
  return `No ${TABS[tab()].noun}${narrowed} were seen in this period.`;
}

function columns() {
  const isNarrowed = state.isNarrowed(); // then it is not known how issues rise, nor who was active
  const ticks = {
    name: "",
    class: "tick",
    head: el(
      "label",
      { class: "tick-box" },
      el("input", { type: "checkbox", id: "tick-all", "aria-label": "Tick all shown", onchange: tickAll }),
    ),
    cell: (row) =>
      el(
        "label",
        { class: "tick-box" },
        el("input", {
          type: "checkbox",
          "aria-label": `Tick ${row.id}`,
          dataset: { key: `tick-${row.id}` },
          onchange: (event) => tick(row.id, event.target.checked),
        }),
      ),
  };
  return [
    ...(mayChange() ? [ticks] : []),
    {
      name: "Issue",
      grow: true,
      opens: true,
      class: "issue-cell",
      cell: (row) => [
        el("span", { class: "issue-title", title: row.title }, row.title),
        el(
          "span",
          { class: "issue-culprit", title: row.culprit },
          `${row.id} · `,
          el("span", { class: "mono" }, row.culprit || words(row.crash_type)),
        ),
        el(
          "span",
          { class: "phone-line" },
          `${plural(row.crashes, "crash", "crashes")} · ${plural(row.people, "person", "people")} · `,
          moment(row.last_seen),
        ),
      ],
      value: (row) => row.title,
    },
    { name: "State", class: "state-cell", cell: badges, value: (row) => `${row.state}, ${row.because}` },
    {
      name: "14 days",
      ...(isNarrowed ? {} : { sort: "rise", down: true }),
      class: "spark-cell",
      cell: (row) => spark(row.days),
      value: (row) => row.days.join(" "),
    },
    {
      name: "Crashes",
      sort: "crashes",
      numeric: true,
      class: "crashes-cell",
      cell: (row) => count(row.crashes),
      value: (row) => row.crashes,
    },
    {
      name: "People",
      sort: "people",
      numeric: true,
      class: "people-cell",
      cell: (row) => count(row.people),
      value: (row) => row.people,
    },
    !isNarrowed && {
      name: "Of active",
      numeric: true,
      class: "share-cell",
      cell: (row) =>
        el("span", { class: "muted", title: "Of the people active in the last 14 days" }, percent(row.people_share)),
      value: (row) => row.people_share,
    },
    { name: "Versions", class: "versions-cell", cell: (row) => versions(row), value: (row) => versions(row) },
    {
      name: "Last seen",
      sort: "last_seen",
      down: true,
      class: "last-cell",
      cell: (row) => [
        moment(row.last_seen),
        el("span", { class: "since muted", title: exactTime(row.first_seen) }, `since ${dateOf(row.first_seen)}`),
      ],
      value: (row) => row.last_seen,
    },
  ].filter(Boolean);
}

// Tabs

function tabs() {
  for (const anchor of $$("[data-tab]"))
    anchor.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      state.change({ tab: anchor.dataset.tab === "open" ? null : anchor.dataset.tab });
    });
}

function markTab() {
  for (const anchor of $$("[data-tab]")) {
    if (anchor.dataset.tab === tab()) anchor.setAttribute("aria-current", "page");
    else anchor.removeAttribute("aria-current");
  }
}

// Ticks and what they are for

const lines = () => $$("[data-card=list] tr[data-issue]");
const focused = () => document.activeElement?.closest("tr[data-issue]") ?? null;

/** Ids that an action is for: of the ticked lines, else of the line with the focus. */
function chosen() {
  if (ticked.size > 0) return [...ticked];
  const line = focused();
  return line ? [line.dataset.issue] : [];
}

function tick(id, isTicked) {
  if (!isTicked) ticked.delete(id);
  else if (ticked.size < actions.MOST) ticked.add(id);
  else announce(`At most ${actions.MOST} issues are changed at a time`);
  drawTicks();
}

function tickAll(event) {
  ticked.clear();
  if (event.target.checked) for (const line of lines().slice(0, actions.MOST)) ticked.add(line.dataset.issue);
  drawTicks();
}

function drawTicks() {
  for (const line of lines()) {
    const isTicked = ticked.has(line.dataset.issue);
    line.classList.toggle("ticked", isTicked);
    const box = $("input", line);
    if (box) box.checked = isTicked;
  }
  const all = $("#tick-all");
  if (all) {
    all.checked = ticked.size > 0 && ticked.size >= Math.min(lines().length, actions.MOST);
    all.indeterminate = ticked.size > 0 && !all.checked;
  }
  const bar = $("#bulk");
  if (!bar) return;
  bar.hidden = ticked.size === 0;
  document.body.classList.toggle("has-bulk", ticked.size > 0);
  $("#bulk-count").textContent = `${count(ticked.size)} ticked`;
  const isResolved = tab() === "resolved";
  for (const menu of $$(".menu", bar)) menu.hidden = isResolved;
  $("[data-act=seen]", bar).hidden = tab() === "resolved" || tab() === "muted";
  $("[data-act=reopen]", bar).hidden = tab() !== "resolved" && tab() !== "muted" && tab() !== "handled";
  $("#bulk-merge").disabled = ticked.size < 2;
}

// Merging

function mergeForm() {
  $("#bulk-merge").addEventListener("click", askMerge);
  $("#bulk-clear").addEventListener("click", () => {
    ticked.clear();
    drawTicks();
  });
  onSave("merge-dialog", async (merging) => {
    const into = merging.elements.into.value;
    const others = [...ticked].filter((id) => id !== into);
    await actions.merge(into, others);
  });
}

function askMerge() {
  if (ticked.size < 2) {
    announce("Tick the issues to merge first");
    return;
  }
  open("merge-dialog", `Merge ${count(ticked.size)} issues`, (merging) => {
    merging.elements.into.replaceChildren(
      ...lines()
        .filter((line) => ticked.has(line.dataset.issue))
        .map((line) => {
          const id = line.dataset.issue;
          return el("option", { value: id }, `${id}: ${$(".issue-title", line).textContent}`);
        }),
    );
  });
}

// Keys

function focusLine(index) {
  const line = lines()[index];
  if (!line) return;
  place = index;
  const link = $("a", line);
  link.focus({ preventScroll: true });
  line.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = lines();
  const now = focused() ? all.indexOf(focused()) : null;
  focusLine(now === null ? Math.min(place, all.length - 1) : Math.max(0, Math.min(now + by, all.length - 1)));
}

function keyboard() {
  const act = (action) => () => {
    const ids = chosen();
    if (ids.length > 0) action(ids);
  };
  const changes = [
    {
      key: "x",
      name: "Tick the issue, or take the tick away",
      run: () => {
        const line = focused();
        if (line) tick(line.dataset.issue, !ticked.has(line.dataset.issue));
      },
    },
    { key: "e", name: `Resolve${resolvesLater() ? " in the next release" : ""}`, run: act(actions.resolve) },
    { key: "m", name: "Mute for ever", run: act(actions.mute) },
    { key: "g", name: "Merge the ticked issues", run: askMerge },
    {
      key: "u",
      name: "Undo what was just done",
      run: () => {
        if (!takeBack()) announce("There is nothing to undo");
      },
    },
  ];
  addEventListener("focusin", () => {
    const line = focused();
    if (line) place = lines().indexOf(line);
  });
  shortcuts.install([
    { key: "j", name: "Next issue", run: () => step(1) },
    { key: "k", name: "Issue before", run: () => step(-1) },
    { key: "o", name: "Open the issue", run: () => focused()?.querySelector("a").click() },
    ...(mayChange() ? changes : []),
    { key: "/", name: "Search", run: () => $("#row-filter [name=q]").focus() },
  ]);
}
