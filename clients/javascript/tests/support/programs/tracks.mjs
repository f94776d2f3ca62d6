// Queues events and then waits to be killed, or ends. argv: {options, count, stay, before}
import TelemetryClient from "../../../dist/TelemetryClient.node.mjs";

const { options, count, stay, clockOffMs = 0 } = JSON.parse(process.argv[2]);
const client = new TelemetryClient({ ...options, now: () => Date.now() + clockOffMs });
await client.init();
for (let number = 0; number < count; number += 1) {
  client.recordingCompleted({ audio_duration_seconds: number, source: "widget" });
}
console.log(client.userId);
if (stay) setInterval(() => {}, 1000);
