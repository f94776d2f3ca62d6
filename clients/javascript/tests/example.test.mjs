// example-electron with a stub of electron: what windows ask through IPC arrives at the server.
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdirSync } from "node:fs";
import Module, { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";

import { init } from "../dist/renderer.js";
import { setUp, until } from "./support/contract.mjs";

const require = createRequire(import.meta.url);

function electronStub(userData, exposed) {
  const handlers = new Map();
  const app = Object.assign(new EventEmitter(), {
    getPath: () => userData,
    getVersion: () => "0.9.51",
    isReady: () => true,
    whenReady: async () => {},
    quit: () => app.emit("before-quit"),
  });
  class BrowserWindow {
    webContents = new EventEmitter();
    constructor() {
      electron.window = this;
    }
    loadFile() {
      setImmediate(() => this.webContents.emit("did-finish-load"));
    }
  }
  const electron = {
    app,
    BrowserWindow,
    preloads: [],
    session: { defaultSession: { registerPreloadScript: ({ filePath }) => electron.preloads.push(filePath) } },
    shell: { openPath: async () => "" },
    ipcMain: { handle: (name, work) => handlers.set(name, work), on: (name, work) => handlers.set(name, work) },
    ipcRenderer: {
      invoke: async (name, ...values) => handlers.get(name)({}, ...values),
      send: (name, ...values) => void handlers.get(name)({}, ...values),
    },
    contextBridge: { exposeInMainWorld: (name, api) => (exposed[name] = api) },
  };
  return electron;
}

test("the example app: startup, events, toggle and a window's crash", async (t) => {
  const { proxy, folder, events, crashes } = await setUp(t);
  const userData = path.join(folder, "Stories App");
  mkdirSync(userData);
  const exposed = {};
  const electron = electronStub(userData, exposed);
  const original = Module._load;
  Module._load = (name, ...rest) => (name === "electron" ? electron : original(name, ...rest));
  globalThis.telemetryConfig = { apiUrl: proxy.url };
  const { telemetry } = require("../example-electron/main.js");
  require("../example-electron/preload.js");
  await until(() => electron.preloads.length === 1, "the client's preload script is registered");
  require(electron.preloads[0]);
  delete globalThis.telemetryConfig;
  Module._load = original;
  globalThis.storiesAnalytics = exposed.storiesAnalytics;
  const inWindow = init({ captureErrors: false });
  t.after(() => {
    telemetry.close();
    delete globalThis.storiesAnalytics;
  });

  await until(() => telemetry.status().queuedEvents === 1, "app_opened is queued");
  await inWindow.track("recording_completed", { audio_duration_seconds: 60, source: "main_window" });
  assert.equal(await telemetry.flush(), true);
  const { userId } = await inWindow.status();
  const rows = await events(userId);
  assert.deepEqual(rows.map((row) => row.event).sort(), ["app_opened", "recording_completed"]);
  assert.equal(typeof rows.find((row) => row.event === "app_opened").properties.startup_time_seconds, "number");

  await inWindow.setEnabled(false);
  await inWindow.track("recording_started");
  await inWindow.reportCrash(new Error("x"));
  electron.app.quit();
  await until(async () => (await crashes(userId)).length === 1, "the crash is stored");
  assert.equal((await events(userId)).length, 2);
  assert.equal((await inWindow.status()).enabled, false);
});
