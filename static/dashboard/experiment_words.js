// What an experiment tells, in sentences.

import { el } from "./dom.js";
import { count, fixed } from "./format.js";

/** What the numbers do and do not tell, before the numbers. */
export function notes(answer) {
  const { variants, split, needed, can_tell: canTell, mixed, left_out: leftOut, control, within } = answer;
  const open = variants.reduce((sum, row) => sum + row.open, 0);
  const lines = [];
  if (split?.is_wrong) {
    lines.push([
      "bad",
      `The split is not what it should be: ${variants.map((row) => count(row.people)).join(" to ")} people, where ` +
        `${split.expected.map((share) => `${fixed(share, 0)} %`).join(" to ")} was meant (p < 0.001). ` +
        "Something sorts people into the variants or loses some: do not trust the rates before you know what.",
    ]);
  }
  if (variants.length === 1) lines.push(["muted", "There is one variant only: nothing to compare it with."]);
  else if (!canTell) {
    lines.push([
      "muted",
      needed === null
        ? `Nobody of ${control} converted yet: how many people are needed cannot be told.`
        : `Cannot tell a difference of 10 % yet: that takes ${count(needed)} people in each variant.`,
    ]);
  }
  lines.push(["muted", `Each is compared with ${control}, in percentage points, with a 95 % interval.`]);
  if (open > 0) lines.push(["muted", `${count(open)} people may still convert: their ${within} days are not over.`]);
  if (mixed > 0)
    lines.push(["muted", `${count(mixed)} people were shown several variants; each counts for the first.`]);
  if (leftOut > 0)
    lines.push(["muted", `${count(leftOut)} people of further variants are left out: ten are compared.`]);
  return lines.map(([kind, text]) => el("p", { class: `means ${kind}` }, text));
}

const points = (value) => `${value > 0 ? "+" : ""}${fixed(value, 2)}`;
const interval = ({ difference, low, high }) =>
  `${points(difference)} points, 95 % from ${points(low)} to ${points(high)}`;

/** {text, tone}: the one sentence that an experiment comes to. */
export function verdict({ variants, split, needed, can_tell: canTell, control }) {
  if (variants.length === 0) return { text: "Nobody was shown a variant in this period.", tone: "muted" };
  if (variants.length === 1) return { text: "There is one variant only: nothing to compare it with.", tone: "muted" };
  if (split?.is_wrong)
    return { text: "The split is not what it should be: do not trust the rates before you know why.", tone: "bad" };
  const others = variants.filter((row) => row.variant !== control && row.low !== null && row.high !== null);
  const best = others.toSorted((a, b) => b.difference - a.difference)[0];
  if (!canTell || !best) {
    const takes = needed === null ? "" : ` That takes ${count(needed)} people in each variant.`;
    return { text: `Cannot tell a difference of 10 % yet.${takes}`, tone: "muted" };
  }
  if (best.low > 0) return { text: `${best.variant} does better than ${control}: ${interval(best)}.`, tone: "good" };
  if (others.every((row) => row.high < 0))
    return { text: `${control} does better than the others: ${best.variant} is at ${interval(best)}.`, tone: "bad" };
  return { text: `No difference is to be seen: ${best.variant} is at ${interval(best)}.`, tone: "" };
}
