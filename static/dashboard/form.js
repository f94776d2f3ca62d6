// A row of fields whose values live in the URL.

import { $ } from "./dom.js";
import * as state from "./state.js";

export function form(selector, names) {
  const box = $(selector);
  if (!box) return;
  const fill = () => { for (const name of names) if (box.elements[name]) box.elements[name].value = state.get(name) ?? ""; };
  fill();
  state.onChange(fill);
  const take = () => state.change(Object.fromEntries(names.map((name) => [name, box.elements[name]?.value.trim() || null])));
  box.addEventListener("submit", (event) => { event.preventDefault(); take(); });
  box.addEventListener("change", take);
  box.addEventListener("reset", (event) => {
    event.preventDefault();
    state.change(Object.fromEntries(names.map((name) => [name, null])));
  });
}
