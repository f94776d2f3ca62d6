// Drives a real Chromium over its debugging pipe: no driver to install, no port to collide.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PLACES = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
export const chromiumPath = PLACES.find((path) => path && existsSync(path));

/** For test(): skipped aloud without a Chromium, but in CI a missing one is a failure. */
export const chromiumNeeded =
  chromiumPath || process.env.CI === "true" ? {} : { skip: "no Chromium found; set CHROMIUM to its path" };

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-software-rasterizer",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--remote-debugging-pipe",
  // A headless one names itself so, and the server leaves crawlers out.
  "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
];

export async function startChromium() {
  if (!chromiumPath) throw new Error("no Chromium found; set CHROMIUM to its path");
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const child = spawn(chromiumPath, [...FLAGS, `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const [, , , input, output] = child.stdio;
  input.on("error", () => {});
  const waiting = new Map();
  const listeners = new Set();
  let buffered = "";
  let lastId = 0;
  output.setEncoding("utf8");
  output.on("data", (text) => {
    buffered += text;
    const messages = buffered.split("\0");
    buffered = messages.pop();
    for (const message of messages.map((part) => JSON.parse(part))) {
      const pending = waiting.get(message.id);
      waiting.delete(message.id);
      if (!pending) for (const listener of listeners) listener(message);
      else if (message.error) pending.reject(new Error(`${pending.method}: ${message.error.message}`));
      else pending.resolve(message.result);
    }
  });
  function send(method, params = {}, sessionId) {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { method, resolve, reject });
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }
  const browser = { send, listeners };
  return {
    /** A window of its own storage, as another person's browser would be. */
    async newContext() {
      const { browserContextId } = await send("Target.createBrowserContext");
      return {
        newPage: (options) => openPage(browser, browserContextId, options),
        close: () => send("Target.disposeBrowserContext", { browserContextId }).catch(() => {}),
      };
    },
    async close() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      send("Browser.close").catch(() => {});
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(timer);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

async function openPage(browser, browserContextId, { before } = {}) {
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank", browserContextId });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const once = (method) =>
    new Promise((resolve) => {
      const listener = (message) => {
        if (message.sessionId !== sessionId || message.method !== method) return;
        browser.listeners.delete(listener);
        resolve(message.params);
      };
      browser.listeners.add(listener);
    });
  await send("Page.enable");
  await send("Runtime.enable");
  if (before) await send("Page.addScriptToEvaluateOnNewDocument", { source: before });
  const loading = async (start) => {
    const loaded = once("Page.loadEventFired");
    await start();
    await loaded;
  };
  return {
    send,
    goto: (url) => loading(() => send("Page.navigate", { url })),
    reload: () => loading(() => send("Page.reload")),
    /** The value of an expression or promise in the page. */
    async evaluate(expression) {
      const options = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
      const { result, exceptionDetails } = await send("Runtime.evaluate", options);
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    /** As a person does it: presses a key. */
    async press(key) {
      const details = {
        Tab: { key: "Tab", code: "Tab", windowsVirtualKeyCode: 9 },
        Enter: { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
      }[key];
      await send("Input.dispatchKeyEvent", { type: "keyDown", ...details });
      await send("Input.dispatchKeyEvent", { type: "keyUp", ...details });
    },
    close: () => send("Page.close"),
    kill: () => send("Page.crash").catch(() => {}),
  };
}
