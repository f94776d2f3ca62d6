// Electron's main process: answers the windows that use renderer.js through preload.js.
import { eventMethods } from "./events.js";

/** Both ends name it: see preload.js. */
export const CHANNEL = "stories-analytics";

/** What a window may ask for. Its messages are input: names are looked up, never called as given. */
const CALLS = {
  track: (client, name, properties) => client.track(name, properties),
  reportCrash: (client, thrown, details) => client.reportCrash(thrown, details ?? {}),
  setEnabled: (client, isEnabled) => client.setEnabled(isEnabled === true),
  status: (client) => client.status(),
  flush: (client) => client.flush(),
  ...Object.fromEntries(
    Object.keys(eventMethods).map((name) => [name, (client, properties) => client[name](properties)]),
  ),
};

/** Returns a function that stops it. Of several clients in one process the first one answers. */
export function answerWindows(ipcMain, client) {
  if (!ipcMain?.handle) return () => {};
  try {
    ipcMain.handle(CHANNEL, (_event, call, ...values) =>
      Object.hasOwn(CALLS, call) ? CALLS[call](client, ...values) : undefined,
    );
  } catch {
    return () => {}; // another client was first
  }
  return () => ipcMain.removeHandler?.(CHANNEL);
}
