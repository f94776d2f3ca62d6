// Electron through a stub of its module: the real binary is not part of these tests.
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { setUp, until } from "./support/contract.mjs";

function electronStub(userData) {
  const app = new EventEmitter();
  app.getPath = (name) => (name === "userData" ? userData : assert.fail(name));
  app.getVersion = () => "0.9.51";
  app.isReady = () => true;
  const requests = [];
  const net = {
    fetch: (url, options) => {
      requests.push(url);
      return fetch(url, options);
    },
  };
  return { app, net, requests };
}

async function desktop(t) {
  const server = await setUp(t);
  const userData = path.join(server.folder, "Stories App");
  mkdirSync(userData);
  const electron = electronStub(userData);
  const options = { electron, captureErrors: true, dataDir: undefined, appVersion: undefined };
  return { ...server, electron, userData, telemetry: server.client(options) };
}

test("the queue lies in userData, the version is the app's, requests take Electron's own fetch", async (t) => {
  const { electron, userData, telemetry, events } = await desktop(t);
  telemetry.appOpened();
  assert.ok(readdirSync(path.join(userData, "telemetry")).some((name) => name.endsWith(".jsonl")));
  assert.equal(await telemetry.flush(), true);
  const [row] = await events(telemetry.userId);
  assert.equal(row.app_version, "0.9.51");
  assert.ok(electron.requests.some((url) => url.endsWith("/track")));
});

test("renderers and child processes that are gone are crashes, those that ended well are not", async (t) => {
  const { electron, telemetry, crashes } = await desktop(t);
  electron.app.emit("render-process-gone", {}, {}, { reason: "oom", exitCode: 5 });
  electron.app.emit("child-process-gone", {}, { type: "GPU", reason: "crashed", exitCode: 139 });
  electron.app.emit("render-process-gone", {}, {}, { reason: "clean-exit", exitCode: 0 });
  electron.app.emit("child-process-gone", {}, { type: "Utility", reason: "clean-exit", exitCode: 0 });
  assert.equal(await telemetry.flush(), true);
  const found = await crashes(telemetry.userId);
  assert.deepEqual(found.map((crash) => [crash.crash_type, crash.error_message]).sort(), [
    ["main_crash", "GPU process gone: crashed (exit code 139)"],
    ["renderer_crash", "Renderer process gone: oom (exit code 5)"],
  ]);
  assert.equal(found[0].app_version, "0.9.51");
});

test("an uncaught exception in main is a main_crash, an unhandled rejection is one of its own", async (t) => {
  const { telemetry, crashes } = await desktop(t);
  // The runner has handlers of its own, so the events are raised as Node does, without the exception.
  process.emit("uncaughtExceptionMonitor", new RangeError("too deep"), "uncaughtException");
  process.listeners("unhandledRejection").at(-1)(new TypeError("nobody caught this"));
  assert.equal(await telemetry.flush(), true);
  const found = await crashes(telemetry.userId);
  assert.deepEqual(found.map((crash) => [crash.crash_type, crash.error_message]).sort(), [
    ["main_crash", "RangeError: too deep"],
    ["unhandled_rejection", "TypeError: nobody caught this"],
  ]);
});

test("quitting sends what is queued, and close() takes every listener away", async (t) => {
  const listenersBefore = ["uncaughtExceptionMonitor", "unhandledRejection"].map((name) => process.listenerCount(name));
  const { electron, telemetry } = await desktop(t);
  telemetry.appOpened();
  electron.app.emit("before-quit");
  await until(() => telemetry.status().queuedEvents === 0, "the queue is empty");
  telemetry.close();
  assert.deepEqual(electron.app.eventNames(), []);
  const listenersAfter = ["uncaughtExceptionMonitor", "unhandledRejection"].map((name) => process.listenerCount(name));
  assert.deepEqual(listenersAfter, listenersBefore);
});
