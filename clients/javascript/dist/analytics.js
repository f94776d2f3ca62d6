// analytics.js of stories-analytics-client 1.0.0. Built from src/ by tools/build.mjs.
"use strict";

// src/analytics.js
(() => {
  const script = document.currentScript;
  const settings = script?.dataset || {};
  const api = `${(settings.api || "").replace(/\/+$/, "")}/api/track`;
  const STORE = "sa_";
  const SESSION_IDLE_MS = 18e5;
  const MAX_QUEUE = 200;
  const MAX_AGE_MS = 6048e5;
  const MAX_BODY = 3e4;
  const refuses = () => navigator.globalPrivacyControl === true || [navigator.doNotTrack, window.doNotTrack].includes("1");
  const memory = {};
  const read = (name) => {
    try {
      return localStorage.getItem(STORE + name) || memory[name];
    } catch {
      return memory[name];
    }
  };
  const write = (name, value) => {
    delete memory[name];
    try {
      if (value === void 0) localStorage.removeItem(STORE + name);
      else localStorage.setItem(STORE + name, value);
    } catch {
      if (value !== void 0) memory[name] = value;
    }
  };
  const names = (prefix) => {
    let stored = [];
    try {
      stored = Object.keys(localStorage).filter((name) => name.startsWith(STORE + prefix)).map((name) => name.slice(STORE.length));
    } catch {
    }
    return [.../* @__PURE__ */ new Set([...stored, ...Object.keys(memory).filter((name) => name.startsWith(prefix))])].sort();
  };
  let active = false;
  let clockOffset = 0;
  let timer;
  let sending;
  let notBefore = 0;
  let failures = 0;
  let lastPath;
  let underWay = [];
  let hasLeft = false;
  let counter = 0;
  const random = () => Math.random().toString(36).slice(2, 11).padEnd(9, "0");
  function session(now) {
    const [id, last] = (read("session") || "").split("|");
    const current = id && now - last < SESSION_IDLE_MS && now >= last - 6e4 ? id : `lt_${now}_${random()}`;
    write("session", `${current}|${now}`);
    return current;
  }
  const utm = () => {
    const found = {};
    for (const [name, value] of new URLSearchParams(location.search)) {
      if (/^utm_(source|medium|campaign|term|content)$/.test(name)) found[name] = value.slice(0, 100);
    }
    return found;
  };
  const cut = (text, most = 100) => (text || "").replace(/\s+/g, " ").trim().slice(0, most) || void 0;
  function track(type, category, action, more) {
    if (!active) return;
    try {
      const now = Date.now();
      const item = {
        id: now.toString(36) + (1296 + counter++ % 1296).toString(36) + random(),
        // sorts as queued
        sessionId: session(now),
        type,
        category,
        action,
        path: location.pathname,
        timestamp: now + clockOffset,
        consent: "granted",
        ...more
      };
      if (typeof item.value !== "number" || !Number.isFinite(item.value)) delete item.value;
      write(`q_${item.id}`, JSON.stringify(item));
      for (const name of names("q_").slice(0, -MAX_QUEUE)) write(name);
      later(300);
    } catch {
    }
  }
  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(send, Math.max(wait, notBefore - performance.now()));
  }
  function waiting() {
    const items = [];
    const kept = [];
    let size = 0;
    for (const name of names("q_")) {
      if (underWay.includes(name)) continue;
      const text = read(name);
      const age = Date.now() - parseInt(name.slice(2, 10), 36);
      if (!text || age > MAX_AGE_MS) {
        write(name);
        continue;
      }
      size += new Blob([text]).size + 1;
      if (items.length && size > MAX_BODY) break;
      items.push(text);
      kept.push(name);
    }
    return [`[${items}]`, kept];
  }
  const address = () => api + (settings.appKey ? `?app_key=${encodeURIComponent(settings.appKey)}` : "");
  async function send() {
    if (!active || sending || performance.now() < notBefore) return;
    const [body, kept] = waiting();
    if (!kept.length) return;
    underWay = kept;
    sending = new AbortController();
    const { signal } = sending;
    let wait = 0;
    try {
      const request = { method: "POST", body, signal, keepalive: true, credentials: "omit" };
      const reply = await fetch(address(), { ...request, headers: { "Content-Type": "text/plain" } });
      const answer = await reply.json().catch(() => ({}));
      const time = Date.parse(answer.timestamp) - Date.now();
      if (Math.abs(time) > 6e4) clockOffset = time;
      const isRefused = [400, 413].includes(reply.status) && answer.success === false;
      if (reply.ok && answer.success || isRefused) {
        kept.forEach((name) => write(name));
        failures = 0;
      } else {
        wait = reply.headers.get("Retry-After") * 1e3 || backoff();
      }
    } catch {
      wait = backoff();
    }
    if (sending && sending.signal !== signal) return;
    sending = void 0;
    underWay = [];
    if (!active) return;
    notBefore = performance.now() + wait;
    if (names("q_").length) later(wait);
  }
  const backoff = () => 1e3 + Math.random() * Math.min(3e5, 2e3 * 2 ** failures++);
  function leave() {
    hasLeft = true;
    if (!active || performance.now() < notBefore) return;
    const [body, kept] = waiting();
    if (kept.length) navigator.sendBeacon(address(), new Blob([body], { type: "text/plain" }));
  }
  function page() {
    if (location.pathname === lastPath) return;
    const isFirst = lastPath === void 0;
    lastPath = location.pathname;
    let referrer;
    try {
      const { origin } = new URL(document.referrer);
      if (isFirst && origin !== location.origin) referrer = origin;
    } catch {
    }
    track("pageview", "page", "view", { title: cut(document.title), referrer, ...utm() });
  }
  const conversion = (action, value, label) => track("event", "conversion", action, { value, label });
  function tracked(element2, action, category, label) {
    const data = element2.dataset;
    track(
      "event",
      data.conversion ? "conversion" : data.category || category,
      data.conversion || data.track || action,
      {
        label: cut(data.label || label),
        value: data.value === void 0 ? void 0 : Number(data.value)
      }
    );
  }
  const isOff = (element2) => element2.closest('[data-track="off"]');
  function onClick({ target }) {
    const marked = target.closest?.("[data-track],[data-conversion]");
    const element2 = marked || target.closest?.("a[href],button,[role=button]");
    if (!active || !element2 || isOff(element2) || element2.matches("form")) return;
    if (!marked && element2.form && element2.type === "submit") return;
    if (!marked && settings.auto === "off") return;
    const isLink = element2.matches("a[href]");
    const isOutbound = isLink && element2.origin !== location.origin;
    const where = isOutbound ? element2.origin : element2.pathname;
    const name = element2.id || element2.getAttribute("aria-label") || element2.textContent;
    tracked(element2, "click", isOutbound ? "outbound" : isLink ? "link" : "button", isLink ? where : cut(name, 50));
  }
  function onSubmit({ target: form }) {
    const isMarked = form.matches("[data-track],[data-conversion]");
    if (!active || isOff(form) || !isMarked && settings.auto === "off") return;
    const own = (name) => form.getAttribute(name);
    tracked(
      form,
      "form_submit",
      "form",
      own("id") || own("name") || new URL(own("action") || "", location.href).pathname
    );
  }
  function start() {
    if (active) return;
    active = true;
    page();
    later(0);
  }
  let isWatching = false;
  function watch() {
    if (isWatching) return;
    isWatching = true;
    document.addEventListener("click", onClick, true);
    document.addEventListener("submit", onSubmit, true);
    for (const name of ["pushState", "replaceState"]) {
      const original = history[name];
      history[name] = function(...details) {
        const result = original.apply(this, details);
        if (active) setTimeout(page);
        return result;
      };
    }
    addEventListener("popstate", () => active && page());
    addEventListener("online", () => later(0));
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && !hasLeft && send());
    addEventListener("pageshow", ({ persisted }) => {
      hasLeft = false;
      if (!persisted || !active) return;
      lastPath = void 0;
      page();
    });
  }
  function consent(isGiven) {
    close();
    if (isGiven && refuses()) return;
    if (!isGiven) {
      active = false;
      clearTimeout(timer);
      if (sending) sending.abort();
      sending = void 0;
      underWay = [];
      names("").forEach((name) => write(name));
      lastPath = void 0;
    }
    write("consent", isGiven ? "granted" : "denied");
    if (isGiven) {
      watch();
      start();
    }
  }
  const CSS = `#sa-banner{position:fixed;inset:auto 16px 16px;z-index:2147483647;max-width:560px;margin:auto;
padding:16px 20px;box-sizing:border-box;font:15px/1.5 var(--sa-font,system-ui,sans-serif);color:var(--sa-text,#1a1a1a);
background:var(--sa-background,#fff);border:1px solid var(--sa-border,#767676);border-radius:var(--sa-radius,12px)}
#sa-banner p{margin:0 0 12px}#sa-banner a{color:inherit}
#sa-banner button{font:inherit;min-height:44px;padding:8px 20px;margin:0 8px 0 0;cursor:pointer;border-radius:8px;
border:1px solid var(--sa-accent,#1d4ed8);background:var(--sa-accent,#1d4ed8);color:var(--sa-accent-text,#fff)}
#sa-banner :focus-visible{outline:3px solid var(--sa-text,#1a1a1a);outline-offset:2px}
@media(prefers-color-scheme:dark){
#sa-banner{color:var(--sa-text,#f2f2f2);background:var(--sa-background,#1c1c1e)}
#sa-banner :focus-visible{outline-color:var(--sa-text,#f2f2f2)}}`;
  let banner;
  function close() {
    if (banner) banner.remove();
    banner = void 0;
  }
  const element = (tag, text, attributes) => {
    const made = document.createElement(tag);
    made.textContent = text;
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    return made;
  };
  function ask() {
    close();
    banner = element("section", "", {
      id: "sa-banner",
      role: "region",
      "aria-label": settings.label || "Privacy choice"
    });
    const words = settings.text || "May we count your visit? We store a random visit number in your browser, no name and no address.";
    const text = element("p", `${words} `);
    if (settings.privacy) text.append(element("a", "Learn more", { href: settings.privacy }));
    banner.append(text);
    for (const [words2, isGiven] of [
      [settings.decline || "Decline", false],
      [settings.accept || "Accept", true]
    ]) {
      const button = element("button", words2, { type: "button", "data-track": "off" });
      button.addEventListener("click", () => consent(isGiven));
      banner.append(button);
    }
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    } catch {
      banner.append(element("style", CSS));
    }
    document.body.prepend(banner);
  }
  function boot() {
    const choice = read("consent");
    if (refuses()) return;
    if (choice === "granted") consent(true);
    else if (!choice && settings.banner !== "off") ask();
  }
  window.analytics = {
    track: (action, category = "custom", label, value) => track("event", category, action, { label, value }),
    conversion,
    page: () => {
      lastPath = void 0;
      page();
    },
    consent,
    ask
  };
  if (document.body) boot();
  else document.addEventListener("DOMContentLoaded", boot);
})();
