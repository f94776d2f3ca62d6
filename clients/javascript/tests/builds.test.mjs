// The committed builds are what src/ makes, load everywhere, and stay small.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import vm from "node:vm";
import { gzipSync } from "node:zlib";

import { builds } from "../tools/build.mjs";

const root = new URL("../", import.meta.url);
const read = (name) => readFileSync(new URL(name, root), "utf8");
const require = createRequire(import.meta.url);

test("every build is current", () => {
  for (const [name, content] of Object.entries(builds())) {
    assert.ok(read(name) === content, `${name} is not current: run node tools/build.mjs`);
  }
  const hash = createHash("sha256").update(read("analytics.js")).digest("hex").slice(0, 16);
  assert.ok(read("analytics.min.js").includes(hash), "run node tools/minify_analytics.mjs");
});

test("every module of src is part of the builds", () => {
  for (const name of readdirSync(new URL("src/", root))) assert.ok(read("TelemetryClient.js").includes(`\n// ${name}\n`), name);
});

test("it loads as an ES module, by require, as a plain script and by the package's name", async () => {
  const asModule = await import("../TelemetryClient.js");
  const asCommonJs = require("../TelemetryClient.cjs");
  const byName = await import("stories-analytics-client");
  const page = vm.createContext({ Intl, TextEncoder, performance });
  vm.runInContext(read("TelemetryClient.global.js"), page);
  for (const loaded of [asModule.default, asModule.TelemetryClient, asCommonJs, asCommonJs.default, byName.default]) {
    assert.equal(new loaded().status().state, "new");
  }
  assert.equal(new page.TelemetryClient().status().state, "new");
  assert.equal(byName.default, require("stories-analytics-client"));
});

test("the builds need nothing outside, and no package does", () => {
  for (const name of ["TelemetryClient.js", "TelemetryClient.global.js", "analytics.js"]) {
    assert.doesNotMatch(read(name), /^\s*import |\brequire\("/m);
  }
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  assert.deepEqual([dependencies, devDependencies], [undefined, undefined]);
});

test("analytics.min.js stays under 5 KB gzipped", () => {
  assert.ok(gzipSync(read("analytics.min.js"), { level: 9 }).length < 5000);
});
