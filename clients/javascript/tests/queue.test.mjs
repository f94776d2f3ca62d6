// The queue on disk: kills at any point, two processes, full and denied storage, the caps.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

import { FileStore } from "../src/file_store.js";
import { Queue } from "../src/queue.js";
import { MemoryStore } from "../src/storage.js";
import { run } from "./support/contract.mjs";

const LIMITS = { maxItems: 1000, maxBytes: 1e6, maxAgeMs: 86_400_000 };
const DEAD_PID = 2 ** 22 + 1; // above the greatest process id

let instances = 0;
const newInstance = () => (0xabc000 + instances++).toString(16);

function folder(t) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), "queue test "));
  t.after(() => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}

function open(directory, { limits = LIMITS, now = Date.now, modules = { fs, path, os } } = {}) {
  const store = new FileStore(modules, directory, newInstance());
  const dropped = {};
  const onDrop = (reason, count) => (dropped[reason] = (dropped[reason] ?? 0) + count);
  const queue = new Queue(store.backing("events"), limits, now, onDrop);
  return { store, queue, dropped };
}

const record = (id, at = Date.now()) => ({ id, at, event: "app_opened" });
const ids = (queue) => queue.batch(1e6, 1e9).map(({ id }) => id);

test("what one launch queued, the next one finds, in order", async (t) => {
  const directory = folder(t);
  const first = open(directory);
  for (const id of ["a", "b", "c"]) first.queue.put(record(id));
  first.queue.remove(["b"]);
  first.store.close();
  const second = open(directory);
  await second.queue.open();
  assert.deepEqual(ids(second.queue), ["a", "c"]);
});

test("a journal of a dead process is adopted once, a torn last line is skipped", async (t) => {
  const directory = folder(t);
  const host = os.hostname().replace(/[^A-Za-z0-9]/g, "_");
  const lines = [record("a"), record("b")].map((line) => JSON.stringify(line)).join("\n");
  fs.writeFileSync(path.join(directory, `events-${host}-${DEAD_PID}-abc.jsonl`), `${lines}\n{"id":"c","at":17`);
  const one = open(directory);
  const two = open(directory);
  await Promise.all([one.queue.open(), two.queue.open()]);
  assert.deepEqual([ids(one.queue), ids(two.queue)], [["a", "b"], []]);
});

test("a journal of another machine on the same folder is left alone until an hour has passed", async (t) => {
  const directory = folder(t);
  const file = path.join(directory, `events-elsewhere-1-abc.jsonl`);
  fs.writeFileSync(file, JSON.stringify(record("a")));
  const first = open(directory);
  await first.queue.open();
  assert.equal(first.queue.size, 0);
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  fs.utimesSync(file, longAgo, longAgo);
  await first.queue.adopt();
  assert.deepEqual(ids(first.queue), ["a"]);
});

test("the same ids in two journals, as a kill during adoption leaves them, become one", async (t) => {
  const directory = folder(t);
  const host = os.hostname().replace(/[^A-Za-z0-9]/g, "_");
  for (const instance of ["abc", "abd"]) {
    const file = path.join(directory, `events-${host}-${DEAD_PID}-${instance}.jsonl`);
    fs.writeFileSync(file, JSON.stringify(record("a")));
  }
  const { queue } = open(directory);
  await queue.open();
  assert.deepEqual(ids(queue), ["a"]);
});

test("two stores that start at once agree on the user id", (t) => {
  const directory = folder(t);
  const first = open(directory).store;
  const second = open(directory).store;
  assert.equal(
    first.once("user_id", () => "one"),
    "one",
  );
  assert.equal(
    second.once("user_id", () => "two"),
    "one",
  );
});

test("a process killed while it appends loses nothing that append had returned from", async (t) => {
  for (let round = 0; round < 3; round += 1) {
    const directory = folder(t);
    const options = { apiUrl: "http://127.0.0.1:9", dataDir: directory, maxQueueEvents: 1e6, maxQueueBytes: 1e9 };
    const { signal, output } = await run(
      "appends.mjs",
      { options },
      {
        onLine: (text, child) => text.length > 500 * (round + 1) && child.kill("SIGKILL"),
      },
    );
    assert.equal(signal, "SIGKILL");
    const said = output.split("\n").slice(0, -1).length;
    const { queue } = open(directory, { limits: { ...LIMITS, maxItems: 1e6, maxBytes: 1e9 } });
    await queue.open();
    const kept = new Set(queue.batch(1e6, 1e9).map(({ properties }) => properties.number));
    for (let number = 0; number < said; number += 1) assert.ok(kept.has(number), `${number} of ${said}`);
  }
});

