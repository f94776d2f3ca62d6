// For an Electron window: the calls of TelemetryClient, answered by the client of the main process.
import { describe, watchWindow } from "./crashes.js";
import { scrubbedIds } from "./debug_ids.js";
import { eventMethods } from "./events.js";
import { safeProperties } from "./scrub.js";

/**
 * Connects this window; call it once. Needs preload.js in the window's preload script. Nothing of what it returns
 * throws or rejects; without the preload script every call resolves with undefined.
 */
export function init({ captureErrors = true } = {}) {
  const bridge = globalThis.storiesAnalytics;
  if (!bridge) console.warn("stories-analytics-client: the preload script is missing, nothing is sent");
  const call = async (name, ...values) => {
    try {
      return await bridge?.call(name, ...values);
    } catch {
      return undefined; // the main process is going away
    }
  };
  // Copies: what cannot be cloned, such as a function, would fail the whole call.
  const send = (name) => (properties) => call(name, safeProperties(properties));
  const reportCrash = (thrown, { type, context, handled, fingerprint } = {}) => {
    const { message, stack, debugIds, type: ownType, context: ownContext } = describe(thrown);
    return call(
      "reportCrash",
      {
        crash_type: type ?? ownType,
        error_message: String(message),
        stack_trace: String(stack),
        debug_ids: scrubbedIds(debugIds, String),
        context: safeProperties({ process: "renderer", ...ownContext, ...context }),
      },
      { handled: handled === true, fingerprint: Array.isArray(fingerprint) ? fingerprint.map(String) : undefined },
    );
  };
  const stop = captureErrors ? watchWindow(globalThis, reportCrash) : () => {};
  return {
    ...Object.fromEntries(Object.keys(eventMethods).map((name) => [name, send(name)])),
    track: (name, properties) => call("track", String(name), safeProperties(properties)),
    reportCrash,
    setEnabled: (isEnabled) => call("setEnabled", Boolean(isEnabled)),
    status: () => call("status"),
    flush: () => call("flush"),
    close: () => stop(),
  };
}
