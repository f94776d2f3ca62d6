// The rules of scrubbing: what each looks for in a text, and what it leaves there instead. They are the server's
// (stories/privacy/scrub_rules.py) in JavaScript; tests/privacy/scrubbing_examples.json holds both to the same
// results. Every pattern starts at a literal or behind a look-behind that rules out the middle of a run, so that
// hostile text costs time in proportion to its length.

export const SECRET = "[secret]";

/** A pattern in parts, which may be indented: its own spaces are written \x20 or stand in a class. */
const pattern = (flags, ...parts) => new RegExp(parts.join(""), `u${flags}`);

/** `key` as `[kK][eE][yY]`, where a pattern minds case elsewhere. */
const anyCase = (text) => text.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

const { raw } = String;
const WORD = raw`\p{L}\p{N}_`;
const RUN = "[A-Za-z0-9+/_-]";

// Names whose value is a secret whatever it looks like; "key" and "token" alone mean other things as well
// ("Unexpected token: }", "key: Enter"), so there the value has to look like one.
const STRONG = "pass[-_ .]?(?:word|wd|phrase)|pwd|secret|authorization|cookie|credential|jwt";
const QUALIFIED =
  "api|access|refresh|secret|private|auth|encryption|signing|license|account|service|bearer|session|csrf|xsrf";

const SECRET_NAME = new RegExp(`(?:${STRONG}|token|(?:${QUALIFIED})[-_ .]?key|^key)s?$`, "i");
// Names whose value says who somebody is, also as a number: pin, user_phone, card_number; not microphone or spin.
const PERSONAL =
  "(?:e-?mail|(?:tele)?phone)s?|(?:e-?mail|phone|card)[-_ .]?(?:address|number|no)|pin|pin[-_ .]?code|cvv|cvc|ssn|iban";
const PERSONAL_NAME = new RegExp(`(?:^|[-_ .])(?:${PERSONAL})$`, "i");
const PERSONAL_CAMEL = new RegExp(`(?<=[a-z])(?=[A-Z])(?:${anyCase(PERSONAL)})$`);

/** What the value of a member of this name is: "secret", "personal" (numbers too), or undefined. */
export function kindOfMember(name) {
  if (name.length >= 200) return undefined;
  if (PERSONAL_NAME.test(name) || PERSONAL_CAMEL.test(name)) return "personal";
  return SECRET_NAME.test(name) ? "secret" : undefined;
}

// Home directories: /Users/Jane Doe/x.js:1:2 becomes ~/x.js:1:2. What begins no path is a page of a website,
// /home/prices, unless it says Users. A name with spaces ends at the next separator or quote, or, at the end of a
// line, after capitalised words; rather a word of prose too many goes with it.
const SEPARATOR = raw`(?:[\\/]|%2[Ff]|%5[Cc])`;
const BEGIN = raw`(?:(?<![${WORD}.~%/\\-])|(?<=file://)|(?<=vscode-app)|(?<=/@fs)|(?<=\.\.))`;
const FOLDERS = raw`(?:/(?!\.\.)[${WORD}.-]{1,40})`;
const HOME = [
  raw`(?:(?<![A-Za-z])[A-Za-z](?::|%3[Aa])${SEPARATOR}{1,8}`,
  `(?:${anyCase("users|profiles|home|documents and settings")})`,
  raw`|(?:${BEGIN}${FOLDERS}{1,3})?${SEPARATOR}(?:Users|Documents and Settings)`,
  raw`|(?:${BEGIN}${FOLDERS}?|(?<=file:)//(?!vscode-app)[${WORD}.-]{1,64})${SEPARATOR}home`,
  `)${SEPARATOR}{1,8}`,
].join("");
const LETTER = raw`(?:(?!%2[Ff]|%5[Cc])[^\s/\\:"'<>|*?()\[\]{},;${"`"}]|(?<=\p{L})'(?=\p{L}))`;
const QUOTED_HOME = pattern(
  "g",
  raw`(["'${"`"}])${HOME}(?:(?!%2[Ff]|%5[Cc])[^/\\\n]){1,64}?(?=${SEPARATOR}|\1(?![${WORD}]))`,
);
const PLAIN_HOME = pattern(
  "g",
  `${HOME}${LETTER}+(?:`,
  raw`(?:,?[ ](?:[\p{L}\p{N}]${LETTER}{0,40}|\([^()\n/\\]{1,30}\))){1,4}(?=${SEPARATOR})`,
  raw`|(?:[ ][A-Z]${LETTER}{0,40}){1,3}(?=[)\]"'>\n]|:[0-9]|$))?`,
);
const ROOT_HOME = pattern("g", raw`${BEGIN}/root(?![${WORD}.~%-])`);

