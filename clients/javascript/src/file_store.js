// Where things are kept in Node and Electron's main process: a folder of small files.
//
// Each process appends to a journal of its own, one JSON line per record, so that two processes never
// write the same file. A line goes out in one write; a line that a crash of the machine cut short is
// skipped. What was sent is taken out by a line that names it, or by writing a new journal beside the old and
// renaming it, which either happens or does not. A journal whose process is gone is renamed, by exactly one
// adopter, into one of the adopter's own. No fsync: a killed process loses nothing without it, and it would
// stall the app's main thread for tens of milliseconds.

const ABANDONED_MS = 60 * 60_000;
/** How much of a journal may be removed records before it is rewritten. */
const REWRITE_SHARE = 0.05;

/** Instances of this process. On globalThis, since an app may load both the ES module and the CommonJS build. */
const LIVE_INSTANCES = Symbol.for("stories-analytics-client.live-instances");
globalThis[LIVE_INSTANCES] ??= new Set();
const liveInstances = globalThis[LIVE_INSTANCES];

export class FileStore {
  /** modules: {fs, path, os}; directory is created if need be. Throws when it cannot be used. */
  constructor(modules, directory, instance) {
    this.fs = modules.fs;
    this.path = modules.path;
    this.directory = directory;
    this.instance = instance;
    this.host =
      modules.os
        .hostname()
        .replace(/[^A-Za-z0-9]/g, "_")
        .slice(0, 40) || "host";
    this.fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
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
      this.fs.writeFileSync(draft, made, { mode: 0o600 });
      // A link fails if the name is taken: of two processes that start at once the first one decides.
      this.fs.linkSync(draft, target);
    } catch (error) {
      if (error?.code !== "EEXIST" || !this.get(name)?.trim()) this.replace(target, made);
    }
    try {
      this.fs.unlinkSync(draft);
    } catch {
      // Never written, or swept up at the next start.
    }
    return this.get(name)?.trim() || made;
  }

  /** Old content or new, never a mixture. */
  replace(target, text) {
    const draft = `${target}.${this.instance}.tmp`;
    try {
      this.fs.writeFileSync(draft, text, { mode: 0o600 });
      this.fs.renameSync(draft, target);
      return true;
    } catch {
      try {
        this.fs.unlinkSync(draft);
      } catch {
        // Not there.
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
}

class FileBacking {
  constructor(store, kind) {
    this.store = store;
    this.kind = kind;
    this.journal = store.file(this.name(""));
    this.adopted = 0;
    this.removed = 0; // records of the journal that a later line of it takes out
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
        continue; // somebody else was first
      }
      // Dying between these two lines leaves the same ids in two journals, which the next adopter merges.
      if (take(this.read(mine))) this.unlink(mine);
    }
    this.touch();
  }

  isAbandoned(name, [, , host, pid, instance]) {
    if (instance === this.store.instance || liveInstances.has(instance)) return false;
    if (host !== this.store.host) {
      // Another machine or container on a shared folder, or this one before it was renamed.
      try {
        return this.store.fs.statSync(this.store.file(name)).mtimeMs < Date.now() - ABANDONED_MS;
      } catch {
        return false;
      }
    }
    // In a container every run may have the same process id.
    if (Number(pid) === process.pid) return true;
    try {
      process.kill(Number(pid), 0);
      // Alive, or its number was given to somebody else: an owner touches its journal all the time.
      return this.store.fs.statSync(this.store.file(name)).mtimeMs < Date.now() - ABANDONED_MS;
    } catch (error) {
      return error?.code === "ESRCH";
    }
  }

  touch() {
    try {
      const now = new Date();
      this.store.fs.utimesSync(this.journal, now, now);
    } catch {
      // No journal yet.
    }
  }

  read(file) {
    const records = new Map();
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
        // The end of the file, or a line cut short.
      }
    }
    return [...records.values()];
  }

  append(record) {
    return this.appendLine(record);
  }

  appendLine(content) {
    try {
      // The leading newline ends a line that a full disk may have cut short.
      this.store.fs.appendFileSync(this.journal, `\n${JSON.stringify(content)}`, { mode: 0o600 });
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
        this.store.fs.truncateSync(file); // Windows refuses to unlink what a scanner holds open
      } catch {
        // Its ids are known to the server: a resend counts nothing.
      }
    }
  }
}
