// Bundled, since the server has no scripts for it to load.
import "posthog-js/dist/exception-autocapture";
import posthog from "posthog-js/dist/module.no-external";

window.begin = (settings) => {
  posthog.init(settings.key, {
    api_host: settings.url,
    opt_out_useragent_filter: true, // it takes a Chromium without a screen for a robot
    request_queue_config: { flush_interval_ms: 250 },
    disable_compression: settings.coding === null,
    capture_exceptions: true,
  });
  posthog.identify("jane@example.org");
};
window.verbs = {
  event: (name) => void posthog.capture(name, { format: "png", n: 3 }),
  error: (text) => void posthog.captureException(new TypeError(text)),
  crash: (text) =>
    void setTimeout(() => {
      throw new RangeError(text);
    }),
  flush: () => {},
};
