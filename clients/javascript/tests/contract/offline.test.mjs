// The test plan of docs/COMPATIBILITY.md: what happens to events when the network, the server or the machine fails.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

import { FileStore } from "../../src/file_store.js";

import { run, setUp, until } from "../support/contract.mjs";

const SHORT = { flushIntervalMs: 50, random: () => 0 };
const HOUR = 3_600_000;

const identity = ({ id, timestamp }) => `${id} ${timestamp}`;

test("while the server is down events wait, and go out when it is back", async (t) => {
  const { client, proxy, events } = await setUp(t);
  proxy.behave = () => "refuse";
  const telemetry = client(SHORT);
  telemetry.appOpened();
  assert.equal(await telemetry.flush(), false);
  assert.equal(telemetry.status().queuedEvents, 1);
  proxy.behave = () => undefined;
  await until(() => telemetry.status().queuedEvents === 0, "the queue is empty");
  assert.equal((await events(telemetry.userId)).length, 1);
});

test("events of a launch without network go out in the next launch", async (t) => {
  const { client, proxy, folder, events } = await setUp(t);
  proxy.behave = () => "refuse";
  const options = { apiUrl: proxy.url, dataDir: folder, exitTimeoutMs: 200 };
  const ended = await run("tracks.mjs", { options, count: 7 });
  assert.equal(ended.code, 0, ended.errors);
  proxy.behave = () => undefined;
  const telemetry = client();
  assert.equal(telemetry.userId, ended.output.trim());
  assert.equal(await telemetry.flush(), true);
  assert.equal((await events(telemetry.userId)).length, 7);
});

for (const status of [429, 503]) {
  test(`a ${status} is answered by waiting as long as Retry-After says`, async (t) => {
    const { client, proxy, events } = await setUp(t);
    let refusals = 0;
    proxy.behave = ({ path }) => {
      if (path !== "/track" || refusals > 0) return undefined;
      refusals += 1;
      return { status, headers: { "Retry-After": "1" }, body: '{"success": false, "code": "later"}' };
    };
    let monotonic = 0;
    const telemetry = client({ ...SHORT, monotonic: () => monotonic, now: () => 1.8e12 + monotonic });
    telemetry.appOpened();
    await until(() => refusals === 1, "the first try");
    assert.equal(await telemetry.flush(), false);
    monotonic += 999;
    assert.equal(await telemetry.flush(), false);
    assert.equal(proxy.posts("/track").length, 1);
    monotonic += 2;
    await until(() => telemetry.status().queuedEvents === 0, "the queue is empty");
    assert.equal(proxy.posts("/track").length, 2);
    const [first, second] = proxy.posts("/track");
    assert.equal(first.body, second.body);
    assert.equal((await events(telemetry.userId)).length, 1);
  });
}

test("a reply lost after the commit counts nothing twice", async (t) => {
  const { client, proxy, events } = await setUp(t);
  let lost = 0;
  proxy.behave = ({ path }) => (path === "/track" && lost++ < 3 ? "lose_reply" : undefined);
  const telemetry = client(SHORT);
  for (let number = 0; number < 25; number += 1) telemetry.recordingCompleted({ audio_duration_seconds: 60 });
  await until(() => telemetry.status().queuedEvents === 0, "the queue is empty");
  assert.ok(proxy.posts("/track").length > 3);
  assert.equal((await events(telemetry.userId)).length, 25);
});

test("a crash report whose reply is lost is stored once", async (t) => {
  const { client, proxy, crashes } = await setUp(t);
  let lost = 0;
  proxy.behave = ({ path }) => (path === "/crash" && lost++ === 0 ? "lose_reply" : undefined);
  const telemetry = client(SHORT);
  telemetry.reportCrash(new Error("once"));
  await until(() => telemetry.status().queuedCrashes === 0, "the queue is empty");
  assert.equal(proxy.posts("/crash").length, 2);
  assert.equal((await crashes(telemetry.userId)).length, 1);
});

test("a process killed in the middle of a flush loses nothing and counts nothing twice", async (t) => {
  const { client, proxy, folder, events } = await setUp(t);
  const options = { apiUrl: proxy.url, dataDir: folder, flushAt: 1_000_000, flushIntervalMs: 20 };
  let batches = 0;
  let kill;
  // The first batch is stored and answered; the second is stored, and the client dies before it hears.
  proxy.behave = ({ path }) => {
    if (path !== "/track") return undefined;
    batches += 1;
    if (batches === 2) {
      kill();
      return "lose_reply";
    }
    return undefined;
  };
  const ended = run(
    "tracks.mjs",
    { options, count: 1200, stay: true },
    { onLine: (_output, child) => (kill = () => child.kill("SIGKILL")) },
  );
  const { signal, output } = await ended;
  assert.equal(signal, "SIGKILL");
  proxy.behave = () => undefined;
  const telemetry = client();
  assert.equal(telemetry.userId, output.trim());
  assert.equal(await telemetry.flush(), true);
  const rows = await events(telemetry.userId);
  assert.equal(rows.length, 1200);
  const durations = new Set(rows.map((row) => row.properties.audio_duration_seconds));
  assert.equal(durations.size, 1200);
});

