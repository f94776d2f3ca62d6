// Records waiting to be sent: in memory for speed, mirrored by a backing that survives a kill.

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
    /** Ids that the backing could not keep: they are sent from memory, and end with the process. */
    this.unsaved = new Set();
    /** Ids in the request under way: its reply decides about them, so they are not given up meanwhile. */
    this.underWay = new Set();
    /** Ids that were sent and got no reply: the server may have stored them. */
    this.unconfirmed = new Set();
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
      if (chosen.length >= maxItems || (bytes > maxBytes && chosen.length > 0)) break;
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
}
