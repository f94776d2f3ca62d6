import { nameCohort, numbersOf } from "../cohorts.js";
import { editor } from "../conditions.js";
import { $, $$, el, replace } from "../dom.js";
import { form } from "../form.js";
import { ago, count, country, exactTime } from "../format.js";
import { personLink, shortId } from "../people.js";
import { shownPlatform } from "../platforms.js";
import * as state from "../state.js";
import { textOf } from "../steps.js";
import { dataTable } from "../table.js";

export const keys = ["list"];
// Field and name in the address -> parameter of GET /users. Not the parameters' own names: in an address
// `country` and `app_version` are conditions on events.
const TRAITS = {
  person_country: "country",
  person_version: "app_version",
  person_system: "platform_family",
  seen: "last_seen_days",
  first: "first_seen_days",
  did: "did",
};
const OF_DID = ["times", "days"];
const WHERE = "did_where";
const NUMBERS = ["last_seen_days", "first_seen_days", ...OF_DID];
const ID_LENGTH = 4;

form("#row-filter", ["q", ...Object.keys(TRAITS), ...OF_DID, WHERE], (values) => ({
  ...values,
  person_country: values.person_country?.toUpperCase(),
  ...(values.did ? { [WHERE]: state.getAll(WHERE) } : { times: null, days: null }),
}));

/** What is searched for beside an id, as a cohort has it. */
function definition() {
  const names = [...Object.entries(TRAITS), ...(state.get("did") ? OF_DID.map((name) => [name, name]) : [])];
  const parts = Object.fromEntries(
    names
      .map(([name, parameter]) => [parameter, state.get(name)])
      .filter(([, value]) => value !== null)
      .map(([parameter, value]) => [parameter, NUMBERS.includes(parameter) ? Number(value) : value]),
  );
  return parts.did ? { ...parts, did: textOf(parts.did, state.getAll(WHERE)) } : parts;
}

/** The conditions on what they did, which stand in the address beside its name. */
function didWhere() {
  const box = $("#did-where");
  const texts = state.getAll(WHERE);
  $("#did-count").textContent = texts.length === 0 ? "" : ` (${texts.length})`;
  const shown = box.dataset.shown ?? null;
  if (shown === JSON.stringify(texts)) return;
  box.dataset.shown = JSON.stringify(texts);
  const onchange = (changed) => {
    box.dataset.shown = JSON.stringify(changed);
    state.change({ [WHERE]: changed });
  };
  replace(box, editor({ app: state.app(), value: texts, onchange }));
}

const question = () => ({ app: state.app(), q: idSearched(), ...definition(), cohort: state.cohort() });

/** While fewer characters are typed, everybody is shown. */
const idSearched = () => ((state.get("q") ?? "").length < ID_LENGTH ? null : state.get("q"));
const when = (moment) => (moment ? el("time", { datetime: moment, title: exactTime(moment) }, ago(moment)) : null);

export async function load(context) {
  if (context.why === "start") install();
  tools();
  const kind = state.kind();
  const bot = kind === "bot";
  const messages = (row) => (row.counts?.user_message ?? 0) + (row.counts?.ai_message ?? 0);
  const named = (row) => row.external_id ?? row.user_id;
  await dataTable(
    "list",
    {
      caption: "People",
      source: { path: "/users", sorted: "/dashboard/api/users", params: question(), rows: "users", isLong: true },
      initial: "-last_active",
      open: (row) => personLink(bot ? named(row) : row.user_id),
      empty: isSearch() ? "Nobody is like that." : "No people yet.",
      columns: [
        { name: "Person", cell: (row) => shortId(named(row), false), value: named },
        {
          name: "Last active",
          sort: "last_active",
          down: true,
          cell: (row) => when(row.last_active ?? row.last_seen),
          value: (row) => row.last_active ?? row.last_seen,
        },
        {
          name: "First seen",
          sort: "first_seen",
          down: true,
          cell: (row) => when(row.first_seen),
          value: (row) => row.first_seen,
        },
        { name: "Events", sort: "events", numeric: true, cell: (row) => count(row.events), value: (row) => row.events },
        ...(kind === "desktop"
          ? [
              {
                name: "Crashes",
                sort: "crashes",
                numeric: true,
                cell: (row) => el("span", { class: row.crashes ? "bad" : "muted" }, count(row.crashes)),
                value: (row) => row.crashes,
              },
              {
                name: "Recordings",
                sort: "recordings",
                numeric: true,
                cell: (row) => count(row.counts?.recording_completed ?? 0),
                value: (row) => row.counts?.recording_completed ?? 0,
              },
              {
                name: "Version",
                sort: "version",
                down: true,
                cell: (row) => row.app_version,
                value: (row) => row.app_version,
              },
              {
                name: "Platform",
                sort: "platform",
                cell: (row) => (row.platform ? shownPlatform(row.platform) : null),
                value: (row) => row.platform,
              },
              {
                name: "Country",
                sort: "country",
                cell: (row) => (row.country ? country(row.country) : null),
                value: (row) => row.country,
              },
            ]
          : []),
        ...(bot
          ? [
              {
                name: "Messages",
                sort: "messages",
                numeric: true,
                cell: (row) => count(messages(row)),
                value: messages,
              },
              {
                name: "Images",
                sort: "images",
                numeric: true,
                cell: (row) => count(row.counts?.image_generated ?? 0),
                value: (row) => row.counts?.image_generated ?? 0,
              },
            ]
          : []),
        ...(kind === "website"
          ? [
              {
                name: "Pages",
                sort: "pages",
                numeric: true,
                cell: (row) => count(row.counts?.pageview ?? 0),
                value: (row) => row.counts?.pageview ?? 0,
              },
              {
                name: "Conversions",
                sort: "conversions",
                numeric: true,
                cell: (row) => count(row.counts?.conversion ?? 0),
                value: (row) => row.counts?.conversion ?? 0,
              },
            ]
          : []),
      ],
    },
    context,
  );
}

const isSearch = () => idSearched() !== null || Object.keys(definition()).length > 0;

function install() {
  $("#more-filters").addEventListener("click", (event) => {
    const isOpen = $("#row-filter").classList.toggle("is-open");
    event.currentTarget.setAttribute("aria-expanded", String(isOpen));
  });
  $("#cohort-save")?.addEventListener("click", () =>
    nameCohort({ definition: definition() }, (cohort) => {
      const none = Object.fromEntries(["q", ...Object.keys(TRAITS), ...OF_DID].map((name) => [name, null]));
      state.change({ ...none, cohort: String(cohort.id) });
    }),
  );
}

/** A search can be kept, without the id in it: a cohort names nobody. Of a cohort there are numbers. */
function tools() {
  const cohort = state.cohort();
  const [save, numbers] = [$("#cohort-save"), $("#cohort-numbers")];
  if (save) save.hidden = cohort !== null || Object.keys(definition()).length === 0;
  numbers.hidden = cohort === null;
  if (cohort !== null) numbers.href = numbersOf(cohort);
  $("#people-tools").hidden = (save?.hidden ?? true) && numbers.hidden;
  for (const label of $$(".did-only")) label.hidden = state.get("did") === null;
  if (state.get("did") !== null) didWhere();
}
