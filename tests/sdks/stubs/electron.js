// As much of Electron as its SDKs ask of the main process, on plain Node: enough to start and to send.
const { EventEmitter } = require("node:events");
const http = require("node:http");
const os = require("node:os");
const path = require("node:path");
const fs = require("node:fs");
const { urlToHttpOptions } = require("node:url");

process.versions.electron ??= "37.2.0";
process.versions.chrome ??= "138.0.0.0";
process.type ??= "browser";
const data = fs.mkdtempSync(path.join(os.tmpdir(), "electron-"));
process.on("exit", () => fs.rmSync(data, { recursive: true, force: true }));

class ClientRequest extends http.ClientRequest {
  constructor({ url, ...options }) {
    const { protocol, hostname, port, path, method } = { ...(url && urlToHttpOptions(new URL(url))), ...options };
    super({ protocol, hostname, port, path, method });
  }
}

let isReady = false;
const ready = new Promise((resolve) => setImmediate(resolve)).then(() => {
  isReady = true;
  app.emit("ready");
});
const app = Object.assign(new EventEmitter(), {
  name: "stories",
  isPackaged: true,
  isReady: () => isReady,
  whenReady: () => ready,
  getName: () => "stories",
  getVersion: () => "1.2.3",
  getAppPath: () => __dirname,
  getPath: () => data,
  getLocale: () => "en-US",
  getGPUInfo: () => Promise.resolve({}),
  getAppMetrics: () => [],
  commandLine: { appendSwitch() {}, hasSwitch: () => false, getSwitchValue: () => "" },
  exit: (code) => process.exit(code),
});
const screen = Object.assign(new EventEmitter(), {
  getPrimaryDisplay: () => ({ size: { width: 800, height: 600 }, scaleFactor: 1 }),
});
const session = { defaultSession: { registerPreloadScript() {}, getPreloads: () => [], setPreloads() {} } };
session.fromPartition = () => session.defaultSession;
module.exports = {
  app,
  screen,
  session,
  net: { request: (options) => new ClientRequest(options), fetch: (...given) => fetch(...given) },
  ipcMain: Object.assign(new EventEmitter(), { handle() {} }),
  protocol: { registerSchemesAsPrivileged() {}, handle() {} },
  crashReporter: { start() {}, addExtraParameter() {}, removeExtraParameter() {}, getLastCrashReport: () => null },
  powerMonitor: new EventEmitter(),
  autoUpdater: new EventEmitter(),
  dialog: { showErrorBox() {} },
  webContents: { getAllWebContents: () => [], fromId: () => undefined },
  BrowserWindow: { getAllWindows: () => [] },
  utilityProcess: { fork() {} },
};
