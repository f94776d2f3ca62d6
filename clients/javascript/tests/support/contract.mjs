// What the contract tests share: the server under test (SERVER_URL, or the stand-in), a proxy before it,
// clients with a folder of their own, and reading back what was stored.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import TelemetryClient from "../../dist/TelemetryClient.node.mjs";
import { startProxy } from "./proxy.mjs";
import { startStandIn } from "./stand_in.mjs";

const { SERVER_URL, SERVER_USERNAME = "admin", SERVER_PASSWORD = "admin", APP_KEY } = process.env;

/** A server to talk to and everything around it; `t` is node:test's context, which cleans up. */
export async function setUp(t) {
  const standIn = SERVER_URL ? undefined : await startStandIn();
  const serverUrl = SERVER_URL ?? standIn.url;
  const proxy = await startProxy(serverUrl);
  const folder = mkdtempSync(join(tmpdir(), "telemetry test "));
  const clients = [];
  t.after(async () => {
    for (const client of clients) client.close();
    await proxy.close();
    await standIn?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    proxy,
    folder,
    serverUrl,
    standIn,
    /** A client that talks through the proxy; the same folder unless told otherwise. */
    client(options = {}) {
      const made = new TelemetryClient({
        apiUrl: proxy.url,
        appKey: APP_KEY,
        appVersion: "1.2.3",
        country: "MX",
        dataDir: folder,
        captureErrors: false,
        requestTimeoutMs: 5000,
        ...options,
      });
      clients.push(made);
      made.init();
      return made;
    },
    events: (userId) => stored(serverUrl, "events", userId),
    crashes: (userId) => stored(serverUrl, "crashes", userId),
  };
}

async function stored(serverUrl, kind, userId) {
  const credentials = Buffer.from(`${SERVER_USERNAME}:${SERVER_PASSWORD}`).toString("base64");
  const found = [];
  let cursor = null;
  do {
    const query = new URLSearchParams({ limit: "1000", ...(cursor ? { cursor } : {}) });
    if (kind === "events") query.set("user_id", userId);
    const reply = await fetch(`${serverUrl}/${kind}?${query}`, {
      headers: { Authorization: `Basic ${credentials}` },
    });
    assert.equal(reply.status, 200, await reply.clone().text());
    const json = await reply.json();
    found.push(...json[kind]);
    cursor = json.next_cursor;
  } while (cursor);
  return found.filter((row) => row.user_id === userId);
}

/** Waits until `condition()` holds; the limit only turns a hang into a failure. */
export async function until(condition, what, limitMs = 15_000) {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) assert.fail(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs a program of tests/support/programs with JSON as its argument; resolves when it has ended. */
export function run(program, argument, { onLine } = {}) {
  const path = fileURLToPath(new URL(`./programs/${program}`, import.meta.url));
  const child = spawn(process.execPath, [path, JSON.stringify(argument)], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.on("data", (part) => {
    output += part;
    onLine?.(output, child);
  });
  child.stderr.on("data", (part) => (errors += part));
  return new Promise((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, output, errors }));
  });
}
