// For an Electron window's preload script: lets renderer.js reach the client of the main process. Nothing else is
// exposed, and the main process decides which calls it answers (windows.js). One file, since a sandboxed preload
// script can load no other.
import { contextBridge, ipcRenderer } from "electron";

const bridge = { call: (name, ...values) => ipcRenderer.invoke("stories-analytics", name, ...values) };

try {
  contextBridge.exposeInMainWorld("storiesAnalytics", bridge);
} catch {
  globalThis.storiesAnalytics = bridge; // contextIsolation is off: there is one world only
}
