import * as Sentry from "@sentry/browser";

window.begin = (settings) => {
  Sentry.init({ dsn: settings.dsn, release: "stories@1.2.3", tunnel: settings.tunnel });
  Sentry.setUser({ id: "jane@example.org", ip_address: "{{auto}}" });
};
window.verbs = {
  error: (text) => void Sentry.captureException(new TypeError(text)),
  rejection: (text) => void Promise.reject(new TypeError(text)),
  crash: (text) =>
    void setTimeout(() => {
      throw new RangeError(text);
    }),
  event: (text) => void Sentry.captureMessage(text),
  flush: () => Sentry.flush(5000),
};
