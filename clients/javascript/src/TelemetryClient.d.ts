/** Where a recording was started. */
export type RecordingSource = "widget" | "main_window";

export type CrashType = "main_crash" | "renderer_crash" | "uncaught_error" | "unhandled_rejection";

/**
 * Plain values by name: text, numbers, booleans, null, lists and objects of these. What JSON cannot carry is left
 * out, scrubbed or shortened, never an error. `any`, because TypeScript takes an interface of yours for nothing else.
 */
export interface Properties {
  [name: string]: any;
}

export interface AppOpened extends Properties {
  /** Seconds from launch until the window could be used. */
  startup_time_seconds?: number;
}

export interface RecordingStarted extends Properties {
  source?: RecordingSource;
}

export interface RecordingCompleted extends Properties {
  audio_duration_seconds?: number;
  processing_time_seconds?: number;
  source?: RecordingSource;
  /** Default true. */
  success?: boolean;
  /** Default: 0.006 USD a minute of audio_duration_seconds. */
  estimated_cost_usd?: number;
}

export interface TranscriptionCompleted extends RecordingCompleted {
  dictionary_used?: boolean;
}

export interface TranscriptionFailed extends Properties {
  /** A short identifier such as "timeout", never the text of a message. */
  error_type?: string;
}

export interface FeatureToggled extends Properties {
  /** "auto_paste" in Stories. */
  feature: string;
  enabled: boolean;
}

export interface EventProperties {
  app_opened: AppOpened;
  recording_started: RecordingStarted;
  recording_completed: RecordingCompleted;
  transcription_completed: TranscriptionCompleted;
  transcription_failed: TranscriptionFailed;
  feature_toggled: FeatureToggled;
  retry_attempted: Properties;
}

/** What the client needs of the `electron` module. */
export interface ElectronLike {
  app: {
    on(name: string, listener: (...details: any[]) => void): unknown;
    removeListener(name: string, listener: (...details: any[]) => void): unknown;
    getPath?(name: any): string;
    getVersion?(): string;
    isReady?(): boolean;
  };
  ipcMain?: {
    handle(channel: string, listener: (...details: any[]) => any): void;
    removeHandler?(channel: string): void;
  };
  net?: { fetch?: (...request: any[]) => Promise<any> };
  crashReporter?: { start(options: any): void; setUploadToServer?(isOn: boolean): void };
}

export interface Options {
  /** Address of the server, without a path. Without one nothing is stored or sent. */
  apiUrl?: string;
  /** The app's key on the server; without one the server's default desktop app is meant. */
  appKey?: string;
  /** Tell the console what is done and why. Default false. */
  debug?: boolean;
  /** Whether telemetry is on until the user has chosen. Default true. */
  enabled?: boolean;
  /** Whether crashes are reported, even with telemetry off. Default true. */
  crashReports?: boolean;
  /** Whether uncaught errors are caught by themselves. Default true. */
  captureErrors?: boolean;
  /**
   * Electron's main process: whether its crash reporter sends a minidump, a part of the process's memory, of every
   * process of the app that dies natively. Needs crashReports and captureErrors. Default false.
   */
  minidumps?: boolean;
  /** At most 20 characters. Default: app.getVersion() in Electron's main process. */
  appVersion?: string;
  /** At most 50 characters. Default: "darwin-24.6.0" in Node, "darwin" in a browser. */
  platform?: string;
  /** Two letters, such as "DE"; anything else is ignored. Default: from the system's time zone. */
  country?: string;
  /** Which builds these are, such as "beta" or "debug"; default: release. What "debug" sends is counted nowhere. */
  channel?: string;
  /** An anonymous UUID to use instead of one's own, such as the main process's. */
  userId?: string;
  /** The electron module (main process), or null to do without. Default: found by require. */
  electron?: ElectronLike | null;
  /** Node: folder for the queue. Default: userData/telemetry, else ~/.stories-telemetry/<server>. */
  dataDir?: string;
  /** Browser: what the names in localStorage begin with. Default "stories_telemetry". */
  storagePrefix?: string;
  /** Default 30,000. */
  flushIntervalMs?: number;
  /** Events that start a flush before the interval is over. Default 10. */
  flushAt?: number;
  /** Default 10,000; beyond it the oldest are dropped and counted. */
  maxQueueEvents?: number;
  /** Characters of JSON. Default 3,000,000 in a browser, 8,000,000 in Node. */
  maxQueueBytes?: number;
  /** Default 30. */
  maxQueueAgeDays?: number;
  /** Default 20; an identical crash is reported once a minute at most. */
  maxCrashesPerHour?: number;
  /** Default 10,000. */
  requestTimeoutMs?: number;
  /** Node: how long the end of the process may be delayed to send the rest. Default 2,000. */
  exitTimeoutMs?: number;
  /** A function like fetch. Default: electron.net.fetch where there is one, else the global one. */
  fetch?: (url: string, options: any) => Promise<any>;
}

