const { settings, follow } = require("./steps.cjs");
const Sentry = require("@sentry/electron/main");

Sentry.init({ dsn: settings.dsn, release: "stories@1.2.3" });

follow({
  error: (text) => Sentry.captureException(new TypeError(text)),
  crash: (text) => process.emit("uncaughtException", new RangeError(text)),
  event: (text) => Sentry.captureMessage(text),
  flush: () => Sentry.flush(5000),
});
