// renderer.js of stories-analytics-client 1.0.0. Built from src/ by tools/build.mjs.

// src/debug_ids.js
var TABLES = ["_sentryDebugIds", "_debugIds"];
var MAX_IDS = 20;
var MAX_LINES = 500;
var MAX_FILE = 400;
var ID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
var filesByStack = /* @__PURE__ */ new Map();
function debugIdsOf(stack) {
  const tables = TABLES.map((name) => globalThis[name]).filter((table) => table !== null && typeof table === "object");
  if (tables.length === 0 || !stack) return void 0;
  const named = new Set(stack.split("\n", MAX_LINES).map(fileOf));
  const ids = {};
  for (const [ownStack, id] of tables.flatMap(Object.entries)) {
    if (!filesByStack.has(ownStack)) filesByStack.set(ownStack, firstFile(ownStack));
    const file = filesByStack.get(ownStack);
    if (file && named.has(file)) ids[file] = id;
  }
  return Object.keys(ids).length > 0 ? ids : void 0;
}
function scrubbedIds(ids, scrub) {
  if (ids === null || typeof ids !== "object") return void 0;
  const isGood = ([file, id]) => file.length <= MAX_FILE && typeof id === "string" && ID.test(id);
  const good = Object.entries(ids).filter(isGood).slice(0, MAX_IDS);
  return good.length > 0 ? Object.fromEntries(good.map(([file, id]) => [scrub(file, MAX_FILE), id])) : void 0;
}
function firstFile(stack) {
  for (const line of stack.split("\n", MAX_LINES)) {
    const file = fileOf(line);
    if (file) return file;
  }
  return void 0;
}
function fileOf(line) {
  const text = line.slice(0, 1e3).trim();
  const [, place, paren] = /^(.*):\d+:\d+(\))?$/.exec(text) ?? [];
  if (place === void 0) return void 0;
  if (!place.startsWith("at ")) return place.slice(place.indexOf("@") + 1);
  return paren ? place.slice(place.indexOf(" (") + 2) : place.slice(3).replace(/^async /, "");
}

// src/crashes.js
var MAX_REASONS = 10;
function describe(thrown) {
  try {
    if (thrown !== null && typeof thrown === "object") {
      const message = thrown.error_message ?? thrown.message;
      const name = thrown.error_message === void 0 && thrown.name ? `${thrown.name}: ` : "";
      const stack = [thrown.stack_trace ?? thrown.stack ?? "", ...reasons(thrown)].filter(Boolean).join("\n");
      return {
        message: message === void 0 ? Object.prototype.toString.call(thrown) : name + message,
        stack,
        debugIds: thrown.debug_ids ?? debugIdsOf(stack),
        type: thrown.crash_type,
        context: thrown.error_message === void 0 ? void 0 : thrown.context
      };
    }
    return { message: String(thrown), stack: "" };
  } catch {
    return { message: "an error that cannot be described", stack: "" };
  }
}
function reasons(thrown, seen = /* @__PURE__ */ new Set([thrown])) {
  const inner = (Array.isArray(thrown.errors) ? thrown.errors : []).map((error, index) => [
    `Error ${index + 1}`,
    error
  ]);
  if (thrown.cause !== void 0) inner.unshift(["Caused by", thrown.cause]);
  const parts = [];
  for (const [label, error] of inner) {
    if (seen.size > MAX_REASONS || seen.has(error)) break;
    seen.add(error);
    const isObject = error !== null && typeof error === "object";
    const title = isObject ? `${error.name ?? "Error"}: ${error.message}` : String(error);
    const stack = isObject && typeof error.stack === "string" ? error.stack : "";
    parts.push(`${label}: ${stack.startsWith(title) ? stack : [title, stack].filter(Boolean).join("\n")}`);
    if (isObject) parts.push(...reasons(error, seen));
  }
  return parts;
}
function watchWindow(target, report) {
  const onError = (event) => {
    if (!event.error && !event.message) return;
    const stack = event.error?.stack ?? `at ${event.filename}:${event.lineno}:${event.colno}`;
    report(event.error ?? { message: event.message, stack }, { type: "uncaught_error" });
  };
  const onRejection = (event) => report(event.reason, { type: "unhandled_rejection" });
  target.addEventListener("error", onError);
  target.addEventListener("unhandledrejection", onRejection);
  return () => {
    target.removeEventListener("error", onError);
    target.removeEventListener("unhandledrejection", onRejection);
  };
}

