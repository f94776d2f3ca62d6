// analytics.js on a page in a real Chromium, sending to another origin.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { chromiumNeeded, startChromium } from "../support/chromium.mjs";
import { until } from "../support/contract.mjs";
import { startProxy } from "../support/proxy.mjs";
import { startSite } from "../support/site.mjs";
import { startStandIn } from "../support/stand_in.mjs";

const TRACK = "/api/track";
const BODY = `
  <h1>Home</h1>
  <a id="inside" href="/pricing/?coupon=secret">Pricing</a>
  <a id="outside" href="https://elsewhere.example/path?q=1" onclick="event.preventDefault()">Elsewhere</a>
  <button id="plain">Show   more</button>
  <button id="marked" data-track="play_demo" data-category="video" data-label="intro" data-value="30">
    <b>Play</b></button>
  <button id="buy" data-conversion="purchase" data-value="49.5">Buy</button>
  <div data-track="off"><button id="private">Delete Jane's account</button></div>
  <form id="signup" action="/signup/" data-conversion="signup_submit" onsubmit="event.preventDefault()">
    <input name="email" value="jane@example.com"><button id="send">Send</button>
  </form>
  <form name="search" action="/find" onsubmit="event.preventDefault()">
    <input name="q" value="private words"><button id="find">Find</button>
  </form>
  <form action="/fields" onsubmit="event.preventDefault()">
    <input name="id" value="a secret id"><input name="action" value="a secret act"><button class="shadowed">Go</button>
  </form>`;

let chromium;
before(async () => {
  if (!chromiumNeeded.skip) chromium = await startChromium();
});
after(() => chromium?.close());

async function openSite(t, { attributes = "", script, headers } = {}) {
  const standIn = process.env.SERVER_URL ? undefined : await startStandIn();
  const proxy = await startProxy(process.env.SERVER_URL ?? standIn.url);
  const site = await startSite(
    (path) => `<!doctype html><html lang="en"><title>Page ${path}</title><meta charset="utf-8">
      <script src="/js/analytics.min.js" data-api="${proxy.url}" defer ${attributes}></script>
      <body>${BODY}</body></html>`,
  );
  site.headers = headers;
  const context = await chromium.newContext();
  t.after(async () => {
    await context.close();
    await site.close();
    await proxy.close();
    await standIn?.close();
  });
  const page = await context.newPage({ before: script });
  const click = (selector) => page.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
  const stored = () =>
    page.evaluate("JSON.stringify([Object.keys(localStorage).sort(), document.cookie, Object.keys(sessionStorage)])");
  const accept = () => click("#sa-banner button:last-of-type");
  const decline = () => click("#sa-banner button:first-of-type");
  const hasBanner = () => page.evaluate("Boolean(document.querySelector('#sa-banner'))");
  /** Every item that the server said yes to, and what it counted. */
  const sent = () => proxy.posts(TRACK).flatMap(({ json }) => json);
  const counted = () =>
    proxy.posts(TRACK).reduce((sum, { reply }) => sum + (reply ? (JSON.parse(reply.body).events_stored ?? 0) : 0), 0);
  const idle = () =>
    until(
      () => page.evaluate("!Object.keys(localStorage).some((key) => key.startsWith('sa_q_'))"),
      "the queue is empty",
    );
  return { page, site, proxy, click, stored, accept, decline, hasBanner, sent, counted, idle };
}

const short = ({ type, category, action, label, value }) =>
  JSON.parse(JSON.stringify({ type, category, action, label, value }));

test("before a choice nothing is stored and nothing is sent, whatever the visitor does", chromiumNeeded, async (t) => {
  const { page, site, proxy, click, stored, hasBanner } = await openSite(t);
  await page.goto(`${site.url}/?utm_source=news`);
  await click("#plain");
  await click("#send");
  await page.evaluate("history.pushState({}, '', '/second'); analytics.track('x'); analytics.conversion('y')");
  await page.evaluate("new Promise((resolve) => setTimeout(resolve, 600))");
  assert.equal(await hasBanner(), true);
  await page.goto("about:blank");
  assert.deepEqual(proxy.seen, []);
  await page.goto(`${site.url}/`);
  assert.equal(await stored(), '[[],"",[]]');
});

