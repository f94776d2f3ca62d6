// Sends one queue to one endpoint: one request at a time, backing off when it does not work.

import { byteLength } from "./scrub.js";
import { request, verdict } from "./transport.js";

const MAX_BODY_BYTES = 1_000_000;
const BACKOFF_BASE_MS = 5_000;
const BACKOFF_CAP_MS = 15 * 60_000;
const KEY_REFUSED_MS = 60_000;
/** Browsers allow 64 KB of keepalive requests and beacons at a time, all of them together. */
const MAX_KEEPALIVE_BYTES = 30_000;
const MAX_BEACON_BYTES = 60_000;

export class Outbox {
  /**
   * queue, clock; path: the endpoint; batchSize: records per request; body(records) -> what is sent.
   * link: what both outboxes share, made by TelemetryClient. onRefused(count) hears of records that the server
   * will never take.
   */
  constructor({ queue, clock, path, batchSize, body, link, onRefused }) {
    Object.assign(this, { queue, clock, path, batchSize, body, link, onRefused });
    this.limit = batchSize;
    this.failures = 0;
    this.notBefore = 0; // by the monotonic clock
    this.mustWait = false; // the server asked for it; without, an explicit flush may try at once
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
    const running = this.#drain(signal)
      .catch((error) => {
        if (!signal.aborted) this.#failed(undefined, error);
      })
      .catch(() => {}) // what the app passed in as a clock or a random source may throw, too
      .then(() => {
        if (this.running === running) {
          this.running = undefined;
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
        const reply = await this.link.learnClock();
        if (signal.aborted) return;
        if (!this.clock.known) return this.#failed(reply?.retryAfterMs, "the server's time is not known");
      }
      const records = this.queue.batch(this.limit, MAX_BODY_BYTES);
      if (records.length === 0) return;
      this.freeze(records);
      this.queue.sending(records);
      const reply = await this.#post(records, signal);
      if (signal.aborted) return; // opted out meanwhile: the reply belongs to a queue that is gone
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
      body,
    };
    // Lets a request that is under way when the page goes away arrive all the same.
    if (link.keepalive && byteLength(body) < MAX_KEEPALIVE_BYTES) options.keepalive = true;
    return request(link.fetcher(), link.apiUrl + this.path, options, {
      timeoutMs: link.timeoutMs,
      signal,
      now: link.now,
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
    // A refusal; of any other reply nobody knows who gave it, and after what.
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

  #refused(count) {
    this.link.debug(`${this.path}: the server refused ${count} for good`);
    this.onRefused(count);
  }

  /** Exponential backoff with full jitter, or what the server asked for plus a little of it. */
  #failed(retryAfterMs, reason) {
    this.failures += 1;
    const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (this.failures - 1));
    const jitter = this.link.random() * ceiling;
    this.mustWait = retryAfterMs !== undefined;
    const wait = this.mustWait ? retryAfterMs + Math.min(jitter, 5_000) : jitter;
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
    this.running = undefined;
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
    // text/plain needs no CORS preflight, for which a closing page has no time.
    this.queue.handedOver(records);
    sendBeacon(this.link.apiUrl + this.path + key, new Blob([body], { type: "text/plain" }));
  }
}
