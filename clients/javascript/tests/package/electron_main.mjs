// An Electron main process that imports the client, to be bundled. `electron` is a stand-in (see packages.sh); like
// the real one it is required by name.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import TelemetryClient from "stories-analytics-client";

process.type = "browser"; // as Electron calls its main process
globalThis.userData = mkdtempSync(join(tmpdir(), "electron main "));

const bodies = [];
const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  if (request.method === "POST") bodies.push(JSON.parse(body));
  response.end(JSON.stringify({ success: true, timestamp: new Date().toISOString() }));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const telemetry = new TelemetryClient({ apiUrl: `http://127.0.0.1:${server.address().port}` });
assert.equal(telemetry.appOpened(), true);
assert.ok(readdirSync(join(globalThis.userData, "telemetry")).some((name) => name.endsWith(".jsonl")));
assert.equal(await telemetry.flush(), true);
assert.equal(bodies[0].events[0].app_version, "0.9.51"); // app.getVersion(): electron was found
telemetry.close();
server.close();
console.log("the bundled main process sent its event");
