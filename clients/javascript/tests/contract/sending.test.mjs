// Batching, opt-out and what each kind of reply does to the queue, against the real server.
import assert from "node:assert/strict";
import { test } from "node:test";

import { setUp, until } from "../support/contract.mjs";

const SHORT = { flushIntervalMs: 50 };

test("ten events leave at once, as one batch, with everything the protocol names", async (t) => {
  const { client, proxy, events } = await setUp(t);
  const telemetry = client({ flushIntervalMs: 3_600_000 });
  telemetry.appOpened({ startup_time_seconds: 1.5 });
  telemetry.recordingStarted({ source: "widget" });
  telemetry.recordingCompleted({ audio_duration_seconds: 120, processing_time_seconds: 5.2, source: "main_window" });
  telemetry.transcriptionCompleted({ audio_duration_seconds: 300, dictionary_used: true });
  telemetry.transcriptionFailed({ error_type: "timeout" });
  telemetry.featureToggled({ feature: "auto_paste", enabled: true });
  telemetry.retryAttempted();
  telemetry.track("app_opened");
  telemetry.track("app_opened");
  assert.equal(proxy.posts("/track").length, 0);
  telemetry.track("app_opened");
  await until(() => telemetry.status().queuedEvents === 0, "the queue is empty");
  assert.equal(proxy.posts("/track").length, 1);

  const rows = await events(telemetry.userId);
  assert.equal(rows.length, 10);
  const byName = Object.fromEntries(rows.map((row) => [row.event, row]));
  assert.deepEqual(byName.recording_completed.properties, {
    success: true,
    estimated_cost_usd: 0.012,
    audio_duration_seconds: 120,
    processing_time_seconds: 5.2,
    source: "main_window",
  });
  assert.equal(byName.transcription_completed.properties.estimated_cost_usd, 0.03);
  assert.deepEqual(byName.feature_toggled.properties, { feature: "auto_paste", enabled: true });
  for (const row of rows) {
    assert.equal(row.app_version, "1.2.3");
    assert.equal(row.country, "MX");
    assert.match(row.platform, /^[a-z0-9]+-/);
    assert.equal(row.session_id, telemetry.sessionId);
  }
});

test("fewer than ten events leave when the interval is over", async (t) => {
  const { client, events } = await setUp(t);
  const telemetry = client(SHORT);
  telemetry.appOpened();
  await until(() => telemetry.status().queuedEvents === 0, "the queue is empty");
  assert.equal((await events(telemetry.userId)).length, 1);
});

test("opting out stops the request under way, empties the queue and lasts; crashes still go out", async (t) => {
  const { client, proxy, events, crashes } = await setUp(t);
  proxy.behave = ({ path }) => (path === "/track" ? "hang" : undefined);
  const telemetry = client(SHORT);
  telemetry.appOpened();
  await until(() => proxy.posts("/track").length === 1, "the batch is under way");
  telemetry.setEnabled(false);
  assert.equal(telemetry.status().queuedEvents, 0);
  assert.equal(telemetry.track("app_opened"), false);
  telemetry.close();

  proxy.behave = () => undefined;
  const later = client(SHORT);
  assert.equal(later.userId, telemetry.userId);
  assert.equal(later.enabled, false);
  assert.equal(later.track("app_opened"), false);
  assert.ok(later.reportCrash(new Error("with telemetry off"), { type: "main_crash" }));
  assert.equal(await later.flush(), true);
  assert.equal(proxy.posts("/track").length, 1);
  assert.equal((await events(later.userId)).length, 0);
  assert.equal((await crashes(later.userId)).length, 1);

  later.setEnabled(true);
  later.appOpened();
  assert.equal(await later.flush(), true);
  assert.equal((await events(later.userId)).length, 1);
});

test("with crashReports off too, nothing at all leaves after an opt-out", async (t) => {
  const { client, proxy } = await setUp(t);
  const telemetry = client({ ...SHORT, enabled: false, crashReports: false });
  telemetry.appOpened();
  assert.equal(telemetry.reportCrash(new Error("unsent")), null);
  await telemetry.flush();
  assert.deepEqual(proxy.seen, []);
});

test("rejected events are dropped and counted, the good ones of the batch are kept", async (t) => {
  const { client, proxy, events } = await setUp(t);
  const telemetry = client();
  telemetry.appOpened();
  telemetry.track("no_such_event");
  telemetry.retryAttempted();
  assert.equal(await telemetry.flush(), true);
  assert.equal(telemetry.status().dropped.events_refused, 1);
  assert.deepEqual((await events(telemetry.userId)).map((row) => row.event).sort(), ["app_opened", "retry_attempted"]);
  assert.equal(proxy.posts("/track").length, 1);
});

test("a batch of which nothing is good is given up, and what follows gets through", async (t) => {
  const { client, events } = await setUp(t);
  const telemetry = client();
  for (let number = 0; number < 3; number += 1) telemetry.track("no_such_event");
  assert.equal(await telemetry.flush(), true);
  assert.equal(telemetry.status().dropped.events_refused, 3);
  telemetry.appOpened();
  assert.equal(await telemetry.flush(), true);
  assert.equal((await events(telemetry.userId)).length, 1);
});

test("a 413 halves the batch until it fits", async (t) => {
  const { client, proxy, events } = await setUp(t);
  proxy.behave = ({ json }) => (json?.events?.length > 3 ? { status: 413 } : undefined);
  const telemetry = client({ flushAt: 1000 });
  for (let number = 0; number < 10; number += 1) telemetry.recordingStarted();
  assert.equal(await telemetry.flush(), true);
  assert.equal((await events(telemetry.userId)).length, 10);
});

