const { settings, follow } = require("./steps.cjs");
const Sentry = require("@sentry/node");

Sentry.init({ dsn: settings.dsn, release: "stories@1.2.3" });
Sentry.setUser({ id: "jane@example.org", email: "jane@example.org", ip_address: "{{auto}}" });

follow({
  error: (text) => Sentry.captureException(new TypeError(text)),
  rejection: (text) => void Promise.reject(new TypeError(text)),
  crash: (text) =>
    setTimeout(() => {
      throw new RangeError(text);
    }),
  event: (text) => Sentry.captureMessage(text),
  flush: () => Sentry.flush(5000),
  end: () => setTimeout(() => process.stdin.destroy()), // the session goes when nothing is left to do
});
