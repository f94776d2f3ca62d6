import { none, show } from "../cards.js";
import { el } from "../dom.js";
import { count, percent, words } from "../format.js";
import { barList } from "../lists.js";
import { only } from "../narrow.js";
import { fillNumbers } from "../numbers.js";
import { ask, emptyOf } from "../stats.js";

export const keys = ["source", "stickiness"];

export async function load(context) {
  const { answer, before } = await ask(context, { include: ["adoption"] });
  fillNumbers(answer, before);
  const adoption = answer.adoption ?? {};
  split(adoption.source_split ?? []);
  const features = Object.entries(adoption.feature_stickiness ?? {});
  const measured = features.filter(([, value]) => value !== null).sort((a, b) => b[1] - a[1]);
  barList(
    "stickiness",
    measured.map(([key, value]) => ({ key, count: value, percentage: value })),
    {
      head: ["Feature", "Share of people"],
      name: words,
      value: () => "",
      empty: emptyOf(answer, "adoption.feature_stickiness", "Nobody was active in the last 7 days."),
    },
  );
}

/** One bar in parts: what most recordings start from is seen at once. */
function split(rows) {
  const data = {
    columns: ["Source", "Recordings", "Percent"],
    rows: rows.map((row) => [row.key, row.count, row.percentage]),
  };
  if (rows.length === 0) return show("source", none(), data);
  const whole = rows.reduce((sum, row) => sum + row.count, 0);
  return show(
    "source",
    [
      el(
        "div",
        {
          class: "split",
          role: "img",
          "aria-label": rows.map((row) => `${words(row.key)} ${percent(row.percentage)}`).join(", "),
        },
        rows.map((row, i) =>
          el("span", {
            class: `part part-${Math.min(i, 5)}`,
            style: { width: `${(100 * row.count) / whole}%` },
            title: words(row.key),
          }),
        ),
      ),
      el(
        "ul",
        { class: "split-list" },
        rows.map((row, i) =>
          el(
            "li",
            {},
            el("span", { class: `key part-${Math.min(i, 5)}`, "aria-hidden": "true" }),
            el(
              "span",
              { class: "clip" },
              row.key === "unknown" ? words(row.key) : only("source", row.key, words(row.key)),
            ),
            el("span", { class: "num" }, count(row.count)),
            el("span", { class: "num muted" }, percent(row.percentage)),
          ),
        ),
      ),
    ],
    data,
  );
}
