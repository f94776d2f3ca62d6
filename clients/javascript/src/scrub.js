// What leaves the machine is cleaned here first. The server scrubs once more; neither trusts the other.

import { applyRules, isDotted, kindOfMember, SECRET } from "./scrub_rules.js";

const MAX_TEXT = 2000;
const MAX_KEYS = 64;
const MAX_DEPTH = 5;
const MAX_JSON = 8000; // the server takes 8,192 bytes of properties
const MAX_NUMBER = Number.MAX_SAFE_INTEGER;

/** Names and enum values, most of what is sent: nothing in them for a rule to find, so no need to look. */
const PLAIN_WORDS = /^(?!sk_|pk_|rk_|hf_|gh|npm_)[a-z_]{1,39}$/;

/** Text without home directories, emails, addresses, secrets and people's numbers, cut to `most` characters. */
export function scrubText(text, most = MAX_TEXT, privateWords = []) {
  if (most >= 39 && PLAIN_WORDS.test(text)) return String(text);
  // Cut with room to spare, scrub, cut again: half a secret at the first edge is past the second.
  let clean = String(text)
    .slice(0, most + 1000)
    .replaceAll("\0", "\uFFFD");
  for (const word of privateWords) {
    if (word.length > 3) clean = clean.replaceAll(word, "~");
  }
  clean = applyRules(clean).slice(0, most);
  return clean.toWellFormed ? clean.toWellFormed() : clean;
}

/**
 * A copy that JSON can carry and the server takes: no cycles, functions or BigInt, at most 5 levels,
 * 64 keys and 8 KB, its text scrubbed. Returns undefined for what is not an object. Never throws.
 */
export function safeProperties(properties, privateWords = []) {
  if (properties === null || typeof properties !== "object" || Array.isArray(properties)) return undefined;
  const clean = safeObject(properties, 1, new Set(), privateWords);
  const names = Object.keys(clean);
  if (names.length === 0) return undefined;
  while (names.length > 0 && byteLength(JSON.stringify(clean)) > MAX_JSON) delete clean[names.pop()];
  return clean;
}

function safeObject(source, depth, seen, privateWords) {
  const clean = {};
  seen.add(source);
  let names = [];
  try {
    names = Object.keys(source).slice(0, MAX_KEYS);
  } catch {
    // A proxy may refuse to be listed.
  }
  for (const name of names) {
    let value;
    try {
      value = source[name];
    } catch {
      continue; // a getter that throws
    }
    const safe = safeMember(name, value) ?? safeValue(value, depth, seen, privateWords);
    if (safe !== undefined) clean[scrubText(name, 100, privateWords)] = safe;
  }
  seen.delete(source);
  return clean;
}

/** What stands in the place of a member whose name says secret, or who somebody is; undefined for others. */
function safeMember(name, value) {
  const isText = typeof value === "string" && value !== "";
  const kind = isText || typeof value === "number" ? kindOfMember(name) : undefined;
  if (kind === "personal" || (kind === "secret" && isText)) return SECRET;
  return isText && /version$/i.test(name) && isDotted(value) ? value : undefined;
}

function safeValue(value, depth, seen, privateWords) {
  switch (typeof value) {
    case "string":
      return scrubText(value, MAX_TEXT, privateWords);
    case "number":
      return Number.isFinite(value) && Math.abs(value) <= MAX_NUMBER ? value : null;
    case "boolean":
      return value;
    case "bigint":
      return value.toString().slice(0, 100);
    case "object":
      break;
    default:
      return undefined;
  }
  if (value === null) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Error) return scrubText(`${value.name}: ${value.message}`, MAX_TEXT, privateWords);
  if (seen.has(value)) return "[circular]";
  if (depth >= MAX_DEPTH) return "[too deep]";
  if (!Array.isArray(value)) return safeObject(value, depth + 1, seen, privateWords);
  seen.add(value);
  const list = value.slice(0, MAX_KEYS).map((item) => safeValue(item, depth + 1, seen, privateWords) ?? null);
  seen.delete(value);
  return list;
}

const encoder = new TextEncoder();

/** Length in UTF-8 bytes. */
export function byteLength(text) {
  return encoder.encode(text).length;
}
