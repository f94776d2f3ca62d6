import { Clock } from "./clock.js";
import {
  CRASH_TYPES,
  CrashLimiter,
  describe,
  groupedBy,
  scrubbedCrash,
  surroundings,
  watchProcess,
  watchWindow,
} from "./crashes.js";
import { scrubbedIds } from "./debug_ids.js";
import { DropCounts } from "./drop_counts.js";
import { watchElectron } from "./electron.js";
import { estimateCost, eventMethods } from "./events.js";
import { sendLastCrash } from "./last_words.js";
import { fillInSystem, mergedOptions } from "./options.js";
import { Outbox } from "./outbox.js";
import { watchPage } from "./page.js";
import { anonymousId, findElectron, isNode, openStore, privateWords, uuid } from "./platform.js";
import { Queue } from "./queue.js";
import { safeProperties, scrubText } from "./scrub.js";
import { request } from "./transport.js";
import { answerWindows } from "./windows.js";

const MAX_EVENTS_PER_BATCH = 500;
const DAY_MS = 86_400_000;

/** Sends usage events and crash reports. No method ever throws or rejects. */
export class TelemetryClient {
  #options;
  #store;
  #clock;
  #events;
  #crashes;
  #limiter;
  #privateWords = [];
  #stops = [];
  #dropped;
  #state = "new"; // new, running, closed; inert without a usable apiUrl
  #enabled = true;
  #learning;
  #sinceFlush = 0;
  #lostBefore = 0;

  constructor(options = {}) {
    this.#options = mergedOptions(options);
    this.sessionId = uuid();
    this.userId = undefined;
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
        channel,
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
          { ...surroundings(isNode() ? globalThis.process : undefined, heldBack), ...what.context, ...context },
          this.#privateWords,
        ),
        app_version: this.#options.appVersion ?? "unknown",
        os_version: this.#options.platform,
        session_id: this.sessionId,
        channel: this.#options.channel,
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
      // What is forgotten may be the room that a full disk needs to keep the choice.
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
      keyRefused: Boolean(this.#events?.keyRefused || this.#crashes?.keyRefused),
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
    if (this.#enabled) this.#learnClock().catch(() => {});
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
      maxBytes: options.maxQueueBytes ?? (isNode() ? 8_000_000 : 3_000_000),
      body: (records) => ({ events: records.map(({ at: _at, ...event }) => event) }),
    });
    this.#crashes = this.#outbox(link, "crashes", {
      path: "/crash",
      batchSize: 1,
      maxItems: 100,
      maxBytes: 600_000,
      body: ([{ at: _at, ...crash }]) => crash,
    });
    if (!options.crashReports) this.#crashes.discard();
  }

  #link(electron) {
    const { apiUrl, appKey, requestTimeoutMs, random, now, monotonic } = this.#options;
    return {
      apiUrl,
      headers: appKey ? { "X-App-Key": appKey } : {},
      // Electron's own fetch knows the system's proxy; it works once the app is ready.
      fetcher: () =>
        this.#options.fetch ??
        (electron?.net?.fetch && electron.app?.isReady?.()
          ? (url, options) => electron.net.fetch(url, options)
          : (url, options) => globalThis.fetch(url, options)),
      timeoutMs: requestTimeoutMs,
      keepalive: !isNode(),
      random,
      now,
      monotonic,
      learnClock: () => this.#learnClock(),
      debug: (message) => this.#debug(message),
    };
  }

  #outbox(link, kind, { path, batchSize, body, maxItems, maxBytes }) {
    const limits = { maxItems, maxBytes, maxAgeMs: this.#options.maxQueueAgeDays * DAY_MS };
    const onDrop = (reason, count) => this.#dropped.add(kind, reason, count);
    const queue = new Queue(this.#store.backing(kind), limits, this.#options.now, onDrop);
    const onRefused = (count) => this.#dropped.add(kind, "refused", count);
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
      this.#learning = undefined;
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
    const { process } = globalThis;
    if (capture) {
      const uncaughtType = electron ? "main_crash" : "uncaught_error";
      const { exitTimeoutMs } = this.#options;
      const afterwards = () => this.#safely(() => sendLastCrash(this.#crashes, exitTimeoutMs));
      this.#stops.push(watchProcess(process, uncaughtType, report, afterwards));
      const client = { options: this.#options, userId: this.userId, onQuit: () => this.flush(), debug };
      if (electron) this.#stops.push(watchElectron(electron, process, report, client));
    }
    if (electron) this.#stops.push(answerWindows(electron.ipcMain, this));
    const onBeforeExit = () => this.#lastFlush();
    process.once("beforeExit", onBeforeExit);
    this.#stops.push(() => process.removeListener("beforeExit", onBeforeExit));
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
      }),
    });
  }

  #tick() {
    this.#store.beat?.(); // in a long pause nothing else would
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
    if (choice === null || (choice.trim() !== "0") === this.#enabled) return;
    this.#enabled = !this.#enabled;
    if (!this.#enabled) this.#forgetEvents();
  }

  #forgetEvents() {
    this.#events.discard();
    // What earlier runs left behind is the user's as well.
    this.#events.queue.open().then(
      () => {
        if (!this.#enabled) this.#events.queue.clear();
      },
      () => {},
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
      // A console that throws is the app's joke, not ours.
    }
  }
}

Object.assign(TelemetryClient.prototype, eventMethods);
TelemetryClient.estimateCost = estimateCost;

export { estimateCost };
export default TelemetryClient;
