const { settings, follow } = require("./steps.cjs");
const { Analytics } = require("@segment/analytics-node");

const analytics = new Analytics({ writeKey: settings.key, host: settings.url, maxEventsInBatch: 1 });
analytics.on("error", () => {});

follow({
  event: (name) => analytics.track({ userId: "jane@example.org", event: name, properties: { format: "png", n: 3 } }),
  screen: (name) => analytics.screen({ userId: "jane@example.org", name }),
  flush: () => {},
});
