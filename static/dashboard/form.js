// A row of fields whose values live in the URL.

import { $ } from "./dom.js";
import * as state from "./state.js";

const PAUSE = 400; // ms after the last key

/** adjust(values): what the fields mean, where that is not what stands in them. */
export function form(selector, names, adjust = (values) => values) {
  const box = $(selector);
  if (!box) return;
  let waiting = null;
  const typed = (name) => box.elements[name]?.value.trim() || null;
  const fill = () => {
    for (const name of names) {
      const value = state.get(name) ?? "";
      if (box.elements[name] && (typed(name) ?? "") !== value) box.elements[name].value = value;
    }
  };
  const take = (options) => {
    clearTimeout(waiting);
    state.change(adjust(Object.fromEntries(names.map((name) => [name, typed(name)]))), options);
    fill();
  };
  fill();
  state.onChange(fill);
  box.addEventListener("submit", (event) => {
    event.preventDefault();
    take();
  });
  box.addEventListener("change", () => take());
  box.addEventListener("input", (event) => {
    if (event.target.type !== "search") return;
    clearTimeout(waiting);
    waiting = setTimeout(() => take({ typing: true }), PAUSE);
  });
  box.addEventListener("reset", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    state.change(Object.fromEntries(names.map((name) => [name, null])));
  });
}
