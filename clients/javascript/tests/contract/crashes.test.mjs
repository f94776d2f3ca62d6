// Real errors of real processes, as they arrive at the server.
import assert from "node:assert/strict";
import { test } from "node:test";

import { run, setUp } from "../support/contract.mjs";

// Two seconds are for people who wait; a busy test machine may take that long to start a child.
const PATIENT = { exitTimeoutMs: 30_000 };
const SECRETS = ["Jane", "jane", "example.com", "sk-abc"];

test("an uncaught exception is reported before the process dies, with its own exit code and stack", async (t) => {
  const { proxy, folder, crashes } = await setUp(t);
  const options = { apiUrl: proxy.url, dataDir: folder, appVersion: "1.2.3", ...PATIENT };
  const { code, output, errors } = await run("throws.mjs", { options, how: "exception" });
  assert.equal(code, 1);
  assert.match(errors, /RecordingError: cannot read/);
  const [crash, ...others] = await crashes(output.trim());
  assert.deepEqual(others, []);
  assert.equal(crash.crash_type, "uncaught_error");
  assert.match(crash.error_message, /^Error: cannot read ~\/Library\/Stories\/one\.wav for \[email\] with \[secret\]$/);
  assert.match(crash.stack_trace, /at readRecording .*throws\.mjs:\d+:\d+/);
  assert.equal(crash.app_version, "1.2.3");
  assert.equal(crash.context.process, "node");
  for (const secret of SECRETS) assert.ok(!JSON.stringify(crash).includes(secret), secret);
});

test("an unhandled rejection is reported as one", async (t) => {
  const { proxy, folder, crashes } = await setUp(t);
  const options = { apiUrl: proxy.url, dataDir: folder, ...PATIENT };
  const { code, output } = await run("throws.mjs", { options, how: "rejection" });
  assert.equal(code, 1);
  const [crash] = await crashes(output.trim());
  assert.equal(crash.crash_type, "unhandled_rejection");
  assert.equal(crash.error_message, "TypeError: promise of ~/secret.txt was broken");
});

test("a crash without network is reported by the next launch, once", async (t) => {
  const { client, proxy, folder, crashes } = await setUp(t);
  proxy.behave = () => "refuse";
  const options = { apiUrl: proxy.url, dataDir: folder, ...PATIENT };
  const { output } = await run("throws.mjs", { options, how: "exception" });
  proxy.behave = () => undefined;
  const telemetry = client();
  assert.equal(await telemetry.flush(), true);
  assert.equal(telemetry.userId, output.trim());
  assert.equal((await crashes(telemetry.userId)).length, 1);
});

test("a crash whose reply was lost while dying is not stored again by the next launch", async (t) => {
  const { client, proxy, folder, crashes } = await setUp(t);
  proxy.behave = ({ path }) => (path === "/crash" ? "lose_reply" : undefined);
  await run("throws.mjs", { options: { apiUrl: proxy.url, dataDir: folder, ...PATIENT }, how: "exception" });
  proxy.behave = () => undefined;
  const telemetry = client();
  assert.equal(await telemetry.flush(), true);
  const sent = proxy.posts("/crash");
  assert.ok(sent.length >= 2);
  assert.equal(new Set(sent.map(({ body }) => body)).size, 1);
  assert.equal((await crashes(telemetry.userId)).length, 1);
});

test("a loop of the same error is one report, and the next one says how many were held back", async (t) => {
  const { client, crashes } = await setUp(t);
  let now = Date.now();
  const telemetry = client({ now: () => now });
  const fail = () => new Error("again and again");
  const thrown = fail();
  for (let times = 0; times < 500; times += 1) telemetry.reportCrash(thrown);
  now += 61_000;
  telemetry.reportCrash(thrown);
  assert.equal(await telemetry.flush(), true);
  const found = await crashes(telemetry.userId);
  assert.deepEqual(found.map((crash) => crash.context.held_back_before ?? 0).sort(), [0, 499]);
});

test("different errors are capped by the hour, also across launches", async (t) => {
  const { client, crashes } = await setUp(t);
  const first = client({ maxCrashesPerHour: 5 });
  for (let number = 0; number < 50; number += 1) first.reportCrash(new Error(`number ${number} of many`));
  await first.flush();
  first.close();
  const second = client({ maxCrashesPerHour: 5 });
  second.reportCrash(new Error("one more"));
  assert.equal(await second.flush(), true);
  assert.equal((await crashes(second.userId)).length, 5);
});

test("a handled error is an event of its own and no crash, and the app says what belongs together", async (t) => {
  const { client, crashes, proxy } = await setUp(t);
  const telemetry = client();
  const fingerprint = ["export", "of jane@example.com", ...Array(30).fill("x".repeat(500))];
  assert.ok(telemetry.reportCrash(new Error("survived"), { handled: true, fingerprint }));
  assert.ok(telemetry.reportCrash(new Error("died")));
  assert.equal(await telemetry.flush(), true);
  assert.deepEqual(
    (await crashes(telemetry.userId)).map((crash) => crash.error_message),
    ["Error: died"],
  );
  const [survived, died] = proxy.posts("/crash").map(({ body }) => JSON.parse(body));
  assert.equal(survived.handled, true);
  assert.deepEqual(survived.fingerprint.slice(0, 2), ["export", "of [email]"]);
  assert.equal(survived.fingerprint.length, 20);
  assert.ok(survived.fingerprint.every((part) => part.length <= 200));
  assert.ok(!("handled" in died) && !("fingerprint" in died));
});
