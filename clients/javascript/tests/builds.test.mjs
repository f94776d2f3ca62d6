// The committed builds load everywhere and stay small. That they are what src/ makes: `npm run build -- --check`.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import vm from "node:vm";
import { gzipSync } from "node:zlib";

import { setUp } from "./support/contract.mjs";

const root = new URL("../", import.meta.url);
const read = (name) => readFileSync(new URL(name, root), "utf8");
const require = createRequire(import.meta.url);

test("every module of src is part of the builds", () => {
  const others = ["analytics.js", "preload.js", "renderer.js"];
  const modules = readdirSync(new URL("src/", root)).filter((name) => !/\.d\.ts$/.test(name) && !others.includes(name));
  for (const name of modules) {
    assert.ok(read("dist/TelemetryClient.cjs").includes(`\n// src/${name}\n`), name);
  }
});

test("it loads as an ES module, by require, as a plain script and by the package's name", async () => {
  const asModule = await import("../dist/TelemetryClient.js");
  const asCommonJs = require("../dist/TelemetryClient.cjs");
  const byName = await import("stories-analytics-client");
  const page = vm.createContext({ Intl, TextEncoder, performance });
  vm.runInContext(read("dist/TelemetryClient.global.js"), page);
  for (const loaded of [asModule.default, asModule.TelemetryClient, asCommonJs, asCommonJs.default, byName.default]) {
    assert.equal(new loaded().status().state, "new");
  }
  assert.equal(new page.TelemetryClient().status().state, "new");
  assert.equal(asCommonJs, require("stories-analytics-client"));
  assert.deepEqual(
    [byName.estimateCost(60), asCommonJs.estimateCost(60), asModule.estimateCost(60)],
    [0.006, 0.006, 0.006],
  );
});

test("the ES module and the CommonJS build in one process leave each other's queue alone", async (t) => {
  const { client, folder, proxy } = await setUp(t);
  proxy.behave = () => "refuse";
  const AsCommonJs = require("stories-analytics-client");
  const first = new AsCommonJs({ apiUrl: proxy.url, dataDir: folder, captureErrors: false });
  t.after(() => first.close());
  first.appOpened();
  const second = client();
  await second.flush();
  assert.deepEqual([first.status().queuedEvents, second.status().queuedEvents], [1, 0]);
});

test("the builds need nothing outside, and no package does", () => {
  for (const name of ["TelemetryClient.js", "TelemetryClient.global.js", "analytics.js"]) {
    assert.doesNotMatch(read(`dist/${name}`), /^\s*import |\brequire\("/m);
  }
  const { dependencies, peerDependencies, optionalDependencies } = JSON.parse(read("package.json"));
  assert.deepEqual([dependencies, peerDependencies, optionalDependencies], [undefined, undefined, undefined]);
});

test("analytics.min.js stays under 5 KB gzipped", () => {
  assert.ok(gzipSync(read("dist/analytics.min.js"), { level: 9 }).length < 5000);
});
