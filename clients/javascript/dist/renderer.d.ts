// renderer.d.ts of stories-analytics-client 1.0.0. Built from src/ by tools/build.mjs.
import type {
  AppOpened,
  CrashDetails,
  EventProperties,
  FeatureToggled,
  Properties,
  RecordingCompleted,
  RecordingStarted,
  Status,
  TranscriptionCompleted,
  TranscriptionFailed,
} from "./TelemetryClient.js";

/** The client of the main process, as a window sees it. Nothing throws or rejects; undefined without it. */
export interface RendererClient {
  track<Name extends keyof EventProperties>(
    name: Name,
    properties?: EventProperties[Name],
  ): Promise<boolean | undefined>;
  track(name: string, properties?: Properties): Promise<boolean | undefined>;
  reportCrash(thrown: unknown, details?: CrashDetails): Promise<string | null | undefined>;
  setEnabled(enabled: boolean): Promise<void>;
  status(): Promise<Status | undefined>;
  flush(): Promise<boolean | undefined>;
  /** Stops catching this window's errors. */
  close(): void;

  appOpened(properties?: AppOpened): Promise<boolean | undefined>;
  recordingStarted(properties?: RecordingStarted): Promise<boolean | undefined>;
  recordingCompleted(properties?: RecordingCompleted): Promise<boolean | undefined>;
  transcriptionCompleted(properties?: TranscriptionCompleted): Promise<boolean | undefined>;
  transcriptionFailed(properties?: TranscriptionFailed): Promise<boolean | undefined>;
  featureToggled(properties: FeatureToggled): Promise<boolean | undefined>;
  retryAttempted(properties?: Properties): Promise<boolean | undefined>;
}

/** Connects this window; call it once. Its uncaught errors are reported unless captureErrors is false. */
export declare function init(options?: { captureErrors?: boolean }): RendererClient;
