// preload.cjs of stories-analytics-client 1.0.0. Built from src/ by tools/build.mjs.
"use strict";

// src/preload.js
var import_electron = require("electron");
var bridge = { call: (name, ...values) => import_electron.ipcRenderer.invoke("stories-analytics", name, ...values) };
try {
  import_electron.contextBridge.exposeInMainWorld("storiesAnalytics", bridge);
} catch {
  globalThis.storiesAnalytics = bridge;
}
