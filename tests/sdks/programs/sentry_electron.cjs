const fs = require("node:fs");
const path = require("node:path");
const { settings, follow } = require("./steps.cjs");
const { app } = require("electron");
const Sentry = require("@sentry/electron/main");

Sentry.init({ dsn: settings.dsn, release: "stories@1.2.3" });

follow({
  error: (text) => Sentry.captureException(new TypeError(text)),
  crash: (text) => process.emit("uncaughtException", new RangeError(text)),
  event: (text) => Sentry.captureMessage(text),
  // A renderer is gone, and Crashpad has left its minidump.
  gone: (dump) => {
    const folder = path.join(app.getPath("crashDumps"), "completed");
    fs.mkdirSync(folder, { recursive: true });
    fs.copyFileSync(dump, path.join(folder, "a.dmp"));
    fs.utimesSync(path.join(folder, "a.dmp"), new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
    app.emit("render-process-gone", {}, { id: 1, getURL: () => "app://stories" }, { reason: "crashed" });
  },
  flush: () => Sentry.flush(5000),
});
