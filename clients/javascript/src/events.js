// The seven events of the desktop app as methods; TelemetryClient adds them to itself.

const USD_PER_MINUTE = 0.006; // Whisper's price; docs/COMPATIBILITY.md, Desktop client

/** Cost of transcribing this much audio, in US dollars, to 6 decimals; undefined without a duration. */
export function estimateCost(audioSeconds) {
  const isDuration = typeof audioSeconds === "number" && Number.isFinite(audioSeconds) && audioSeconds >= 0;
  return isDuration ? Math.round((audioSeconds / 60) * USD_PER_MINUTE * 1e6) / 1e6 : undefined;
}

/** A finished piece of work: it succeeded unless told otherwise, and its cost follows from its length. */
function finished(properties) {
  const cost = estimateCost(properties?.audio_duration_seconds);
  return { success: true, ...(cost === undefined ? {} : { estimated_cost_usd: cost }), ...properties };
}

export const eventMethods = {
  appOpened(properties) {
    return this.track("app_opened", properties);
  },
  recordingStarted(properties) {
    return this.track("recording_started", properties);
  },
  recordingCompleted(properties) {
    return this.track("recording_completed", finished(properties));
  },
  transcriptionCompleted(properties) {
    return this.track("transcription_completed", finished(properties));
  },
  transcriptionFailed(properties) {
    return this.track("transcription_failed", properties);
  },
  featureToggled(properties) {
    return this.track("feature_toggled", properties);
  },
  retryAttempted(properties) {
    return this.track("retry_attempted", properties);
  },
};
