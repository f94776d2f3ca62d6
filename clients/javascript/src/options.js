import { countryCode, countryFromTimeZone } from "./country.js";
import { platformName } from "./platform.js";

const DEFAULTS = {
  enabled: true,
  crashReports: true,
  captureErrors: true,
  minidumps: false,
  debug: false,
  flushIntervalMs: 30_000,
  flushAt: 10,
  maxQueueEvents: 10_000,
  maxQueueAgeDays: 30,
  maxCrashesPerHour: 20,
  requestTimeoutMs: 10_000,
  exitTimeoutMs: 2_000,
  now: () => Date.now(),
  monotonic: () => globalThis.performance.now(),
  random: Math.random,
};

/** The app's options over those of telemetry.config.js over the defaults; undefined means not given. */
export function mergedOptions(options) {
  // The config as a plain script sets this global; builds without telemetry ship without it.
  const merged = { ...DEFAULTS };
  for (const given of [globalThis.telemetryConfig, options]) {
    for (const [name, value] of Object.entries(given ?? {})) {
      if (value !== undefined) merged[name] = value;
    }
  }
  merged.apiUrl = String(merged.apiUrl ?? "").replace(/\/+$/, "");
  return merged;
}

/** What every event carries and the system knows, in the server's limits: it refuses events beyond them. */
export function fillInSystem(options, electron, debug) {
  const version = options.appVersion ?? electron?.app?.getVersion?.();
  options.appVersion = version === undefined ? undefined : String(version).slice(0, 20);
  options.platform = String(options.platform ?? platformName() ?? "").slice(0, 50) || undefined;
  const country = countryCode(options.country);
  if (options.country !== undefined && !country) debug(`country is two letters, not ${options.country}: left out`);
  options.country = country ?? countryFromTimeZone();
  options.channel = channelName(options.channel);
  if (options.channel === "other") debug(`channel is letters, digits and . _ - (20 at most): other is sent`);
}

/** As the server keeps it; undefined for release, which is what events without one are. */
function channelName(given) {
  const name = String(given ?? "").toLowerCase();
  if (name === "" || name === "release") return undefined;
  return /^[a-z0-9._-]{1,20}$/.test(name) ? name : "other";
}