test("declining is remembered and stays silent", chromiumNeeded, async (t) => {
  const { page, site, proxy, stored, decline, hasBanner } = await openSite(t);
  await page.goto(`${site.url}/`);
  await decline();
  assert.equal(await stored(), '[["sa_consent"],"",[]]');
  await page.reload();
  assert.equal(await hasBanner(), false);
  assert.deepEqual(proxy.seen, []);
});

for (const [name, script] of [
  ["Global Privacy Control", "Object.defineProperty(navigator, 'globalPrivacyControl', { get: () => true })"],
  ["Do Not Track", "Object.defineProperty(navigator, 'doNotTrack', { get: () => '1' })"],
]) {
  test(
    `with ${name} there is no banner, and nothing is stored or sent, even after a consent`,
    chromiumNeeded,
    async (t) => {
      const { page, site, proxy, stored, hasBanner } = await openSite(t, { script });
      await page.goto(`${site.url}/`);
      assert.equal(await hasBanner(), false);
      await page.evaluate("analytics.consent(true); analytics.conversion('x')");
      await page.evaluate("new Promise((resolve) => setTimeout(resolve, 500))");
      assert.equal(await stored(), '[[],"",[]]');
      assert.deepEqual(proxy.seen, []);
    },
  );
}

test(
  "after consent the page view carries path, title, campaign and the referrer's origin, no more",
  chromiumNeeded,
  async (t) => {
    const { page, site, accept, sent, idle, hasBanner } = await openSite(t);
    const script =
      "Object.defineProperty(document, 'referrer', { get: () => 'https://search.example/find?q=private#x' })";
    await page.send("Page.addScriptToEvaluateOnNewDocument", { source: script });
    await page.goto(`${site.url}/start?utm_source=news&utm_campaign=may&token=secret#part`);
    await accept();
    await idle();
    assert.equal(await hasBanner(), false);
    const [{ id, sessionId, timestamp, ...view }] = sent();
    assert.deepEqual(view, {
      type: "pageview",
      category: "page",
      action: "view",
      path: "/start",
      consent: "granted",
      title: "Page /start",
      referrer: "https://search.example",
      utm_source: "news",
      utm_campaign: "may",
    });
    assert.match(sessionId, /^lt_\d{13}_[a-z0-9]+$/);
    assert.ok(id.length >= 16 && Math.abs(timestamp - Date.now()) < 60_000);
    await page.reload();
    await until(() => sent().length === 2, "the second page view");
    assert.equal(sent()[1].sessionId, sessionId);
  },
);

test("the history API makes page views, of changed paths only", chromiumNeeded, async (t) => {
  const { page, site, accept, sent, idle } = await openSite(t);
  await page.goto(`${site.url}/`);
  await accept();
  await page.evaluate("history.pushState({}, '', '/one'); document.title = 'One'");
  await page.evaluate("new Promise((resolve) => setTimeout(resolve, 20))");
  await page.evaluate("history.replaceState({}, '', '/one?tab=2')");
  await page.evaluate("history.replaceState({}, '', '/two')");
  await page.evaluate("new Promise((resolve) => setTimeout(resolve, 20))");
  await page.evaluate("history.back()");
  await until(() => page.evaluate("location.pathname === '/'"), "back at the start");
  await until(() => sent().length === 4, "four page views");
  await idle();
  assert.deepEqual(
    sent().map(({ path }) => path),
    ["/", "/one", "/two", "/"],
  );
  assert.equal(sent()[1].title, "One");
});

test(
  "clicks, forms and conversions by themselves and by data attributes, never a form's values",
  chromiumNeeded,
  async (t) => {
    const { page, site, proxy, accept, click, sent, idle } = await openSite(t);
    await page.goto(`${site.url}/`);
    await accept();
    for (const id of ["plain", "marked", "buy", "private", "outside", "send", "find"]) await click(`#${id}`);
    await click(".shadowed");
    await page.evaluate(
      "analytics.track('scrolled', 'reading', 'end', 0.9); analytics.conversion('call', 10, 'footer')",
    );
    await until(() => sent().length >= 10, "everything has arrived");
    await idle();
    assert.deepEqual(sent().slice(1).map(short), [
      { type: "event", category: "button", action: "click", label: "plain" },
      { type: "event", category: "video", action: "play_demo", label: "intro", value: 30 },
      { type: "event", category: "conversion", action: "purchase", label: "buy", value: 49.5 },
      { type: "event", category: "outbound", action: "click", label: "https://elsewhere.example" },
      { type: "event", category: "conversion", action: "signup_submit", label: "signup" },
      { type: "event", category: "form", action: "form_submit", label: "search" },
      { type: "event", category: "form", action: "form_submit", label: "/fields" }, // its fields hide its properties
      { type: "event", category: "reading", action: "scrolled", label: "end", value: 0.9 },
      { type: "event", category: "conversion", action: "call", label: "footer", value: 10 },
    ]);
    const all = proxy
      .posts(TRACK)
      .map(({ body }) => body)
      .join();
    for (const secret of ["jane", "Jane", "private words", "coupon", "secret"])
      assert.ok(!all.includes(secret), secret);
  },
);

