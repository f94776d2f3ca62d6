// As much of Electron as its SDKs ask of the main process, on plain Node: enough to start and to send.
const { EventEmitter } = require('node:events')
const http = require('node:http')
const os = require('node:os')
const path = require('node:path')
const fs = require('node:fs')

process.versions.electron ??= '37.2.0'
process.versions.chrome ??= '138.0.0.0'
process.type ??= 'browser'
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'electron-'))
process.on('exit', () => fs.rmSync(data, { recursive: true, force: true }))

class ClientRequest extends http.ClientRequest {
  constructor({ protocol, hostname, port, path, method }) {
    super({ protocol, hostname, port, path, method })
  }
}

const app = Object.assign(new EventEmitter(), {
  name: 'stories', isPackaged: true, isReady: () => true, whenReady: () => Promise.resolve(),
  getName: () => 'stories', getVersion: () => '1.2.3', getAppPath: () => __dirname, getPath: () => data,
  getLocale: () => 'en-US', getGPUInfo: () => Promise.resolve({}), getAppMetrics: () => [],
  commandLine: { appendSwitch() {}, hasSwitch: () => false, getSwitchValue: () => '' },
  exit: (code) => process.exit(code),
})
const screen = Object.assign(new EventEmitter(), {
  getPrimaryDisplay: () => ({ size: { width: 800, height: 600 }, scaleFactor: 1 }),
})
const session = { defaultSession: { registerPreloadScript() {}, getPreloads: () => [], setPreloads() {} } }
session.fromPartition = () => session.defaultSession
module.exports = {
  app, screen, session,
  net: { request: (options) => new ClientRequest(options), fetch: (...given) => fetch(...given) },
  ipcMain: Object.assign(new EventEmitter(), { handle() {} }),
  protocol: { registerSchemesAsPrivileged() {}, handle() {} },
  crashReporter: { start() {}, addExtraParameter() {}, removeExtraParameter() {}, getLastCrashReport: () => null },
  powerMonitor: new EventEmitter(), autoUpdater: new EventEmitter(), dialog: { showErrorBox() {} },
  webContents: { getAllWebContents: () => [], fromId: () => undefined },
  BrowserWindow: { getAllWindows: () => [] }, utilityProcess: { fork() {} },
}
