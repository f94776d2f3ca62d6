// The main process owns telemetry: one client, one queue in userData, one anonymous id. Windows reach it through
// the client's own preload script, so that a crash or a reload of a window loses nothing.
const electron = require("electron");
const fs = require("node:fs");
const path = require("node:path");

const TelemetryClient = require("../dist/TelemetryClient.cjs");

const { app, BrowserWindow, ipcMain, session, shell } = electron;
const startedAt = process.hrtime.bigint();
const PRIVACY_TEXT = path.join(__dirname, "..", "..", "..", "docs", "PRIVACY_TELEMETRY.md");

/** Builds without telemetry.config.js, the public ones, have no telemetry at all. */
function readConfig() {
  const file = path.join(__dirname, "telemetry.config.js");
  return fs.existsSync(file) ? require(file) : {};
}

function start() {
  const telemetry = new TelemetryClient({ ...readConfig(), electron });
  telemetry.init(); // before anything that may fail: crashes from here on are caught

  ipcMain.handle("privacy:open", () => shell.openPath(PRIVACY_TEXT));

  app.whenReady().then(() => {
    // An app installs the package and writes require.resolve("stories-analytics-client/preload").
    session.defaultSession.registerPreloadScript({ type: "frame", filePath: require.resolve("../dist/preload.cjs") });
    const window = openWindow();
    window.webContents.once("did-finish-load", () => {
      const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
      telemetry.appOpened({ startup_time_seconds: Math.round(seconds * 100) / 100 });
    });
  });
  app.on("window-all-closed", () => app.quit());
  return telemetry;
}

function openWindow() {
  const window = new BrowserWindow({
    width: 720,
    height: 640,
    webPreferences: {
      preload: path.join(__dirname, "preload.js"),
      contextIsolation: true,
      nodeIntegration: false,
      sandbox: true,
    },
  });
  window.loadFile(path.join(__dirname, "index.html"));
  return window;
}

module.exports = { telemetry: start() };
