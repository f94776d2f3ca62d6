// require() of the installed package.
const assert = require("node:assert/strict");

const TelemetryClient = require("stories-analytics-client");

assert.equal(TelemetryClient.default, TelemetryClient);
assert.equal(TelemetryClient.TelemetryClient, TelemetryClient);
assert.equal(TelemetryClient.estimateCost(60), 0.006);
assert.equal(new TelemetryClient().appOpened(), false); // no address: it does nothing
assert.ok(require.resolve("stories-analytics-client/preload").endsWith("preload.cjs"));
assert.ok(require("stories-analytics-client/package.json").version);