test("a clock two hours off and a reply lost at once: right times, sent again unchanged, counted once", async (t) => {
  for (const off of [2 * HOUR, -2 * HOUR]) {
    const { client, proxy, events } = await setUp(t);
    let lost = 0;
    proxy.behave = ({ path }) => (path === "/track" && lost++ === 0 ? "lose_reply" : undefined);
    const now = () => Date.now() + off;
    const telemetry = client({ ...SHORT, now, flushAt: 5 });
    const before = Date.now();
    for (let number = 0; number < 5; number += 1) telemetry.recordingStarted();
    await until(() => telemetry.status().queuedEvents === 0, "the queue is empty");

    assert.equal(proxy.seen[0].path, "/health");
    const [first, second] = proxy.posts("/track").map(({ json }) => json.events.map(identity));
    assert.deepEqual(second.slice(0, first.length), first);
    const rows = await events(telemetry.userId);
    assert.equal(rows.length, 5);
    for (const row of rows) {
      assert.ok(Math.abs(Date.parse(row.timestamp) - before) < 60_000, `${row.timestamp} with a clock ${off} ms off`);
    }
  }
});

test("killed with a wrong clock and a lost reply, the next launch repeats the same timestamps", async (t) => {
  const { client, proxy, folder, events } = await setUp(t);
  let kill;
  proxy.behave = ({ path }) => {
    if (path !== "/track") return undefined;
    kill();
    return "lose_reply";
  };
  const options = { apiUrl: proxy.url, dataDir: folder, flushAt: 1000, flushIntervalMs: 20 };
  await run(
    "tracks.mjs",
    { options, count: 4, stay: true, clockOffMs: 2 * HOUR },
    { onLine: (_output, child) => (kill = () => child.kill("SIGKILL")) },
  );
  proxy.behave = () => undefined;
  // By now the clock was set right: the offset is another, the stamps must not follow it.
  const telemetry = client();
  assert.equal(await telemetry.flush(), true);
  const [first, second] = proxy.posts("/track").map(({ json }) => json.events.map(identity));
  assert.equal(first.length, 4);
  assert.deepEqual(second, first);
  assert.equal((await events(telemetry.userId)).length, 4);
});

test("on a full disk everything is sent from memory", async (t) => {
  const { client, folder, events, crashes } = await setUp(t);
  const full = () => {
    throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  };
  const disk = { ...fs, appendFileSync: full, writeFileSync: full };
  const store = new FileStore({ fs: disk, path, os }, folder, "abc123");
  const telemetry = client({ store, flushAt: 1000, userId: crypto.randomUUID() });
  for (let number = 0; number < 100; number += 1) telemetry.recordingStarted();
  telemetry.reportCrash(new Error("with a full disk"));
  assert.deepEqual([telemetry.status().queuedEvents, telemetry.status().unsaved > 99], [100, true]);
  assert.equal(await telemetry.flush(), true);
  assert.equal((await events(telemetry.userId)).length, 100);
  assert.equal((await crashes(telemetry.userId)).length, 1);
  assert.deepEqual(telemetry.status().dropped, {});
});

test("5,000 events queued in a week offline all arrive on their own days", async (t) => {
  const { client, proxy, events } = await setUp(t);
  proxy.behave = () => "refuse";
  const WEEK = 7 * 24 * HOUR;
  const offline = client({ ...SHORT, flushIntervalMs: 3_600_000, now: () => clock, maxQueueEvents: 5_500 });
  var clock = Date.now() - WEEK;
  for (let number = 0; number < 5_000; number += 1) {
    offline.recordingCompleted({ audio_duration_seconds: number, source: "widget" });
    clock += WEEK / 5_000;
  }
  assert.equal(offline.status().queuedEvents, 5_000);
  offline.close();

  proxy.behave = () => undefined;
  const online = client({ flushIntervalMs: 3_600_000 });
  assert.equal(online.userId, offline.userId);
  assert.equal(await online.flush(), true);
  const batches = proxy.posts("/track").filter(({ reply }) => reply?.status === 200);
  assert.ok(batches.length >= 10 && batches.every(({ json }) => json.events.length <= 500));
  assert.ok(batches.every(({ body }) => Buffer.byteLength(body) <= 1_000_000));
  const rows = await events(online.userId);
  assert.equal(rows.length, 5_000);
  assert.equal(new Set(rows.map((row) => row.timestamp.slice(0, 10))).size, 8);
  assert.deepEqual(online.status().dropped, {});
});
