const { settings, follow } = require("./steps.cjs");
const { PostHog } = require("posthog-node");

const posthog = new PostHog(settings.key, {
  host: settings.url,
  flushAt: 1,
  flushInterval: 200,
  disableCompression: settings.coding === null,
  enableExceptionAutocapture: true,
});

follow({
  event: (name) =>
    posthog.capture({ distinctId: "jane@example.org", event: name, properties: { format: "png", n: 3 } }),
  error: (text) => posthog.captureException(new TypeError(text), "jane@example.org"),
  rejection: (text) => void Promise.reject(new TypeError(text)),
  flush: () => posthog.flush().catch(() => {}),
});