test("a click on a link that leaves the page is not lost", chromiumNeeded, async (t) => {
  const { page, site, accept, click, counted, sent } = await openSite(t);
  await page.goto(`${site.url}/`);
  await accept();
  await until(() => sent().length === 1, "the page view");
  await click("#inside");
  await until(() => counted() === 3, "view, click and the next view");
  assert.deepEqual([...new Set(sent().map(({ action, path }) => `${action} ${path}`))].sort(), [
    "click /",
    "view /",
    "view /pricing/",
  ]);
});

test("offline events wait through a reload, and a lost reply counts nothing twice", chromiumNeeded, async (t) => {
  const { page, site, proxy, accept, counted, sent, idle } = await openSite(t);
  proxy.behave = () => "refuse";
  await page.goto(`${site.url}/`);
  await accept();
  await page.evaluate("analytics.conversion('signup')");
  await until(() => proxy.posts(TRACK).length > 0, "a failed try");
  proxy.behave = () => "lose_reply";
  await page.reload();
  await until(() => proxy.posts(TRACK).some(({ reply }) => reply), "stored, the reply lost");
  proxy.behave = () => undefined;
  await page.reload();
  await idle();
  const ids = new Set(sent().map(({ id }) => id));
  assert.equal(ids.size, 4); // three views and a conversion
  assert.equal(counted(), 4);
});

test("withdrawing consent forgets everything at once", chromiumNeeded, async (t) => {
  const { page, site, proxy, accept, stored, click } = await openSite(t);
  proxy.behave = () => "refuse";
  await page.goto(`${site.url}/`);
  await accept();
  await click("#buy");
  await page.evaluate("analytics.consent(false)");
  assert.equal(await stored(), '[["sa_consent"],"",[]]');
  let before = -1; // what was sent before may still be on its way
  while (before !== proxy.seen.length) {
    before = proxy.seen.length;
    await new Promise((done) => setTimeout(done, 1000));
  }
  await click("#buy");
  await page.goto("about:blank");
  assert.equal(proxy.seen.length, before);
});

test(
  "the banner can be used by keyboard, is named, and works under a strict content policy",
  chromiumNeeded,
  async (t) => {
    const headers = { "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src *" };
    const { page, site, hasBanner, sent } = await openSite(t, {
      headers,
      attributes: 'data-privacy="/privacy" data-accept="Yes"',
    });
    await page.goto(`${site.url}/`);
    const style = await page.evaluate(`(() => {
    const banner = document.querySelector("#sa-banner");
    const { position, backgroundColor } = getComputedStyle(banner);
    const heights = [...banner.querySelectorAll("button")].map((button) => button.offsetHeight);
    document.documentElement.style.setProperty("--sa-background", "rgb(1, 2, 3)");
    const background = getComputedStyle(banner).backgroundColor;
    return [position, backgroundColor, background, heights.every((height) => height >= 44),
      banner.getAttribute("aria-label"), banner.querySelector("a").pathname];
  })()`);
    assert.deepEqual(style, ["fixed", "rgb(255, 255, 255)", "rgb(1, 2, 3)", true, "Privacy choice", "/privacy"]);
    const focused = () => page.evaluate("document.activeElement.textContent");
    for (const expected of ["Learn more", "Decline", "Yes"]) {
      await page.press("Tab");
      assert.equal(await focused(), expected);
    }
    await page.press("Enter");
    await until(async () => !(await hasBanner()), "the banner is gone");
    await until(() => sent().length === 1, "the page view");
  },
);
