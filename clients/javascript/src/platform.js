// What differs between a browser, an Electron renderer, Electron's main process and Node.

import { FileStore } from "./file_store.js";
import { LocalStore, MemoryStore } from "./storage.js";

/** A module of Node's, or undefined outside Node. */
export function builtin(name) {
  try {
    // The builds for Node bring src/node_builtins.js along; the others may still run in a recent Node.
    if (typeof nodeBuiltins !== "undefined") return nodeBuiltins[name];
    return globalThis.process?.getBuiltinModule?.(name);
  } catch {
    return undefined;
  }
}

export function isNode() {
  return Boolean(globalThis.process?.versions?.node) && globalThis.process.type !== "renderer";
}

/** The electron module in Electron's main process, passed in or required. */
export function findElectron(option) {
  if (option !== undefined) return option || undefined;
  const { process } = globalThis;
  if (process?.type !== "browser") return undefined;
  try {
    // Electron answers for its own name wherever the asking file lies, and a bundle has no file of its own.
    return builtin("module").createRequire(builtin("path").join(process.cwd(), "main.js"))("electron");
  } catch {
    return undefined;
  }
}

/** The best store there is; memory when everything else is denied. */
export function openStore(options, electron, instance, debug) {
  try {
    if (options.store) return options.store;
    if (isNode()) {
      const modules = { fs: builtin("fs"), path: builtin("path"), os: builtin("os") };
      return new FileStore(modules, options.dataDir ?? defaultFolder(options, electron, modules), instance);
    }
    const storage = globalThis.localStorage;
    storage.getItem("probe"); // throws where storage is denied
    const context = { locks: globalThis.navigator?.locks, now: options.now };
    return new LocalStore(storage, `${options.storagePrefix ?? "stories_telemetry"}.`, instance, context);
  } catch (error) {
    debug(`nothing can be kept on disk (${error?.message}); the queue ends with the process`);
    return new MemoryStore();
  }
}

function defaultFolder(options, electron, { path, os }) {
  if (electron?.app?.getPath) return path.join(electron.app.getPath("userData"), "telemetry");
  const server = new URL(options.apiUrl).hostname.replace(/[^A-Za-z0-9.-]/g, "_");
  return path.join(os.homedir(), ".stories-telemetry", server);
}

/** "darwin-24.6.0" in Node, "darwin" in a browser, which does not say more. At most 50 characters. */
export function platformName() {
  if (isNode()) {
    return `${globalThis.process.platform}-${builtin("os")?.release() ?? ""}`.slice(0, 50);
  }
  const agent = globalThis.navigator?.userAgent ?? "";
  const known = [
    [/Android/, "android"],
    [/iPhone|iPad|iPod/, "ios"],
    [/Mac OS X|Macintosh/, "darwin"],
    [/Windows/, "win32"],
    [/CrOS/, "chromeos"],
    [/Linux/, "linux"],
  ];
  return known.find(([pattern]) => pattern.test(agent))?.[1];
}

/** Words that give the person away wherever they stand: the home directory as this system spells it. */
export function privateWords() {
  try {
    const home = isNode() ? builtin("os")?.homedir() : undefined;
    return home && home !== "/" && home !== "/root" ? [home] : [];
  } catch {
    return [];
  }
}

/** A random UUID (version 4); crypto.randomUUID needs a secure context, getRandomValues does not. */
export function uuid() {
  const { crypto } = globalThis;
  if (crypto?.randomUUID) return crypto.randomUUID();
  const bytes = crypto?.getRandomValues
    ? crypto.getRandomValues(new Uint8Array(16))
    : Uint8Array.from({ length: 16 }, () => Math.floor(Math.random() * 256));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The person's anonymous id: as given, else made once and kept. */
export function anonymousId(store, given) {
  if (UUID_PATTERN.test(given ?? "")) return given;
  const stored = store.once("user_id", uuid);
  if (UUID_PATTERN.test(stored)) return stored;
  const made = uuid(); // somebody edited it
  store.set("user_id", made);
  return made;
}

/** One HTTP request that blocks, for a process that is about to end. Undefined when it did not work. */
export function requestSync(url, options, timeoutMs) {
  const script = `
    let text = "";
    process.stdin.on("data", (part) => (text += part)).on("end", async () => {
      const { url, options } = JSON.parse(text);
      const reply = await fetch(url, options);
      const body = await reply.text();
      const retryAfter = reply.headers.get("retry-after");
      process.stdout.write(JSON.stringify({ status: reply.status, body, retryAfter }));
    });`;
  try {
    const result = builtin("child_process").spawnSync(globalThis.process.execPath, ["-e", script], {
      input: JSON.stringify({ url, options }),
      timeout: timeoutMs,
      windowsHide: true,
      stdio: ["pipe", "pipe", "ignore"],
      // In Electron the executable is the app: without this it would start a second time.
      env: { ...globalThis.process.env, ELECTRON_RUN_AS_NODE: "1", NODE_OPTIONS: "" },
    });
    return JSON.parse(result.stdout.toString());
  } catch {
    return undefined;
  }
}
