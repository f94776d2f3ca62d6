// A program that dies of a real error, as an app would. argv: {options, how}
import TelemetryClient from "../../../dist/TelemetryClient.node.mjs";

const { options, how } = JSON.parse(process.argv[2]);
const client = new TelemetryClient(options);
await client.init();
console.log(client.userId);

class RecordingError extends Error {}

function readRecording(path) {
  throw new RecordingError(`cannot read ${path} for jane.doe@example.com with sk-abcdefghijklmnop1234`);
}

// From a timer: thrown at the top level of a module it would be a rejection.
if (how === "exception") setTimeout(() => readRecording("/Users/Jane Doe/Library/Stories/one.wav"));
if (how === "rejection") Promise.reject(new TypeError("promise of /home/jane/secret.txt was broken"));
