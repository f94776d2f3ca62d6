// TelemetryClient.js of stories-analytics-client 1.0.0. Built from src/ by tools/build.mjs.

// src/clock.js
var TOLERANCE_MS = 6e4;
var Clock = class {
  /** now: wall clock in ms; monotonic: a clock in ms that nobody can set. */
  constructor(now, monotonic) {
    this.now = now;
    this.monotonic = monotonic;
    this.offset = null;
  }
  /**
   * True when the offset is known and the wall clock has run on evenly since. After a sleep or a change
   * of the clock by more than a minute it has not, and the offset must be learnt again.
   */
  get known() {
    if (this.offset === null) return false;
    const drift = this.now() - this.learntAt - (this.monotonic() - this.learntAtMonotonic);
    if (Math.abs(drift) <= TOLERANCE_MS) return true;
    this.offset = null;
    return false;
  }
  /** serverMs: the server's time, read from a reply that took from `startedAt` (monotonic) to now. */
  learn(serverMs, startedAt) {
    this.learntAt = this.now();
    this.learntAtMonotonic = this.monotonic();
    const halfWay = (this.learntAtMonotonic - startedAt) / 2;
    const offset = Math.round(serverMs + halfWay - this.learntAt);
    this.offset = Math.abs(offset) > TOLERANCE_MS ? offset : 0;
  }
  /** Learns from a reply's `timestamp`, if it has one; without an offset it is meant as UTC. */
  read({ json }, startedAt) {
    const text = String(json?.timestamp ?? "");
    const time = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
    if (Number.isFinite(time)) this.learn(time, startedAt);
  }
  /** The final timestamp of a raw local time, as ISO 8601 in UTC; call only while `known`. */
  stamp(at) {
    return new Date(at + this.offset).toISOString();
  }
};

// src/debug_ids.js
var TABLES = ["_sentryDebugIds", "_debugIds"];
var MAX_IDS = 20;
var MAX_LINES = 500;
var MAX_FILE = 400;
var ID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
var filesByStack = /* @__PURE__ */ new Map();
function debugIdsOf(stack) {
  const tables = TABLES.map((name) => globalThis[name]).filter((table) => table !== null && typeof table === "object");
  if (tables.length === 0 || !stack) return void 0;
  const named = new Set(stack.split("\n", MAX_LINES).map(fileOf));
  const ids = {};
  for (const [ownStack, id] of tables.flatMap(Object.entries)) {
    if (!filesByStack.has(ownStack)) filesByStack.set(ownStack, firstFile(ownStack));
    const file = filesByStack.get(ownStack);
    if (file && named.has(file)) ids[file] = id;
  }
  return Object.keys(ids).length > 0 ? ids : void 0;
}
function scrubbedIds(ids, scrub) {
  if (ids === null || typeof ids !== "object") return void 0;
  const isGood = ([file, id]) => file.length <= MAX_FILE && typeof id === "string" && ID.test(id);
  const good = Object.entries(ids).filter(isGood).slice(0, MAX_IDS);
  return good.length > 0 ? Object.fromEntries(good.map(([file, id]) => [scrub(file, MAX_FILE), id])) : void 0;
}
function firstFile(stack) {
  for (const line of stack.split("\n", MAX_LINES)) {
    const file = fileOf(line);
    if (file) return file;
  }
  return void 0;
}
function fileOf(line) {
  const text = line.slice(0, 1e3).trim();
  const [, place, paren] = /^(.*):\d+:\d+(\))?$/.exec(text) ?? [];
  if (place === void 0) return void 0;
  if (!place.startsWith("at ")) return place.slice(place.indexOf("@") + 1);
  return paren ? place.slice(place.indexOf(" (") + 2) : place.slice(3).replace(/^async /, "");
}

