// TelemetryClient 1.0.0. Built by tools/build.mjs from src/; edit there.
// Node's ES module loader: one copy of the client, whichever way it is loaded.
import { createRequire } from "node:module";

const TelemetryClient = createRequire(import.meta.url)("./TelemetryClient.cjs");

export const { estimateCost } = TelemetryClient;
export { TelemetryClient };
export default TelemetryClient;
