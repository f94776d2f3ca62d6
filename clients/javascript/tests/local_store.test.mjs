// localStorage with several windows: a stand-in for the storage and for Web Locks.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Queue } from "../src/queue.js";
import { LocalStore } from "../src/storage.js";

class FakeStorage {
  constructor(room = Infinity) {
    this.map = new Map();
    this.room = room;
  }
  get length() {
    return this.map.size;
  }
  key(index) {
    return [...this.map.keys()][index] ?? null;
  }
  getItem(name) {
    return this.map.get(name) ?? null;
  }
  setItem(name, text) {
    const others = [...this.map].reduce((sum, [key, value]) => sum + (key === name ? 0 : value.length), 0);
    if (others + text.length > this.room) throw new Error("QuotaExceededError");
    this.map.set(name, text);
  }
  removeItem(name) {
    this.map.delete(name);
  }
}

class FakeLocks {
  constructor() {
    this.held = new Set();
  }
  async request(name, options, callback = options) {
    if (this.held.has(name)) return callback(null);
    this.held.add(name);
    try {
      return await callback({ name });
    } finally {
      this.held.delete(name);
    }
  }
}

function openWindow(storage, instance, locks, now = Date.now) {
  const store = new LocalStore(storage, "st.", instance, { locks, now });
  const limits = { maxItems: 1000, maxBytes: 1e6, maxAgeMs: 1e9 };
  const dropped = {};
  const queue = new Queue(store.backing("events"), limits, now, (why, count) => (dropped[why] = count));
  return { store, queue, dropped };
}

const record = (id) => ({ id, at: Date.now(), event: "app_opened" });
const ids = (queue) => queue.batch(1e6, 1e9).map(({ id }) => id);

test("a window sends its own events, not those of another that is alive", async () => {
  const [storage, locks] = [new FakeStorage(), new FakeLocks()];
  const one = openWindow(storage, "one", locks);
  const two = openWindow(storage, "two", locks);
  one.queue.put(record("a"));
  two.queue.put(record("b"));
  await one.queue.open();
  assert.deepEqual(ids(one.queue).includes("a"), true);
  await two.queue.open();
  assert.equal(new Set([...ids(one.queue), ...ids(two.queue)]).size, ids(one.queue).length + ids(two.queue).length);
});

test("events of a window that is gone are adopted by one of the others", async () => {
  const [storage, locks] = [new FakeStorage(), new FakeLocks()];
  const gone = openWindow(storage, "gone", locks);
  await gone.queue.open();
  gone.queue.put(record("a"));
  gone.store.release();
  await Promise.resolve();
  const [one, two] = [openWindow(storage, "one", locks), openWindow(storage, "two", locks)];
  await Promise.all([one.queue.open(), two.queue.open()]);
  assert.deepEqual([...ids(one.queue), ...ids(two.queue)], ["a"]);
});

test("what another window claimed before this one held its lock is left to it", async () => {
  const [storage, locks] = [new FakeStorage(), new FakeLocks()];
  const slow = openWindow(storage, "slow", locks);
  slow.queue.put(record("a"));
  const quick = openWindow(storage, "quick", locks);
  await quick.queue.open();
  await slow.queue.open();
  assert.deepEqual([ids(quick.queue), ids(slow.queue)], [["a"], []]);
});

test("without Web Locks ten minutes of silence mean that a window is gone", async () => {
  const storage = new FakeStorage();
  let now = 1_800_000_000_000;
  const one = openWindow(storage, "one", undefined, () => now);
  await one.queue.open();
  one.queue.put({ ...record("a"), at: now });
  const two = openWindow(storage, "two", undefined, () => now);
  await two.queue.open();
  assert.deepEqual(ids(two.queue), []);
  now += 11 * 60_000;
  await two.queue.adopt();
  assert.deepEqual(ids(two.queue), ["a"]);
});

test("without Web Locks a window that lives on keeps its events, though it was alone for long", async () => {
  const storage = new FakeStorage();
  let now = 1_800_000_000_000;
  const one = openWindow(storage, "one", undefined, () => now);
  await one.queue.open();
  one.queue.put({ ...record("a"), at: now });
  now += 11 * 60_000;
  await one.queue.adopt(); // a flush, as every few seconds
  const two = openWindow(storage, "two", undefined, () => now);
  await two.queue.open();
  assert.deepEqual(ids(two.queue), []);
});

test("without Web Locks windows leave no heartbeats behind for ever", async () => {
  const storage = new FakeStorage();
  let now = 1_800_000_000_000;
  const heartbeats = () => [...storage.map.keys()].filter((key) => key.startsWith("st.alive."));
  await openWindow(storage, "killed", undefined, () => now).queue.open();
  now += 6 * 60_000;
  await openWindow(storage, "living", undefined, () => now).queue.open();
  now += 6 * 60_000;
  const { store, queue } = openWindow(storage, "closed", undefined, () => now);
  await queue.open();
  assert.deepEqual(heartbeats(), ["st.alive.living", "st.alive.closed"]);
  store.close();
  await queue.adopt(); // what was under way ends after it
  assert.deepEqual(heartbeats(), ["st.alive.living"]);
});

test("when storage is full events wait in memory, and are saved once there is room", () => {
  const storage = new FakeStorage(2000);
  const { queue, dropped } = openWindow(storage, "one", new FakeLocks());
  for (let number = 0; number < 100; number += 1) queue.put(record(`event number ${number}`));
  assert.deepEqual([ids(queue).length, dropped], [100, {}]);
  const saved = storage.map.size;
  assert.equal(queue.unsaved.size, 100 - saved);
  queue.remove(ids(queue).slice(0, saved));
  assert.equal(storage.map.size, saved);
  assert.equal(queue.unsaved.size, 100 - 2 * saved);
});

test("storage that is denied throws nothing", () => {
  const denied = new Proxy({}, { get: () => assert.fail("SecurityError") });
  const { store, queue } = openWindow(denied, "one", undefined);
  assert.match(
    store.once("user_id", () => "made"),
    /made/,
  );
  queue.put(record("a"));
  queue.clear();
});
