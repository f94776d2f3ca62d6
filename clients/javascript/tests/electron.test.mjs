// Electron through a stub of its module: the real binary is not part of these tests.
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { init } from "../dist/renderer.js";
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
  const handlers = new Map();
  const ipcMain = {
    handle: (channel, answer) => handlers.set(channel, answer),
    removeHandler: (channel) => handlers.delete(channel),
  };
  return { app, net, requests, ipcMain, handlers };
}

/** Runs preload.cjs as Electron would, beside `page`, which stands for the window's globalThis. */
function preload({ handlers }, page) {
  const electron = {
    contextBridge: { exposeInMainWorld: (name, api) => (page[name] = api) },
    // Electron clones what crosses: a function or a class among it would fail the call.
    ipcRenderer: {
      invoke: async (channel, ...values) =>
        structuredClone(await handlers.get(channel)({}, ...structuredClone(values))),
    },
  };
  const code = readFileSync(new URL("../dist/preload.cjs", import.meta.url), "utf8");
  new Function("require", code)((name) => (name === "electron" ? electron : assert.fail(name)));
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

const ID = "8a3f0f3c-7a0e-4d58-9c9b-2f6c1d3e5a77";

test("with minidumps Electron's crash reporter sends them, and what they tell is not told twice", async (t) => {
  const server = await setUp(t);
  const electron = electronStub(server.folder);
  const calls = [];
  electron.crashReporter = {
    start: (options) => calls.push(options),
    setUploadToServer: (isOn) => calls.push(isOn),
  };
  const telemetry = server.client({
    electron,
    captureErrors: true,
    minidumps: true,
    appKey: "k1",
    channel: "beta",
    userId: ID,
  });
  assert.deepEqual(calls, [
    {
      submitURL: `${server.proxy.url}/api/minidump?app_key=k1`,
      uploadToServer: true,
      compress: true,
      globalExtra: { user_id: ID, _version: "1.2.3", channel: "beta" },
    },
  ]);
  electron.app.emit("render-process-gone", {}, {}, { reason: "crashed", exitCode: 139 });
  electron.app.emit("child-process-gone", {}, { type: "GPU", reason: "oom", exitCode: 5 });
  electron.app.emit("render-process-gone", {}, {}, { reason: "killed", exitCode: 9 });
  assert.equal(telemetry.status().queuedCrashes, 1);
  telemetry.close();
  assert.equal(calls.at(-1), false);
});

test("without a crash reporter, or crash reports, no minidumps are sent and the other reports go on", async (t) => {
  const server = await setUp(t);
  const electron = electronStub(server.folder);
  const telemetry = server.client({ electron, captureErrors: true, minidumps: true });
  electron.app.emit("render-process-gone", {}, {}, { reason: "crashed", exitCode: 139 });
  assert.equal(telemetry.status().queuedCrashes, 1);
  electron.crashReporter = { start: () => assert.fail("it was turned off") };
  server.client({ electron, captureErrors: true, minidumps: true, crashReports: false });
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

/** What renderer.js needs of a window, for as long as the test runs. */
function windowOf(t, electron) {
  const listeners = new Map();
  const page = {
    addEventListener: (name, listener) => listeners.set(name, listener),
    removeEventListener: (name) => listeners.delete(name),
  };
  if (electron) preload(electron, page);
  Object.assign(globalThis, page);
  t.after(() => Object.keys(page).forEach((name) => delete globalThis[name]));
  return listeners;
}

test("a window tracks, reports errors and opts out through the main process, without IPC of the app's", async (t) => {
  const { electron, telemetry, events, crashes, proxy } = await desktop(t);
  const listeners = windowOf(t, electron);
  const inWindow = init();
  assert.equal(await inWindow.recordingStarted({ source: "widget", callback: () => 1 }), true);
  assert.equal(await inWindow.track("app_opened"), true);
  class RenderError extends Error {
    name = "RenderError";
  }
  const error = new RenderError("cannot draw", { cause: new TypeError("no canvas") });
  globalThis._sentryDebugIds = { [`Error\n${error.stack.split("\n")[1]}`]: ID };
  listeners.get("error")({ error });
  delete globalThis._sentryDebugIds; // the main process has another
  await until(() => telemetry.status().queuedCrashes === 1 || telemetry.status().queuedEvents === 0, "it arrived");
  assert.equal(await inWindow.flush(), true);
  const { userId } = await inWindow.status();
  assert.deepEqual((await events(userId)).map(({ event }) => event).sort(), ["app_opened", "recording_started"]);
  await until(async () => (await crashes(userId)).length === 1, "the crash is stored");
  const [crash] = await crashes(userId);
  assert.deepEqual([crash.crash_type, crash.error_message], ["uncaught_error", "RenderError: cannot draw"]);
  assert.match(crash.stack_trace, /Caused by: TypeError: no canvas/);
  assert.equal(crash.context.process, "renderer");
  const [sent] = proxy.posts("/crash").map(({ body }) => JSON.parse(body));
  assert.deepEqual(Object.values(sent.debug_ids), [ID]);
  await inWindow.setEnabled(false);
  assert.equal(telemetry.enabled, false);
  inWindow.close();
  assert.equal(listeners.size, 0);
});

test("a window can call nothing but what the client offers to windows", async (t) => {
  const { electron, telemetry } = await desktop(t);
  const answer = electron.handlers.get("stories-analytics");
  for (const call of ["close", "constructor", "__proto__", "toString", undefined, {}]) {
    assert.equal(await answer({}, call), undefined);
  }
  assert.equal(telemetry.status().state, "running");
  telemetry.close();
  assert.equal(electron.handlers.size, 0);
});

test("without its preload script a window's calls say so once and do nothing", async (t) => {
  windowOf(t);
  const warn = t.mock.method(console, "warn", () => {});
  const inWindow = init();
  assert.deepEqual([await inWindow.track("app_opened"), await inWindow.status()], [undefined, undefined]);
  inWindow.close();
  assert.equal(warn.mock.callCount(), 1);
});
