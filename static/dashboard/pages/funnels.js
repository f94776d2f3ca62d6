// Funnels: steps with conditions, how many reach each, how long they take, and who stopped.

import * as busy from "../busy.js";
import { none, show, tableOf } from "../cards.js";
import { shownValue } from "../condition.js";
import { $, $$, el, replace } from "../dom.js";
import { matched } from "../filters.js";
import { ago, count, DASH, duration, exactTime, missing, percent } from "../format.js";
import { funnel } from "../funnel.js";
import { shortId } from "../people.js";
import { saveButton } from "../save.js";
import * as state from "../state.js";
import * as steps from "../steps.js";
import { dataTable } from "../table.js";

export const keys = ["funnel", "by", "stopped"];
export const asksItself = true; // each question reads the events
const MOST = 8;
let last = null;

export async function load(context) {
  const { signal, why } = context;
  if (why === "start") start();
  const question = asked();
  const isWhole = question.step.length >= 2;
  $("[data-card=by]").hidden = question.by === null;
  $("[data-card=stopped]").hidden = !isWhole;
  if (!isWhole) {
    last = null;
    const empty = none("Choose two steps or more: events, or pages by their path.");
    show("funnel", empty, { columns: [], rows: [] });
    return;
  }
  if (why !== "draw" || last === null)
    last = await busy.ask("/funnels", { ...question, ...narrowed() }, signal, { keys: ["funnel"] });
  const answer = last;
  matched(answer.steps[0].count === 0);
  drawSteps(question, answer);
  if (question.by) drawValues(question, answer);
  await drawStopped(question, answer, context);
}

const narrowed = () => ({ ...state.span(), ...state.filter() });

const asked = () => ({
  app: state.app(),
  step: state.getAll("step").slice(0, MOST),
  order: state.get("order"),
  within: state.get("within"),
  by: state.get("by"),
});

const whose = ({ within }) => (within === null ? "Sessions" : "People");
const time = (seconds) => (missing(seconds) ? DASH : duration(seconds));

function drawSteps(question, answer) {
  const head = whose(question);
  $("#head-funnel").textContent = question.within
    ? `${head}, within ${question.within} days`
    : `${head}, within a session`;
  funnel(
    "funnel",
    answer.steps.map((step, i) => ({
      label: steps.inWords(step.step),
      count: step.count,
      note: i === 0 ? "" : `${time(step.median_seconds)} median, 90 % within ${time(step.p90_seconds)}`,
    })),
    {
      whose: head,
      none: `No ${head.toLowerCase()} with the first step in this period.`,
      columns: ["Step", head, "Percent of the first", "Dropped", "Median seconds", "90 % within seconds"],
      rows: answer.steps.map((step) => [
        steps.inWords(step.step),
        step.count,
        step.percentage,
        step.dropped,
        step.median_seconds,
        step.p90_seconds,
      ]),
    },
  );
}

const keyName = (by, key) => {
  if (key === null) return "(none)";
  return by === "segment" ? key : key === "other" ? "Other" : shownValue(by, key);
};

function drawValues({ by }, answer) {
  const named = answer.steps.map((step) => steps.inWords(step.step));
  const data = {
    columns: ["Value", ...named, "Came through"],
    rows: answer.by.map((row) => [
      keyName(by, row.key),
      ...row.steps.map((step) => step.count),
      row.steps.at(-1).percentage,
    ]),
    formats: [String, ...named.map(() => count), percent],
  };
  show("by", data.rows.length > 0 ? tableOf("by", data, "By value") : none(), data);
}

async function drawStopped(question, answer, context) {
  const most = answer.steps.length;
  const chosen = Math.min(Math.max(Number.parseInt(state.get("stopped") ?? "1", 10) || 1, 1), most);
  const { by, ...rest } = question;
  replace(
    $("#stopped-step"),
    answer.steps.map((step, i) => {
      const text =
        i + 1 === most ? "Came through to the last step" : `Stopped at ${i + 1}: ${steps.inWords(step.step)}`;
      return el("option", { value: String(i + 1), selected: i + 1 === chosen }, text);
    }),
  );
  await dataTable(
    "stopped",
    {
      caption: "Who stopped at a step, latest first",
      source: {
        path: "/funnels/people",
        isLong: true,
        rows: "people",
        params: { ...rest, ...narrowed(), stopped: String(chosen) },
      },
      empty: "Nobody.",
      columns: [
        { name: "Person", opens: true, cell: (row) => shortId(row.user_id), value: (row) => row.user_id },
        {
          name: "When",
          cell: (row) => el("time", { datetime: row.at, title: exactTime(row.at) }, ago(row.at)),
          value: (row) => row.at,
        },
        ...(question.within === null
          ? [{ name: "Session", cell: (row) => row.session_id ?? DASH, value: (row) => row.session_id }]
          : []),
      ],
    },
    context,
  );
}

function start() {
  const list = $("#funnel-steps");
  const rows = () => $$(".asking-field", list);
  const draw = (texts) =>
    replace(
      list,
      texts.map((text, i) => el("li", { class: "asking-step" }, row(text, i))),
    );
  const now = () => rows().map((each) => each.step());
  const row = (text, i) =>
    steps.field(`Step ${i + 1}`, text, {
      tools: [
        tool("\u2191", `Move step ${i + 1} up`, i > 0, () => {
          const texts = now();
          [texts[i - 1], texts[i]] = [texts[i], texts[i - 1]];
          draw(texts);
          rows()[i - 1].focusName();
        }),
        tool("\u00d7", `Remove step ${i + 1}`, true, () => {
          const texts = now().filter((_, place) => place !== i);
          draw(texts.length < 2 ? [...texts, ""] : texts);
          rows()[Math.max(0, i - 1)].focusName();
          offerMore();
        }),
      ],
    });
  const tool = (sign, label, enabled, onclick) =>
    el(
      "button",
      { type: "button", class: "plain", "aria-label": label, title: label, disabled: !enabled, onclick },
      sign,
    );
  const add = $("#step-add");
  const offerMore = () => {
    add.hidden = rows().length >= MOST;
  };
  add.addEventListener("click", () => {
    draw([...now(), ""]);
    rows().at(-1).focusName();
    offerMore();
  });
  steps.asking({
    names: ["order", "within", "by"],
    take: (problem) => {
      if (problem === null) return { step: null, stopped: null };
      if (rows().some((each) => each.problem())) return null;
      const texts = rows()
        .filter((each) => !each.isBlank())
        .map((each) => each.step());
      if (texts.length < 2 || texts.some((text) => steps.read(text).name === "")) {
        problem.textContent = "A funnel has two steps or more, each with the name of an event or the path of a page.";
        return null;
      }
      return { step: texts, stopped: null };
    },
    fill: () => {
      const texts = state.getAll("step").slice(0, MOST);
      draw([...texts, ...Array.from({ length: Math.max(0, 2 - texts.length) }, () => "")]);
      offerMore();
    },
  });
  $("#stopped-step").addEventListener("change", (event) => state.change({ stopped: event.target.value }));
  steps.suggest();
  saveButton("funnel");
}
