// Where things are kept in a browser or a renderer: localStorage, or memory where it is denied.
//
// A store has: get(name), set(name, text), once(name, make) for a value that the first writer decides,
// and backing(kind), which keeps a queue's records. A backing has
//   own()                  resolves when no other tab or process can claim these records any more, with
//                          the ids that somebody claimed before
//   adopt(take)            hands over records whose owner is gone; take() says whether it has kept them
//   append(record)         returns false when it could not be kept
//   write(all, changed)    erase(removed, left)    clear()
// None of them throws.

/** Keeps nothing beyond the process. */
export class MemoryStore {
  constructor() {
    this.values = new Map();
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
      adopt: async () => {},
      append: () => true,
      write: () => true,
      erase() {},
      clear() {},
    };
  }
}

const STALE_MS = 10 * 60_000;

/**
 * One key per record, under the name of the window that queued it: localStorage has no transactions
 * across windows, but a write or removal of one key is atomic, and no two windows write the same key.
 *
 * A window sends only what it owns. Two that sent the same never-stamped event might stamp it
 * differently, and it would count twice. Ownership is a Web Lock, which the browser releases however the
 * window ends. Where there are no Web Locks (plain http), a heartbeat that is ten minutes old means gone.
 */
export class LocalStore {
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
      this.locks
        .request(this.lockName(this.instance), () => {
          resolve();
          return new Promise((release) => {
            this.release = release;
          });
        })
        .catch(() => resolve());
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
      // The next window tries again.
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
      // Nothing depends on it.
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
}

class LocalBacking {
  constructor(store, kind) {
    this.store = store;
    this.root = `${store.prefix}${kind}.`;
  }

  key(record, instance = this.store.instance) {
    return `${this.root}${instance}.${record.at.toString(36)}.${record.id}`;
  }

  /** Keys under this queue, by the window that owns them. */
  keysByOwner() {
    const owners = new Map();
    const { storage } = this.store;
    try {
      for (let index = 0; index < storage.length; index += 1) {
        const key = storage.key(index);
        if (!key?.startsWith(this.root)) continue;
        const owner = key.slice(this.root.length).split(".")[0];
        owners.set(owner, [...(owners.get(owner) ?? []), key]);
      }
    } catch {
      return new Map();
    }
    return owners;
  }

  async own() {
    const before = this.written ?? new Set();
    await this.store.hold();
    const here = new Set(this.keysByOwner().get(this.store.instance) ?? []);
    this.written = undefined;
    return [...before].filter((key) => !here.has(key)).map((key) => key.slice(key.lastIndexOf(".") + 1));
  }

  async adopt(take) {
    this.store.beat(); // whether or not others have records
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
        // Denied in this moment; the next flush looks again.
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
    // Until the lock is held another window may claim what was just written; own() asks.
    if (!this.store.release && this.store.locks) (this.written ??= new Set()).add(this.key(record));
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
}
