// All that a window may ask of the main process.
const { contextBridge, ipcRenderer } = require("electron");

contextBridge.exposeInMainWorld("telemetry", {
  status: () => ipcRenderer.invoke("telemetry:status"),
  setEnabled: (enabled) => ipcRenderer.invoke("telemetry:set-enabled", enabled),
  track: (name, properties) => ipcRenderer.send("telemetry:track", name, properties),
  reportCrash: (crash) => ipcRenderer.send("telemetry:crash", crash),
  openPrivacyText: () => ipcRenderer.invoke("privacy:open"),
});