// src/events.js
var USD_PER_MINUTE = 6e-3;
function estimateCost(audioSeconds) {
  const isDuration = typeof audioSeconds === "number" && Number.isFinite(audioSeconds) && audioSeconds >= 0;
  return isDuration ? Math.round(audioSeconds / 60 * USD_PER_MINUTE * 1e6) / 1e6 : void 0;
}
function finished(properties) {
  const cost = estimateCost(properties?.audio_duration_seconds);
  return { success: true, ...cost === void 0 ? {} : { estimated_cost_usd: cost }, ...properties };
}
var eventMethods = {
  appOpened(properties) {
    return this.track("app_opened", properties);
  },
  recordingStarted(properties) {
    return this.track("recording_started", properties);
  },
  recordingCompleted(properties) {
    return this.track("recording_completed", finished(properties));
  },
  transcriptionCompleted(properties) {
    return this.track("transcription_completed", finished(properties));
  },
  transcriptionFailed(properties) {
    return this.track("transcription_failed", properties);
  },
  featureToggled(properties) {
    return this.track("feature_toggled", properties);
  },
  retryAttempted(properties) {
    return this.track("retry_attempted", properties);
  }
};

// src/scrub_rules.js
var SECRET = "[secret]";
var pattern = (flags, ...parts) => new RegExp(parts.join(""), `u${flags}`);
var anyCase = (text) => text.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
var { raw } = String;
var WORD = raw`\p{L}\p{N}_`;
var RUN = "[A-Za-z0-9+/_-]";
var STRONG = "pass[-_ .]?(?:word|wd|phrase)|pwd|secret|authorization|cookie|credential|jwt";
var QUALIFIED = "api|access|refresh|secret|private|auth|encryption|signing|license|account|service|bearer|session|csrf|xsrf";
var SECRET_NAME = new RegExp(`(?:${STRONG}|token|(?:${QUALIFIED})[-_ .]?key|^key)s?$`, "i");
var PERSONAL = "(?:e-?mail|(?:tele)?phone)s?|(?:e-?mail|phone|card)[-_ .]?(?:address|number|no)|pin|pin[-_ .]?code|cvv|cvc|ssn|iban";
var PERSONAL_NAME = new RegExp(`(?:^|[-_ .])(?:${PERSONAL})$`, "i");
var PERSONAL_CAMEL = new RegExp(`(?<=[a-z])(?=[A-Z])(?:${anyCase(PERSONAL)})$`);
function kindOfMember(name) {
  if (name.length >= 200) return void 0;
  if (PERSONAL_NAME.test(name) || PERSONAL_CAMEL.test(name)) return "personal";
  return SECRET_NAME.test(name) ? "secret" : void 0;
}
var SEPARATOR = raw`(?:[\\/]|%2[Ff]|%5[Cc])`;
var BEGIN = raw`(?:(?<![${WORD}.~%/\\-])|(?<=file://)|(?<=vscode-app)|(?<=/@fs)|(?<=\.\.))`;
var FOLDERS = raw`(?:/(?!\.\.)[${WORD}.-]{1,40})`;
var HOME = [
  raw`(?:(?<![A-Za-z])[A-Za-z](?::|%3[Aa])${SEPARATOR}{1,8}`,
  `(?:${anyCase("users|profiles|home|documents and settings")})`,
  raw`|(?:${BEGIN}${FOLDERS}{1,3})?${SEPARATOR}(?:Users|Documents and Settings)`,
  raw`|(?:${BEGIN}${FOLDERS}?|(?<=file:)//(?!vscode-app)[${WORD}.-]{1,64})${SEPARATOR}home`,
  `)${SEPARATOR}{1,8}`
].join("");
var LETTER = raw`(?:(?!%2[Ff]|%5[Cc])[^\s/\\:"'<>|*?()\[\]{},;${"`"}]|(?<=\p{L})'(?=\p{L}))`;
var QUOTED_HOME = pattern(
  "g",
  raw`(["'${"`"}])${HOME}(?:(?!%2[Ff]|%5[Cc])[^/\\\n]){1,64}?(?=${SEPARATOR}|\1(?![${WORD}]))`
);
var PLAIN_HOME = pattern(
  "g",
  `${HOME}${LETTER}+(?:`,
  raw`(?:,?[ ](?:[\p{L}\p{N}]${LETTER}{0,40}|\([^()\n/\\]{1,30}\))){1,4}(?=${SEPARATOR})`,
  raw`|(?:[ ][A-Z]${LETTER}{0,40}){1,3}(?=[)\]"'>\n]|:[0-9]|$))?`
);
var ROOT_HOME = pattern("g", raw`${BEGIN}/root(?![${WORD}.~%-])`);
var PEM = /-----BEGIN[A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END[A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)/g;
var URL_PARTS = /:\/\/([^\s/?#"'<>\\]*)([^\s?#"'<>]*)([?#][^\s"'<>]*)?/g;
var URL_PASSWORD = /:\/\/[^\s:/@"'<>[]{0,100}:(?![0-9]{1,5}(?:[/\s]|$))[^\s@"'<>]{1,100}@/g;
var QUERY = /\?[A-Za-z_][\w.%-]{0,60}=[^\s"'<>]*/g;
var QUERY_END = /((?::[0-9]{1,9}){1,2})?([)\]}.,;]*)$/;
var KEY = pattern(
  "g",
  raw`(?<![A-Za-z0-9])(?:sk-[A-Za-z0-9_-]{16,}|[prs]k_(?:live|test)_[A-Za-z0-9]{10,}|A[KS]IA[A-Z0-9]{16}`,
  raw`|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|xox[a-z]-[A-Za-z0-9-]{10,}`,
  raw`|xapp-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{10,}`,
  raw`|(?<![_-])eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*)?`,
  raw`|glpat-[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{20,}`,
  raw`|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|gsk_[A-Za-z0-9]{20,}|xai-[A-Za-z0-9]{20,}`,
  raw`|r8_[A-Za-z0-9]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}|whsec_[A-Za-z0-9+/=]{16,})`
);
var SCHEME = /(?<![A-Za-z])(?<scheme>bearer|basic)(?<gap>[ \t]{1,8}|\+|%20)(?<value>[A-Za-z0-9._~+/=-]{8,})/gi;
var HEADER = /((?:authorization|cookie)[ \t]{0,8}:[ \t]{0,8})[^\s"'][^\r\n"']*/gi;
var PAIR = new RegExp(
  [
    raw`(?:(?<strong>${STRONG}|session[-_]?id)|token|key)s?`,
    raw`(?:\\{0,8}["'])?[ \t]{0,8}(?:=>|[=:])[ \t]{0,8}`,
    raw`(?:\\{1,8}["'](?<escaped>[^"'\\\n]+)|"(?<double>(?:[^"\\\n]|\\.)+)|'(?<single>(?:[^'\\\n]|\\.)+)`,
    raw`|(?<bare>[^\s"'\\,;&<>]+))`
  ].join(""),
  "gi"
);
var QUALIFIER = new RegExp(`(?:(?:${QUALIFIED})[-_ .]?|(?<![a-z])id[-_]?)$`, "i");
var OPTION = new RegExp(
  raw`(?<![\w-])(--(?=[a-z])[a-z-]{0,40}(?:${STRONG}|token|(?:${QUALIFIED})-?key))([ \t]{1,8}["']?)(?![-["'])[^\s"']+`,
  "gi"
);
var UUID = /([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})/;
var LONG_RUN = new RegExp(`(?<!${RUN})${RUN}{32,}={0,2}`, "g");
var HEX_RUN = /(?<![0-9A-Fa-f])(?=[0-9]*[A-Fa-f])(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{32,}/g;
var HEX_TAIL = /(?<![0-9A-Za-z])[0-9A-Fa-f]{32,}$/;
var TURN = /[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])/g;
var CODE_FILES = "js|mjs|cjs|jsx|ts|tsx|css|html?|json|map|wasm|vue|node|asar|dll|exe|so|dylib|pdb";
var FILE_TAIL = new RegExp(raw`(?:\.[A-Za-z]{1,12}){0,2}\.(?:${CODE_FILES})(?![A-Za-z0-9])`, "y");
var AT = pattern("g", raw`(?<![${WORD}.+'-])[${WORD}.+'-]+(?:@|%40)([${WORD}-]+(?:\.[${WORD}-]+)+)`);
var NOT_MAIL = new RegExp(raw`^(?:.*\.(?:${CODE_FILES})|[0-9]x\.(?:png|jpe?g|gif|webp|svg))$`);
var IPV4 = /(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])/g;
var IPV6 = /(?<![0-9A-Za-z_:.])(?:[0-9A-Fa-f]{0,4}:){2,8}(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4})(?![0-9A-Za-z_:])/g;
var MAC = /(?<![0-9A-Za-z:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Za-z:-])/g;
var CARD = new RegExp(
  [
    raw`(?<![\w.+-])(?:3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}|3[0689][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{4}`,
    raw`|[2-6][0-9]{3}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{1,4}(?:[ -]?[0-9]{1,3})?)(?![\w-]|\.[0-9])`
  ].join(""),
  "g"
);
var IBAN = /(?<!\w)[A-Z]{2}[0-9]{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?(?!\w)/g;
var PHONE = /(?<![\w+])\+[1-9](?:[ ().-]{0,2}[0-9]){7,14}(?![0-9])/g;
var SSN = /(?<![\w-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![\w-])/g;
var VERSION = new RegExp(
  [
    `(?:(?<![A-Za-z])[vV]|${anyCase("version|build|release")}|(?:Chrome|Chromium|Electron|HeadlessChrome|CriOS`,
    `|Edg[A-Z]?[a-z]*|OPR|Safari|Firefox|AppleWebKit|Stories)/)["' :=]{0,4}$`
  ].join("")
);
var count = (text, pattern2) => text.match(pattern2)?.length ?? 0;
function keptOfUrl(_match, authority, path, query) {
  const kept = `://${authority.slice(authority.lastIndexOf("@") + 1)}${path}`;
  return query ? kept + keptOfQuery(query) : kept;
}
function keptOfQuery(query) {
  const end = QUERY_END.exec(query.slice(1));
  const [, position = "", closing] = end;
  const parts = query[0] === "?" ? query.slice(1, end.index + 1).split("#")[0].split("&") : [];
  const utm = parts.filter((part) => part.startsWith("utm_")).join("&");
  return (utm ? `?${utm}` : "") + position + closing;
}
function scheme(match, name, gap, token) {
  let isSecret = token.length >= 20 || /[0-9]/.test(token);
  if (name.toLowerCase() === "basic") {
    try {
      isSecret = globalThis.atob(token.replace(/=+$/, "")).includes(":");
    } catch {
      isSecret = false;
    }
  }
  return isSecret ? name + gap + SECRET : match;
}
function pair(match, ...details) {
  const [offset, text, groups] = details.slice(-3);
  const given = groups.escaped ?? groups.double ?? groups.single ?? groups.bare;
  const secret = groups.bare === void 0 ? given : given.replace(/[)\]}]+$/, "");
  if (!secret || secret.startsWith(SECRET.slice(0, -1))) return match;
  const before = text.slice(Math.max(0, offset - 12), offset);
  if (!groups.strong && !QUALIFIER.test(before)) {
    const isOtherWord = /^k/i.test(match) && /\p{L}$/u.test(before);
    if (isOtherWord || !isTokenlike(secret)) return match;
  }
  return match.slice(0, match.length - given.length) + SECRET + given.slice(secret.length);
}
function isTokenlike(word) {
  return word.length >= 20 || word.length >= 8 && /[0-9]/.test(word) && !/^[0-9]+$/.test(word);
}
function longRun(run, offset, text) {
  if (text[offset - 1] === "$" || /^(?:_{1,3}Z|_R[NIM])/.test(run)) return run;
  FILE_TAIL.lastIndex = offset + run.length;
  const isFile = FILE_TAIL.test(text);
  const pieces = run.split(UUID);
  return pieces.map(
    (part, index) => index % 2 === 1 || part.length < 32 ? part : piece(part, isFile && index === pieces.length - 1)
  ).join("");
}
function piece(text, isFile) {
  const name = isFile ? HEX_TAIL.exec(text) : null;
  if (name) return piece(text.slice(0, name.index), false) + name[0];
  const parts = text.split("/").map((part) => isRandom(part) ? SECRET : part.replace(HEX_RUN, SECRET));
  return parts.includes(SECRET) || !isRandom(text) ? parts.join("/") : SECRET;
}
function isRandom(run) {
  const turns = count(run, TURN);
  const alphanumerics = count(run, /[A-Za-z0-9]/g);
  if (run.length < 32 || turns < 0.2 * alphanumerics) return false;
  const letters = count(run, /[A-Za-z]/g);
  if (letters === 0 || letters === alphanumerics) return false;
  return !(/[a-z]/.test(run) && /[A-Z]/.test(run)) || turns >= 0.3 * alphanumerics;
}
function email(match, domain) {
  const isNamed = domain.split(".").slice(1).some((label) => /^\p{L}{2}/u.test(label));
  return isNamed && !NOT_MAIL.test(domain) ? "[email]" : match;
}
function ipv4(match, offset, text) {
  const octets = match.split(".").map(Number);
  if (Math.max(...octets) > 255 || octets[0] === 0 || octets[0] === 127) return match;
  return VERSION.test(text.slice(Math.max(0, offset - 24), offset)) ? match : "[ip]";
}
function ipv6(match) {
  const digits = match.replace(/[^0-9A-Za-z]/g, "");
  if (digits.length < 5 || !/[0-9]/.test(digits)) return match;
  try {
    new URL(`http://[${match}]/`);
    return "[ip]";
  } catch {
    return match;
  }
}
function card(match) {
  const digits = match.replace(/[^0-9]/g, "");
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]) * (index % 2 === 1 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return digits.length >= 13 && sum % 10 === 0 ? "[card]" : match;
}
function iban(match) {
  const groups = match.split(" ");
  for (let used = groups.length; used > 0; used -= 1) {
    const code = groups.slice(0, used).join("");
    if (code.length < 15 || code.length > 34) continue;
    const digits = [...code.slice(4), ...code.slice(0, 4)].map((letter) => Number.parseInt(letter, 36)).join("");
    if (BigInt(digits) % 97n === 1n) return ["[iban]", ...groups.slice(used)].join(" ");
  }
  return match;
}
var HOMES = ["/users", "\\users", "/home", "\\home", "profiles", "documents and", "%2f", "%5c"];
var KEYS = [
  ...["sk-", "k_live_", "k_test_", "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "eyj", "github_pat_"],
  ...["xox", "xapp-", "aiza", "ya29", "glpat-", "npm_", "hf_", "sg.", "gsk_", "xai-", "r8_", "gocspx-", "whsec_"]
];
var NAMES = ["pass", "pwd", "secret", "authorization", "cookie", "credential", "jwt", "token", "key"];
var RULES = [
  [["private key"], PEM, SECRET],
  [["://"], URL_PASSWORD, "://"],
  [["://"], URL_PARTS, keptOfUrl],
  [["?"], QUERY, keptOfQuery],
  [HOMES, QUOTED_HOME, "$1~"],
  [HOMES, PLAIN_HOME, "~"],
  [["/root"], ROOT_HOME, "~"],
  [KEYS, KEY, SECRET],
  [["bearer", "basic"], SCHEME, scheme],
  [["authorization", "cookie"], HEADER, `$1${SECRET}`],
  [[...NAMES, "session"], PAIR, pair],
  [["--"], OPTION, `$1$2${SECRET}`],
  [[""], LONG_RUN, longRun],
  [["@", "%40"], AT, email],
  [[":", "-"], MAC, "[mac]"],
  [[""], CARD, card],
  [[""], IBAN, iban],
  [["+"], PHONE, "[phone]"],
  [["-"], SSN, "[ssn]"],
  [[":"], IPV6, ipv6],
  [["."], IPV4, ipv4]
];
var MAX_ROUNDS = 3;
var PLAIN = /^(?:(?:[A-Za-z0-9_ ]|-(?!-)){0,10}|(?:[A-Za-z_ ]|-(?!-)){0,13})$/;
function applyRules(text) {
  if (text.length < 5 || PLAIN.test(text)) return text;
  let clean = text;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const before = clean;
    const folded = clean.toLowerCase();
    for (const [needles, rule, replacement] of RULES) {
      if (needles.some((needle) => folded.includes(needle))) clean = clean.replace(rule, replacement);
    }
    if (clean === before) break;
  }
  return clean;
}
function isDotted(text) {
  return /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(text);
}

