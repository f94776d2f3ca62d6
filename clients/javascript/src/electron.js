// Electron's main process: processes that die without an exception, and the quit.

// A renderer that was closed, or a helper that Electron ended itself, is no crash.
const NO_CRASH = new Set(["clean-exit"]);

/**
 * electron: the module (or a stub with `app`). Reports renderers and child processes that are gone and
 * unhandled rejections, which Electron only warns about. Returns a function that stops it.
 */
export function watchElectron(electron, process, report, onQuit) {
  const { app } = electron;
  const onRenderer = (_event, _webContents, details = {}) => {
    if (NO_CRASH.has(details.reason)) return;
    report(
      { message: `Renderer process gone: ${details.reason} (exit code ${details.exitCode})` },
      { type: "renderer_crash", context: { reason: details.reason, exit_code: details.exitCode } },
    );
  };
  const onChild = (_event, details = {}) => {
    if (NO_CRASH.has(details.reason)) return;
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
    app.removeListener("render-process-gone", onRenderer);
    app.removeListener("child-process-gone", onChild);
    app.removeListener("before-quit", onQuit);
    process.removeListener("unhandledRejection", onRejection);
  };
}
