// The types behind require().
import TelemetryClient = require("stories-analytics-client");

const options: TelemetryClient.Options = { apiUrl: "https://example.com" };
const telemetry = new TelemetryClient(options);
const cost: number | undefined = TelemetryClient.estimateCost(60);
export const answer: [boolean, number | undefined] = [telemetry.appOpened({ startup_time_seconds: 1 }), cost];