const PEM =
  /-----BEGIN[A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END[A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----|$)/g;
const URL_PARTS = /:\/\/([^\s/?#"'<>\\]*)([^\s?#"'<>]*)([?#][^\s"'<>]*)?/g;
// A password with a slash in it makes no valid URL, and people paste those. A port is no password.
const URL_PASSWORD = /:\/\/[^\s:/@"'<>[]{0,100}:(?![0-9]{1,5}(?:[/\s]|$))[^\s@"'<>]{1,100}@/g;
// An address without a host keeps the same of its query: /callback?code=...
const QUERY = /\?[A-Za-z_][\w.%-]{0,60}=[^\s"'<>]*/g;
const QUERY_END = /((?::[0-9]{1,9}){1,2})?([)\]}.,;]*)$/;
const KEY = pattern(
  "g",
  raw`(?<![A-Za-z0-9])(?:sk-[A-Za-z0-9_-]{16,}|[prs]k_(?:live|test)_[A-Za-z0-9]{10,}|A[KS]IA[A-Z0-9]{16}`,
  raw`|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|xox[a-z]-[A-Za-z0-9-]{10,}`,
  raw`|xapp-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{10,}`,
  raw`|(?<![_-])eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*)?`,
  raw`|glpat-[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{20,}`,
  raw`|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|gsk_[A-Za-z0-9]{20,}|xai-[A-Za-z0-9]{20,}`,
  raw`|r8_[A-Za-z0-9]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}|whsec_[A-Za-z0-9+/=]{16,})`,
);
const SCHEME = /(?<![A-Za-z])(?<scheme>bearer|basic)(?<gap>[ \t]{1,8}|\+|%20)(?<value>[A-Za-z0-9._~+/=-]{8,})/gi;
const HEADER = /((?:authorization|cookie)[ \t]{0,8}:[ \t]{0,8})[^\s"'][^\r\n"']*/gi;
const PAIR = new RegExp(
  [
    raw`(?:(?<strong>${STRONG}|session[-_]?id)|token|key)s?`,
    raw`(?:\\{0,8}["'])?[ \t]{0,8}(?:=>|[=:])[ \t]{0,8}`,
    raw`(?:\\{1,8}["'](?<escaped>[^"'\\\n]+)|"(?<double>(?:[^"\\\n]|\\.)+)|'(?<single>(?:[^'\\\n]|\\.)+)`,
    raw`|(?<bare>[^\s"'\\,;&<>]+))`,
  ].join(""),
  "gi",
);
const QUALIFIER = new RegExp(`(?:(?:${QUALIFIED})[-_ .]?|(?<![a-z])id[-_]?)$`, "i");
// Of a command line: --password hunter2.
const OPTION = new RegExp(
  raw`(?<![\w-])(--(?=[a-z])[a-z-]{0,40}(?:${STRONG}|token|(?:${QUALIFIED})-?key))([ \t]{1,8}["']?)(?![-["'])[^\s"']+`,
  "gi",
);
const UUID = /([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})/;
const LONG_RUN = new RegExp(`(?<!${RUN})${RUN}{32,}={0,2}`, "g");
const HEX_RUN = /(?<![0-9A-Fa-f])(?=[0-9]*[A-Fa-f])(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{32,}/g;
const HEX_TAIL = /(?<![0-9A-Za-z])[0-9A-Fa-f]{32,}$/;
const TURN = /[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])/g;
const CODE_FILES = "js|mjs|cjs|jsx|ts|tsx|css|html?|json|map|wasm|vue|node|asar|dll|exe|so|dylib|pdb";
const FILE_TAIL = new RegExp(raw`(?:\.[A-Za-z]{1,12}){0,2}\.(?:${CODE_FILES})(?![A-Za-z0-9])`, "y");
const AT = pattern("g", raw`(?<![${WORD}.+'-])[${WORD}.+'-]+(?:@|%40)([${WORD}-]+(?:\.[${WORD}-]+)+)`);
const NOT_MAIL = new RegExp(raw`^(?:.*\.(?:${CODE_FILES})|[0-9]x\.(?:png|jpe?g|gif|webp|svg))$`);
const IPV4 = /(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])/g;
const IPV6 =
  /(?<![0-9A-Za-z_:.])(?:[0-9A-Fa-f]{0,4}:){2,8}(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4})(?![0-9A-Za-z_:])/g;
const MAC = /(?<![0-9A-Za-z:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Za-z:-])/g;
// Of 13 to 19 digits, together or in the groups that are printed on a card. Epoch times begin with 1.
const CARD = new RegExp(
  [
    raw`(?<![\w.+-])(?:3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}|3[0689][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{4}`,
    raw`|[2-6][0-9]{3}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{1,4}(?:[ -]?[0-9]{1,3})?)(?![\w-]|\.[0-9])`,
  ].join(""),
  "g",
);
const IBAN = /(?<!\w)[A-Z]{2}[0-9]{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?(?!\w)/g;
const PHONE = /(?<![\w+])\+[1-9](?:[ ().-]{0,2}[0-9]){7,14}(?![0-9])/g;
const SSN = /(?<![\w-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![\w-])/g;
// What stands before four numbers that are a version: v, "version", or the product of a user agent.
const VERSION = new RegExp(
  [
    `(?:(?<![A-Za-z])[vV]|${anyCase("version|build|release")}|(?:Chrome|Chromium|Electron|HeadlessChrome|CriOS`,
    `|Edg[A-Z]?[a-z]*|OPR|Safari|Firefox|AppleWebKit|Stories)/)["' :=]{0,4}$`,
  ].join(""),
);

const count = (text, pattern) => text.match(pattern)?.length ?? 0;

function keptOfUrl(_match, authority, path, query) {
  const kept = `://${authority.slice(authority.lastIndexOf("@") + 1)}${path}`;
  return query ? kept + keptOfQuery(query) : kept;
}

/** utm_* of "?a=1&utm_source=x#y", and what stands behind an address: :10:5 and closing brackets. */
function keptOfQuery(query) {
  const end = QUERY_END.exec(query.slice(1));
  const [, position = "", closing] = end;
  const parts =
    query[0] === "?"
      ? query
          .slice(1, end.index + 1)
          .split("#")[0]
          .split("&")
      : [];
  const utm = parts.filter((part) => part.startsWith("utm_")).join("&");
  return (utm ? `?${utm}` : "") + position + closing;
}

function scheme(match, name, gap, token) {
  let isSecret = token.length >= 20 || /[0-9]/.test(token);
  if (name.toLowerCase() === "basic") {
    // Tells "Basic amFuZTpwdw==" from "Basic authentication".
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
  const secret = groups.bare === undefined ? given : given.replace(/[)\]}]+$/, "");
  if (!secret || secret.startsWith(SECRET.slice(0, -1))) return match;
  const before = text.slice(Math.max(0, offset - 12), offset);
  if (!groups.strong && !QUALIFIER.test(before)) {
    const isOtherWord = /^k/i.test(match) && /\p{L}$/u.test(before); // monkey=…
    if (isOtherWord || !isTokenlike(secret)) return match;
  }
  // The value is the end of the match.
  return match.slice(0, match.length - given.length) + SECRET + given.slice(secret.length);
}

function isTokenlike(word) {
  return word.length >= 20 || (word.length >= 8 && /[0-9]/.test(word) && !/^[0-9]+$/.test(word));
}

function longRun(run, offset, text) {
  // The name of a C++, Rust or Swift function in a native stack.
  if (text[offset - 1] === "$" || /^(?:_{1,3}Z|_R[NIM])/.test(run)) return run;
  FILE_TAIL.lastIndex = offset + run.length;
  const isFile = FILE_TAIL.test(text);
  const pieces = run.split(UUID);
  return pieces
    .map((part, index) =>
      index % 2 === 1 || part.length < 32 ? part : piece(part, isFile && index === pieces.length - 1),
    )
    .join("");
}

/**
 * 32 and more hex digits are keys as often as hashes, so they go. The hash that a bundler puts into a file name
 * (main.3f2a….js) is no secret.
 */
function piece(text, isFile) {
  const name = isFile ? HEX_TAIL.exec(text) : null;
  if (name) return piece(text.slice(0, name.index), false) + name[0];
  const parts = text.split("/").map((part) => (isRandom(part) ? SECRET : part.replace(HEX_RUN, SECRET)));
  // Base64 has slashes of its own: what is no secret part by part may be one as a whole.
  return parts.includes(SECRET) || !isRandom(text) ? parts.join("/") : SECRET;
}

/**
 * Whether letters and digits alternate as in random text rather than as in names and paths: of neighbours in random
 * base62 62 % differ in class, of those in base36 and base32 40 and 30 %; camel case stays below 25 %.
 */
function isRandom(run) {
  const turns = count(run, TURN);
  const alphanumerics = count(run, /[A-Za-z0-9]/g);
  if (run.length < 32 || turns < 0.2 * alphanumerics) return false;
  const letters = count(run, /[A-Za-z]/g);
  if (letters === 0 || letters === alphanumerics) return false;
  return !(/[a-z]/.test(run) && /[A-Z]/.test(run)) || turns >= 0.3 * alphanumerics;
}

function email(match, domain) {
  const isNamed = domain
    .split(".")
    .slice(1)
    .some((label) => /^\p{L}{2}/u.test(label));
  // react@18.2.0, icon@2x.png and Safari's render@main.js:1:2 are none.
  return isNamed && !NOT_MAIL.test(domain) ? "[email]" : match;
}

function ipv4(match, offset, text) {
  const octets = match.split(".").map(Number);
  // 0.x belongs to nobody and looks like our versions; 127.x is everybody's own machine.
  if (Math.max(...octets) > 255 || octets[0] === 0 || octets[0] === 127) return match;
  return VERSION.test(text.slice(Math.max(0, offset - 24), offset)) ? match : "[ip]";
}

function ipv6(match) {
  // `a::b` and `dead::beef` are addresses by their form and C++ by their meaning.
  const digits = match.replace(/[^0-9A-Za-z]/g, "");
  if (digits.length < 5 || !/[0-9]/.test(digits)) return match;
  try {
    new URL(`http://[${match}]/`);
    return "[ip]";
  } catch {
    return match;
  }
}

/** Luhn's sum. */
function card(match) {
  const digits = match.replace(/[^0-9]/g, "");
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]) * (index % 2 === 1 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return digits.length >= 13 && sum % 10 === 0 ? "[card]" : match;
}

