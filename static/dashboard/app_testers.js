// The testers of an app on its settings page: whose events are kept and counted nowhere.

import { get, send } from "./api.js";
import { has, none, show } from "./cards.js";
import { announce, el } from "./dom.js";
import { count } from "./format.js";
import * as state from "./state.js";

export const keys = ["testers"];
const SHOWN = 50;
let app = null;
let problem = "";

export function load(apps) {
  app = apps.find((each) => each.slug === state.app()) ?? null;
}

async function change(testers, done, isDone) {
  problem = "";
  try {
    const answer = await send("PATCH", `/apps/${encodeURIComponent(app.slug)}`, { testers });
    app = answer.app;
    if (isDone(app.testers)) announce(done);
    else problem = "This person is a tester in every app: the server's setting EXCLUDED_USER_IDS names them.";
  } catch (error) {
    problem = error.message;
  }
  draw();
}

/** As they are now, since somebody else may have added one. */
async function testersNow() {
  const { apps } = await get("/apps");
  load(apps);
  return app.testers;
}

async function add(event) {
  event.preventDefault();
  const id = event.target.elements.id.value.trim();
  if (id === "") return;
  await change([...(await testersNow()), id], "Added", () => true);
}

async function remove(id) {
  const others = (await testersNow()).filter((each) => each !== id);
  await change(others, "Removed", (testers) => !testers.includes(id));
}

export function draw() {
  if (app === null || !has("testers")) return;
  const line = (id) =>
    el(
      "li",
      {},
      el("span", { class: "mono clip" }, id),
      el(
        "button",
        { type: "button", class: "plain", "aria-label": `Count ${id} again`, onclick: () => remove(id) },
        "Remove",
      ),
    );
  show(
    "testers",
    [
      el(
        "form",
        { class: "inline-form", onsubmit: add },
        el("input", {
          name: "id",
          required: true,
          maxlength: 200,
          autocomplete: "off",
          "aria-label": "Id of a person",
          placeholder:
            app.kind === "desktop" ? "The user_id that the app sends, a UUID" : "The person's id as the app sends it",
          dataset: { key: "tester" },
        }),
        el("button", { class: "btn" }, "Add"),
      ),
      problem && el("p", { class: "bad", role: "alert" }, problem),
      app.testers.length > 0
        ? el("ul", { class: "id-list" }, app.testers.slice(0, SHOWN).map(line))
        : none("Nobody: everybody's events count."),
      app.testers.length > SHOWN &&
        el("p", { class: "muted" }, `and ${count(app.testers.length - SHOWN)} more in the CSV`),
    ].filter(Boolean),
    { columns: ["Person"], rows: app.testers.map((id) => [id]) },
  );
}
