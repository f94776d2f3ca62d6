// Retention: of those who did one thing, who came back to do another.

import * as busy from "../busy.js";
import { $, replace } from "../dom.js";
import { matched } from "../filters.js";
import { bucket } from "../format.js";
import { heatmap } from "../heatmap.js";
import { curve } from "../retention_curve.js";
import { saveButton } from "../save.js";
import * as state from "../state.js";
import * as steps from "../steps.js";

export const keys = ["average", "retention"];
export const asksItself = true; // each question may read the events
const UNITS = { day: "Day", week: "Week", month: "Month" };
let last = null;

export async function load({ signal, why }) {
  if (why === "start") start();
  const names = ["start", "return", "interval", "first", "unbounded"];
  const question = Object.fromEntries(names.map((name) => [name, state.get(name)]));
  if (why !== "draw" || last === null) {
    const params = { app: state.app(), ...question, ...state.span(), ...state.filter() };
    last = await busy.ask("/retention", params, signal, { keys: ["retention"] });
  }
  draw(last);
}

function draw(answer) {
  const { cohorts, average, interval } = answer;
  matched(cohorts.every((cohort) => cohort.size === 0));
  $("#head-retention").textContent = titleOf(answer);
  const share = (cohort) => (value) => (value === null || cohort.size === 0 ? null : (100 * value) / cohort.size);
  const rounded = (value) => (value === null ? null : Math.round(10 * value) / 10);
  const isEmpty = cohorts.every((cohort) => cohort.size === 0);
  heatmap(
    "retention",
    isEmpty
      ? []
      : cohorts.map((cohort) => ({
          week: cohort.start,
          size: cohort.size,
          active: cohort.returned.map(share(cohort)).map(rounded),
        })),
    {
      unit: UNITS[interval],
      name: (day) => bucket(day, interval),
      did: answer.return === "" ? "came back" : "came back to do it",
      average,
      people: cohorts.map((cohort) => cohort.returned),
      most: 31,
      empty: "Nobody did that in this period.",
    },
  );
  curve("average", UNITS[interval], isEmpty ? [] : average);
}

function titleOf({ start, return: back, first }) {
  const did = start === "" ? "came" : `did ${steps.inWords(start)}`;
  const when = first === "ever" ? " for the first time" : "";
  return `Who ${did}${when} and came back${back === "" ? "" : ` for ${steps.inWords(back)}`}`;
}

function start() {
  const boxes = { start: $("#retention-start"), return: $("#retention-return") };
  const labels = { start: "People who did", return: "And came back to do" };
  const fields = {};
  steps.asking({
    names: ["interval", "first", "unbounded"],
    take: (problem) => {
      if (problem === null) return { start: null, return: null };
      if (Object.values(fields).some((each) => each.problem())) return null;
      return Object.fromEntries(
        Object.entries(fields).map(([name, each]) => [name, each.isBlank() ? null : each.step()]),
      );
    },
    fill: () => {
      for (const [name, box] of Object.entries(boxes)) {
        fields[name] = steps.field(labels[name], state.get(name) ?? "", { placeholder: "Any event" });
        replace(box, fields[name]);
      }
    },
  });
  steps.suggest();
  saveButton("retention");
}