test("beyond the cap the oldest go, and are counted", (t) => {
  const { queue, dropped } = open(folder(t), { limits: { ...LIMITS, maxItems: 100 } });
  for (let number = 0; number < 130; number += 1) queue.put(record(String(number)));
  assert.ok(queue.size <= 100);
  assert.equal(queue.size + dropped.queue_full, 130);
  assert.equal(ids(queue).at(-1), "129");
  assert.equal(ids(queue)[0], String(dropped.queue_full));
});

test("the cap holds exactly, and a kill brings back nothing that was given up or sent", async (t) => {
  const directory = folder(t);
  const first = open(directory, { limits: { ...LIMITS, maxItems: 100 } });
  for (let number = 0; number < 130; number += 1) first.queue.put(record(String(number)));
  assert.deepEqual([first.queue.size, first.dropped], [100, { queue_full: 30 }]);
  first.queue.remove(["30"]);
  first.store.close();
  const second = open(directory);
  await second.queue.open();
  assert.deepEqual(ids(second.queue), ids(first.queue));
  assert.equal(ids(second.queue)[0], "31");
});

test("what is under way is not given up, and what got no reply is counted apart", (t) => {
  const { queue, dropped } = open(folder(t), { limits: { ...LIMITS, maxItems: 3 } });
  for (const id of ["a", "b"]) queue.put(record(id));
  queue.sending(queue.batch(2, 1e9));
  for (const id of ["c", "d", "e"]) queue.put(record(id));
  assert.deepEqual([[...queue.records.keys()], dropped], [["a", "b", "e"], { queue_full: 2 }]);
  queue.underWay.clear(); // the reply was lost
  queue.put(record("f"));
  assert.deepEqual([[...queue.records.keys()], dropped], [["b", "e", "f"], { queue_full: 2, unconfirmed: 1 }]);
});

test("a cap on size holds as well", (t) => {
  const { queue, dropped } = open(folder(t), { limits: { ...LIMITS, maxBytes: 5000 } });
  for (let number = 0; number < 200; number += 1) queue.put(record(String(number)));
  assert.ok(queue.bytes <= 5000 && dropped.queue_full > 0);
});

test("what is too old is dropped when its turn comes", (t) => {
  let now = Date.now();
  const { queue, dropped } = open(folder(t), { now: () => now });
  queue.put(record("old", now));
  now += LIMITS.maxAgeMs + 1;
  queue.put(record("new", now));
  assert.deepEqual(ids(queue), ["new"]);
  assert.deepEqual(dropped, { too_old: 1 });
});

test("on a full disk events wait in memory and nothing throws", (t) => {
  const full = () => {
    throw Object.assign(new Error("no space"), { code: "ENOSPC" });
  };
  const { queue } = open(folder(t), {
    modules: { fs: { ...fs, appendFileSync: full, writeFileSync: full, renameSync: full }, path, os },
  });
  for (const id of ["a", "b", "c"]) queue.put(record(id));
  assert.equal(ids(queue).at(-1), "c");
  queue.remove(ids(queue));
  assert.equal(queue.size, 0);
});

test("a rewrite that is cut off leaves the old journal whole", async (t) => {
  const directory = folder(t);
  const first = open(directory, {
    modules: {
      fs: {
        ...fs,
        renameSync: () => {
          throw new Error("killed here");
        },
      },
      path,
      os,
    },
  });
  for (const id of ["a", "b"]) first.queue.put(record(id));
  first.queue.remove(["a"]);
  first.store.close();
  const second = open(directory);
  await second.queue.open();
  assert.deepEqual(ids(second.queue), ["a", "b"]); // sent again with the same id: counted once
});

test("memory keeps things where nothing else can", () => {
  const store = new MemoryStore();
  assert.equal(
    store.once("user_id", () => "one"),
    "one",
  );
  const queue = new Queue(store.backing("events"), LIMITS, Date.now, () => {});
  queue.put(record("a"));
  assert.deepEqual(ids(queue), ["a"]);
});
