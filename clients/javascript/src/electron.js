// Electron's main process: processes that die without an exception, their minidumps, and the quit.

// A renderer that was closed, or a helper that Electron ended itself, is no crash.
const NO_CRASH = ["clean-exit"];
// Of these the crash reporter sends a minidump: what Electron tells besides would count them twice.
const WITH_MINIDUMP = ["crashed", "oom"];

/**
 * electron: the module (or a stub with `app`). Reports renderers and child processes that are gone and
 * unhandled rejections, which Electron only warns about. client: {options, userId, onQuit, debug}. Returns a
 * function that stops it.
 */
export function watchElectron(electron, process, report, { options, userId, onQuit, debug }) {
  const { app } = electron;
  const stopMinidumps = options.minidumps ? startMinidumps(electron, options, userId, debug) : undefined;
  const ignored = new Set(stopMinidumps ? [...NO_CRASH, ...WITH_MINIDUMP] : NO_CRASH);
  const onRenderer = (_event, _webContents, details = {}) => {
    if (ignored.has(details.reason)) return;
    report(
      { message: `Renderer process gone: ${details.reason} (exit code ${details.exitCode})` },
      { type: "renderer_crash", context: { reason: details.reason, exit_code: details.exitCode } },
    );
  };
  const onChild = (_event, details = {}) => {
    if (ignored.has(details.reason)) return;
    const name = [details.type, details.name ?? details.serviceName].filter(Boolean).join(" ");
    report(
      { message: `${name || "Child"} process gone: ${details.reason} (exit code ${details.exitCode})` },
      {
        type: "main_crash",
        context: { process_type: details.type, reason: details.reason, exit_code: details.exitCode },
      },
    );
  };
  const onRejection = (reason) => report(reason, { type: "unhandled_rejection" });
  app.on("render-process-gone", onRenderer);
  app.on("child-process-gone", onChild);
  app.on("before-quit", onQuit);
  process.on("unhandledRejection", onRejection);
  return () => {
    stopMinidumps?.();
    app.removeListener("render-process-gone", onRenderer);
    app.removeListener("child-process-gone", onChild);
    app.removeListener("before-quit", onQuit);
    process.removeListener("unhandledRejection", onRejection);
  };
}

/**
 * Has Electron's crash reporter send a minidump of every process of the app that dies natively, from here on. It
 * cannot be ended; the function that is returned, undefined where it did not start, ends its uploads.
 */
function startMinidumps({ crashReporter }, { apiUrl, appKey, appVersion, channel }, userId, debug) {
  const told = { user_id: userId, _version: appVersion, channel };
  try {
    crashReporter.start({
      submitURL: `${apiUrl}/api/minidump${appKey ? `?app_key=${encodeURIComponent(appKey)}` : ""}`,
      uploadToServer: true,
      compress: true,
      // Of all processes: `extra` would be of the main process alone. Electron adds the product's name.
      globalExtra: Object.fromEntries(Object.entries(told).filter(([, text]) => text !== undefined)),
    });
  } catch (error) {
    debug(`no minidumps are sent: ${error?.message}`);
    return undefined;
  }
  return () => crashReporter.setUploadToServer?.(false);
}
