// renderer.js of stories-analytics-client 1.0.0. Built from src/ by tools/build.mjs.

// src/crashes.js
var MAX_REASONS = 10;
function describe(thrown) {
  try {
    if (thrown !== null && typeof thrown === "object") {
      const message = thrown.error_message ?? thrown.message;
      const name = thrown.error_message === void 0 && thrown.name ? `${thrown.name}: ` : "";
      return {
        message: message === void 0 ? Object.prototype.toString.call(thrown) : name + message,
        stack: [thrown.stack_trace ?? thrown.stack ?? "", ...reasons(thrown)].filter(Boolean).join("\n"),
        type: thrown.crash_type,
        context: thrown.error_message === void 0 ? void 0 : thrown.context
      };
    }
    return { message: String(thrown), stack: "" };
  } catch {
    return { message: "an error that cannot be described", stack: "" };
  }
}
function reasons(thrown, seen = /* @__PURE__ */ new Set([thrown])) {
  const inner = (Array.isArray(thrown.errors) ? thrown.errors : []).map((error, index) => [
    `Error ${index + 1}`,
    error
  ]);
  if (thrown.cause !== void 0) inner.unshift(["Caused by", thrown.cause]);
  const parts = [];
  for (const [label, error] of inner) {
    if (seen.size > MAX_REASONS || seen.has(error)) break;
    seen.add(error);
    const isObject = error !== null && typeof error === "object";
    const title = isObject ? `${error.name ?? "Error"}: ${error.message}` : String(error);
    const stack = isObject && typeof error.stack === "string" ? error.stack : "";
    parts.push(`${label}: ${stack.startsWith(title) ? stack : [title, stack].filter(Boolean).join("\n")}`);
    if (isObject) parts.push(...reasons(error, seen));
  }
  return parts;
}
function watchWindow(target, report) {
  const onError = (event) => {
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

// src/events.js
var USD_PER_MINUTE = 6e-3;
function estimateCost(audioSeconds) {
  const isDuration = typeof audioSeconds === "number" && Number.isFinite(audioSeconds) && audioSeconds >= 0;
  return isDuration ? Math.round(audioSeconds / 60 * USD_PER_MINUTE * 1e6) / 1e6 : void 0;
}
function finished(properties) {
  const cost = estimateCost(properties?.audio_duration_seconds);
  return { success: true, ...cost === void 0 ? {} : { estimated_cost_usd: cost }, ...properties };
}
var eventMethods = {
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
  }
};

// src/scrub.js
var MAX_TEXT = 2e3;
var MAX_KEYS = 64;
var MAX_DEPTH = 5;
var MAX_JSON = 8e3;
var MAX_NUMBER = Number.MAX_SAFE_INTEGER;
var SECRET_NAME = /(^|[_.-])(api[_-]?key|access[_-]?key|token|secret|password|passwd|pwd|authorization|cookie|e-?mail)$/i;
var RULES = [
  // C:\Users\Jane Doe\AppData, /Users/Jane Doe/Library, file:///home/jane/x: names may hold spaces, so
  // everything up to the next separator on the line is the name.
  [
    /(?:\b[A-Za-z]:)?(?:\\{1,2}|\/)(?:Users|home|Documents and Settings)(?:\\{1,2}|\/)[^\\/:\r\n"<>|*?]{1,64}(?=[\\/])/gi,
    "~"
  ],
  [/(?:\b[A-Za-z]:)?(?:\\{1,2}|\/)(?:Users|home|Documents and Settings)(?:\\{1,2}|\/)[^\\/\s:"'<>|*?()]{1,64}/gi, "~"],
  [/:\/\/[^\s/@:]{1,128}:[^\s/@]{1,256}@/g, "://[redacted]@"],
  [/[\p{L}\p{N}._%+-]{1,64}(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu, "[email]"],
  [/\b(Bearer|Basic|Token)\s+[A-Za-z0-9._~+/=-]{8,2048}/gi, "$1 [redacted]"],
  [/\beyJ[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{4,4096}(?:\.[A-Za-z0-9_-]{0,2048})?/g, "[redacted]"],
  [/\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{8,256}/g, "[redacted]"],
  [
    /\b(?:gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|AKIA|ASIA|AIza|ya29\.|hf_|npm_)[A-Za-z0-9_./-]{8,256}/g,
    "[redacted]"
  ],
  [
    /((?:api[_-]?key|access[_-]?key|access[_-]?token|auth[_-]?token|token|secret|password|passwd|pwd|authorization)["']?\s{0,4}[:=]\s{0,4}["']?)(?!\[redacted|(?:Bearer|Basic|Token)\s)[^\s"'&,;)}\]]{3,2048}/gi,
    "$1[redacted]"
  ],
  // Of a URL the query may hold anything; a stack frame keeps its :line:column.
  [/(\b(?:https?|wss?|file):\/\/[^\s?#"'()]{1,1024})[?#][^\s"'()]{0,4096}?(?=(?::\d{1,9}){0,2}(?:[\s"'()]|$))/gi, "$1"],
  [/\b[0-9a-f]{40,512}\b/gi, "[redacted]"],
  [
    /\b(?=[A-Za-z0-9_-]{0,512}\d)(?=[A-Za-z0-9_-]{0,512}[a-z])(?=[A-Za-z0-9_-]{0,512}[A-Z])[A-Za-z0-9_-]{40,512}\b/g,
    "[redacted]"
  ]
];
var PLAIN_WORDS = /^(?!sk_|pk_|rk_|hf_|gh|npm_)[a-z_]{1,39}$/;
function scrubText(text, most = MAX_TEXT, privateWords = []) {
  if (most >= 39 && PLAIN_WORDS.test(text)) return String(text);
  let clean = String(text).slice(0, most + 1e3).replaceAll("\0", "�");
  for (const word of privateWords) {
    if (word.length > 3) clean = clean.replaceAll(word, "~");
  }
  for (const [pattern, replacement] of RULES) clean = clean.replace(pattern, replacement);
  clean = clean.slice(0, most);
  return clean.toWellFormed ? clean.toWellFormed() : clean;
}
function safeProperties(properties, privateWords = []) {
  if (properties === null || typeof properties !== "object" || Array.isArray(properties)) return void 0;
  const clean = safeObject(properties, 1, /* @__PURE__ */ new Set(), privateWords);
  const names = Object.keys(clean);
  if (names.length === 0) return void 0;
  while (names.length > 0 && byteLength(JSON.stringify(clean)) > MAX_JSON) delete clean[names.pop()];
  return clean;
}
function safeObject(source, depth, seen, privateWords) {
  const clean = {};
  seen.add(source);
  let names = [];
  try {
    names = Object.keys(source).slice(0, MAX_KEYS);
  } catch {
  }
  for (const name of names) {
    let value;
    try {
      value = SECRET_NAME.test(name) && typeof source[name] === "string" ? "[redacted]" : source[name];
    } catch {
      continue;
    }
    const safe = safeValue(value, depth, seen, privateWords);
    if (safe !== void 0) clean[scrubText(name, 100, privateWords)] = safe;
  }
  seen.delete(source);
  return clean;
}
function safeValue(value, depth, seen, privateWords) {
  switch (typeof value) {
    case "string":
      return scrubText(value, MAX_TEXT, privateWords);
    case "number":
      return Number.isFinite(value) && Math.abs(value) <= MAX_NUMBER ? value : null;
    case "boolean":
      return value;
    case "bigint":
      return value.toString().slice(0, 100);
    case "object":
      break;
    default:
      return void 0;
  }
  if (value === null) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Error) return scrubText(`${value.name}: ${value.message}`, MAX_TEXT, privateWords);
  if (seen.has(value)) return "[circular]";
  if (depth >= MAX_DEPTH) return "[too deep]";
  if (!Array.isArray(value)) return safeObject(value, depth + 1, seen, privateWords);
  seen.add(value);
  const list = value.slice(0, MAX_KEYS).map((item) => safeValue(item, depth + 1, seen, privateWords) ?? null);
  seen.delete(value);
  return list;
}
var encoder = new TextEncoder();
function byteLength(text) {
  return encoder.encode(text).length;
}

// src/renderer.js
function init({ captureErrors = true } = {}) {
  const bridge = globalThis.storiesAnalytics;
  if (!bridge) console.warn("stories-analytics-client: the preload script is missing, nothing is sent");
  const call = async (name, ...values) => {
    try {
      return await bridge?.call(name, ...values);
    } catch {
      return void 0;
    }
  };
  const send = (name) => (properties) => call(name, safeProperties(properties));
  const reportCrash = (thrown, { type, context } = {}) => {
    const { message, stack, type: ownType, context: ownContext } = describe(thrown);
    const crash = { crash_type: type ?? ownType, error_message: String(message), stack_trace: String(stack) };
    return call("reportCrash", {
      ...crash,
      context: safeProperties({ process: "renderer", ...ownContext, ...context })
    });
  };
  const stop = captureErrors ? watchWindow(globalThis, reportCrash) : () => {
  };
  return {
    ...Object.fromEntries(Object.keys(eventMethods).map((name) => [name, send(name)])),
    track: (name, properties) => call("track", String(name), safeProperties(properties)),
    reportCrash,
    setEnabled: (isEnabled) => call("setEnabled", Boolean(isEnabled)),
    status: () => call("status"),
    flush: () => call("flush"),
    close: () => stop()
  };
}
export {
  init
};
