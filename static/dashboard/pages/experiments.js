// Experiments: the variants that people were shown, and how many of each did the goal.

import { get } from "../api.js";
import * as busy from "../busy.js";
import { none, show, tableOf } from "../cards.js";
import { $, el, replace } from "../dom.js";
import { notes } from "../experiment_words.js";
import { matched } from "../filters.js";
import { count, DASH, fixed, missing, percent } from "../format.js";
import { eventName } from "../names.js";
import { saveButton } from "../save.js";
import * as state from "../state.js";
import * as steps from "../steps.js";

export const keys = ["variants"];
export const asksItself = true; // each question reads the events
const NAMES = ["experiment", "within", "property", "control", "split"];
let last = null;

export async function load({ signal, why }) {
  if (why === "start") start();
  const [name, goal] = [state.get("experiment"), state.get("goal")];
  $("#head-variants").textContent = name && goal ? `${eventName(name)}: ${steps.inWords(goal)}` : "Variants";
  if (!name || !goal) {
    last = null;
    show("variants", none("Choose the event that shows a variant, and the goal."), { columns: [], rows: [] });
    return;
  }
  if (why !== "draw" || last === null) {
    const question = Object.fromEntries(["goal", ...NAMES.slice(1)].map((each) => [each, state.get(each)]));
    const params = { app: state.app(), ...question, ...state.span(), ...state.filter() };
    const path = `/experiments/${encodeURIComponent(name)}`;
    last = await busy.ask(path, params, signal, { keys: ["variants"] });
  }
  draw(last);
}

const points = (value) => (missing(value) ? DASH : `${value > 0 ? "+" : ""}${fixed(value, 2)}`);
const rate = (value) => (missing(value) ? DASH : `${fixed(value, 2)} %`);

function draw(answer) {
  const { variants } = answer;
  matched(variants.length === 0);
  const data = {
    columns: [
      "Variant",
      "People",
      "Converted",
      "Rate",
      "Difference, points",
      "95 % from",
      "95 % to",
      "Best, percent",
      "Time not over",
    ],
    rows: variants.map((row) => [
      row.variant,
      row.people,
      row.converted,
      row.rate,
      row.difference,
      row.low,
      row.high,
      row.best,
      row.open,
    ]),
    formats: [String, count, count, rate, points, points, points, percent, count],
  };
  if (variants.length === 0) {
    show("variants", none("Nobody was shown a variant in this period."), data);
    return;
  }
  show("variants", [...notes(answer), tableOf("variants", data, "Variants")], data);
}

function start() {
  const box = $("#experiment-goal");
  let goal = null;
  steps.asking({
    names: NAMES,
    take: (problem) => {
      if (problem === null) return { goal: null };
      if (goal.problem()) return null;
      const named = $("#question-form").elements.experiment.value.trim();
      if (named === "" || steps.read(goal.step()).name === "") {
        problem.textContent =
          "An experiment needs the event that shows a variant, and the event or page that is the goal.";
        return null;
      }
      return { goal: goal.step() };
    },
    fill: () => {
      goal = steps.field("Goal", state.get("goal") ?? "");
      replace(box, goal);
    },
  });
  steps.suggest();
  suggestExperiments();
  saveButton("experiment");
}

async function suggestExperiments() {
  const answer = await get("/experiments", { app: state.app() }).catch(() => ({ experiments: [] }));
  replace(
    $("#experiment-events"),
    answer.experiments.map((name) => el("option", { value: name })),
  );
}
