// What a window of this app may ask of the main process, beside what the client's preload script offers.
const { contextBridge, ipcRenderer } = require("electron");

contextBridge.exposeInMainWorld("app", {
  openPrivacyText: () => ipcRenderer.invoke("privacy:open"),
});
