// import of the installed package, and of each of its addresses.
import assert from "node:assert/strict";
import TelemetryClient, { estimateCost, TelemetryClient as named } from "stories-analytics-client";
import { init } from "stories-analytics-client/renderer";
import ForBrowsers from "stories-analytics-client/TelemetryClient.js";

assert.equal(named, TelemetryClient);
assert.equal(estimateCost(60), 0.006);
assert.equal(new TelemetryClient().appOpened(), false);
assert.equal(new ForBrowsers().appOpened(), false);
assert.equal(typeof init, "function");
