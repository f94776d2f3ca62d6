// Appends to the queue as fast as it can and says what is on disk, until it is killed. argv: {options}
import TelemetryClient from "../../../dist/TelemetryClient.node.mjs";

const { options } = JSON.parse(process.argv[2]);
const client = new TelemetryClient(options);
await client.init();
for (let number = 0; ; number += 1) {
  client.track("recording_started", { number });
  // Only what was said aloud may be expected to survive.
  process.stdout.write(`${number}\n`);
  if (number % 20 === 0) await new Promise((resolve) => setTimeout(resolve));
}
