// TelemetryClient in a real Chromium (a renderer is one), cross-origin to the real server.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { chromiumNeeded, startChromium } from "../support/chromium.mjs";
import { setUp, until } from "../support/contract.mjs";
import { startSite } from "../support/site.mjs";

const HOUR = 3_600_000;
let chromium;

before(async () => {
  if (!chromiumNeeded.skip) chromium = await startChromium();
});
after(() => chromium?.close());

/** A page with a client on it, `telemetry`, behind the proxy. */
async function openApp(t, { options = {}, script } = {}) {
  const server = await setUp(t);
  const context = await chromium.newContext();
  const site = await startSite(
    () => `<!doctype html><title>app</title><script src="/js/TelemetryClient.global.js"></script><script>
      const telemetry = new TelemetryClient(${JSON.stringify({
        apiUrl: server.proxy.url,
        appKey: process.env.APP_KEY,
        appVersion: "1.2.3",
        flushIntervalMs: 100,
        ...options,
      })});
      telemetry.init();
    </script>`,
  );
  t.after(async () => {
    await context.close();
    await site.close();
  });
  const open = async () => {
    const page = await context.newPage({ before: script });
    await page.goto(`${site.url}/`);
    page.status = () => page.evaluate("telemetry.status()");
    // A window before this one may not be gone yet, so its events may still lie under its name.
    page.drained = () =>
      until(async () => {
        await page.evaluate("telemetry.flush()");
        const { queuedEvents, queuedCrashes } = await page.status();
        const stored = await page.evaluate(
          `(() => {
            try {
              return Object.keys(localStorage).filter((key) => /events\\.|crashes\\./.test(key)).length;
            } catch {
              return 0;
            }
          })()`,
        );
        return queuedEvents + queuedCrashes + stored === 0;
      }, "the queue is empty");
    return page;
  };
  const page = await open();
  const { userId } = await page.status();
  return { ...server, site, open, page, userId };
}

const track = (count) =>
  `for (let n = 0; n < ${count}; n += 1) telemetry.recordingCompleted({audio_duration_seconds: n})`;

test("ten events leave as one batch, with the browser's platform", chromiumNeeded, async (t) => {
  const { page, proxy, events, userId } = await openApp(t, { options: { flushIntervalMs: HOUR } });
  await page.evaluate(track(9));
  assert.equal(proxy.posts("/track").length, 0);
  await page.evaluate(track(1));
  await page.drained();
  const rows = await events(userId);
  assert.equal(rows.length, 10);
  assert.equal(proxy.posts("/track").length, 1);
  assert.match(rows[0].platform, /^(linux|darwin|win32)$/);
  assert.equal(rows[0].app_version, "1.2.3");
});

test("an opt-out empties the queue and outlives a reload; crashes still go out", chromiumNeeded, async (t) => {
  const { page, proxy, events, crashes, userId } = await openApp(t);
  proxy.behave = ({ path }) => (path === "/track" ? "hang" : undefined);
  await page.evaluate(track(3));
  await until(() => proxy.posts("/track").length === 1, "the batch is under way");
  await page.evaluate("telemetry.setEnabled(false)");
  assert.equal(await page.evaluate("Object.keys(localStorage).filter((k) => k.includes('events')).length"), 0);
  proxy.behave = () => undefined;
  await page.reload();
  assert.equal(await page.evaluate("telemetry.appOpened()"), false);
  await page.evaluate("telemetry.reportCrash(new Error('telemetry is off'))");
  await page.drained();
  assert.equal((await events(userId)).length, 0);
  assert.equal((await crashes(userId)).length, 1);
  assert.equal(proxy.posts("/track").length, 1);
});

test("an opt-out in one window stops the other", chromiumNeeded, async (t) => {
  const { page, open, proxy } = await openApp(t);
  const other = await open();
  proxy.behave = () => "refuse";
  await other.evaluate(track(2));
  await page.evaluate("telemetry.setEnabled(false)");
  await until(async () => !(await other.status()).enabled, "the other window has heard");
  assert.equal((await other.status()).queuedEvents, 0);
  assert.equal(await other.evaluate("telemetry.appOpened()"), false);
});

