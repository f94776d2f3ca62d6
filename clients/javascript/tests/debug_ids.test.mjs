// Debug ids of scripts, as sentry-cli and the bundlers' plugins leave them in globalThis, go with a crash.
import assert from "node:assert/strict";
import { test } from "node:test";

import { describe } from "../src/crashes.js";
import { debugIdsOf, scrubbedIds } from "../src/debug_ids.js";
import { scrubText } from "../src/scrub.js";
import { setUp } from "./support/contract.mjs";

const ID = "8a3f0f3c-7a0e-4d58-9c9b-2f6c1d3e5a77";
const OTHER = "11111111-2222-3333-4444-555555555555";

/** Sets the table for as long as the test runs. */
function withTable(t, table, name = "_sentryDebugIds") {
  globalThis[name] = table;
  t.after(() => delete globalThis[name]);
}

const ENGINES = {
  "V8 in a page": ["Error\n    at https://x.example/app.js:1:252", "    at update (https://x.example/app.js:2:10)"],
  "V8 in a module of Node": [
    "Error\n    at file:///srv/app.mjs:2:71\n    at ModuleJob.run (node:x:1:2)",
    "    at async file:///srv/app.mjs:3:1",
  ],
  "V8 in CommonJS": ["Error\n    at /srv/my app (1)/a.js:2:7", "    at Object.<anonymous> (/srv/my app (1)/a.js:9:1)"],
  "V8 on Windows": ["Error\n    at C:\\app\\a.js:1:2", "    at new Cart (C:\\app\\a.js:5:6)"],
  Gecko: ["@https://x.example/app.js:1:252\n@https://x.example/app.js:1:300\n", "update@https://x.example/app.js:2:10"],
  JavaScriptCore: ["https://x.example/@me/app.js:1:252", "https://x.example/@me/app.js:2:10"],
  "JavaScriptCore, named": ["global code@https://x.example/app.js:1:252", "update@https://x.example/app.js:2:10"],
};

for (const [engine, [ownStack, line]] of Object.entries(ENGINES)) {
  test(`a script's id is found by its file: ${engine}`, (t) => {
    withTable(t, { [ownStack]: ID, "Error\n    at https://x.example/other.js:1:1": OTHER });
    const ids = debugIdsOf(`TypeError: no such thing\n${line}\n    at node:internal/timers:581:17`);
    assert.deepEqual(Object.values(ids ?? {}), [ID]);
    assert.ok(line.includes(Object.keys(ids)[0]));
  });
}

test("scripts of causes count, scripts that are not in the stack do not", (t) => {
  withTable(t, { "Error\n    at /srv/a.js:1:2": ID });
  withTable(t, { "Error\n    at /srv/b.js:1:2": OTHER, "Error\n    at /srv/c.js:1:2": OTHER }, "_debugIds");
  const cause = Object.assign(new Error("inner"), { stack: "Error: inner\n    at g (/srv/b.js:5:6)" });
  const thrown = Object.assign(new Error("outer"), { stack: "Error: outer\n    at f (/srv/a.js:3:4)", cause });
  assert.deepEqual(describe(thrown).debugIds, { "/srv/a.js": ID, "/srv/b.js": OTHER });
});

test("without ids, or with a table that is none, nothing is sent", (t) => {
  const stack = "Error: x\n    at f (/srv/a.js:3:4)";
  assert.equal(debugIdsOf(stack), undefined);
  withTable(t, { "": ID, "no frame here": ID, "Error\n    at /srv/b.js:1:2": ID });
  assert.equal(debugIdsOf(stack), undefined);
  assert.equal(debugIdsOf(""), undefined);
  globalThis._sentryDebugIds = "text";
  assert.equal(debugIdsOf(stack), undefined);
});

test("files are scrubbed as in the stack, what is no debug id is left out, and there are twenty at most", () => {
  const home = "/Users/Jane Doe/App.app/main.js";
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`/srv/${n}.js`, ID]));
  const scrub = (text, most) => scrubText(text, most);
  assert.deepEqual(scrubbedIds({ [home]: ID.toUpperCase(), "/a.js": "jane@example.com", "/b.js": 5 }, scrub), {
    "~/App.app/main.js": ID.toUpperCase(),
  });
  assert.equal(scrub(`at f (${home}:1:2)`, 100), "at f (~/App.app/main.js:1:2)");
  assert.equal(Object.keys(scrubbedIds(many, scrub)).length, 20);
  for (const wrong of [null, undefined, "text", 7, {}]) assert.equal(scrubbedIds(wrong, scrub), undefined);
});

test("a crash report has them", async (t) => {
  const { client, proxy } = await setUp(t);
  const here = new Error("here").stack.split("\n")[1];
  withTable(t, { [`Error\n${here}`]: ID });
  const telemetry = client();
  telemetry.reportCrash(new RangeError("it broke"));
  assert.equal(await telemetry.flush(), true);
  const [{ debug_ids: ids, stack_trace: stack }] = proxy.posts("/crash").map(({ body }) => JSON.parse(body));
  assert.deepEqual(Object.values(ids), [ID]);
  assert.ok(stack.includes(`${Object.keys(ids)[0]}:`));
});
