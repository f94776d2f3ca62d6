// A funnel: a column per step, and the loss between two.

import { none, show } from "./cards.js";
import { el, svg } from "./dom.js";
import { count, fixed, percent } from "./format.js";

/** steps: [{label, count, note}] in order. whose: who is counted; columns, rows: of its table and CSV, where they
 *  are more than these; none: what is said where nobody is; above: what stands over the steps. */
export function funnel(
  key,
  steps,
  { whose = "Sessions", columns = null, rows = null, none: nobody, above = null } = {},
) {
  const first = steps[0]?.count ?? 0;
  const top = Math.max(...steps.map((step) => step.count), 0);
  const share = (step) => (first ? Number(fixed((100 * step.count) / first, 1)) : null);
  const data = {
    columns: columns ?? ["Step", whose, "Percent of the first"],
    rows: rows ?? steps.map((step) => [step.label, step.count, share(step)]),
  };
  if (top === 0) return show(key, none(nobody ?? `No ${whose.toLowerCase()} in this period.`), data);
  const drawn = el(
    "ol",
    { class: "funnel" },
    steps.map((step, i) => {
      const next = steps[i + 1];
      const height = (value) => (100 * value) / top;
      const before = steps[i - 1];
      const change = before?.count ? (100 * (step.count - before.count)) / before.count : null;
      return el(
        "li",
        {},
        el("p", { class: "funnel-label muted", title: step.label }, step.label),
        el(
          "p",
          { class: "funnel-count" },
          count(step.count),
          " ",
          el("span", { class: "muted" }, first ? percent((100 * step.count) / first) : ""),
        ),
        svg(
          "svg",
          { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
          svg("rect", { class: "step", x: 0, y: 100 - height(step.count), width: 62, height: height(step.count) }),
          next &&
            svg("path", {
              class: "fall",
              d: `M62 ${100 - height(step.count)}L100 ${100 - height(next.count)}V100H62Z`,
            }),
        ),
        el(
          "p",
          { class: "funnel-drop muted" },
          change === null ? "\u00a0" : change <= 0 ? `${percent(-change)} fewer` : `${percent(change)} more`,
        ),
        step.note && el("p", { class: "funnel-drop muted" }, step.note),
      );
    }),
  );
  return show(key, [above, drawn].filter(Boolean), data);
}