// src/crashes.js
var CRASH_TYPES = ["main_crash", "renderer_crash", "uncaught_error", "unhandled_rejection"];
var MAX_MESSAGE = 4e3;
var MAX_STACK = 6e4;
var MAX_FINGERPRINT = 20;
var MAX_PART = 200;
var SAME_CRASH_MS = 6e4;
var MAX_FINGERPRINTS = 50;
var MAX_REASONS = 10;
function describe(thrown) {
  try {
    if (thrown !== null && typeof thrown === "object") {
      const message = thrown.error_message ?? thrown.message;
      const name = thrown.error_message === void 0 && thrown.name ? `${thrown.name}: ` : "";
      const stack = [thrown.stack_trace ?? thrown.stack ?? "", ...reasons(thrown)].filter(Boolean).join("\n");
      return {
        message: message === void 0 ? Object.prototype.toString.call(thrown) : name + message,
        stack,
        debugIds: thrown.debug_ids ?? debugIdsOf(stack),
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
function surroundings(process2, heldBack) {
  return {
    process: process2 ? process2.type ?? "node" : "window",
    uptime_seconds: Math.round((process2 ? process2.uptime() * 1e3 : globalThis.performance.now()) / 1e3),
    memory_mb: process2 ? Math.round(process2.memoryUsage().rss / 1e6) : void 0,
    held_back_before: heldBack > 0 ? heldBack : void 0
  };
}
function scrubbedCrash({ message, stack }, scrub) {
  return {
    error_message: scrub(message || "unknown error", MAX_MESSAGE),
    stack_trace: scrub(stack || "", MAX_STACK) || void 0
  };
}
function groupedBy({ handled, fingerprint }, scrub) {
  return {
    handled: handled === true || void 0,
    fingerprint: Array.isArray(fingerprint) ? fingerprint.slice(0, MAX_FINGERPRINT).map((part) => scrub(String(part), MAX_PART)) : void 0
  };
}
var CrashLimiter = class {
  constructor(store, perHour, now) {
    Object.assign(this, { store, perHour, now });
    this.seen = /* @__PURE__ */ new Map();
    this.heldBack = 0;
  }
  /** The number of reports held back since the last one, or null if this one is held back too. */
  admit(fingerprint) {
    const now = this.now();
    const last = this.seen.get(fingerprint);
    const isRepeat = last !== void 0 && now - last < SAME_CRASH_MS && now >= last;
    const hour = Math.floor(now / 36e5);
    const [storedHour, storedCount] = (this.store.get("crash_hour") ?? "").split(":").map(Number);
    const count2 = storedHour === hour && storedCount > 0 ? storedCount : 0;
    if (isRepeat || count2 >= this.perHour) {
      this.heldBack += 1;
      return null;
    }
    this.store.set("crash_hour", `${hour}:${count2 + 1}`);
    this.seen.delete(fingerprint);
    this.seen.set(fingerprint, now);
    if (this.seen.size > MAX_FINGERPRINTS) this.seen.delete(this.seen.keys().next().value);
    const heldBack = this.heldBack;
    this.heldBack = 0;
    return heldBack;
  }
};
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
function watchProcess(process2, uncaughtType, report, afterwards) {
  const onUncaught = (error, origin) => {
    const type = origin === "unhandledRejection" ? "unhandled_rejection" : uncaughtType;
    report(error, { type });
    if (process2.listenerCount("uncaughtException") === 0) afterwards();
  };
  process2.on("uncaughtExceptionMonitor", onUncaught);
  return () => process2.removeListener("uncaughtExceptionMonitor", onUncaught);
}

// src/drop_counts.js
var DropCounts = class {
  /** store: see storage.js; debug(message). */
  constructor(store, debug) {
    Object.assign(this, { store, debug });
    this.lost = 0;
    this.isSaved = true;
    try {
      this.counts = JSON.parse(store.get("dropped")) ?? {};
    } catch {
      this.counts = {};
    }
  }
  /** reason: queue_full, too_old, unconfirmed (sent, no reply, given up later) or refused (by the server). */
  add(kind, reason, count2) {
    const name = `${kind}_${reason}`;
    this.counts[name] = (this.counts[name] ?? 0) + count2;
    if (reason !== "refused") this.lost += count2;
    this.isSaved = false;
    this.debug(`gave up ${count2} ${kind}: ${reason}`);
  }
  /** Not at every drop: a burst drops thousands one by one. */
  save() {
    if (!this.isSaved) this.isSaved = this.store.set("dropped", JSON.stringify(this.counts)) !== false;
  }
};

// src/electron.js
var NO_CRASH = ["clean-exit"];
var WITH_MINIDUMP = ["crashed", "oom"];
function watchElectron(electron, process2, report, { options, userId, onQuit, debug }) {
  const { app } = electron;
  const stopMinidumps = options.minidumps ? startMinidumps(electron, options, userId, debug) : void 0;
  const ignored = new Set(stopMinidumps ? [...NO_CRASH, ...WITH_MINIDUMP] : NO_CRASH);
  const onRenderer = (_event, _webContents, details = {}) => {
    if (ignored.has(details.reason)) return;
    report(
      { message: `Renderer process gone: ${details.reason} (exit code ${details.exitCode})` },
      { type: "renderer_crash", context: { reason: details.reason, exit_code: details.exitCode } }
    );
  };
  const onChild = (_event, details = {}) => {
    if (ignored.has(details.reason)) return;
    const name = [details.type, details.name ?? details.serviceName].filter(Boolean).join(" ");
    report(
      { message: `${name || "Child"} process gone: ${details.reason} (exit code ${details.exitCode})` },
      {
        type: "main_crash",
        context: { process_type: details.type, reason: details.reason, exit_code: details.exitCode }
      }
    );
  };
  const onRejection = (reason) => report(reason, { type: "unhandled_rejection" });
  app.on("render-process-gone", onRenderer);
  app.on("child-process-gone", onChild);
  app.on("before-quit", onQuit);
  process2.on("unhandledRejection", onRejection);
  return () => {
    stopMinidumps?.();
    app.removeListener("render-process-gone", onRenderer);
    app.removeListener("child-process-gone", onChild);
    app.removeListener("before-quit", onQuit);
    process2.removeListener("unhandledRejection", onRejection);
  };
}
function startMinidumps({ crashReporter }, { apiUrl, appKey, appVersion, channel }, userId, debug) {
  const told = { user_id: userId, _version: appVersion, channel };
  try {
    crashReporter.start({
      submitURL: `${apiUrl}/api/minidump${appKey ? `?app_key=${encodeURIComponent(appKey)}` : ""}`,
      uploadToServer: true,
      compress: true,
      // Of all processes: `extra` would be of the main process alone. Electron adds the product's name.
      globalExtra: Object.fromEntries(Object.entries(told).filter(([, text]) => text !== void 0))
    });
  } catch (error) {
    debug(`no minidumps are sent: ${error?.message}`);
    return void 0;
  }
  return () => crashReporter.setUploadToServer?.(false);
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

// src/file_store.js
var ABANDONED_MS = 60 * 6e4;
var REWRITE_SHARE = 0.05;
var LIVE_INSTANCES = /* @__PURE__ */ Symbol.for("stories-analytics-client.live-instances");
globalThis[LIVE_INSTANCES] ??= /* @__PURE__ */ new Set();
var liveInstances = globalThis[LIVE_INSTANCES];
var FileStore = class {
  /** modules: {fs, path, os}; directory is created if need be. Throws when it cannot be used. */
  constructor(modules, directory, instance) {
    this.fs = modules.fs;
    this.path = modules.path;
    this.directory = directory;
    this.instance = instance;
    this.host = modules.os.hostname().replace(/[^A-Za-z0-9]/g, "_").slice(0, 40) || "host";
    this.fs.mkdirSync(directory, { recursive: true, mode: 448 });
    this.fs.accessSync(directory, this.fs.constants.W_OK);
    liveInstances.add(instance);
  }
  file(name) {
    return this.path.join(this.directory, name);
  }
  get(name) {
    try {
      return this.fs.readFileSync(this.file(name), "utf8");
    } catch {
      return null;
    }
  }
  set(name, text) {
    return this.replace(this.file(name), text);
  }
  once(name, make) {
    const existing = this.get(name)?.trim();
    if (existing) return existing;
    const made = make();
    const target = this.file(name);
    const draft = `${target}.${this.instance}.tmp`;
    try {
      this.fs.writeFileSync(draft, made, { mode: 384 });
      this.fs.linkSync(draft, target);
    } catch (error) {
      if (error?.code !== "EEXIST" || !this.get(name)?.trim()) this.replace(target, made);
    }
    try {
      this.fs.unlinkSync(draft);
    } catch {
    }
    return this.get(name)?.trim() || made;
  }
  /** Old content or new, never a mixture. */
  replace(target, text) {
    const draft = `${target}.${this.instance}.tmp`;
    try {
      this.fs.writeFileSync(draft, text, { mode: 384 });
      this.fs.renameSync(draft, target);
      return true;
    } catch {
      try {
        this.fs.unlinkSync(draft);
      } catch {
      }
      return false;
    }
  }
  backing(kind) {
    return new FileBacking(this, kind);
  }
  close() {
    liveInstances.delete(this.instance);
  }
};
var FileBacking = class {
  constructor(store, kind) {
    this.store = store;
    this.kind = kind;
    this.journal = store.file(this.name(""));
    this.adopted = 0;
    this.removed = 0;
  }
  name(suffix) {
    return `${this.kind}-${this.store.host}-${process.pid}-${this.store.instance}${suffix}.jsonl`;
  }
  async own() {
    return [];
  }
  async adopt(take) {
    const { fs } = this.store;
    let names = [];
    try {
      names = fs.readdirSync(this.store.directory);
    } catch {
      return;
    }
    for (const name of names) {
      const parts = /^([a-z]+)-(\w+)-(\d+)-([0-9a-f]+)(?:_\d+)?\.jsonl$/.exec(name);
      if (parts?.[1] !== this.kind || !this.isAbandoned(name, parts)) continue;
      this.adopted += 1;
      const mine = this.store.file(this.name(`_${this.adopted}`));
      try {
        fs.renameSync(this.store.file(name), mine);
      } catch {
        continue;
      }
      if (take(this.read(mine))) this.unlink(mine);
    }
    this.touch();
  }
  isAbandoned(name, [, , host, pid, instance]) {
    if (instance === this.store.instance || liveInstances.has(instance)) return false;
    if (host !== this.store.host) {
      try {
        return this.store.fs.statSync(this.store.file(name)).mtimeMs < Date.now() - ABANDONED_MS;
      } catch {
        return false;
      }
    }
    if (Number(pid) === process.pid) return true;
    try {
      process.kill(Number(pid), 0);
      return this.store.fs.statSync(this.store.file(name)).mtimeMs < Date.now() - ABANDONED_MS;
    } catch (error) {
      return error?.code === "ESRCH";
    }
  }
  touch() {
    try {
      const now = /* @__PURE__ */ new Date();
      this.store.fs.utimesSync(this.journal, now, now);
    } catch {
    }
  }
  read(file) {
    const records = /* @__PURE__ */ new Map();
    let text = "";
    try {
      text = this.store.fs.readFileSync(file, "utf8");
    } catch {
      return [];
    }
    for (const line of text.split("\n")) {
      try {
        const record = JSON.parse(line);
        if (typeof record.id === "string" && typeof record.at === "number") records.set(record.id, record);
        for (const id of record.removed ?? []) records.delete(id);
      } catch {
      }
    }
    return [...records.values()];
  }
  append(record) {
    return this.appendLine(record);
  }
  appendLine(content) {
    try {
      this.store.fs.appendFileSync(this.journal, `
${JSON.stringify(content)}`, { mode: 384 });
      return true;
    } catch {
      return false;
    }
  }
  write(all) {
    const isWritten = this.store.replace(this.journal, all.map((record) => JSON.stringify(record)).join("\n"));
    if (isWritten) this.removed = 0;
    return isWritten;
  }
  /** A few removals cost a line that names them; a rewrite costs as much as the queue is long. */
  erase(removed, left) {
    if (left.size === 0) {
      this.removed = 0;
      this.unlink(this.journal);
      return;
    }
    this.removed += removed.length;
    if (this.removed > left.size * REWRITE_SHARE) this.write([...left.values()]);
    else this.appendLine({ removed: removed.map(({ id }) => id) });
  }
  clear() {
    this.unlink(this.journal);
  }
  unlink(file) {
    try {
      this.store.fs.unlinkSync(file);
    } catch (error) {
      if (error?.code === "ENOENT") return;
      try {
        this.store.fs.truncateSync(file);
      } catch {
      }
    }
  }
};

// src/storage.js
var MemoryStore = class {
  constructor() {
    this.values = /* @__PURE__ */ new Map();
  }
  get(name) {
    return this.values.get(name) ?? null;
  }
  set(name, text) {
    this.values.set(name, text);
  }
  once(name, make) {
    if (!this.values.has(name)) this.values.set(name, make());
    return this.values.get(name);
  }
  backing() {
    return {
      own: async () => [],
      adopt: async () => {
      },
      append: () => true,
      write: () => true,
      erase() {
      },
      clear() {
      }
    };
  }
};
var STALE_MS = 10 * 6e4;
var LocalStore = class {
  constructor(storage, prefix, instance, { locks, now }) {
    this.storage = storage;
    this.prefix = prefix;
    this.instance = instance;
    this.locks = locks;
    this.now = now;
  }
  get(name) {
    try {
      return this.storage.getItem(this.prefix + name);
    } catch {
      return null;
    }
  }
  set(name, text) {
    try {
      this.storage.setItem(this.prefix + name, text);
      return true;
    } catch {
      return false;
    }
  }
  once(name, make) {
    const existing = this.get(name);
    if (existing) return existing;
    const made = make();
    this.set(name, made);
    return this.get(name) ?? made;
  }
  backing(kind) {
    return new LocalBacking(this, kind);
  }
  /** Holds this window's lock for as long as it lives; resolves when it is held. */
  hold() {
    this.held ??= new Promise((resolve) => {
      this.beat();
      if (!this.locks) {
        this.forgetHeartbeats();
        return resolve();
      }
      this.locks.request(this.lockName(this.instance), () => {
        resolve();
        return new Promise((release) => {
          this.release = release;
        });
      }).catch(() => resolve());
    });
    return this.held;
  }
  lockName(instance) {
    return `${this.prefix}owner.${instance}`;
  }
  /** Says that this window lives, where no lock says it. */
  beat() {
    if (!this.locks && !this.isClosed) this.set(`alive.${this.instance}`, String(this.now()));
  }
  /** A heartbeat that is too old, of another time altogether, or not there. */
  isSilent(instance) {
    const alive = Number(this.get(`alive.${instance}`));
    return !(alive > this.now() - STALE_MS && alive <= this.now() + STALE_MS);
  }
  /** Every window leaves a heartbeat, and most leave no records for which somebody would look at it. */
  forgetHeartbeats() {
    const root = `${this.prefix}alive.`;
    try {
      const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index));
      for (const key of keys) {
        if (key?.startsWith(root) && this.isSilent(key.slice(root.length))) this.storage.removeItem(key);
      }
    } catch {
    }
  }
  /** What is still queued may be adopted at once. */
  close() {
    this.isClosed = true;
    this.removeHeartbeat(this.instance);
  }
  removeHeartbeat(instance) {
    try {
      this.storage.removeItem(`${this.prefix}alive.${instance}`);
    } catch {
    }
  }
  /** Runs `work` if the window called `instance` is gone, and keeps it from being adopted twice. */
  async ifGone(instance, work) {
    if (this.locks) {
      await this.locks.request(this.lockName(instance), { ifAvailable: true }, (lock) => {
        if (lock) work();
      });
      return;
    }
    if (!this.isSilent(instance)) return;
    work();
    this.removeHeartbeat(instance);
  }
};
var LocalBacking = class {
  constructor(store, kind) {
    this.store = store;
    this.root = `${store.prefix}${kind}.`;
  }
  key(record, instance = this.store.instance) {
    return `${this.root}${instance}.${record.at.toString(36)}.${record.id}`;
  }
  /** Keys under this queue, by the window that owns them. */
  keysByOwner() {
    const owners = /* @__PURE__ */ new Map();
    const { storage } = this.store;
    try {
      for (let index = 0; index < storage.length; index += 1) {
        const key = storage.key(index);
        if (!key?.startsWith(this.root)) continue;
        const owner = key.slice(this.root.length).split(".")[0];
        owners.set(owner, [...owners.get(owner) ?? [], key]);
      }
    } catch {
      return /* @__PURE__ */ new Map();
    }
    return owners;
  }
  async own() {
    const before = this.written ?? /* @__PURE__ */ new Set();
    await this.store.hold();
    const here = new Set(this.keysByOwner().get(this.store.instance) ?? []);
    this.written = void 0;
    return [...before].filter((key) => !here.has(key)).map((key) => key.slice(key.lastIndexOf(".") + 1));
  }
  async adopt(take) {
    this.store.beat();
    for (const [owner, keys] of this.keysByOwner()) {
      if (owner === this.store.instance) continue;
      try {
        await this.store.ifGone(owner, () => {
          const records = keys.map((key) => this.read(key)).filter(Boolean);
          records.sort((a, b) => a.at - b.at);
          for (const record of records) this.move(record, owner);
          take(records);
        });
      } catch {
      }
    }
  }
  /** Copy, then remove; where there is no room for both, the other way round. */
  move(record, owner) {
    const { storage } = this.store;
    const old = this.key(record, owner);
    const text = storage.getItem(old);
    try {
      storage.setItem(this.key(record), text);
      storage.removeItem(old);
    } catch {
      storage.removeItem(old);
      storage.setItem(this.key(record), text);
    }
  }
  read(key) {
    try {
      const record = JSON.parse(this.store.storage.getItem(key));
      return record && typeof record.id === "string" && typeof record.at === "number" ? record : null;
    } catch {
      return null;
    }
  }
  append(record) {
    try {
      this.store.storage.setItem(this.key(record), JSON.stringify(record));
    } catch {
      return false;
    }
    if (!this.store.release && this.store.locks) (this.written ??= /* @__PURE__ */ new Set()).add(this.key(record));
    return true;
  }
  write(_all, changed) {
    return changed.every((record) => this.append(record));
  }
  erase(removed) {
    for (const record of removed) {
      try {
        this.store.storage.removeItem(this.key(record));
      } catch {
        return;
      }
    }
  }
  /** Everything of this kind, other windows' too: they hear of an opt-out by the storage event. */
  clear() {
    for (const keys of this.keysByOwner().values()) {
      for (const key of keys) {
        try {
          this.store.storage.removeItem(key);
        } catch {
          return;
        }
      }
    }
  }
};

// src/platform.js
function builtin(name) {
  try {
    if (typeof nodeBuiltins !== "undefined") return nodeBuiltins[name];
    return globalThis.process?.getBuiltinModule?.(name);
  } catch {
    return void 0;
  }
}
function isNode() {
  return Boolean(globalThis.process?.versions?.node) && globalThis.process.type !== "renderer";
}
function findElectron(option) {
  if (option !== void 0) return option || void 0;
  const { process: process2 } = globalThis;
  if (process2?.type !== "browser") return void 0;
  try {
    return builtin("module").createRequire(builtin("path").join(process2.cwd(), "main.js"))("electron");
  } catch {
    return void 0;
  }
}
function openStore(options, electron, instance, debug) {
  try {
    if (options.store) return options.store;
    if (isNode()) {
      const modules = { fs: builtin("fs"), path: builtin("path"), os: builtin("os") };
      return new FileStore(modules, options.dataDir ?? defaultFolder(options, electron, modules), instance);
    }
    const storage = globalThis.localStorage;
    storage.getItem("probe");
    const context = { locks: globalThis.navigator?.locks, now: options.now };
    return new LocalStore(storage, `${options.storagePrefix ?? "stories_telemetry"}.`, instance, context);
  } catch (error) {
    debug(`nothing can be kept on disk (${error?.message}); the queue ends with the process`);
    return new MemoryStore();
  }
}
function defaultFolder(options, electron, { path, os }) {
  if (electron?.app?.getPath) return path.join(electron.app.getPath("userData"), "telemetry");
  const server = new URL(options.apiUrl).hostname.replace(/[^A-Za-z0-9.-]/g, "_");
  return path.join(os.homedir(), ".stories-telemetry", server);
}
function platformName() {
  if (isNode()) {
    return `${globalThis.process.platform}-${builtin("os")?.release() ?? ""}`.slice(0, 50);
  }
  const agent = globalThis.navigator?.userAgent ?? "";
  const known = [
    [/Android/, "android"],
    [/iPhone|iPad|iPod/, "ios"],
    [/Mac OS X|Macintosh/, "darwin"],
    [/Windows/, "win32"],
    [/CrOS/, "chromeos"],
    [/Linux/, "linux"]
  ];
  return known.find(([pattern2]) => pattern2.test(agent))?.[1];
}
function privateWords() {
  try {
    const home = isNode() ? builtin("os")?.homedir() : void 0;
    return home && home !== "/" && home !== "/root" ? [home] : [];
  } catch {
    return [];
  }
}
function uuid() {
  const { crypto } = globalThis;
  if (crypto?.randomUUID) return crypto.randomUUID();
  const bytes = crypto?.getRandomValues ? crypto.getRandomValues(new Uint8Array(16)) : Uint8Array.from({ length: 16 }, () => Math.floor(Math.random() * 256));
  bytes[6] = bytes[6] & 15 | 64;
  bytes[8] = bytes[8] & 63 | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
var UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
function anonymousId(store, given) {
  if (UUID_PATTERN.test(given ?? "")) return given;
  const stored = store.once("user_id", uuid);
  if (UUID_PATTERN.test(stored)) return stored;
  const made = uuid();
  store.set("user_id", made);
  return made;
}
function requestSync(url, options, timeoutMs) {
  const script = `
    let text = "";
    process.stdin.on("data", (part) => (text += part)).on("end", async () => {
      const { url, options } = JSON.parse(text);
      const reply = await fetch(url, options);
      const body = await reply.text();
      const retryAfter = reply.headers.get("retry-after");
      process.stdout.write(JSON.stringify({ status: reply.status, body, retryAfter }));
    });`;
  try {
    const result = builtin("child_process").spawnSync(globalThis.process.execPath, ["-e", script], {
      input: JSON.stringify({ url, options }),
      timeout: timeoutMs,
      windowsHide: true,
      stdio: ["pipe", "pipe", "ignore"],
      // In Electron the executable is the app: without this it would start a second time.
      env: { ...globalThis.process.env, ELECTRON_RUN_AS_NODE: "1", NODE_OPTIONS: "" }
    });
    return JSON.parse(result.stdout.toString());
  } catch {
    return void 0;
  }
}

// src/transport.js
var MAX_RETRY_AFTER_MS = 24 * 36e5;
async function request(fetcher, url, options, { timeoutMs, signal, now }) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(abort, timeoutMs);
  try {
    const reply = await fetcher(url, { ...options, signal: controller.signal, credentials: "omit" });
    const text = await reply.text();
    return readReply(reply.status, text, reply.headers?.get("Retry-After"), now());
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
function readReply(status, text, retryAfter, nowMs) {
  let json;
  try {
    json = JSON.parse(text);
  } catch {
  }
  if (json === null || typeof json !== "object") json = void 0;
  return { status, json, retryAfterMs: readRetryAfter(retryAfter, nowMs) };
}
function readRetryAfter(value, nowMs) {
  if (!value) return void 0;
  const wait = /^\s*\d+\s*$/.test(value) ? Number(value) * 1e3 : Date.parse(value) - nowMs;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), MAX_RETRY_AFTER_MS) : void 0;
}
function verdict({ status, json, retryAfterMs }, count2) {
  if (status >= 200 && status < 300 && json?.success === true) {
    return { done: true, refused: Array.isArray(json.rejected) ? json.rejected.length : 0 };
  }
  if (status === 401) return { keyRefused: true, afterMs: retryAfterMs };
  if (status === 413) return count2 > 1 ? { halve: true } : { drop: [0] };
  if ((status === 400 || status === 422) && json?.success === false && typeof json.code === "string") {
    const details = Array.isArray(json.details) ? json.details : [];
    const named = details.map((detail) => detail?.index).filter((index) => Number.isInteger(index) && index >= 0 && index < count2);
    if (named.length > 0) return { drop: [...new Set(named)] };
    return count2 > 1 ? { halve: true } : { drop: [0] };
  }
  return { retry: true, afterMs: retryAfterMs };
}

// src/last_words.js
function sendLastCrash(outbox, timeoutMs) {
  const { clock, link } = outbox;
  if (outbox.waitMs > 0 && outbox.mustWait || !builtin("child_process")) return;
  const ask = (path, options) => {
    const reply2 = requestSync(link.apiUrl + path, options, timeoutMs / 2);
    return reply2 && readReply(reply2.status, reply2.body, reply2.retryAfter, link.now());
  };
  if (!clock.known) {
    const startedAt = link.monotonic();
    const reply2 = ask("/health", { method: "GET" });
    if (reply2) clock.read(reply2, startedAt);
    if (!clock.known) return;
  }
  const records = outbox.queue.newest();
  if (records.length === 0) return;
  outbox.freeze(records);
  const headers = { "Content-Type": "application/json", ...link.headers };
  const reply = ask(outbox.path, { method: "POST", headers, body: JSON.stringify(outbox.body(records)) });
  if (reply && verdict(reply, 1).done) outbox.queue.remove([records[0].id]);
}

// src/countries.js
var ZONES_BY_COUNTRY = {
  AD: "Europe/Andorra",
  AE: "Asia/Dubai",
  AF: "Asia/Kabul",
  AG: "America/Antigua",
  AI: "America/Anguilla",
  AL: "Europe/Tirane",
  AM: "Asia/Yerevan",
  AO: "Africa/Luanda",
  AQ: `Antarctica/Casey Antarctica/Davis Antarctica/DumontDUrville Antarctica/Mawson Antarctica/McMurdo
    Antarctica/Palmer Antarctica/Rothera Antarctica/South_Pole Antarctica/Syowa Antarctica/Troll Antarctica/Vostok`,
  AR: `America/Argentina/Buenos_Aires America/Argentina/Catamarca America/Argentina/ComodRivadavia
    America/Argentina/Cordoba America/Argentina/Jujuy America/Argentina/La_Rioja America/Argentina/Mendoza
    America/Argentina/Rio_Gallegos America/Argentina/Salta America/Argentina/San_Juan America/Argentina/San_Luis
    America/Argentina/Tucuman America/Argentina/Ushuaia America/Buenos_Aires America/Catamarca America/Cordoba
    America/Jujuy America/Mendoza America/Rosario`,
  AS: "Pacific/Pago_Pago Pacific/Samoa US/Samoa",
  AT: "Europe/Vienna",
  AU: `Antarctica/Macquarie Australia/ACT Australia/Adelaide Australia/Brisbane Australia/Broken_Hill
    Australia/Canberra Australia/Currie Australia/Darwin Australia/Eucla Australia/Hobart Australia/LHI
    Australia/Lindeman Australia/Lord_Howe Australia/Melbourne Australia/NSW Australia/North Australia/Perth
    Australia/Queensland Australia/South Australia/Sydney Australia/Tasmania Australia/Victoria Australia/West
    Australia/Yancowinna`,
  AW: "America/Aruba",
  AX: "Europe/Mariehamn",
  AZ: "Asia/Baku",
  BA: "Europe/Sarajevo",
  BB: "America/Barbados",
  BD: "Asia/Dacca Asia/Dhaka",
  BE: "Europe/Brussels",
  BF: "Africa/Ouagadougou",
  BG: "Europe/Sofia",
  BH: "Asia/Bahrain",
  BI: "Africa/Bujumbura",
  BJ: "Africa/Porto-Novo",
  BL: "America/St_Barthelemy",
  BM: "Atlantic/Bermuda",
  BN: "Asia/Brunei",
  BO: "America/La_Paz",
  BQ: "America/Kralendijk",
  BR: `America/Araguaina America/Bahia America/Belem America/Boa_Vista America/Campo_Grande America/Cuiaba
    America/Eirunepe America/Fortaleza America/Maceio America/Manaus America/Noronha America/Porto_Acre
    America/Porto_Velho America/Recife America/Rio_Branco America/Santarem America/Sao_Paulo Brazil/Acre
    Brazil/DeNoronha Brazil/East Brazil/West`,
  BS: "America/Nassau",
  BT: "Asia/Thimbu Asia/Thimphu",
  BW: "Africa/Gaborone",
  BY: "Europe/Minsk",
  BZ: "America/Belize",
  CA: `America/Atikokan America/Blanc-Sablon America/Cambridge_Bay America/Coral_Harbour America/Creston
    America/Dawson America/Dawson_Creek America/Edmonton America/Fort_Nelson America/Glace_Bay America/Goose_Bay
    America/Halifax America/Inuvik America/Iqaluit America/Moncton America/Montreal America/Nipigon
    America/Pangnirtung America/Rainy_River America/Rankin_Inlet America/Regina America/Resolute America/St_Johns
    America/Swift_Current America/Thunder_Bay America/Toronto America/Vancouver America/Whitehorse America/Winnipeg
    America/Yellowknife Canada/Atlantic Canada/Central Canada/Eastern Canada/Mountain Canada/Newfoundland
    Canada/Pacific Canada/Saskatchewan Canada/Yukon`,
  CC: "Indian/Cocos",
  CD: "Africa/Kinshasa Africa/Lubumbashi",
  CF: "Africa/Bangui",
  CG: "Africa/Brazzaville",
  CH: "Europe/Zurich",
  CI: "Africa/Abidjan",
  CK: "Pacific/Rarotonga",
  CL: "America/Coyhaique America/Punta_Arenas America/Santiago Chile/Continental Chile/EasterIsland Pacific/Easter",
  CM: "Africa/Douala",
  CN: "Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Kashgar Asia/Shanghai Asia/Urumqi PRC",
  CO: "America/Bogota",
  CR: "America/Costa_Rica",
  CU: "America/Havana Cuba",
  CV: "Atlantic/Cape_Verde",
  CW: "America/Curacao",
  CX: "Indian/Christmas",
  CY: "Asia/Famagusta Asia/Nicosia Europe/Nicosia",
  CZ: "Europe/Prague",
  DE: "Europe/Berlin Europe/Busingen",
  DJ: "Africa/Djibouti",
  DK: "Europe/Copenhagen",
  DM: "America/Dominica",
  DO: "America/Santo_Domingo",
  DZ: "Africa/Algiers",
  EC: "America/Guayaquil Pacific/Galapagos",
  EE: "Europe/Tallinn",
  EG: "Africa/Cairo Egypt",
  EH: "Africa/El_Aaiun",
  ER: "Africa/Asmara Africa/Asmera",
  ES: "Africa/Ceuta Atlantic/Canary Europe/Madrid",
  ET: "Africa/Addis_Ababa",
  FI: "Europe/Helsinki",
  FJ: "Pacific/Fiji",
  FK: "Atlantic/Stanley",
  FM: "Pacific/Chuuk Pacific/Kosrae Pacific/Pohnpei Pacific/Ponape Pacific/Truk Pacific/Yap",
  FO: "Atlantic/Faeroe Atlantic/Faroe",
  FR: "Europe/Paris",
  GA: "Africa/Libreville",
  GB: "Europe/Belfast Europe/London GB GB-Eire",
  GD: "America/Grenada",
  GE: "Asia/Tbilisi",
  GF: "America/Cayenne",
  GG: "Europe/Guernsey",
  GH: "Africa/Accra",
  GI: "Europe/Gibraltar",
  GL: "America/Danmarkshavn America/Godthab America/Nuuk America/Scoresbysund America/Thule",
  GM: "Africa/Banjul",
  GN: "Africa/Conakry",
  GP: "America/Guadeloupe",
  GQ: "Africa/Malabo",
  GR: "Europe/Athens",
  GS: "Atlantic/South_Georgia",
  GT: "America/Guatemala",
  GU: "Pacific/Guam",
  GW: "Africa/Bissau",
  GY: "America/Guyana",
  HK: "Asia/Hong_Kong Hongkong",
  HN: "America/Tegucigalpa",
  HR: "Europe/Zagreb",
  HT: "America/Port-au-Prince",
  HU: "Europe/Budapest",
  ID: "Asia/Jakarta Asia/Jayapura Asia/Makassar Asia/Pontianak Asia/Ujung_Pandang",
  IE: "Eire Europe/Dublin",
  IL: "Asia/Jerusalem Asia/Tel_Aviv Israel",
  IM: "Europe/Isle_of_Man",
  IN: "Asia/Calcutta Asia/Kolkata",
  IO: "Indian/Chagos",
  IQ: "Asia/Baghdad",
  IR: "Asia/Tehran Iran",
  IS: "Atlantic/Reykjavik Iceland",
  IT: "Europe/Rome",
  JE: "Europe/Jersey",
  JM: "America/Jamaica Jamaica",
  JO: "Asia/Amman",
  JP: "Asia/Tokyo Japan",
  KE: "Africa/Nairobi",
  KG: "Asia/Bishkek",
  KH: "Asia/Phnom_Penh",
  KI: "Pacific/Enderbury Pacific/Kanton Pacific/Kiritimati Pacific/Tarawa",
  KM: "Indian/Comoro",
  KN: "America/St_Kitts",
  KP: "Asia/Pyongyang",
  KR: "Asia/Seoul ROK",
  KW: "Asia/Kuwait",
  KY: "America/Cayman",
  KZ: "Asia/Almaty Asia/Aqtau Asia/Aqtobe Asia/Atyrau Asia/Oral Asia/Qostanay Asia/Qyzylorda",
  LA: "Asia/Vientiane",
  LB: "Asia/Beirut",
  LC: "America/St_Lucia",
  LI: "Europe/Vaduz",
  LK: "Asia/Colombo",
  LR: "Africa/Monrovia",
  LS: "Africa/Maseru",
  LT: "Europe/Vilnius",
  LU: "Europe/Luxembourg",
  LV: "Europe/Riga",
  LY: "Africa/Tripoli Libya",
  MA: "Africa/Casablanca",
  MC: "Europe/Monaco",
  MD: "Europe/Chisinau Europe/Tiraspol",
  ME: "Europe/Podgorica",
  MF: "America/Marigot",
  MG: "Indian/Antananarivo",
  MH: "Kwajalein Pacific/Kwajalein Pacific/Majuro",
  MK: "Europe/Skopje",
  ML: "Africa/Bamako Africa/Timbuktu",
  MM: "Asia/Rangoon Asia/Yangon",
  MN: "Asia/Choibalsan Asia/Hovd Asia/Ulaanbaatar Asia/Ulan_Bator",
  MO: "Asia/Macao Asia/Macau",
  MP: "Pacific/Saipan",
  MQ: "America/Martinique",
  MR: "Africa/Nouakchott",
  MS: "America/Montserrat",
  MT: "Europe/Malta",
  MU: "Indian/Mauritius",
  MV: "Indian/Maldives",
  MW: "Africa/Blantyre",
  MX: `America/Bahia_Banderas America/Cancun America/Chihuahua America/Ciudad_Juarez America/Ensenada
    America/Hermosillo America/Matamoros America/Mazatlan America/Merida America/Mexico_City America/Monterrey
    America/Ojinaga America/Santa_Isabel America/Tijuana Mexico/BajaNorte Mexico/BajaSur Mexico/General`,
  MY: "Asia/Kuala_Lumpur Asia/Kuching",
  MZ: "Africa/Maputo",
  NA: "Africa/Windhoek",
  NC: "Pacific/Noumea",
  NE: "Africa/Niamey",
  NF: "Pacific/Norfolk",
  NG: "Africa/Lagos",
  NI: "America/Managua",
  NL: "Europe/Amsterdam",
  NO: "Europe/Oslo",
  NP: "Asia/Kathmandu Asia/Katmandu",
  NR: "Pacific/Nauru",
  NU: "Pacific/Niue",
  NZ: "NZ NZ-CHAT Pacific/Auckland Pacific/Chatham",
  OM: "Asia/Muscat",
  PA: "America/Panama",
  PE: "America/Lima",
  PF: "Pacific/Gambier Pacific/Marquesas Pacific/Tahiti",
  PG: "Pacific/Bougainville Pacific/Port_Moresby",
  PH: "Asia/Manila",
  PK: "Asia/Karachi",
  PL: "Europe/Warsaw Poland",
  PM: "America/Miquelon",
  PN: "Pacific/Pitcairn",
  PR: "America/Puerto_Rico",
  PS: "Asia/Gaza Asia/Hebron",
  PT: "Atlantic/Azores Atlantic/Madeira Europe/Lisbon Portugal",
  PW: "Pacific/Palau",
  PY: "America/Asuncion",
  QA: "Asia/Qatar",
  RE: "Indian/Reunion",
  RO: "Europe/Bucharest",
  RS: "Europe/Belgrade",
  RU: `Asia/Anadyr Asia/Barnaul Asia/Chita Asia/Irkutsk Asia/Kamchatka Asia/Khandyga Asia/Krasnoyarsk Asia/Magadan
    Asia/Novokuznetsk Asia/Novosibirsk Asia/Omsk Asia/Sakhalin Asia/Srednekolymsk Asia/Tomsk Asia/Ust-Nera
    Asia/Vladivostok Asia/Yakutsk Asia/Yekaterinburg Europe/Astrakhan Europe/Kaliningrad Europe/Kirov Europe/Moscow
    Europe/Samara Europe/Saratov Europe/Ulyanovsk Europe/Volgograd W-SU`,
  RW: "Africa/Kigali",
  SA: "Asia/Riyadh",
  SB: "Pacific/Guadalcanal",
  SC: "Indian/Mahe",
  SD: "Africa/Khartoum",
  SE: "Europe/Stockholm",
  SG: "Asia/Singapore Singapore",
  SH: "Atlantic/St_Helena",
  SI: "Europe/Ljubljana",
  SJ: "Arctic/Longyearbyen Atlantic/Jan_Mayen",
  SK: "Europe/Bratislava",
  SL: "Africa/Freetown",
  SM: "Europe/San_Marino",
  SN: "Africa/Dakar",
  SO: "Africa/Mogadishu",
  SR: "America/Paramaribo",
  SS: "Africa/Juba",
  ST: "Africa/Sao_Tome",
  SV: "America/El_Salvador",
  SX: "America/Lower_Princes",
  SY: "Asia/Damascus",
  SZ: "Africa/Mbabane",
  TC: "America/Grand_Turk",
  TD: "Africa/Ndjamena",
  TF: "Indian/Kerguelen",
  TG: "Africa/Lome",
  TH: "Asia/Bangkok",
  TJ: "Asia/Dushanbe",
  TK: "Pacific/Fakaofo",
  TL: "Asia/Dili",
  TM: "Asia/Ashgabat Asia/Ashkhabad",
  TN: "Africa/Tunis",
  TO: "Pacific/Tongatapu",
  TR: "Asia/Istanbul Europe/Istanbul Turkey",
  TT: "America/Port_of_Spain",
  TV: "Pacific/Funafuti",
  TW: "Asia/Taipei ROC",
  TZ: "Africa/Dar_es_Salaam",
  UA: "Europe/Kiev Europe/Kyiv Europe/Simferopol Europe/Uzhgorod Europe/Zaporozhye",
  UG: "Africa/Kampala",
  UM: "Pacific/Johnston Pacific/Midway Pacific/Wake",
  US: `America/Adak America/Anchorage America/Atka America/Boise America/Chicago America/Denver America/Detroit
    America/Fort_Wayne America/Indiana/Indianapolis America/Indiana/Knox America/Indiana/Marengo
    America/Indiana/Petersburg America/Indiana/Tell_City America/Indiana/Vevay America/Indiana/Vincennes
    America/Indiana/Winamac America/Indianapolis America/Juneau America/Kentucky/Louisville
    America/Kentucky/Monticello America/Knox_IN America/Los_Angeles America/Louisville America/Menominee
    America/Metlakatla America/New_York America/Nome America/North_Dakota/Beulah America/North_Dakota/Center
    America/North_Dakota/New_Salem America/Phoenix America/Shiprock America/Sitka America/Yakutat Navajo
    Pacific/Honolulu US/Alaska US/Aleutian US/Arizona US/Central US/East-Indiana US/Eastern US/Hawaii
    US/Indiana-Starke US/Michigan US/Mountain US/Pacific`,
  UY: "America/Montevideo",
  UZ: "Asia/Samarkand Asia/Tashkent",
  VA: "Europe/Vatican",
  VC: "America/St_Vincent",
  VE: "America/Caracas",
  VG: "America/Tortola",
  VI: "America/St_Thomas America/Virgin",
  VN: "Asia/Ho_Chi_Minh Asia/Saigon",
  VU: "Pacific/Efate",
  WF: "Pacific/Wallis",
  WS: "Pacific/Apia",
  YE: "Asia/Aden",
  YT: "Indian/Mayotte",
  ZA: "Africa/Johannesburg",
  ZM: "Africa/Lusaka",
  ZW: "Africa/Harare"
};
var countryByZone;
function countryOfTimeZone(zone) {
  if (!countryByZone) {
    countryByZone = /* @__PURE__ */ new Map();
    for (const [country, zones] of Object.entries(ZONES_BY_COUNTRY)) {
      for (const name of zones.split(/\s+/)) countryByZone.set(name, country);
    }
  }
  return countryByZone.get(zone);
}

// src/country.js
function countryCode(value) {
  return /^[A-Za-z]{2}$/.test(value ?? "") ? value.toUpperCase() : void 0;
}
function countryFromTimeZone() {
  try {
    return countryOfTimeZone(Intl.DateTimeFormat().resolvedOptions().timeZone);
  } catch {
    return void 0;
  }
}

// src/options.js
var DEFAULTS = {
  enabled: true,
  crashReports: true,
  captureErrors: true,
  minidumps: false,
  debug: false,
  flushIntervalMs: 3e4,
  flushAt: 10,
  maxQueueEvents: 1e4,
  maxQueueAgeDays: 30,
  maxCrashesPerHour: 20,
  requestTimeoutMs: 1e4,
  exitTimeoutMs: 2e3,
  now: () => Date.now(),
  monotonic: () => globalThis.performance.now(),
  random: Math.random
};
function mergedOptions(options) {
  const merged = { ...DEFAULTS };
  for (const given of [globalThis.telemetryConfig, options]) {
    for (const [name, value] of Object.entries(given ?? {})) {
      if (value !== void 0) merged[name] = value;
    }
  }
  merged.apiUrl = String(merged.apiUrl ?? "").replace(/\/+$/, "");
  return merged;
}
function fillInSystem(options, electron, debug) {
  const version = options.appVersion ?? electron?.app?.getVersion?.();
  options.appVersion = version === void 0 ? void 0 : String(version).slice(0, 20);
  options.platform = String(options.platform ?? platformName() ?? "").slice(0, 50) || void 0;
  const country = countryCode(options.country);
  if (options.country !== void 0 && !country) debug(`country is two letters, not ${options.country}: left out`);
  options.country = country ?? countryFromTimeZone();
  options.channel = channelName(options.channel);
  if (options.channel === "other") debug(`channel is letters, digits and . _ - (20 at most): other is sent`);
}
function channelName(given) {
  const name = String(given ?? "").toLowerCase();
  if (name === "" || name === "release") return void 0;
  return /^[a-z0-9._-]{1,20}$/.test(name) ? name : "other";
}

// src/scrub_rules.js
var SECRET = "[secret]";
var pattern = (flags, ...parts) => new RegExp(parts.join(""), `u${flags}`);
var anyCase = (text) => text.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
var { raw } = String;
var WORD = raw`\p{L}\p{N}_`;
var RUN = "[A-Za-z0-9+/_-]";
var STRONG = "pass[-_ .]?(?:word|wd|phrase)|pwd|secret|authorization|cookie|credential|jwt";
var QUALIFIED = "api|access|refresh|secret|private|auth|encryption|signing|license|account|service|bearer|session|csrf|xsrf";
var SECRET_NAME = new RegExp(`(?:${STRONG}|token|(?:${QUALIFIED})[-_ .]?key|^key)s?$`, "i");
var PERSONAL = "(?:e-?mail|(?:tele)?phone)s?|(?:e-?mail|phone|card)[-_ .]?(?:address|number|no)|pin|pin[-_ .]?code|cvv|cvc|ssn|iban";
var PERSONAL_NAME = new RegExp(`(?:^|[-_ .])(?:${PERSONAL})$`, "i");
var PERSONAL_CAMEL = new RegExp(`(?<=[a-z])(?=[A-Z])(?:${anyCase(PERSONAL)})$`);
function kindOfMember(name) {
  if (name.length >= 200) return void 0;
  if (PERSONAL_NAME.test(name) || PERSONAL_CAMEL.test(name)) return "personal";
  return SECRET_NAME.test(name) ? "secret" : void 0;
}
var SEPARATOR = raw`(?:[\\/]|%2[Ff]|%5[Cc])`;
var BEGIN = raw`(?:(?<![${WORD}.~%/\\-])|(?<=file://)|(?<=vscode-app)|(?<=/@fs)|(?<=\.\.))`;
var FOLDERS = raw`(?:/(?!\.\.)[${WORD}.-]{1,40})`;
var HOME = [
  raw`(?:(?<![A-Za-z])[A-Za-z](?::|%3[Aa])${SEPARATOR}{1,8}`,
  `(?:${anyCase("users|profiles|home|documents and settings")})`,
  raw`|(?:${BEGIN}${FOLDERS}{1,3})?${SEPARATOR}(?:Users|Documents and Settings)`,
  raw`|(?:${BEGIN}${FOLDERS}?|(?<=file:)//(?!vscode-app)[${WORD}.-]{1,64})${SEPARATOR}home`,
  `)${SEPARATOR}{1,8}`
].join("");
var LETTER = raw`(?:(?!%2[Ff]|%5[Cc])[^\s/\\:"'<>|*?()\[\]{},;${"`"}]|(?<=\p{L})'(?=\p{L}))`;
var QUOTED_HOME = pattern(
  "g",
  raw`(["'${"`"}])${HOME}(?:(?!%2[Ff]|%5[Cc])[^/\\\n]){1,64}?(?=${SEPARATOR}|\1(?![${WORD}]))`
);
var PLAIN_HOME = pattern(
  "g",
  `${HOME}${LETTER}+(?:`,
  raw`(?:,?[ ](?:[\p{L}\p{N}]${LETTER}{0,40}|\([^()\n/\\]{1,30}\))){1,4}(?=${SEPARATOR})`,
  raw`|(?:[ ][A-Z]${LETTER}{0,40}){1,3}(?=[)\]"'>\n]|:[0-9]|$))?`
);
var ROOT_HOME = pattern("g", raw`${BEGIN}/root(?![${WORD}.~%-])`);
var PEM = /-----BEGIN[A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END[A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)/g;
var URL_PARTS = /:\/\/([^\s/?#"'<>\\]*)([^\s?#"'<>]*)([?#][^\s"'<>]*)?/g;
var URL_PASSWORD = /:\/\/[^\s:/@"'<>[]{0,100}:(?![0-9]{1,5}(?:[/\s]|$))[^\s@"'<>]{1,100}@/g;
var QUERY = /\?[A-Za-z_][\w.%-]{0,60}=[^\s"'<>]*/g;
var QUERY_END = /((?::[0-9]{1,9}){1,2})?([)\]}.,;]*)$/;
var KEY = pattern(
  "g",
  raw`(?<![A-Za-z0-9])(?:sk-[A-Za-z0-9_-]{16,}|[prs]k_(?:live|test)_[A-Za-z0-9]{10,}|A[KS]IA[A-Z0-9]{16}`,
  raw`|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|xox[a-z]-[A-Za-z0-9-]{10,}`,
  raw`|xapp-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{10,}`,
  raw`|(?<![_-])eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*)?`,
  raw`|glpat-[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{20,}`,
  raw`|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|gsk_[A-Za-z0-9]{20,}|xai-[A-Za-z0-9]{20,}`,
  raw`|r8_[A-Za-z0-9]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}|whsec_[A-Za-z0-9+/=]{16,})`
);
var SCHEME = /(?<![A-Za-z])(?<scheme>bearer|basic)(?<gap>[ \t]{1,8}|\+|%20)(?<value>[A-Za-z0-9._~+/=-]{8,})/gi;
var HEADER = /((?:authorization|cookie)[ \t]{0,8}:[ \t]{0,8})[^\s"'][^\r\n"']*/gi;
var PAIR = new RegExp(
  [
    raw`(?:(?<strong>${STRONG}|session[-_]?id)|token|key)s?`,
    raw`(?:\\{0,8}["'])?[ \t]{0,8}(?:=>|[=:])[ \t]{0,8}`,
    raw`(?:\\{1,8}["'](?<escaped>[^"'\\\n]+)|"(?<double>(?:[^"\\\n]|\\.)+)|'(?<single>(?:[^'\\\n]|\\.)+)`,
    raw`|(?<bare>[^\s"'\\,;&<>]+))`
  ].join(""),
  "gi"
);
var QUALIFIER = new RegExp(`(?:(?:${QUALIFIED})[-_ .]?|(?<![a-z])id[-_]?)$`, "i");
var OPTION = new RegExp(
  raw`(?<![\w-])(--(?=[a-z])[a-z-]{0,40}(?:${STRONG}|token|(?:${QUALIFIED})-?key))([ \t]{1,8}["']?)(?![-["'])[^\s"']+`,
  "gi"
);
var UUID = /([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})/;
var LONG_RUN = new RegExp(`(?<!${RUN})${RUN}{32,}={0,2}`, "g");
var HEX_RUN = /(?<![0-9A-Fa-f])(?=[0-9]*[A-Fa-f])(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{32,}/g;
var HEX_TAIL = /(?<![0-9A-Za-z])[0-9A-Fa-f]{32,}$/;
var TURN = /[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])/g;
var CODE_FILES = "js|mjs|cjs|jsx|ts|tsx|css|html?|json|map|wasm|vue|node|asar|dll|exe|so|dylib|pdb";
var FILE_TAIL = new RegExp(raw`(?:\.[A-Za-z]{1,12}){0,2}\.(?:${CODE_FILES})(?![A-Za-z0-9])`, "y");
var AT = pattern("g", raw`(?<![${WORD}.+'-])[${WORD}.+'-]+(?:@|%40)([${WORD}-]+(?:\.[${WORD}-]+)+)`);
var NOT_MAIL = new RegExp(raw`^(?:.*\.(?:${CODE_FILES})|[0-9]x\.(?:png|jpe?g|gif|webp|svg))$`);
var IPV4 = /(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])/g;
var IPV6 = /(?<![0-9A-Za-z_:.])(?:[0-9A-Fa-f]{0,4}:){2,8}(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4})(?![0-9A-Za-z_:])/g;
var MAC = /(?<![0-9A-Za-z:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Za-z:-])/g;
var CARD = new RegExp(
  [
    raw`(?<![\w.+-])(?:3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}|3[0689][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{4}`,
    raw`|[2-6][0-9]{3}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{1,4}(?:[ -]?[0-9]{1,3})?)(?![\w-]|\.[0-9])`
  ].join(""),
  "g"
);
var IBAN = /(?<!\w)[A-Z]{2}[0-9]{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?(?!\w)/g;
var PHONE = /(?<![\w+])\+[1-9](?:[ ().-]{0,2}[0-9]){7,14}(?![0-9])/g;
var SSN = /(?<![\w-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![\w-])/g;
var VERSION = new RegExp(
  [
    `(?:(?<![A-Za-z])[vV]|${anyCase("version|build|release")}|(?:Chrome|Chromium|Electron|HeadlessChrome|CriOS`,
    `|Edg[A-Z]?[a-z]*|OPR|Safari|Firefox|AppleWebKit|Stories)/)["' :=]{0,4}$`
  ].join("")
);
var count = (text, pattern2) => text.match(pattern2)?.length ?? 0;
function keptOfUrl(_match, authority, path, query) {
  const kept = `://${authority.slice(authority.lastIndexOf("@") + 1)}${path}`;
  return query ? kept + keptOfQuery(query) : kept;
}
function keptOfQuery(query) {
  const end = QUERY_END.exec(query.slice(1));
  const [, position = "", closing] = end;
  const parts = query[0] === "?" ? query.slice(1, end.index + 1).split("#")[0].split("&") : [];
  const utm = parts.filter((part) => part.startsWith("utm_")).join("&");
  return (utm ? `?${utm}` : "") + position + closing;
}
function scheme(match, name, gap, token) {
  let isSecret = token.length >= 20 || /[0-9]/.test(token);
  if (name.toLowerCase() === "basic") {
    try {
      isSecret = globalThis.atob(token.replace(/=+$/, "")).includes(":");
    } catch {
      isSecret = false;
    }
  }
  return isSecret ? name + gap + SECRET : match;
}
function pair(match, ...details) {
  const [offset, text, groups] = details.slice(-3);
  const given = groups.escaped ?? groups.double ?? groups.single ?? groups.bare;
  const secret = groups.bare === void 0 ? given : given.replace(/[)\]}]+$/, "");
  if (!secret || secret.startsWith(SECRET.slice(0, -1))) return match;
  const before = text.slice(Math.max(0, offset - 12), offset);
  if (!groups.strong && !QUALIFIER.test(before)) {
    const isOtherWord = /^k/i.test(match) && /\p{L}$/u.test(before);
    if (isOtherWord || !isTokenlike(secret)) return match;
  }
  return match.slice(0, match.length - given.length) + SECRET + given.slice(secret.length);
}
function isTokenlike(word) {
  return word.length >= 20 || word.length >= 8 && /[0-9]/.test(word) && !/^[0-9]+$/.test(word);
}
function longRun(run, offset, text) {
  if (text[offset - 1] === "$" || /^(?:_{1,3}Z|_R[NIM])/.test(run)) return run;
  FILE_TAIL.lastIndex = offset + run.length;
  const isFile = FILE_TAIL.test(text);
  const pieces = run.split(UUID);
  return pieces.map(
    (part, index) => index % 2 === 1 || part.length < 32 ? part : piece(part, isFile && index === pieces.length - 1)
  ).join("");
}
function piece(text, isFile) {
  const name = isFile ? HEX_TAIL.exec(text) : null;
  if (name) return piece(text.slice(0, name.index), false) + name[0];
  const parts = text.split("/").map((part) => isRandom(part) ? SECRET : part.replace(HEX_RUN, SECRET));
  return parts.includes(SECRET) || !isRandom(text) ? parts.join("/") : SECRET;
}
function isRandom(run) {
  const turns = count(run, TURN);
  const alphanumerics = count(run, /[A-Za-z0-9]/g);
  if (run.length < 32 || turns < 0.2 * alphanumerics) return false;
  const letters = count(run, /[A-Za-z]/g);
  if (letters === 0 || letters === alphanumerics) return false;
  return !(/[a-z]/.test(run) && /[A-Z]/.test(run)) || turns >= 0.3 * alphanumerics;
}
function email(match, domain) {
  const isNamed = domain.split(".").slice(1).some((label) => /^\p{L}{2}/u.test(label));
  return isNamed && !NOT_MAIL.test(domain) ? "[email]" : match;
}
function ipv4(match, offset, text) {
  const octets = match.split(".").map(Number);
  if (Math.max(...octets) > 255 || octets[0] === 0 || octets[0] === 127) return match;
  return VERSION.test(text.slice(Math.max(0, offset - 24), offset)) ? match : "[ip]";
}
function ipv6(match) {
  const digits = match.replace(/[^0-9A-Za-z]/g, "");
  if (digits.length < 5 || !/[0-9]/.test(digits)) return match;
  try {
    new URL(`http://[${match}]/`);
    return "[ip]";
  } catch {
    return match;
  }
}
function card(match) {
  const digits = match.replace(/[^0-9]/g, "");
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]) * (index % 2 === 1 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return digits.length >= 13 && sum % 10 === 0 ? "[card]" : match;
}
function iban(match) {
  const groups = match.split(" ");
  for (let used = groups.length; used > 0; used -= 1) {
    const code = groups.slice(0, used).join("");
    if (code.length < 15 || code.length > 34) continue;
    const digits = [...code.slice(4), ...code.slice(0, 4)].map((letter) => Number.parseInt(letter, 36)).join("");
    if (BigInt(digits) % 97n === 1n) return ["[iban]", ...groups.slice(used)].join(" ");
  }
  return match;
}
var HOMES = ["/users", "\\users", "/home", "\\home", "profiles", "documents and", "%2f", "%5c"];
var KEYS = [
  ...["sk-", "k_live_", "k_test_", "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "eyj", "github_pat_"],
  ...["xox", "xapp-", "aiza", "ya29", "glpat-", "npm_", "hf_", "sg.", "gsk_", "xai-", "r8_", "gocspx-", "whsec_"]
];
var NAMES = ["pass", "pwd", "secret", "authorization", "cookie", "credential", "jwt", "token", "key"];
var RULES = [
  [["private key"], PEM, SECRET],
  [["://"], URL_PASSWORD, "://"],
  [["://"], URL_PARTS, keptOfUrl],
  [["?"], QUERY, keptOfQuery],
  [HOMES, QUOTED_HOME, "$1~"],
  [HOMES, PLAIN_HOME, "~"],
  [["/root"], ROOT_HOME, "~"],
  [KEYS, KEY, SECRET],
  [["bearer", "basic"], SCHEME, scheme],
  [["authorization", "cookie"], HEADER, `$1${SECRET}`],
  [[...NAMES, "session"], PAIR, pair],
  [["--"], OPTION, `$1$2${SECRET}`],
  [[""], LONG_RUN, longRun],
  [["@", "%40"], AT, email],
  [[":", "-"], MAC, "[mac]"],
  [[""], CARD, card],
  [[""], IBAN, iban],
  [["+"], PHONE, "[phone]"],
  [["-"], SSN, "[ssn]"],
  [[":"], IPV6, ipv6],
  [["."], IPV4, ipv4]
];
var MAX_ROUNDS = 3;
var PLAIN = /^(?:(?:[A-Za-z0-9_ ]|-(?!-)){0,10}|(?:[A-Za-z_ ]|-(?!-)){0,13})$/;
function applyRules(text) {
  if (text.length < 5 || PLAIN.test(text)) return text;
  let clean = text;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const before = clean;
    const folded = clean.toLowerCase();
    for (const [needles, rule, replacement] of RULES) {
      if (needles.some((needle) => folded.includes(needle))) clean = clean.replace(rule, replacement);
    }
    if (clean === before) break;
  }
  return clean;
}
function isDotted(text) {
  return /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(text);
}

// src/scrub.js
var MAX_TEXT = 2e3;
var MAX_KEYS = 64;
var MAX_DEPTH = 5;
var MAX_JSON = 8e3;
var MAX_NUMBER = Number.MAX_SAFE_INTEGER;
var PLAIN_WORDS = /^(?!sk_|pk_|rk_|hf_|gh|npm_)[a-z_]{1,39}$/;
function scrubText(text, most = MAX_TEXT, privateWords2 = []) {
  if (most >= 39 && PLAIN_WORDS.test(text)) return String(text);
  let clean = String(text).slice(0, most + 1e3).replaceAll("\0", "�");
  for (const word of privateWords2) {
    if (word.length > 3) clean = clean.replaceAll(word, "~");
  }
  clean = applyRules(clean).slice(0, most);
  return clean.toWellFormed ? clean.toWellFormed() : clean;
}
function safeProperties(properties, privateWords2 = []) {
  if (properties === null || typeof properties !== "object" || Array.isArray(properties)) return void 0;
  const clean = safeObject(properties, 1, /* @__PURE__ */ new Set(), privateWords2);
  const names = Object.keys(clean);
  if (names.length === 0) return void 0;
  while (names.length > 0 && byteLength(JSON.stringify(clean)) > MAX_JSON) delete clean[names.pop()];
  return clean;
}
function safeObject(source, depth, seen, privateWords2) {
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
      value = source[name];
    } catch {
      continue;
    }
    const safe = safeMember(name, value) ?? safeValue(value, depth, seen, privateWords2);
    if (safe !== void 0) clean[scrubText(name, 100, privateWords2)] = safe;
  }
  seen.delete(source);
  return clean;
}
function safeMember(name, value) {
  const isText = typeof value === "string" && value !== "";
  const kind = isText || typeof value === "number" ? kindOfMember(name) : void 0;
  if (kind === "personal" || kind === "secret" && isText) return SECRET;
  return isText && /version$/i.test(name) && isDotted(value) ? value : void 0;
}
function safeValue(value, depth, seen, privateWords2) {
  switch (typeof value) {
    case "string":
      return scrubText(value, MAX_TEXT, privateWords2);
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
  if (value instanceof Error) return scrubText(`${value.name}: ${value.message}`, MAX_TEXT, privateWords2);
  if (seen.has(value)) return "[circular]";
  if (depth >= MAX_DEPTH) return "[too deep]";
  if (!Array.isArray(value)) return safeObject(value, depth + 1, seen, privateWords2);
  seen.add(value);
  const list = value.slice(0, MAX_KEYS).map((item) => safeValue(item, depth + 1, seen, privateWords2) ?? null);
  seen.delete(value);
  return list;
}
var encoder = new TextEncoder();
function byteLength(text) {
  return encoder.encode(text).length;
}

// src/outbox.js
var MAX_BODY_BYTES = 1e6;
var BACKOFF_BASE_MS = 5e3;
var BACKOFF_CAP_MS = 15 * 6e4;
var KEY_REFUSED_MS = 6e4;
var MAX_KEEPALIVE_BYTES = 3e4;
var MAX_BEACON_BYTES = 6e4;
var Outbox = class {
  /**
   * queue, clock; path: the endpoint; batchSize: records per request; body(records) -> what is sent.
   * link: what both outboxes share, made by TelemetryClient. onRefused(count) hears of records that the server
   * will never take.
   */
  constructor({ queue, clock, path, batchSize, body, link, onRefused }) {
    Object.assign(this, { queue, clock, path, batchSize, body, link, onRefused });
    this.limit = batchSize;
    this.failures = 0;
    this.notBefore = 0;
    this.mustWait = false;
    this.keyRefused = false;
    this.controller = new AbortController();
  }
  get waitMs() {
    return Math.max(0, this.notBefore - this.link.monotonic());
  }
  /** Sends until the queue is empty or something fails. Never rejects. True if the queue is empty. */
  drain({ now = false } = {}) {
    if (this.running) return this.running;
    if (this.waitMs > 0 && (this.mustWait || !now)) return Promise.resolve(false);
    const { signal } = this.controller;
    const running = this.#drain(signal).catch((error) => {
      if (!signal.aborted) this.#failed(void 0, error);
    }).catch(() => {
    }).then(() => {
      if (this.running === running) {
        this.running = void 0;
        this.queue.underWay.clear();
      }
      return this.queue.size === 0;
    });
    this.running = running;
    return running;
  }
  async #drain(signal) {
    await this.opened();
    while (this.queue.size > 0 && !signal.aborted) {
      if (!this.clock.known) {
        const reply2 = await this.link.learnClock();
        if (signal.aborted) return;
        if (!this.clock.known) return this.#failed(reply2?.retryAfterMs, "the server's time is not known");
      }
      const records = this.queue.batch(this.limit, MAX_BODY_BYTES);
      if (records.length === 0) return;
      this.freeze(records);
      this.queue.sending(records);
      const reply = await this.#post(records, signal);
      if (signal.aborted) return;
      this.queue.underWay.clear();
      if (!this.#settle(records, verdict(reply, records.length))) return;
    }
  }
  /** Resolves when the queue is this process's alone; see Queue.open. Asked again before each drain. */
  async opened() {
    if (this.isOpen) return this.queue.adopt();
    await this.queue.open();
    this.isOpen = true;
  }
  /** Decides the timestamps of these records for good, on disk before they are sent. */
  freeze(records) {
    const unstamped = records.filter((record) => !record.timestamp);
    for (const record of unstamped) record.timestamp = this.clock.stamp(record.at);
    if (unstamped.length > 0) this.queue.save(unstamped);
  }
  async #post(records, signal) {
    const body = JSON.stringify(this.body(records));
    const { link } = this;
    const options = {
      method: "POST",
      headers: { "Content-Type": "application/json", ...link.headers },
      body
    };
    if (link.keepalive && byteLength(body) < MAX_KEEPALIVE_BYTES) options.keepalive = true;
    return request(link.fetcher(), link.apiUrl + this.path, options, {
      timeoutMs: link.timeoutMs,
      signal,
      now: link.now
    });
  }
  /** Applies a verdict; true when the next batch may follow at once. */
  #settle(records, outcome) {
    this.keyRefused = outcome.keyRefused === true;
    if (outcome.done) {
      this.queue.remove(records.map((record) => record.id));
      if (outcome.refused > 0) this.#refused(outcome.refused);
      this.failures = 0;
      this.notBefore = 0;
      this.limit = Math.min(this.batchSize, this.limit * 2);
      return true;
    }
    if (outcome.drop) {
      this.queue.remove(outcome.drop.map((index) => records[index].id));
      this.#refused(outcome.drop.length);
      return true;
    }
    if (outcome.halve || outcome.keyRefused) this.queue.notStored();
    if (outcome.halve) {
      this.limit = Math.max(1, Math.floor(records.length / 2));
      return true;
    }
    if (outcome.keyRefused) {
      this.#failed(Math.max(KEY_REFUSED_MS, outcome.afterMs ?? 0), "the app key was refused");
      return false;
    }
    this.#failed(outcome.afterMs, "the server could not take the batch");
    return false;
  }
  #refused(count2) {
    this.link.debug(`${this.path}: the server refused ${count2} for good`);
    this.onRefused(count2);
  }
  /** Exponential backoff with full jitter, or what the server asked for plus a little of it. */
  #failed(retryAfterMs, reason) {
    this.failures += 1;
    const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (this.failures - 1));
    const jitter = this.link.random() * ceiling;
    this.mustWait = retryAfterMs !== void 0;
    const wait = this.mustWait ? retryAfterMs + Math.min(jitter, 5e3) : jitter;
    this.notBefore = this.link.monotonic() + wait;
    this.link.debug(`${this.path}: ${reason?.message ?? reason}; next try in ${Math.round(wait)} ms`);
  }
  /** A connection is back: no reason to wait any longer, unless the server asked for it. */
  wake() {
    if (!this.mustWait) this.notBefore = 0;
  }
  /** Aborts what is under way and forgets the rest. */
  discard() {
    this.abort();
    this.queue.clear();
  }
  abort() {
    this.controller.abort();
    this.controller = new AbortController();
    this.running = void 0;
    this.queue.underWay.clear();
  }
  /**
   * The last chance of a page: hands what is not under way to the browser, which sends it on its own
   * time. Nothing tells whether it arrived, so it stays queued; the next launch sends it again and the
   * server recognises it. Without the server's time there is nothing that may be sent.
   */
  beacon(sendBeacon, appKey) {
    if (!this.isOpen || !this.clock.known || this.waitMs > 0) return;
    const records = this.queue.batch(this.batchSize, MAX_BEACON_BYTES / 2);
    if (records.length === 0) return;
    this.freeze(records);
    const body = JSON.stringify(this.body(records));
    if (byteLength(body) > MAX_BEACON_BYTES) return;
    const key = appKey ? `?app_key=${encodeURIComponent(appKey)}` : "";
    this.queue.handedOver(records);
    sendBeacon(this.link.apiUrl + this.path + key, new Blob([body], { type: "text/plain" }));
  }
};

