// The types of the installed package, as an app's own code meets them.
import TelemetryClient, { type Status } from "stories-analytics-client";
import "stories-analytics-client/analytics.js";
import { init } from "stories-analytics-client/renderer";

interface Export {
  format: "wav" | "mp3";
  seconds: number;
  tags?: string[];
}
const exported: Export = { format: "wav", seconds: 3 };

const telemetry = new TelemetryClient({ apiUrl: "https://example.com", country: "DE" });
telemetry.track("exported", exported);
telemetry.recordingCompleted({ audio_duration_seconds: 3, source: "widget", mood: "good" });
telemetry.reportCrash(new Error("x"), { context: exported });
// @ts-expect-error: a source is one of two
telemetry.recordingStarted({ source: "elsewhere" });
// @ts-expect-error: a toggle has a name
telemetry.featureToggled({ enabled: true });

export async function inWindow(): Promise<Status | undefined> {
  const client = init({ captureErrors: false });
  await client.track("exported", exported);
  window.analytics.conversion("purchase", 49.5, "basic plan");
  analytics.consent(true);
  return client.status();
}