/** Mod 97 of ISO 13616; a word in capitals that follows is not part of it. */
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

const HOMES = ["/users", "\\users", "/home", "\\home", "profiles", "documents and", "%2f", "%5c"];
const KEYS = [
  ...["sk-", "k_live_", "k_test_", "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "eyj", "github_pat_"],
  ...["xox", "xapp-", "aiza", "ya29", "glpat-", "npm_", "hf_", "sg.", "gsk_", "xai-", "r8_", "gocspx-", "whsec_"],
];
const NAMES = ["pass", "pwd", "secret", "authorization", "cookie", "credential", "jwt", "token", "key"];

// [needles, pattern, replacement], in this order: what is whole (a key block, a URL) before what could be part of
// it. At least one needle, in lower case, is in every text that the rule changes; most text has none.
const RULES = [
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
  [["."], IPV4, ipv4],
];
const MAX_ROUNDS = 3;

// The shortest that a rule takes from words alone has 14 characters; of digits, an SSN has 11.
const PLAIN = /^(?:(?:[A-Za-z0-9_ ]|-(?!-)){0,10}|(?:[A-Za-z_ ]|-(?!-)){0,13})$/;

/** The text without emails, addresses, secrets and home directories. */
export function applyRules(text) {
  if (text.length < 5 || PLAIN.test(text)) return text;
  let clean = text;
  // What one rule leaves may be for another; twice is the rule, more takes contrived text.
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

/** Four dotted numbers and nothing else: a version where the name says so. */
export function isDotted(text) {
  return /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(text);
}
