// How a saved question is asked and drawn as a small card, by its report.

import * as busy from "./busy.js";
import { show, tableOf } from "./cards.js";
import { el } from "./dom.js";
import { verdict } from "./experiment_words.js";
import * as explore from "./explore.js";
import { count, fixed, percent } from "./format.js";
import { funnel } from "./funnel.js";
import { curve } from "./retention_curve.js";
import * as state from "./state.js";
import * as steps from "./steps.js";

const UNITS = { day: "Day", week: "Week", month: "Month" };
const first = (question, name) => question[name]?.[0] ?? null;
const some = (question, ...names) => Object.fromEntries(names.map((name) => [name, first(question, name)]));

/** A GET of what the question asks, narrowed as the page is. */
const ask = (path, params, key, narrowed, signal) =>
  busy.ask(path, { app: state.app(), ...params, ...narrowed }, signal, { keys: [key] });

/** Report -> {ask(key, question, narrowed, signal), draw(key, question, answer)}. question: {name: [values]}. */
export const REPORTS = {
  explore: {
    ask: (key, question, narrowed, signal) => explore.ask(key, exploring(question), narrowed, signal, false),
    draw: (key, question, answer) => explore.draw(key, exploring(question), answer),
  },
  funnel: {
    ask: (key, question, narrowed, signal) =>
      ask("/funnels", { step: question.step ?? [], ...some(question, "order", "within") }, key, narrowed, signal),
    draw: drawFunnel,
  },
  retention: {
    ask: (key, question, narrowed, signal) =>
      ask("/retention", some(question, "start", "return", "interval", "first", "unbounded"), key, narrowed, signal),
    draw: (key, _, answer) => {
      const isEmpty = answer.cohorts.every((cohort) => cohort.size === 0);
      curve(key, UNITS[answer.interval], isEmpty ? [] : answer.average);
    },
  },
  experiment: {
    ask: (key, question, narrowed, signal) => {
      const path = `/experiments/${encodeURIComponent(first(question, "experiment") ?? "")}`;
      return ask(path, some(question, "goal", "within", "property", "control", "split"), key, narrowed, signal);
    },
    draw: drawExperiment,
  },
};

const exploring = (question) => explore.read((name) => first(question, name));

function drawFunnel(key, question, answer) {
  const whose = first(question, "within") === null ? "Sessions" : "People";
  const [start, end] = [answer.steps[0], answer.steps.at(-1)];
  const share = el(
    "p",
    { class: "means" },
    el("b", {}, percent(end.percentage)),
    ` came through: ${count(end.count)} of ${count(start.count)} ${whose.toLowerCase()}.`,
  );
  const labelled = answer.steps.map((step) => ({ label: steps.inWords(step.step), count: step.count }));
  funnel(key, labelled, {
    whose,
    above: share,
    none: `No ${whose.toLowerCase()} with the first step in this period.`,
  });
}

function drawExperiment(key, _, answer) {
  const { text, tone } = verdict(answer);
  const data = {
    columns: ["Variant", "People", "Converted", "Rate"],
    rows: answer.variants.map((row) => [row.variant, row.people, row.converted, row.rate]),
    formats: [String, count, count, (value) => (value === null ? "\u2014" : `${fixed(value, 2)} %`)],
  };
  const table = answer.variants.length > 0 && tableOf(key, data, "Variants");
  show(key, [el("p", { class: `means verdict-line ${tone}` }, text), table].filter(Boolean), data);
}
