import assert from "node:assert/strict";
import { test } from "node:test";

import TelemetryClient, { estimateCost } from "../dist/TelemetryClient.node.mjs";
import { countryOfTimeZone, TZDATA_VERSION } from "../src/countries.js";
import { describe } from "../src/crashes.js";
import { setUp } from "./support/contract.mjs";

test("without an address nothing is stored or sent, and every method still answers", async () => {
  for (const options of [undefined, {}, { apiUrl: "" }, { apiUrl: "ftp://x" }, { apiUrl: 5 }]) {
    const telemetry = new TelemetryClient(options);
    await telemetry.init();
    assert.equal(telemetry.appOpened(), false);
    assert.equal(telemetry.reportCrash(new Error("x")), null);
    telemetry.setEnabled(false);
    assert.equal(await telemetry.flush(), true);
    assert.equal(telemetry.status().state, "inert");
    telemetry.close();
  }
});

test("telemetry.config.js as a global configures a client made without options", async () => {
  globalThis.telemetryConfig = { apiUrl: "https://configured.invalid/", enabled: false };
  const telemetry = new TelemetryClient({ store: memory() });
  delete globalThis.telemetryConfig;
  telemetry.init();
  assert.equal(telemetry.status().state, "running");
  assert.equal(telemetry.enabled, false);
  telemetry.close();
});

function memory() {
  const backing = { own: async () => [], adopt: async () => {}, append: () => true, write: () => true };
  return {
    get: () => null,
    set() {},
    once: (_name, make) => make(),
    backing: () => ({ ...backing, erase() {}, clear() {} }),
  };
}

test("a window says that it lives during a long pause as well", async () => {
  let beats = 0;
  let asked = 0;
  const store = { ...memory(), beat: () => (beats += 1) };
  const headers = { get: (name) => (/retry-after/i.test(name) ? "3600" : null) };
  const fetch = async () => {
    asked += 1;
    return { status: 503, ok: false, headers, text: async () => "", json: async () => ({}) };
  };
  const telemetry = new TelemetryClient({ apiUrl: "http://127.0.0.1:9", store, fetch, flushIntervalMs: 100 });
  telemetry.init();
  telemetry.appOpened();
  await telemetry.flush();
  const [beatsBefore, askedBefore] = [beats, asked];
  for (let wait = 0; wait < 100 && beats < beatsBefore + 2; wait += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  telemetry.close();
  assert.ok(beats >= beatsBefore + 2);
  assert.equal(asked, askedBefore);
});

test("whatever fails inside, nothing reaches the app", async () => {
  const explode = () => {
    throw new Error("broken");
  };
  const broken = [
    { fetch: explode },
    { fetch: async () => ({ status: 200, text: explode }) },
    { fetch: async () => undefined },
    { dataDir: "/dev/null/impossible" },
    { store: { get: explode, set: explode, once: explode, backing: explode } },
    { now: explode },
    { random: explode },
  ];
  for (const options of broken) {
    const telemetry = new TelemetryClient({ apiUrl: "http://127.0.0.1:9", store: memory(), ...options });
    await telemetry.init();
    for (let number = 0; number < 12; number += 1) telemetry.track("app_opened", { number });
    telemetry.track();
    telemetry.track(null, 5);
    telemetry.reportCrash();
    telemetry.reportCrash({
      get message() {
        throw new Error("no");
      },
    });
    telemetry.setEnabled(false);
    telemetry.setEnabled(true);
    await telemetry.flush();
    telemetry.status();
    telemetry.close();
    telemetry.close();
    assert.equal(telemetry.track("app_opened"), false);
  }
});

test("a missing fetch is a failure like any other", async (t) => {
  const original = globalThis.fetch;
  t.after(() => (globalThis.fetch = original));
  globalThis.fetch = undefined;
  const telemetry = new TelemetryClient({ apiUrl: "http://127.0.0.1:9", store: memory() });
  telemetry.appOpened();
  assert.equal(await telemetry.flush(), false);
  assert.equal(telemetry.status().queuedEvents, 1);
  telemetry.close();
});

test("waits between failures grow exponentially, with full jitter, up to a cap", async () => {
  let monotonic = 0;
  const waits = [];
  const original = console.debug;
  console.debug = (line) => /\/track.* in (\d+) ms/.test(line) && waits.push(Number(RegExp.$1) / 1000);
  const telemetry = new TelemetryClient({
    apiUrl: "http://127.0.0.1:9",
    store: memory(),
    debug: true,
    random: () => 0.5,
    flushIntervalMs: 3_600_000,
    monotonic: () => monotonic,
    now: () => 1.8e12 + monotonic,
    fetch: async () => Promise.reject(new Error("offline")),
  });
  telemetry.appOpened();
  for (let tries = 0; tries < 11; tries += 1) {
    monotonic += 3_600_000;
    await telemetry.flush();
  }
  console.debug = original;
  telemetry.close();
  assert.deepEqual(waits.slice(-11), [2.5, 5, 10, 20, 40, 80, 160, 320, 450, 450, 450].slice(-waits.length));
});

test("a crash report holds the causes of an error and what an AggregateError is made of", () => {
  const cause = new TypeError("the disk is gone", { cause: "unplugged" });
  const wrapped = describe(new Error("cannot save", { cause }));
  assert.equal(wrapped.message, "Error: cannot save");
  assert.match(
    wrapped.stack,
    /^Error: cannot save\n.+\nCaused by: TypeError: the disk is gone\n +at .+\nCaused by: unplugged$/s,
  );
  const both = describe(new AggregateError([new RangeError("first"), "second"], "all failed"));
  assert.match(both.stack, /^AggregateError: all failed\n.+\nError 1: RangeError: first\n +at .+\nError 2: second$/s);
  const circle = new Error("a circle");
  circle.cause = circle;
  assert.equal(describe(circle).stack, circle.stack);
  const endless = (message) => ({
    message,
    get cause() {
      return endless(message + 1);
    },
  });
  assert.equal(describe(endless(1)).stack.split("\n").length, 10);
});

test("the cost is 0.006 USD a minute", () => {
  assert.equal(estimateCost(120), 0.012);
  assert.equal(estimateCost(300), 0.03);
  assert.equal(TelemetryClient.estimateCost(1), 0.0001);
  for (const none of [undefined, null, -1, NaN, Infinity, "60"]) assert.equal(estimateCost(none), undefined);
});

test("every time zone that this Node knows has a country, but for UTC", () => {
  assert.match(TZDATA_VERSION, /^20\d\d[a-z]$/);
  const without = Intl.supportedValuesOf("timeZone").filter((zone) => !countryOfTimeZone(zone));
  assert.deepEqual(
    without.filter((zone) => !/^(UTC|Etc\/|GMT)/.test(zone)),
    [],
  );
  const known = {
    "America/New_York": "US",
    "America/Mexico_City": "MX",
    "Europe/Madrid": "ES",
    "Asia/Calcutta": "IN",
    "Europe/Kiev": "UA",
    Iceland: "IS",
    "Africa/Asmera": "ER",
    "Pacific/Truk": "FM",
    "Europe/Vaduz": "LI",
    "Arctic/Longyearbyen": "SJ",
    UTC: undefined,
    CET: undefined,
  };
  for (const [zone, country] of Object.entries(known)) assert.equal(countryOfTimeZone(zone), country, zone);
});

test("the user id is made once, the session id at every launch", async (t) => {
  const { client } = await setUp(t);
  const [first, second] = [client(), client()];
  assert.match(first.userId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(second.userId, first.userId);
  assert.notEqual(second.sessionId, first.sessionId);
});