test("a wrong app key pauses the sending and keeps the queue, also for the next launch", async (t) => {
  const { client, proxy, events } = await setUp(t);
  proxy.behave = ({ path }) => (path === "/track" ? { status: 401 } : undefined);
  const telemetry = client(SHORT);
  telemetry.appOpened();
  assert.equal(await telemetry.flush(), false);
  await telemetry.flush();
  assert.equal(proxy.posts("/track").length, 1);
  assert.deepEqual([telemetry.status().keyRefused, telemetry.status().queuedEvents], [true, 1]);
  telemetry.close();
  proxy.behave = () => undefined;
  const later = client();
  assert.equal(await later.flush(), true);
  assert.equal((await events(later.userId)).length, 1);
});

test("a key that is corrected on the server is tried again a minute later", async (t) => {
  const { client, proxy, events } = await setUp(t);
  let isWrong = true;
  proxy.behave = ({ path }) => (path === "/track" && isWrong ? { status: 401 } : undefined);
  let monotonic = 0;
  const now = () => Date.now() + monotonic;
  const telemetry = client({ ...SHORT, now, monotonic: () => monotonic, random: () => 0 });
  telemetry.appOpened();
  assert.equal(await telemetry.flush(), false);
  isWrong = false;
  monotonic += 60_001;
  assert.equal(await telemetry.flush(), true);
  assert.equal(telemetry.status().keyRefused, false);
  assert.equal((await events(telemetry.userId)).length, 1);
});

test("one 403 by a proxy is waited out like any other failure", async (t) => {
  const { client, proxy, events } = await setUp(t);
  let refusals = 0;
  proxy.behave = ({ path }) => (path === "/track" && refusals++ === 0 ? { status: 403, body: "no" } : undefined);
  const telemetry = client({ ...SHORT, random: () => 0 });
  telemetry.appOpened();
  await until(() => telemetry.status().queuedEvents === 0, "the queue is empty");
  assert.equal(telemetry.status().keyRefused, false);
  assert.equal((await events(telemetry.userId)).length, 1);
});

test("a country that is no code costs no event", async (t) => {
  const { client, events } = await setUp(t);
  const telemetry = client({ country: "Germany" });
  for (let number = 0; number < 33; number += 1) telemetry.appOpened();
  assert.equal(await telemetry.flush(), true);
  const rows = await events(telemetry.userId);
  assert.equal(rows.length, 33);
  assert.ok(rows.every(({ country }) => country !== "GE"));
});

test("a burst of 50,000: the newest 10,000 arrive, each of the others is counted as dropped", async (t) => {
  const { client, proxy, events } = await setUp(t);
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  let isFirst = true;
  proxy.behave = async ({ path }) => {
    if (path !== "/track" || !isFirst) return undefined;
    isFirst = false;
    return held;
  };
  const telemetry = client({ flushIntervalMs: 3_600_000, maxQueueBytes: 1e9 });
  for (let number = 0; number < 10; number += 1) telemetry.recordingCompleted({ audio_duration_seconds: number });
  await until(() => !isFirst, "the first batch is under way");
  for (let number = 10; number < 50_000; number += 1) telemetry.recordingCompleted({ audio_duration_seconds: number });
  const { queuedEvents, dropped } = telemetry.status();
  assert.deepEqual([queuedEvents, dropped], [10_000, { events_queue_full: 40_000 }]);
  letGo();
  await until(async () => (await telemetry.flush()) || telemetry.status().queuedEvents === 0, "all is sent", 60_000);
  const rows = await events(telemetry.userId);
  assert.equal(rows.length, 10_000);
  const numbers = rows.map(({ properties }) => properties.audio_duration_seconds).sort((a, b) => a - b);
  // What was under way when the burst came is stored, and so it is not among the dropped.
  assert.deepEqual([numbers[0], numbers[9], numbers[10], numbers.at(-1)], [0, 9, 40_010, 49_999]);
});

test("flush tells once that events were given up", async (t) => {
  const { client } = await setUp(t);
  const telemetry = client({ flushAt: 1000, maxQueueEvents: 5 });
  for (let number = 0; number < 8; number += 1) telemetry.appOpened();
  assert.equal(await telemetry.flush(), false);
  assert.deepEqual(telemetry.status().dropped, { events_queue_full: 3 });
  assert.equal(await telemetry.flush(), true);
});

test("properties that JSON cannot carry or that give somebody away arrive cleaned", async (t) => {
  const { client, events } = await setUp(t);
  const telemetry = client();
  const cyclic = { name: "loop" };
  cyclic.self = cyclic;
  telemetry.recordingCompleted({
    cyclic,
    big: 10n ** 30n,
    none: undefined,
    call: () => 1,
    path: "/Users/Jane Doe/Documents/take 1.wav",
    contact: "jane.doe@example.com",
    api_key: "sk-live-0123456789abcdef",
    infinite: Infinity,
    nul: "a\0b",
    text: "x".repeat(20_000),
  });
  assert.equal(await telemetry.flush(), true);
  const [row] = await events(telemetry.userId);
  const text = JSON.stringify(row);
  for (const secret of ["Jane", "jane.doe", "sk-live"]) assert.ok(!text.includes(secret), `${secret} in ${text}`);
  assert.equal(row.properties.big, `1${"0".repeat(30)}`);
  assert.equal(row.properties.path, "~/Documents/take 1.wav");
});
