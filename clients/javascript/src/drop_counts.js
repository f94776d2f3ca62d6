// How many records were given up, by kind and reason: kept across launches, for status().

export class DropCounts {
  /** store: see storage.js; debug(message). */
  constructor(store, debug) {
    Object.assign(this, { store, debug });
    /** Of this launch, and not by the server's refusal. */
    this.lost = 0;
    this.isSaved = true;
    try {
      this.counts = JSON.parse(store.get("dropped")) ?? {};
    } catch {
      this.counts = {};
    }
  }

  /** reason: queue_full, too_old, unconfirmed (sent, no reply, given up later) or refused (by the server). */
  add(kind, reason, count) {
    const name = `${kind}_${reason}`;
    this.counts[name] = (this.counts[name] ?? 0) + count;
    if (reason !== "refused") this.lost += count;
    this.isSaved = false;
    this.debug(`gave up ${count} ${kind}: ${reason}`);
  }

  /** Not at every drop: a burst drops thousands one by one. */
  save() {
    if (!this.isSaved) this.isSaved = this.store.set("dropped", JSON.stringify(this.counts)) !== false;
  }
}
