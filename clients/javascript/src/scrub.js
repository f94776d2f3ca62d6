// What leaves the machine is cleaned here first. The server scrubs once more; neither trusts the other.
// Every quantifier is bounded, so that a hostile megabyte of text cannot stall the app.

const MAX_TEXT = 2000;
const MAX_KEYS = 64;
const MAX_DEPTH = 5;
const MAX_JSON = 8000; // the server takes 8,192 bytes of properties
const MAX_NUMBER = Number.MAX_SAFE_INTEGER;

const SECRET_NAME =
  /(^|[_.-])(api[_-]?key|access[_-]?key|token|secret|password|passwd|pwd|authorization|cookie|e-?mail)$/i;

const RULES = [
  // C:\Users\Jane Doe\AppData, /Users/Jane Doe/Library, file:///home/jane/x: names may hold spaces, so
  // everything up to the next separator on the line is the name.
  [
    /(?:\b[A-Za-z]:)?(?:\\{1,2}|\/)(?:Users|home|Documents and Settings)(?:\\{1,2}|\/)[^\\/:\r\n"<>|*?]{1,64}(?=[\\/])/gi,
    "~",
  ],
  [/(?:\b[A-Za-z]:)?(?:\\{1,2}|\/)(?:Users|home|Documents and Settings)(?:\\{1,2}|\/)[^\\/\s:"'<>|*?()]{1,64}/gi, "~"],
  [/:\/\/[^\s/@:]{1,128}:[^\s/@]{1,256}@/g, "://[redacted]@"],
  [/[\p{L}\p{N}._%+-]{1,64}(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu, "[email]"],
  [/\b(Bearer|Basic|Token)\s+[A-Za-z0-9._~+/=-]{8,2048}/gi, "$1 [redacted]"],
  [/\beyJ[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{4,4096}(?:\.[A-Za-z0-9_-]{0,2048})?/g, "[redacted]"],
  [/\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{8,256}/g, "[redacted]"],
  [
    /\b(?:gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|AKIA|ASIA|AIza|ya29\.|hf_|npm_)[A-Za-z0-9_./-]{8,256}/g,
    "[redacted]",
  ],
  [
    /((?:api[_-]?key|access[_-]?key|access[_-]?token|auth[_-]?token|token|secret|password|passwd|pwd|authorization)["']?\s{0,4}[:=]\s{0,4}["']?)(?!\[redacted|(?:Bearer|Basic|Token)\s)[^\s"'&,;)}\]]{3,2048}/gi,
    "$1[redacted]",
  ],
  // Of a URL the query may hold anything; a stack frame keeps its :line:column.
  [/(\b(?:https?|wss?|file):\/\/[^\s?#"'()]{1,1024})[?#][^\s"'()]{0,4096}?(?=(?::\d{1,9}){0,2}(?:[\s"'()]|$))/gi, "$1"],
  [/\b[0-9a-f]{40,512}\b/gi, "[redacted]"],
  [
    /\b(?=[A-Za-z0-9_-]{0,512}\d)(?=[A-Za-z0-9_-]{0,512}[a-z])(?=[A-Za-z0-9_-]{0,512}[A-Z])[A-Za-z0-9_-]{40,512}\b/g,
    "[redacted]",
  ],
];

/** Names and enum values, most of what is sent: nothing in them for a rule to find, so no need to look. */
const PLAIN_WORDS = /^(?!sk_|pk_|rk_|hf_|gh|npm_)[a-z_]{1,39}$/;

/** Text without home directories, emails, keys, tokens and URL queries, cut to `most` characters. */
export function scrubText(text, most = MAX_TEXT, privateWords = []) {
  if (most >= 39 && PLAIN_WORDS.test(text)) return String(text);
  // Cut with room to spare, scrub, cut again: half a secret at the first edge is past the second.
  let clean = String(text)
    .slice(0, most + 1000)
    .replaceAll("\0", "\uFFFD");
  for (const word of privateWords) {
    if (word.length > 3) clean = clean.replaceAll(word, "~");
  }
  for (const [pattern, replacement] of RULES) clean = clean.replace(pattern, replacement);
  clean = clean.slice(0, most);
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
      value = SECRET_NAME.test(name) && typeof source[name] === "string" ? "[redacted]" : source[name];
    } catch {
      continue; // a getter that throws
    }
    const safe = safeValue(value, depth, seen, privateWords);
    if (safe !== undefined) clean[scrubText(name, 100, privateWords)] = safe;
  }
  seen.delete(source);
  return clean;
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
