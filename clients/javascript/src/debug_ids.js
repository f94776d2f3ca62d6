// Debug ids: sentry-cli and the bundlers' plugins put one into each script and its source map, so that the server
// knows which map is a script's. A script notes its own when it starts, in a table by the stack of that moment.

const TABLES = ["_sentryDebugIds", "_debugIds"]; // the second is Turbopack's
const MAX_IDS = 20; // the server looks for no more of a crash
const MAX_LINES = 500;
const MAX_FILE = 400;
const ID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

const filesByStack = new Map();

/** {file: debug id} of the scripts that this stack names; undefined when none has one. */
export function debugIdsOf(stack) {
  const tables = TABLES.map((name) => globalThis[name]).filter((table) => table !== null && typeof table === "object");
  if (tables.length === 0 || !stack) return undefined;
  const named = new Set(stack.split("\n", MAX_LINES).map(fileOf));
  const ids = {};
  for (const [ownStack, id] of tables.flatMap(Object.entries)) {
    if (!filesByStack.has(ownStack)) filesByStack.set(ownStack, firstFile(ownStack));
    const file = filesByStack.get(ownStack);
    if (file && named.has(file)) ids[file] = id;
  }
  return Object.keys(ids).length > 0 ? ids : undefined;
}

/** The same as it may leave the machine, its files as they stand in the scrubbed stack. */
export function scrubbedIds(ids, scrub) {
  if (ids === null || typeof ids !== "object") return undefined;
  const isGood = ([file, id]) => file.length <= MAX_FILE && typeof id === "string" && ID.test(id);
  const good = Object.entries(ids).filter(isGood).slice(0, MAX_IDS);
  return good.length > 0 ? Object.fromEntries(good.map(([file, id]) => [scrub(file, MAX_FILE), id])) : undefined;
}

/** The script that ran when the stack was taken: the file of its newest call. */
function firstFile(stack) {
  for (const line of stack.split("\n", MAX_LINES)) {
    const file = fileOf(line);
    if (file) return file;
  }
  return undefined;
}

/** The file of `at update (https://x/app.js:1:2)`, `at https://x/app.js:1:2` and `update@https://x/app.js:1:2`. */
function fileOf(line) {
  const text = line.slice(0, 1000).trim();
  const [, place, paren] = /^(.*):\d+:\d+(\))?$/.exec(text) ?? [];
  if (place === undefined) return undefined;
  if (!place.startsWith("at ")) return place.slice(place.indexOf("@") + 1);
  return paren ? place.slice(place.indexOf(" (") + 2) : place.slice(3).replace(/^async /, "");
}
