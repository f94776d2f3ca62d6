// Records waiting to be sent: in memory for speed, mirrored by a backing that survives a kill.

/** How many of the oldest go at once when the queue is full, so that pruning is paid for rarely. */
const PRUNE_SHARE = 0.05;

export class Queue {
  /**
   * backing: where records are kept (see storage.js).
   * limits: {maxItems, maxBytes, maxAgeMs}. onDrop(reason, count) hears of records given up.
   */
  constructor(backing, limits, now, onDrop) {
    this.backing = backing;
    this.limits = limits;
    this.now = now;
    this.onDrop = onDrop;
    this.records = new Map();
    this.sizes = new Map();
    this.bytes = 0;
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
      return added.length === 0 || this.backing.write([...this.records.values()], added);
    });
    this.#prune();
  }

  put(record) {
    this.#remember(record);
    this.#prune();
    if (this.backing.append(record)) return;
    // Storage is full: the oldest make room once; if that does not help, memory has to do.
    this.#dropOldest(Math.ceil(this.size * 0.1), "storage_full");
    if (this.records.has(record.id)) this.backing.append(record);
  }

  /** The oldest records, at most maxItems and about maxBytes, at least one if there is any. */
  batch(maxItems, maxBytes, skip) {
    this.#dropExpired();
    const chosen = [];
    let bytes = 0;
    for (const [id, record] of this.records) {
      if (skip?.has(id)) continue;
      bytes += this.sizes.get(id) + 1;
      if (chosen.length >= maxItems || (bytes > maxBytes && chosen.length > 0)) break;
      chosen.push(record);
    }
    return chosen;
  }

  /** The record queued last, in a list. */
  newest() {
    return [...this.records.values()].slice(-1);
  }

  /** Writes records that were changed in place, before anything else may happen. */
  save(changed) {
    this.backing.write([...this.records.values()], changed);
  }

  remove(ids) {
    const known = ids.filter((id) => this.records.has(id));
    if (known.length === 0) return;
    const removed = known.map((id) => this.records.get(id));
    for (const id of known) this.#forget(id);
    this.backing.erase(removed, this.records);
  }

  clear() {
    this.records.clear();
    this.sizes.clear();
    this.bytes = 0;
    this.backing.clear();
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
  }

  #prune() {
    if (this.size > this.limits.maxItems) {
      const excess = this.size - this.limits.maxItems;
      this.#dropOldest(excess + Math.floor(this.limits.maxItems * PRUNE_SHARE), "queue_full");
    }
    while (this.bytes > this.limits.maxBytes && this.size > 1) {
      this.#dropOldest(Math.max(1, Math.ceil(this.size * PRUNE_SHARE)), "queue_full");
    }
  }

  #dropExpired() {
    const oldest = this.now() - this.limits.maxAgeMs;
    const expired = [];
    for (const record of this.records.values()) {
      if (record.at < oldest) expired.push(record.id);
    }
    if (expired.length > 0) this.#drop(expired, "too_old");
  }

  #dropOldest(count, reason) {
    const ids = [...this.records.keys()].slice(0, Math.min(count, this.size - 1));
    if (ids.length > 0) this.#drop(ids, reason);
  }

  #drop(ids, reason) {
    this.remove(ids);
    this.onDrop(reason, ids.length);
  }
}
