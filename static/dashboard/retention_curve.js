// The average of who comes back, a bar per interval.

import { none, show } from "./cards.js";
import { el } from "./dom.js";
import { percent } from "./format.js";

const MOST = 31;

/** average: percents, null where nothing is known. */
export function curve(key, unit, average) {
  const data = {
    columns: [unit, "Percent who came back"],
    rows: average.map((value, i) => [i, value]),
    formats: [(i) => `${unit} ${i}`, percent],
  };
  const known = average.map((value, i) => ({ value, i })).filter(({ value }) => value !== null);
  if (known.length === 0) return show(key, none("No interval is over yet."), data);
  return show(
    key,
    el(
      "ol",
      { class: "curve", "aria-label": `Average by ${unit.toLowerCase()}` },
      known
        .slice(0, MOST)
        .map(({ value, i }) =>
          el(
            "li",
            { title: `${unit} ${i}: ${percent(value)}` },
            el("span", { class: "curve-value" }, `${Math.round(value)}`),
            el("span", { class: "curve-bar", style: { height: `${Math.max(1, 1.2 * value)}px` } }),
            el("span", { class: "muted" }, i === 0 ? `${unit} 0` : String(i)),
          ),
        ),
    ),
    data,
  );
}