// src/page.js
function watchPage(window, on) {
  const { document, navigator } = window;
  let hasLeft = false;
  const listeners = [
    [window, "pageshow", () => hasLeft = false],
    [
      window,
      "pagehide",
      () => {
        hasLeft = true;
        on.leaving((url, body) => navigator?.sendBeacon?.(url, body));
      }
    ],
    [document, "visibilitychange", () => document.visibilityState === "hidden" && !hasLeft && on.hidden()],
    [window, "online", () => on.online()],
    [window, "storage", (event) => (event.key === null || event.key.endsWith(".enabled")) && on.storage()]
  ];
  for (const [target, name, listener] of listeners) target?.addEventListener?.(name, listener);
  return () => {
    for (const [target, name, listener] of listeners) target?.removeEventListener?.(name, listener);
  };
}

// src/queue.js
var Queue = class {
  /**
   * backing: where records are kept (see storage.js).
   * limits: {maxItems, maxBytes, maxAgeMs}. onDrop(reason, count) hears of records given up.
   */
  constructor(backing, limits, now, onDrop) {
    this.backing = backing;
    this.limits = limits;
    this.now = now;
    this.onDrop = onDrop;
    this.records = /* @__PURE__ */ new Map();
    this.sizes = /* @__PURE__ */ new Map();
    this.bytes = 0;
    this.unsaved = /* @__PURE__ */ new Set();
    this.underWay = /* @__PURE__ */ new Set();
    this.unconfirmed = /* @__PURE__ */ new Set();
  }
  get size() {
    return this.records.size;
  }
  /** Takes over what earlier runs left behind. Resolves once this queue alone owns its records. */
  async open() {
    const gone = await this.backing.own();
    for (const id of gone) this.#forget(id);
    await this.adopt();
  }
  async adopt() {
    await this.backing.adopt((orphans) => {
      const added = orphans.filter((record) => !this.records.has(record.id));
      for (const record of added) this.#remember(record);
      return added.length === 0 || this.#rewrite(added);
    });
    this.#prune();
  }
  put(record) {
    this.#remember(record);
    this.#prune();
    if (!this.backing.append(record)) this.unsaved.add(record.id);
  }
  /** The oldest records that are not under way, at most maxItems and about maxBytes, one if there is any. */
  batch(maxItems, maxBytes) {
    this.#dropExpired();
    const chosen = [];
    let bytes = 0;
    for (const [id, record] of this.records) {
      if (this.underWay.has(id)) continue;
      bytes += this.sizes.get(id) + 1;
      if (chosen.length >= maxItems || bytes > maxBytes && chosen.length > 0) break;
      chosen.push(record);
    }
    return chosen;
  }
  /** A request with these records is about to start. */
  sending(records) {
    this.underWay = new Set(records.map(({ id }) => id));
    this.firstTries = [...this.underWay].filter((id) => !this.unconfirmed.has(id));
    this.handedOver(records);
  }
  /** The browser has these records; nothing will tell whether they arrived. */
  handedOver(records) {
    for (const { id } of records) this.unconfirmed.add(id);
  }
  /** The server refused the request that was under way as a whole. */
  notStored() {
    for (const id of this.firstTries) this.unconfirmed.delete(id);
  }
  /** The record queued last, in a list. */
  newest() {
    return [...this.records.values()].slice(-1);
  }
  /** Writes records that were changed in place, before anything else may happen. */
  save(changed) {
    this.#rewrite(changed);
  }
  remove(ids) {
    const present = ids.filter((id) => this.records.has(id));
    if (present.length === 0) return;
    const removed = present.map((id) => this.records.get(id));
    for (const id of present) this.#forget(id);
    this.backing.erase(removed, this.records);
    this.#saveUnsaved();
  }
  clear() {
    this.records.clear();
    this.sizes.clear();
    this.unsaved.clear();
    this.underWay.clear();
    this.unconfirmed.clear();
    this.bytes = 0;
    this.backing.clear();
  }
  #rewrite(changed) {
    const isWritten = this.backing.write([...this.records.values()], changed);
    if (isWritten) for (const { id } of changed) this.unsaved.delete(id);
    return isWritten;
  }
  /** There may be room again. */
  #saveUnsaved() {
    for (const id of this.unsaved) {
      if (!this.backing.append(this.records.get(id))) return;
      this.unsaved.delete(id);
    }
  }
  #remember(record) {
    const size = JSON.stringify(record).length;
    this.records.set(record.id, record);
    this.sizes.set(record.id, size);
    this.bytes += size;
  }
  #forget(id) {
    if (!this.records.delete(id)) return;
    this.bytes -= this.sizes.get(id);
    this.sizes.delete(id);
    this.unsaved.delete(id);
    this.unconfirmed.delete(id);
  }
  /** Gives up the oldest records until the rest fits. The newest stays, and so does what is under way. */
  #prune() {
    let { size, bytes } = this;
    const isFull = () => size > this.limits.maxItems || bytes > this.limits.maxBytes;
    if (!isFull()) return;
    const newest = this.newest()[0].id;
    const ids = [];
    for (const id of this.records.keys()) {
      if (id === newest || !isFull()) break;
      if (this.underWay.has(id)) continue;
      ids.push(id);
      size -= 1;
      bytes -= this.sizes.get(id);
    }
    this.#drop(ids, "queue_full");
  }
  #dropExpired() {
    const oldest = this.now() - this.limits.maxAgeMs;
    const expired = [];
    for (const [id, record] of this.records) {
      if (record.at < oldest && !this.underWay.has(id)) expired.push(id);
    }
    this.#drop(expired, "too_old");
  }
  /** What was sent without a reply is told apart: the server may have it. */
  #drop(ids, reason) {
    const unconfirmed = ids.filter((id) => this.unconfirmed.has(id)).length;
    this.remove(ids);
    if (ids.length > unconfirmed) this.onDrop(reason, ids.length - unconfirmed);
    if (unconfirmed > 0) this.onDrop("unconfirmed", unconfirmed);
  }
};