export interface CrashDetails {
  /** Default "uncaught_error". */
  type?: CrashType;
  context?: Properties;
  /** The app went on: an error and no crash. */
  handled?: boolean;
  /** At most 20 texts that say which reports are of the same fault; "{{ default }}" stands for the stack. */
  fingerprint?: string[];
}

export interface Status {
  state: "new" | "running" | "closed" | "inert";
  enabled: boolean;
  /** The anonymous id; what a person sends to ask for deletion. */
  userId: string | undefined;
  sessionId: string;
  queuedEvents: number;
  queuedCrashes: number;
  /** Queued records that the disk or localStorage could not take: sent from memory, lost with the process. */
  unsaved: number;
  /**
   * Records given up, as events_ or crashes_ and the reason: queue_full, too_old, refused (by the server), or
   * unconfirmed (sent without getting a reply, and given up later: the server may have them).
   */
  dropped: { [reason: string]: number };
  /** What is added to the local clock; null until a reply told. */
  clockOffsetMs: number | null;
  /** The server did not know the app key when it was last asked. */
  keyRefused: boolean;
}

// ---- class ----
/** Sends usage events and crash reports. No method ever throws or rejects. */
export declare class TelemetryClient {
  constructor(options?: Options);

  /** Cost of transcribing this much audio, in US dollars. */
  static estimateCost(audioSeconds: number): number | undefined;

  /** Starts sending. Called by itself on the first use. */
  init(): Promise<void>;

  /** Queues an event; false when telemetry is off. */
  track<Name extends keyof EventProperties>(name: Name, properties?: EventProperties[Name]): boolean;
  /** An event that was registered for the app on the server. */
  track(name: string, properties?: Properties): boolean;

  /** Queues a crash report; returns its id, or null when it was held back. */
  reportCrash(thrown: unknown, details?: CrashDetails): string | null;

  /** The user's choice, kept across launches. Off stops sending at once and empties the queue. */
  setEnabled(enabled: boolean): void;
  readonly enabled: boolean;

  /**
   * Sends what is queued now. True when the server has answered for everything since the last flush, false when
   * something waits or was given up; status() says what.
   */
  flush(): Promise<boolean>;

  /** Stops timers, listeners and requests; what is queued stays on disk. */
  close(): void;

  status(): Status;

  /** Anonymous; made once and kept. Undefined before init(). */
  readonly userId: string | undefined;
  /** New at each launch. */
  readonly sessionId: string;

  appOpened(properties?: AppOpened): boolean;
  recordingStarted(properties?: RecordingStarted): boolean;
  recordingCompleted(properties?: RecordingCompleted): boolean;
  transcriptionCompleted(properties?: TranscriptionCompleted): boolean;
  transcriptionFailed(properties?: TranscriptionFailed): boolean;
  featureToggled(properties: FeatureToggled): boolean;
  retryAttempted(properties?: Properties): boolean;
}

// ---- exports ----
export declare function estimateCost(audioSeconds: number): number | undefined;
export default TelemetryClient;
