import { get } from "../api.js";
import { none, show } from "../cards.js";
import { timeChart } from "../charts.js";
import { el } from "../dom.js";
import { ago, compact, count, exactTime, words } from "../format.js";
import { grouped } from "../buckets.js";
import { barList } from "../lists.js";
import { fillNumbers } from "../numbers.js";
import { personLink } from "../people.js";
import * as state from "../state.js";
import { ask, column, dates, range } from "../stats.js";
import { picture } from "../timeline.js";

export const keys = ["people", "messages", "personas", "names", "users", "images"];
const IMAGE_SENTENCES = { waiting: "Waiting to be stored", failed: "Could not be stored" };
let held = null;

export async function load(context) {
  const { answer, before } = await ask(context, ["usage"]);
  if (context.why !== "draw") {
    const [stats, events, users, images] = await Promise.all([
      get("/api/analytics/stats", { app: state.app() }, context.signal),
      get("/dashboard/api/events", range(answer), context.signal),
      get("/api/analytics/users", { app: state.app(), limit: 8 }, context.signal),
      get("/dashboard/api/images", { app: state.app() }, context.signal),
    ]);
    held = { stats, events, users, images };
  }
  const { stats, events, users, images } = held;
  fillNumbers(stats);
  timeChart("people", dates(answer), [{ label: "Users", values: column(answer, "active_users"), before: column(before, "active_users") }], { format: compact });
  const said = grouped(events.days, ["user_message", "ai_message"]);
  timeChart("messages", said.dates, [{ label: "Users", values: said.user_message }, { label: "Bot", values: said.ai_message, colour: "series-6" }], { type: "bar", stacked: true, format: compact });
  const whole = stats.popular_personas.reduce((sum, row) => sum + row.count, 0);
  const names = new Map(stats.popular_personas.map((row) => [row.persona_id, row.persona_name]));
  barList("personas", stats.popular_personas.map((row) => ({ key: row.persona_id, count: row.count, percentage: (100 * row.count) / whole })),
    { head: ["Persona", "Chosen"], name: (key) => names.get(key) ?? key, empty: "No persona has been chosen yet." });
  barList("names", answer.usage?.events_by_name ?? [], { head: ["Event", "Count"], name: words });
  people(users.users);
  gallery(images.images);
}

function people(rows) {
  const data = { columns: ["User", "Last active", "First seen", "Messages", "Images"], rows: rows.map((row) => [row.client_id, row.last_seen, row.first_seen, row.messages, row.images]) };
  if (rows.length === 0) return show("users", none("Nobody yet."), data);
  return show("users", el("ul", { class: "people" }, rows.map((row) => el("li", {}, el("a", { href: personLink(row.client_id), dataset: { key: row.client_id } },
    el("span", { class: "mono" }, row.client_id), el("span", { class: "muted", title: exactTime(row.last_seen) }, ago(row.last_seen)),
    el("span", { class: "num" }, `${count(row.messages)} messages`), el("span", { class: "num muted" }, `${count(row.images)} images`))))), data);
}

function gallery(rows) {
  const data = { columns: ["Time", "State", "Address", "Reason", "User"], rows: rows.map((row) => [row.timestamp, row.state, row.image_url, row.reason, row.client_id]) };
  if (rows.length === 0) return show("images", none("No image yet."), data);
  return show("images", el("ul", { class: "gallery" }, rows.slice(0, 12).map((row) => el("li", {},
    row.state === "stored" ? picture(row.image_url, `Picture of ${exactTime(row.timestamp)}`) : el("span", { class: "picture none", title: row.reason ?? "" }, IMAGE_SENTENCES[row.state] ?? row.state),
    el("a", { class: "muted small", href: row.client_id ? personLink(row.client_id) : "#", title: exactTime(row.timestamp) }, ago(row.timestamp))))), data);
}