// src/windows.js
var CHANNEL = "stories-analytics";
var CALLS = {
  track: (client, name, properties) => client.track(name, properties),
  reportCrash: (client, thrown, details) => client.reportCrash(thrown, details ?? {}),
  setEnabled: (client, isEnabled) => client.setEnabled(isEnabled === true),
  status: (client) => client.status(),
  flush: (client) => client.flush(),
  ...Object.fromEntries(
    Object.keys(eventMethods).map((name) => [name, (client, properties) => client[name](properties)])
  )
};
function answerWindows(ipcMain, client) {
  if (!ipcMain?.handle) return () => {
  };
  try {
    ipcMain.handle(
      CHANNEL,
      (_event, call, ...values) => Object.hasOwn(CALLS, call) ? CALLS[call](client, ...values) : void 0
    );
  } catch {
    return () => {
    };
  }
  return () => ipcMain.removeHandler?.(CHANNEL);
}

// src/client.js
var MAX_EVENTS_PER_BATCH = 500;
var DAY_MS = 864e5;
var TelemetryClient = class {
  #options;
  #store;
  #clock;
  #events;
  #crashes;
  #limiter;
  #privateWords = [];
  #stops = [];
  #dropped;
  #state = "new";
  // new, running, closed; inert without a usable apiUrl
  #enabled = true;
  #learning;
  #sinceFlush = 0;
  #lostBefore = 0;
  constructor(options = {}) {
    this.#options = mergedOptions(options);
    this.sessionId = uuid();
    this.userId = void 0;
  }
  /** Starts sending. Called by itself on the first use. */
  init() {
    if (this.#state === "new") this.#safely(() => this.#start());
    return Promise.resolve();
  }
  /** Queues an event; false when telemetry is off or the name is no name. */
  track(name, properties) {
    return this.#safely(() => {
      this.init();
      if (this.#state !== "running" || !this.#enabled) return false;
      if (typeof name !== "string" || name === "" || name.length > 100) return false;
      const { appVersion, platform, country, channel } = this.#options;
      this.#events.queue.put({
        ...this.#stamped(),
        event: name,
        properties: safeProperties(properties, this.#privateWords),
        app_version: appVersion,
        platform,
        country,
        session_id: this.sessionId,
        channel
      });
      this.#sinceFlush += 1;
      if (this.#sinceFlush >= this.#options.flushAt) this.#drain(this.#events);
      return true;
    }, false);
  }
  /**
   * Queues a crash report of anything that was thrown; sent even when telemetry is off, unless
   * `crashReports` is false. handled: the app went on, it is an error and no crash. fingerprint: texts that
   * say what belongs together. Returns its id, or null when it was held back.
   */
  reportCrash(thrown, { type, context, handled, fingerprint } = {}) {
    return this.#safely(() => {
      this.init();
      if (this.#state !== "running" || !this.#options.crashReports) return null;
      const what = describe(thrown);
      const scrub = (text, most) => scrubText(text, most, this.#privateWords);
      const report = scrubbedCrash(what, scrub);
      const given = type ?? what.type;
      const crashType = CRASH_TYPES.includes(given) ? given : "uncaught_error";
      const frame = report.stack_trace?.split("\n").find((line) => /^\s*at |@/.test(line)) ?? "";
      const heldBack = this.#limiter.admit(`${crashType}|${report.error_message}|${frame}`);
      if (heldBack === null) return null;
      const record = {
        ...this.#stamped(),
        crash_type: crashType,
        ...report,
        debug_ids: scrubbedIds(what.debugIds, scrub),
        ...groupedBy({ handled, fingerprint }, scrub),
        context: safeProperties(
          { ...surroundings(isNode() ? globalThis.process : void 0, heldBack), ...what.context, ...context },
          this.#privateWords
        ),
        app_version: this.#options.appVersion ?? "unknown",
        os_version: this.#options.platform,
        session_id: this.sessionId,
        channel: this.#options.channel
      };
      this.#crashes.queue.put(record);
      this.#drain(this.#crashes);
      return record.id;
    }, null);
  }
  /** The user's choice, kept across launches. Off stops a request under way and empties the queue. */
  setEnabled(enabled) {
    this.#safely(() => {
      this.init();
      this.#enabled = Boolean(enabled);
      if (this.#state !== "running") return;
      if (!this.#enabled) this.#forgetEvents();
      this.#store.set("enabled", this.#enabled ? "1" : "0");
      if (this.#enabled) this.#drain(this.#events);
    });
  }
  get enabled() {
    return this.#enabled;
  }
  /**
   * Sends what is queued now, unless the server asked for a pause. Resolves with true when the server has
   * answered for everything since the last flush, and with false when something waits or was given up;
   * status() says what.
   */
  async flush() {
    try {
      this.init();
      if (this.#state !== "running") return true;
      const drained = [];
      if (this.#options.crashReports) drained.push(this.#drain(this.#crashes, true));
      if (this.#enabled) drained.push(this.#drain(this.#events, true));
      const isEmpty = (await Promise.all(drained)).every(Boolean);
      const lost = this.#dropped.lost - this.#lostBefore;
      this.#lostBefore += lost;
      this.#dropped.save();
      return isEmpty && lost === 0;
    } catch {
      return false;
    }
  }
  /** What a settings page or a bug report may show. */
  status() {
    return {
      state: this.#state,
      enabled: this.#enabled,
      userId: this.userId,
      sessionId: this.sessionId,
      queuedEvents: this.#events?.queue.size ?? 0,
      queuedCrashes: this.#crashes?.queue.size ?? 0,
      unsaved: (this.#events?.queue.unsaved.size ?? 0) + (this.#crashes?.queue.unsaved.size ?? 0),
      dropped: { ...this.#dropped?.counts },
      clockOffsetMs: this.#clock?.offset ?? null,
      keyRefused: Boolean(this.#events?.keyRefused || this.#crashes?.keyRefused)
    };
  }
  /** Stops timers, listeners and requests; what is queued stays on disk. */
  close() {
    this.#safely(() => {
      if (this.#state === "running") {
        for (const stop of this.#stops.splice(0)) stop();
        for (const outbox of [this.#events, this.#crashes]) {
          clearTimeout(outbox.retryTimer);
          outbox.abort();
        }
        this.#dropped.save();
        this.#store.close?.();
      }
      this.#state = "closed";
    });
  }
  #start() {
    const options = this.#options;
    if (!/^https?:\/\//.test(options.apiUrl)) {
      this.#state = "inert";
      this.#debug("no apiUrl: nothing is stored or sent");
      return;
    }
    const electron = findElectron(options.electron);
    fillInSystem(options, electron, (message) => this.#debug(message));
    this.#privateWords = privateWords();
    this.#open(electron);
    this.#state = "running";
    this.#watch(electron);
    if (this.#enabled) this.#learnClock().catch(() => {
    });
    this.#tick();
  }
  #open(electron) {
    const options = this.#options;
    const instance = uuid().replaceAll("-", "").slice(0, 12);
    this.#store = openStore(options, electron, instance, (message) => this.#debug(message));
    this.userId = anonymousId(this.#store, options.userId);
    const choice = this.#store.get("enabled");
    this.#enabled = choice === null ? Boolean(options.enabled) : choice.trim() !== "0";
    this.#dropped = new DropCounts(this.#store, (message) => this.#debug(message));
    this.#clock = new Clock(options.now, options.monotonic);
    this.#limiter = new CrashLimiter(this.#store, options.maxCrashesPerHour, options.now);
    const link = this.#link(electron);
    this.#events = this.#outbox(link, "events", {
      path: "/track",
      batchSize: MAX_EVENTS_PER_BATCH,
      maxItems: options.maxQueueEvents,
      // localStorage holds about 5 million characters, and the app wants some of them.
      maxBytes: options.maxQueueBytes ?? (isNode() ? 8e6 : 3e6),
      body: (records) => ({ events: records.map(({ at: _at, ...event }) => event) })
    });
    this.#crashes = this.#outbox(link, "crashes", {
      path: "/crash",
      batchSize: 1,
      maxItems: 100,
      maxBytes: 6e5,
      body: ([{ at: _at, ...crash }]) => crash
    });
    if (!options.crashReports) this.#crashes.discard();
  }
  #link(electron) {
    const { apiUrl, appKey, requestTimeoutMs, random, now, monotonic } = this.#options;
    return {
      apiUrl,
      headers: appKey ? { "X-App-Key": appKey } : {},
      // Electron's own fetch knows the system's proxy; it works once the app is ready.
      fetcher: () => this.#options.fetch ?? (electron?.net?.fetch && electron.app?.isReady?.() ? (url, options) => electron.net.fetch(url, options) : (url, options) => globalThis.fetch(url, options)),
      timeoutMs: requestTimeoutMs,
      keepalive: !isNode(),
      random,
      now,
      monotonic,
      learnClock: () => this.#learnClock(),
      debug: (message) => this.#debug(message)
    };
  }
  #outbox(link, kind, { path, batchSize, body, maxItems, maxBytes }) {
    const limits = { maxItems, maxBytes, maxAgeMs: this.#options.maxQueueAgeDays * DAY_MS };
    const onDrop = (reason, count2) => this.#dropped.add(kind, reason, count2);
    const queue = new Queue(this.#store.backing(kind), limits, this.#options.now, onDrop);
    const onRefused = (count2) => this.#dropped.add(kind, "refused", count2);
    return new Outbox({ queue, clock: this.#clock, path, batchSize, body, link, onRefused });
  }
  /** What every record begins with; see clock.js for why the timestamp may have to wait. */
  #stamped() {
    const at = this.#options.now();
    const record = { id: uuid(), user_id: this.userId, at };
    if (this.#clock.known) record.timestamp = this.#clock.stamp(at);
    return record;
  }
  /** Sets the clock by GET /health; one request at a time, whoever asks. */
  #learnClock() {
    this.#learning ??= this.#askTime().finally(() => {
      this.#learning = void 0;
    });
    return this.#learning;
  }
  async #askTime() {
    const { apiUrl, requestTimeoutMs: timeoutMs, now, monotonic } = this.#options;
    const startedAt = monotonic();
    const fetcher = this.#crashes.link.fetcher();
    const options = { method: "GET", cache: "no-store" };
    const reply = await request(fetcher, `${apiUrl}/health`, options, { timeoutMs, now });
    this.#clock.read(reply, startedAt);
    return reply;
  }
  #watch(electron) {
    const { captureErrors, crashReports } = this.#options;
    const report = (thrown, details) => this.reportCrash(thrown, details);
    const debug = (message) => this.#debug(message);
    const capture = captureErrors && crashReports;
    const timer = setInterval(() => this.#safely(() => this.#tick()), this.#options.flushIntervalMs);
    timer.unref?.();
    this.#stops.push(() => clearInterval(timer));
    if (!isNode()) {
      if (capture) this.#stops.push(watchWindow(globalThis, report));
      this.#stops.push(this.#watchPage());
      return;
    }
    const { process: process2 } = globalThis;
    if (capture) {
      const uncaughtType = electron ? "main_crash" : "uncaught_error";
      const { exitTimeoutMs } = this.#options;
      const afterwards = () => this.#safely(() => sendLastCrash(this.#crashes, exitTimeoutMs));
      this.#stops.push(watchProcess(process2, uncaughtType, report, afterwards));
      const client = { options: this.#options, userId: this.userId, onQuit: () => this.flush(), debug };
      if (electron) this.#stops.push(watchElectron(electron, process2, report, client));
    }
    if (electron) this.#stops.push(answerWindows(electron.ipcMain, this));
    const onBeforeExit = () => this.#lastFlush();
    process2.once("beforeExit", onBeforeExit);
    this.#stops.push(() => process2.removeListener("beforeExit", onBeforeExit));
  }
  #watchPage() {
    const safely = (work) => (argument) => this.#safely(() => work(argument));
    return watchPage(globalThis, {
      hidden: safely(() => this.#tick()),
      storage: safely(() => this.#rereadChoice()),
      leaving: safely((send) => {
        if (this.#options.crashReports) this.#crashes.beacon(send, this.#options.appKey);
        if (this.#enabled) this.#events.beacon(send, this.#options.appKey);
      }),
      online: safely(() => {
        this.#events.wake();
        this.#crashes.wake();
        this.#tick();
      })
    });
  }
  #tick() {
    this.#store.beat?.();
    this.#dropped.save();
    this.#rereadChoice();
    if (this.#options.crashReports) this.#drain(this.#crashes);
    if (this.#enabled) this.#drain(this.#events);
  }
  #drain(outbox, now = false) {
    if (outbox === this.#events) this.#sinceFlush = 0;
    const drained = outbox.drain({ now });
    drained.then(() => this.#safely(() => this.#retryLater(outbox)));
    return drained;
  }
  /** The next try of a queue that is backing off, if it comes before the next regular one. */
  #retryLater(outbox) {
    const wait = outbox.waitMs;
    if (this.#state !== "running" || wait === 0 || wait >= this.#options.flushIntervalMs) return;
    clearTimeout(outbox.retryTimer);
    outbox.retryTimer = setTimeout(() => this.#safely(() => this.#drain(outbox)), Math.ceil(wait) + 5);
    outbox.retryTimer.unref?.();
  }
  /** Another window or process may have opted out, or in. */
  #rereadChoice() {
    const choice = this.#store.get("enabled");
    if (choice === null || choice.trim() !== "0" === this.#enabled) return;
    this.#enabled = !this.#enabled;
    if (!this.#enabled) this.#forgetEvents();
  }
  #forgetEvents() {
    this.#events.discard();
    this.#events.queue.open().then(
      () => {
        if (!this.#enabled) this.#events.queue.clear();
      },
      () => {
      }
    );
  }
  /** The event loop is empty: one last try, which must not hold the process for long. */
  #lastFlush() {
    if (this.#events.queue.size + this.#crashes.queue.size === 0) return;
    const timer = setTimeout(() => {
      this.#events.abort();
      this.#crashes.abort();
    }, this.#options.exitTimeoutMs);
    this.flush().finally(() => clearTimeout(timer));
  }
  #safely(work, fallback) {
    try {
      return work();
    } catch (error) {
      this.#debug(`failed: ${error?.message}`);
      return fallback;
    }
  }
  #debug(message) {
    try {
      if (this.#options.debug) console.debug(`[telemetry] ${message}`);
    } catch {
    }
  }
};
Object.assign(TelemetryClient.prototype, eventMethods);
TelemetryClient.estimateCost = estimateCost;
var client_default = TelemetryClient;
export {
  TelemetryClient,
  client_default as default,
  estimateCost
};
