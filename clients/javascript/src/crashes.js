// Catches what the app did not, in browsers, renderers and Node. Electron's own events: electron.js.
import { debugIdsOf } from "./debug_ids.js";

export const CRASH_TYPES = ["main_crash", "renderer_crash", "uncaught_error", "unhandled_rejection"];
const MAX_MESSAGE = 4_000;
const MAX_STACK = 60_000;
const MAX_FINGERPRINT = 20;
const MAX_PART = 200;
const SAME_CRASH_MS = 60_000;
const MAX_FINGERPRINTS = 50;
const MAX_REASONS = 10;

/** {message, stack, debugIds?, type?, context?} of whatever was thrown, its causes in the stack. Never throws. */
export function describe(thrown) {
  try {
    if (thrown !== null && typeof thrown === "object") {
      const message = thrown.error_message ?? thrown.message;
      const name = thrown.error_message === undefined && thrown.name ? `${thrown.name}: ` : "";
      const stack = [thrown.stack_trace ?? thrown.stack ?? "", ...reasons(thrown)].filter(Boolean).join("\n");
      return {
        message: message === undefined ? Object.prototype.toString.call(thrown) : name + message,
        stack,
        debugIds: thrown.debug_ids ?? debugIdsOf(stack),
        type: thrown.crash_type,
        context: thrown.error_message === undefined ? undefined : thrown.context,
      };
    }
    return { message: String(thrown), stack: "" };
  } catch {
    return { message: "an error that cannot be described", stack: "" };
  }
}

/** Stacks of the errors behind an error: its `cause`, theirs, and an AggregateError's `errors`. */
function reasons(thrown, seen = new Set([thrown])) {
  const inner = (Array.isArray(thrown.errors) ? thrown.errors : []).map((error, index) => [
    `Error ${index + 1}`,
    error,
  ]);
  if (thrown.cause !== undefined) inner.unshift(["Caused by", thrown.cause]);
  const parts = [];
  for (const [label, error] of inner) {
    if (seen.size > MAX_REASONS || seen.has(error)) break;
    seen.add(error);
    const isObject = error !== null && typeof error === "object";
    const title = isObject ? `${error.name ?? "Error"}: ${error.message}` : String(error);
    const stack = isObject && typeof error.stack === "string" ? error.stack : "";
    // Browsers other than Chromium leave the message out of the stack.
    parts.push(`${label}: ${stack.startsWith(title) ? stack : [title, stack].filter(Boolean).join("\n")}`);
    if (isObject) parts.push(...reasons(error, seen));
  }
  return parts;
}

/** What a report says about the process or window it comes from. */
export function surroundings(process, heldBack) {
  return {
    process: process ? (process.type ?? "node") : "window",
    uptime_seconds: Math.round((process ? process.uptime() * 1000 : globalThis.performance.now()) / 1000),
    memory_mb: process ? Math.round(process.memoryUsage().rss / 1e6) : undefined,
    held_back_before: heldBack > 0 ? heldBack : undefined,
  };
}

export function scrubbedCrash({ message, stack }, scrub) {
  return {
    error_message: scrub(message || "unknown error", MAX_MESSAGE),
    stack_trace: scrub(stack || "", MAX_STACK) || undefined,
  };
}

/** What the app says of an error that the stack does not: whether it went on, and what is the same to it. */
export function groupedBy({ handled, fingerprint }, scrub) {
  return {
    handled: handled === true || undefined,
    fingerprint: Array.isArray(fingerprint)
      ? fingerprint.slice(0, MAX_FINGERPRINT).map((part) => scrub(String(part), MAX_PART))
      : undefined,
  };
}

/**
 * A loop of errors must not flood: the same crash once a minute, and perHour of all kinds. What was held
 * back is counted, and the count travels with the next report.
 */
export class CrashLimiter {
  constructor(store, perHour, now) {
    Object.assign(this, { store, perHour, now });
    this.seen = new Map();
    this.heldBack = 0;
  }

  /** The number of reports held back since the last one, or null if this one is held back too. */
  admit(fingerprint) {
    const now = this.now();
    const last = this.seen.get(fingerprint);
    const isRepeat = last !== undefined && now - last < SAME_CRASH_MS && now >= last;
    // Kept on disk: an app that crashes at every start must not get around it by starting again.
    const hour = Math.floor(now / 3_600_000);
    const [storedHour, storedCount] = (this.store.get("crash_hour") ?? "").split(":").map(Number);
    const count = storedHour === hour && storedCount > 0 ? storedCount : 0;
    if (isRepeat || count >= this.perHour) {
      this.heldBack += 1;
      return null;
    }
    this.store.set("crash_hour", `${hour}:${count + 1}`);
    this.seen.delete(fingerprint);
    this.seen.set(fingerprint, now);
    if (this.seen.size > MAX_FINGERPRINTS) this.seen.delete(this.seen.keys().next().value);
    const heldBack = this.heldBack;
    this.heldBack = 0;
    return heldBack;
  }
}

/** Listens to a window. Returns a function that stops it. */
export function watchWindow(target, report) {
  const onError = (event) => {
    // Resources that fail to load arrive without an error or message; they are no crash.
    if (!event.error && !event.message) return;
    const stack = event.error?.stack ?? `at ${event.filename}:${event.lineno}:${event.colno}`;
    report(event.error ?? { message: event.message, stack }, { type: "uncaught_error" });
  };
  const onRejection = (event) => report(event.reason, { type: "unhandled_rejection" });
  target.addEventListener("error", onError);
  target.addEventListener("unhandledrejection", onRejection);
  return () => {
    target.removeEventListener("error", onError);
    target.removeEventListener("unhandledrejection", onRejection);
  };
}

/**
 * Listens to a Node process through uncaughtExceptionMonitor, which sees uncaught exceptions and, under
 * Node's default, unhandled rejections without changing what happens to them: the app still ends, or its
 * own handler still runs. afterwards() is called while the process is about to end.
 */
export function watchProcess(process, uncaughtType, report, afterwards) {
  const onUncaught = (error, origin) => {
    const type = origin === "unhandledRejection" ? "unhandled_rejection" : uncaughtType;
    report(error, { type });
    if (process.listenerCount("uncaughtException") === 0) afterwards();
  };
  process.on("uncaughtExceptionMonitor", onUncaught);
  return () => process.removeListener("uncaughtExceptionMonitor", onUncaught);
}