test("real errors and rejections arrive with their stacks", chromiumNeeded, async (t) => {
  const { page, crashes, userId } = await openApp(t);
  await page.evaluate(`
    setTimeout(function clicked() { null.play(); });
    setTimeout(() => { Promise.reject(new RangeError("for jane@example.com in /Users/Jane Doe/x")); });
  `);
  const found = await until(async () => {
    const rows = await crashes(userId);
    return rows.length === 2 && rows;
  }, "both crashes are stored");
  const byType = Object.fromEntries(found.map((crash) => [crash.crash_type, crash]));
  assert.match(byType.uncaught_error.error_message, /^TypeError: Cannot read properties of null/);
  assert.match(byType.uncaught_error.stack_trace, /at clicked/);
  assert.equal(byType.unhandled_rejection.error_message, "RangeError: for [email] in ~/x");
});

test("events of a page without network go out after a reload, once", chromiumNeeded, async (t) => {
  const { page, proxy, events, userId } = await openApp(t);
  proxy.behave = () => "refuse";
  await page.evaluate(track(5));
  await until(() => proxy.seen.some(({ action }) => action === "refuse"), "a failed try");
  assert.equal((await page.status()).queuedEvents, 5);
  proxy.behave = () => undefined;
  await page.reload();
  await page.drained();
  assert.equal((await events(userId)).length, 5);
});

test("a reply lost after the commit, then a reload: the same bytes, counted once", chromiumNeeded, async (t) => {
  const script = "{ const now = Date.now; Date.now = () => now() + 7200000; }";
  const { page, proxy, events, userId } = await openApp(t, { script });
  proxy.behave = ({ path }) => (path === "/track" ? "lose_reply" : undefined);
  const start = Date.now();
  await page.evaluate(track(4));
  await until(() => proxy.posts("/track").some(({ reply }) => reply?.status === 200), "the batch is stored");
  proxy.behave = () => undefined;
  await page.reload();
  await page.drained();
  const sent = proxy
    .posts("/track")
    .map(({ json }) => json.events.map(({ id, timestamp }) => `${id} ${timestamp}`).sort());
  for (const batch of sent) assert.deepEqual(batch, sent[0]);
  const rows = await events(userId);
  assert.equal(rows.length, 4);
  for (const row of rows) assert.ok(Math.abs(Date.parse(row.timestamp) - start) < 60_000, row.timestamp);
});

test("what is queued when the page goes away leaves by beacon, and is not counted again", chromiumNeeded, async (t) => {
  const { page, open, proxy, events, userId } = await openApp(t, { options: { flushIntervalMs: HOUR } });
  await until(async () => (await page.status()).clockOffsetMs !== null, "the server's time is known");
  await page.evaluate("telemetry.flush()"); // the first flush of the launch is over
  await page.evaluate(track(3));
  await page.goto("about:blank");
  await until(async () => (await events(userId)).length === 3, "the beacon has arrived");
  assert.match(proxy.posts("/track")[0].headers["content-type"], /^text\/plain/);
  const next = await open();
  await next.drained();
  assert.equal((await events(userId)).length, 3);
  assert.equal(proxy.posts("/track").length, 2);
});

test("two windows share an identity, and a killed one's events are sent by the other", chromiumNeeded, async (t) => {
  const { page, open, proxy, events, userId } = await openApp(t);
  const other = await open();
  assert.equal((await other.status()).userId, userId);
  proxy.behave = () => "refuse";
  await Promise.all([page.evaluate(track(20)), other.evaluate(track(20))]);
  other.kill();
  proxy.behave = () => undefined;
  await until(async () => (await events(userId)).length === 40, "all have arrived", 30_000);
  await page.drained();
  assert.equal((await events(userId)).length, 40);
});

test("5,000 events of a week offline fit into localStorage and drain", chromiumNeeded, async (t) => {
  const { page, proxy, events, userId } = await openApp(t, { options: { flushIntervalMs: HOUR } });
  proxy.behave = () => "refuse";
  await page.evaluate(`{
    const now = Date.now;
    let at = now() - 7 * 86400000;
    Date.now = () => (at += 7 * 86400000 / 15001);
    ${track(5000)}
    Date.now = now;
  }`);
  assert.equal((await page.status()).queuedEvents, 5000);
  proxy.behave = () => undefined;
  await page.reload();
  await page.drained();
  assert.deepEqual((await page.status()).dropped, {});
  assert.equal((await events(userId)).length, 5000);
});

test("where storage is denied events still go out", chromiumNeeded, async (t) => {
  const script = `Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("denied", "SecurityError"); } });`;
  const { page, events, userId } = await openApp(t, { script });
  await page.evaluate(track(2));
  await page.drained();
  assert.equal((await events(userId)).length, 2);
});
