import { get } from "../api.js";
import { grouped } from "../buckets.js";
import { none, show, tableOf } from "../cards.js";
import { timeChart } from "../charts.js";
import { el } from "../dom.js";
import { ago, compact, count, exactTime, fixed, percent } from "../format.js";
import * as keyNumbers from "../key_numbers.js";
import { barList } from "../lists.js";
import { eventName } from "../names.js";
import { fillNumbers } from "../numbers.js";
import { personLink } from "../people.js";
import * as pinned from "../pinned.js";
import * as state from "../state.js";
import { ask, column, dates } from "../stats.js";
import { picture } from "../timeline.js";

export const keys = ["people", "messages", "personas", "names", "users", "images"];
const IMAGE_SENTENCES = { waiting: "Waiting to be stored", failed: "Could not be stored" };
let latest = [];

export async function load(context) {
  const [{ answer, before, page }, users] = await Promise.all([
    ask(context, { include: ["usage"], page: "bot" }),
    context.why === "draw" || state.isNarrowed()
      ? null
      : get("/api/analytics/users", { app: state.app(), limit: 8 }, context.signal),
  ]);
  latest = users?.users ?? latest;
  const stats = page.now;
  fillNumbers({ ...stats, daily_stats: answer.daily_stats, to: answer.to, rolling: page.rolling }, page.before);
  timeChart(
    "people",
    dates(answer),
    [{ label: "People", values: column(answer, "active_users"), before: column(before, "active_users") }],
    { format: compact },
  );
  const said = grouped(page.events, ["user_message", "ai_message"]);
  const sides = [
    { label: "People", values: said.user_message },
    { label: "Bot", values: said.ai_message, colour: "series-6" },
  ];
  timeChart(
    "messages",
    said.dates,
    // A condition may leave one of them only.
    state.isNarrowed() ? sides.filter(({ values }) => values.some((value) => value > 0)) : sides,
    { type: "bar", stacked: true, format: compact },
  );
  personas(stats.popular_personas);
  barList("names", answer.usage?.events_by_name ?? [], { head: ["Event", "Count"], name: eventName, filter: "event" });
  people(page.people ?? latest);
  gallery(page.images);
  keyNumbers.load(context);
  pinned.load(context);
}

function personas(rows) {
  const whole = rows.reduce((sum, row) => sum + row.count, 0);
  const data = {
    columns: ["Persona", "Chosen", "Share"],
    formats: [String, count, percent],
    rows: rows.map((row) => [
      row.persona_name ?? row.persona_id,
      row.count,
      Number(fixed((100 * row.count) / whole, 1)),
    ]),
  };
  show(
    "personas",
    rows.length
      ? tableOf("personas", data, "Popular personas", { bar: 1 })
      : none(state.isNarrowed() ? "No matching event chose a persona." : "No persona has been chosen yet."),
    data,
  );
}

function people(rows) {
  const data = {
    columns: ["Person", "Last active", "First seen", "Messages", "Images"],
    rows: rows.map((row) => [row.client_id, row.last_seen, row.first_seen, row.messages, row.images]),
  };
  if (rows.length === 0)
    return show("users", none(state.isNarrowed() ? "Nobody sent a matching event." : "No people yet."), data);
  return show(
    "users",
    el(
      "ul",
      { class: "people" },
      rows.map((row) =>
        el(
          "li",
          {},
          el(
            "a",
            { href: personLink(row.client_id), dataset: { key: row.client_id } },
            el("span", { class: "mono" }, row.client_id),
            el("span", { class: "muted", title: exactTime(row.last_seen) }, ago(row.last_seen)),
            el("span", { class: "num" }, `${count(row.messages)} messages`),
            el("span", { class: "num muted" }, `${count(row.images)} images`),
          ),
        ),
      ),
    ),
    data,
  );
}

function gallery(rows) {
  const data = {
    columns: ["Time", "State", "Address", "Reason", "Person"],
    rows: rows.map((row) => [row.timestamp, row.state, row.image_url, row.reason, row.client_id]),
  };
  if (rows.length === 0)
    return show("images", none(state.isNarrowed() ? "No matching event has an image." : "No images yet."), data);
  return show(
    "images",
    el(
      "ul",
      { class: "gallery" },
      rows.slice(0, 12).map((row) =>
        el(
          "li",
          {},
          row.state === "stored"
            ? picture(row.image_url, `Picture of ${exactTime(row.timestamp)}`)
            : el("span", { class: "picture none", title: row.reason ?? "" }, IMAGE_SENTENCES[row.state] ?? row.state),
          el(
            row.client_id ? "a" : "span",
            {
              class: "muted small",
              href: row.client_id && personLink(row.client_id),
              title: exactTime(row.timestamp),
            },
            ago(row.timestamp),
          ),
        ),
      ),
    ),
    data,
  );
}
