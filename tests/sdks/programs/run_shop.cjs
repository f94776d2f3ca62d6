// Starts an SDK and then a built script, in which something breaks that nobody catches.
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const { sdk, url, key, dsn, release, folder, script } = JSON.parse(process.argv[2]);

if (sdk === "ours") {
  const TelemetryClient = require("../../../clients/javascript/dist/TelemetryClient.cjs");
  const options = { apiUrl: url, appKey: key, appVersion: release, dataDir: path.join(folder, "queue") };
  new TelemetryClient({ ...options, exitTimeoutMs: 30_000 }).init();
} else require("@sentry/node").init({ dsn, release });

import(pathToFileURL(script).href).then(() => setTimeout(() => globalThis.breakDown()));
