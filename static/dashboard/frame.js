// The frame of every page: menus, period, filters as chips, theme, the state of the data.

import { get } from "./api.js";
import * as compare from "./compare.js";
import { $, $$, announce, copy, el } from "./dom.js";
import * as filters from "./filters.js";
import { fullDay } from "./format.js";
import * as state from "./state.js";

const THEMES = ["system", "light", "dark"];

export function install() {
  menus();
  theme();
  period();
  group();
  compare.install();
  filters.install();
  for (const button of $$("[data-copy]")) {
    button.addEventListener("click", () => copy($(`#${button.dataset.copy}`).textContent, button));
  }
  // Heads of tables stick below the bar, which is higher while it has chips.
  const bar = $(".bar");
  new ResizeObserver(() => document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
  draw();
  state.onChange(draw);
}

function menus() {
  const open = () => $$("details.menu[open]");
  addEventListener("click", (event) => {
    for (const menu of open()) if (!event.composedPath().includes(menu)) menu.open = false;
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      $("summary", menu).focus();
    }
  });
  for (const menu of $$("details.menu")) {
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
    });
  }
}

const close = (id) => {
  const menu = $(id);
  if (menu?.open) {
    menu.open = false;
    $("summary", menu).focus();
  }
};

/** A button in the bar; on a phone, where the bar is full, a line of the app menu. */
function theme() {
  const root = document.documentElement;
  const [button, line] = [$("#theme"), $("#theme-line")];
  const chosen = () => root.dataset.theme ?? "system";
  const say = () => {
    line.textContent = `Theme: ${chosen()}`;
    button.setAttribute("aria-label", line.textContent);
  };
  button.title = "Light, dark or system";
  say();
  for (const control of [button, line])
    control.addEventListener("click", () => {
      const next = THEMES[(THEMES.indexOf(chosen()) + 1) % THEMES.length];
      if (next === "system") delete root.dataset.theme;
      else root.dataset.theme = next;
      try {
        if (next === "system") localStorage.removeItem("stories-theme");
        else localStorage.setItem("stories-theme", next);
      } catch {
        /* without storage it lasts until the page is left */
      }
      say();
      announce(button.getAttribute("aria-label"));
      dispatchEvent(new Event("repaint"));
    });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("repaint")));
}

function period() {
  for (const item of $$("[data-period]")) {
    item.addEventListener("click", (event) => {
      event.preventDefault();
      close("#period-menu");
      state.change({ period: item.dataset.period, from: null, to: null });
    });
  }
  $("#range-form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    let { from, to } = Object.fromEntries(new FormData(event.target));
    if (from > to) [from, to] = [to, from];
    close("#period-menu");
    state.change({ period: null, from, to });
  });
}

function group() {
  for (const item of $$("[data-group]")) {
    item.addEventListener("click", (event) => {
      event.preventDefault();
      close("#group-menu");
      state.change({ group_by: item.dataset.group });
    });
  }
}

/** An empty aria-current would be read as false. */
const mark = (item, isCurrent) => {
  if (isCurrent) item.setAttribute("aria-current", "true");
  else item.removeAttribute("aria-current");
};

function draw() {
  const now = state.period();
  const label = $("[data-period-label]");
  if (label)
    label.textContent = now.name
      ? ($(`[data-period="${now.name}"]`)?.textContent ?? now.name)
      : `${fullDay(now.from)} \u2013 ${fullDay(now.to)}`;
  for (const item of $$("[data-period]")) {
    item.href = state.link({ period: item.dataset.period, from: null, to: null });
    mark(item, item.dataset.period === now.name);
  }
  for (const item of $$("[data-group]")) {
    item.href = state.link({ group_by: item.dataset.group });
    mark(item, item.dataset.group === state.group());
    if (item.dataset.group === state.group()) $("[data-group-label]").textContent = item.textContent;
  }
  const range = $("#range-form");
  if (range && now.from) {
    range.elements.from.value = now.from;
    range.elements.to.value = now.to;
  }
  filters.draw();
  for (const anchor of $$("a[data-keep]")) {
    const url = new URL(anchor.href);
    for (const name of anchor.dataset.keep.split(" ")) {
      url.searchParams.delete(name);
      for (const value of state.getAll(name)) url.searchParams.append(name, value);
    }
    anchor.href = url.pathname + url.search;
  }
}

let loadedAt = null;
let lag = null;
let lagIsFresh = false;
let problem = null;

/** The lag of the rollups in seconds, where a page's answer has it: /health is then not asked. */
export function setLag(seconds) {
  lag = seconds;
  lagIsFresh = true;
}

/** Called after each load: error, or null when it went well; isKept: the page still shows what was loaded before. */
export async function loaded(error, isKept = false) {
  problem = error;
  if (!error) loadedAt = Date.now();
  else if (!isKept) loadedAt = null;
  status();
  if (!lagIsFresh) {
    try {
      lag = (await get("/health")).rollup_lag_seconds ?? null;
    } catch {
      lag = null;
    }
  }
  lagIsFresh = false;
  status();
}

export function status() {
  const box = $("#status");
  if (!box || (loadedAt === null && problem === null)) return;
  const age = loadedAt === null ? null : Math.round((Date.now() - loadedAt) / 1000);
  const zone = `times in ${document.body.dataset.timezone}`;
  const when =
    age === null
      ? "Not loaded"
      : age < 5
        ? "Updated just now"
        : `Updated ${age < 90 ? `${age} s` : `${Math.round(age / 60)} min`} ago`;
  const behind = lag === null ? null : lag < 1 ? "data up to date" : `data ${Math.round(lag)} s behind`;
  box.className = `status muted${problem ? " failed" : lag > 30 ? " late" : ""}`;
  box.removeAttribute("role"); // screen readers would read the counter every second
  box.replaceChildren(
    el("span", { class: "lamp", "aria-hidden": "true" }),
    problem ? `${problem.message} ${when}` : when,
    el("span", { class: "lag" }, behind ? ` · ${behind}` : ""),
    ` · ${zone}`,
  );
}