// src/scrub.js
var MAX_TEXT = 2e3;
var MAX_KEYS = 64;
var MAX_DEPTH = 5;
var MAX_JSON = 8e3;
var MAX_NUMBER = Number.MAX_SAFE_INTEGER;
var PLAIN_WORDS = /^(?!sk_|pk_|rk_|hf_|gh|npm_)[a-z_]{1,39}$/;
function scrubText(text, most = MAX_TEXT, privateWords = []) {
  if (most >= 39 && PLAIN_WORDS.test(text)) return String(text);
  let clean = String(text).slice(0, most + 1e3).replaceAll("\0", "�");
  for (const word of privateWords) {
    if (word.length > 3) clean = clean.replaceAll(word, "~");
  }
  clean = applyRules(clean).slice(0, most);
  return clean.toWellFormed ? clean.toWellFormed() : clean;
}
function safeProperties(properties, privateWords = []) {
  if (properties === null || typeof properties !== "object" || Array.isArray(properties)) return void 0;
  const clean = safeObject(properties, 1, /* @__PURE__ */ new Set(), privateWords);
  const names = Object.keys(clean);
  if (names.length === 0) return void 0;
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
  }
  for (const name of names) {
    let value;
    try {
      value = source[name];
    } catch {
      continue;
    }
    const safe = safeMember(name, value) ?? safeValue(value, depth, seen, privateWords);
    if (safe !== void 0) clean[scrubText(name, 100, privateWords)] = safe;
  }
  seen.delete(source);
  return clean;
}
function safeMember(name, value) {
  const isText = typeof value === "string" && value !== "";
  const kind = isText || typeof value === "number" ? kindOfMember(name) : void 0;
  if (kind === "personal" || kind === "secret" && isText) return SECRET;
  return isText && /version$/i.test(name) && isDotted(value) ? value : void 0;
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
      return void 0;
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
var encoder = new TextEncoder();
function byteLength(text) {
  return encoder.encode(text).length;
}

// src/renderer.js
function init({ captureErrors = true } = {}) {
  const bridge = globalThis.storiesAnalytics;
  if (!bridge) console.warn("stories-analytics-client: the preload script is missing, nothing is sent");
  const call = async (name, ...values) => {
    try {
      return await bridge?.call(name, ...values);
    } catch {
      return void 0;
    }
  };
  const send = (name) => (properties) => call(name, safeProperties(properties));
  const reportCrash = (thrown, { type, context, handled, fingerprint } = {}) => {
    const { message, stack, debugIds, type: ownType, context: ownContext } = describe(thrown);
    return call(
      "reportCrash",
      {
        crash_type: type ?? ownType,
        error_message: String(message),
        stack_trace: String(stack),
        debug_ids: scrubbedIds(debugIds, String),
        context: safeProperties({ process: "renderer", ...ownContext, ...context })
      },
      { handled: handled === true, fingerprint: Array.isArray(fingerprint) ? fingerprint.map(String) : void 0 }
    );
  };
  const stop = captureErrors ? watchWindow(globalThis, reportCrash) : () => {
  };
  return {
    ...Object.fromEntries(Object.keys(eventMethods).map((name) => [name, send(name)])),
    track: (name, properties) => call("track", String(name), safeProperties(properties)),
    reportCrash,
    setEnabled: (isEnabled) => call("setEnabled", Boolean(isEnabled)),
    status: () => call("status"),
    flush: () => call("flush"),
    close: () => stop()
  };
}
export {
  init
};
