"""Takes out of clients' text what must never be stored: who somebody is, what opens their doors.

Emails become [email], IP addresses [ip], keys, tokens and passwords [secret], a home directory ~
(the rest of its path stays, it is what a stack trace is read for); a URL keeps its path and utm_*.
When in doubt, text is taken out: a crash can be understood without it, a leak cannot be undone.

Every pattern runs in linear time on hostile text: it starts at a literal or behind a look-behind
that rules out the middle of a run, and its repeats are possessive or bounded.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from stories.privacy import homepaths

SECRET = "[secret]"  # noqa: S105 (what stands there instead)
EMAIL = "[email]"
ADDRESS = "[ip]"


def _any_case(pattern: str) -> str:
    """`key` as `[kK][eE][yY]`: unlike IGNORECASE it is never non-ASCII, and a scan stays fast."""
    return re.sub("[a-z]", lambda m: f"[{m[0]}{m[0].upper()}]", pattern)


_RUN = "[A-Za-z0-9+/_-]"

# Names whose value is a secret whatever it looks like; "key" and "token" alone mean other things as
# well ("Unexpected token: }", "key: Enter"), so there the value has to look like one.
_STRONG = "pass[-_ .]?(?:word|wd|phrase)|pwd|secret|authorization|cookie|credential|jwt"
_QUALIFIED = "api|access|refresh|secret|private|auth|encryption|signing|license|account|service"
_QUALIFIED += "|bearer|session|csrf|xsrf"
_SECRET_NAME = re.compile(
    f"(?:{_STRONG}|token|(?:{_QUALIFIED})[-_ .]?key|\\Akey)s?\\Z", re.ASCII | re.IGNORECASE
)

# Bytes as classes, to find long runs in a body at memory speed: h a hex digit, x the rest of _RUN.
_CLASSES = bytes(
    ord(
        "h"
        if c in "0123456789abcdefABCDEF"
        else c
        if c == "-"
        else "x"
        if re.match(_RUN, c)
        else " "
    )
    for c in map(chr, range(256))
)
_ONE_CLASS = bytes.maketrans(b"h-", b"xx")
_UUID_CLASSES = b"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"

_PLAIN = re.compile(r"[A-Za-z0-9_ -]*\Z")
_PEM = re.compile(
    "-----BEGIN[A-Z ]{0,30}PRIVATE KEY-----(?s:.*?)(?:-----END[A-Z ]{0,30}PRIVATE KEY-----|\\Z)"
)
_URL = re.compile(r"""://([^\s/?#"'<>\\]*+)([^\s?#"'<>]*+)([?#][^\s"'<>]*+)?""")
# A password with a slash in it makes no valid URL, and people paste those. A port is no password.
_URL_PASSWORD = re.compile(
    r"""://[^\s:/@"'<>\[]{0,100}:(?![0-9]{1,5}(?:[/\s]|\Z))[^\s@"'<>]{1,100}@"""
)
_QUERY_END = re.compile(r"((?::[0-9]{1,9}){1,2})?([)\]}.,;]*)\Z")
_KEY = re.compile(
    r"""(?<![A-Za-z0-9])(?:
        sk-[A-Za-z0-9_-]{16,}+ | [prs]k_(?:live|test)_[A-Za-z0-9]{10,}+ | A[KS]IA[A-Z0-9]{16}
      | gh[pousr]_[A-Za-z0-9]{20,}+ | github_pat_[A-Za-z0-9_]{20,}+ | xox[a-z]-[A-Za-z0-9-]{10,}+
      | xapp-[A-Za-z0-9-]{10,}+ | AIza[A-Za-z0-9_-]{30,}+ | ya29\.[A-Za-z0-9_-]{10,}+
      | (?<![_-])eyJ[A-Za-z0-9_-]{5,}+\.[A-Za-z0-9_-]{2,}+(?:\.[A-Za-z0-9_-]*+)?
      | glpat-[A-Za-z0-9_-]{16,}+ | npm_[A-Za-z0-9]{30,}+ | hf_[A-Za-z0-9]{20,}+
      | SG\.[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+
    )""",
    re.VERBOSE,
)
_SCHEME = re.compile(
    f"(?<![A-Za-z])(?P<scheme>{_any_case('bearer|basic')})"
    r"(?P<gap>[ \t]{1,8})(?P<value>[A-Za-z0-9._~+/=-]{8,}+)"
)
_HEADER = re.compile(
    "((?:" + _any_case("authorization|cookie") + r")[ \t]{0,8}:[ \t]{0,8})[^\s\"'][^\r\n\"']*+"
)
# The first letter stands apart because a search for one set of characters is five times as fast.
_PAIR = re.compile(
    rf"""[psacjtkPSACJTK](?:
        (?P<strong>(?<=[pP]){_any_case("ass[-_ .]?(?:word|wd|phrase)")}|(?<=[pP]){_any_case("wd")}
        |(?<=[sS]){_any_case("ecret")}|(?<=[aA]){_any_case("uthorization")}
        |(?<=[cC]){_any_case("ookie")}|(?<=[cC]){_any_case("redential")}|(?<=[jJ]){_any_case("wt")})
        |(?<=[tT]){_any_case("oken")}|(?<=[kK]){_any_case("ey")}
    )[sS]?(?:\\{{0,8}}["'])?[ \t]{{0,8}}[=:][ \t]{{0,8}}
    (?:(?:\\{{1,8}}["'])(?P<escaped>[^"'\\\n]++)
      |"(?P<double>(?:[^"\\\n]|\\.)++)|'(?P<single>(?:[^'\\\n]|\\.)++)
      |(?P<bare>[^\s"'\\,;&<>]++))""",
    re.VERBOSE,
)
_QUALIFIER = re.compile(rf"(?:{_QUALIFIED})[-_ .]?\Z", re.ASCII | re.IGNORECASE)
_UUID = re.compile("([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})")
_LONG_RUN = re.compile(f"(?<!{_RUN}){_RUN}{{32,}}+={{0,2}}")
_HEX_RUN = re.compile("(?<![0-9A-Fa-f])(?=[0-9]*+[A-Fa-f])(?=[A-Fa-f]*+[0-9])[0-9A-Fa-f]{32,}+")
_HEX_TAIL = re.compile("(?<![0-9A-Za-z])[0-9A-Fa-f]{32,}\\Z")
_TURN = re.compile("[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])")
_CODE_FILES = "js|mjs|cjs|jsx|ts|tsx|css|html?|json|map|wasm|vue|node|asar|dll|exe|so|dylib|pdb"
_FILE_TAIL = re.compile(rf"(?:\.[A-Za-z]{{1,12}}){{0,2}}\.(?:{_CODE_FILES})(?![A-Za-z0-9])")
_AT = re.compile(r"(?<![\w.+'-])([\w.+'-]++)(?:@|%40)([\w-]++(?:\.[\w-]++)++)")
_NOT_MAIL = re.compile(rf"(?:.*\.(?:{_CODE_FILES})|[0-9]x\.(?:png|jpe?g|gif|webp|svg))\Z")
_IPV4 = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])")
_IPV6 = re.compile(
    r"(?<![0-9A-Za-z_:.])(?:[0-9A-Fa-f]{0,4}:){2,8}"
    r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4})(?![0-9A-Za-z_:])"
)
# What stands before four numbers that are a version: v, "version", or the product of a user agent.
_VERSION = re.compile(
    "(?:(?<![A-Za-z])[vV]|" + _any_case("version|build|release") + "|(?:Chrome|Chromium|Electron|"
    "HeadlessChrome|CriOS|Edg[A-Z]?[a-z]*|OPR|Safari|Firefox|AppleWebKit|Stories)/)[\"' :=]{0,4}\\Z"
)


SHORT = 40
_KEPT = frozenset((int, float, bool, type(None)))


def suspicious(body: bytes) -> bool:
    """Whether a JSON body could hold anything that `value` would change; never a false no.

    Any backslash says yes, so that escapes need no thought: without one, the text of every string
    stands in the body as it is.
    """
    folded = body.lower()
    if any(needle in folded for needle in _BODY_NEEDLES):
        return True
    if any(stem in folded and named.search(folded) for stem, named in _BODY_NAMES):
        return True
    if any(hint.search(folded) for hint in _BODY_HINTS):
        return True
    runs = body.translate(_CLASSES).replace(_UUID_CLASSES, b" ").translate(_ONE_CLASS)
    return b"x" * 32 in runs


def value(obj: Any) -> Any:
    """A JSON value with every string scrubbed, member names too; what is under a name that says
    secret is blanked. Numbers, booleans and null stay: "token_count": 5 is no token."""
    if isinstance(obj, dict):
        return {
            text(name): item if type(item) in _KEPT else _member(name, item)
            for name, item in obj.items()
        }
    if isinstance(obj, str):
        return text(obj)
    if isinstance(obj, list):
        return [value(item) for item in obj]
    return obj


def text(value: str) -> str:
    """The text without emails, addresses, secrets and home directories. Idempotent."""
    return _short(value) if len(value) <= SHORT else _scrubbed(value)


# Names and the values of enums come again and again, and are most of what is scrubbed.
@lru_cache(maxsize=4096)
def _short(value: str) -> str:
    return _scrubbed(value)


def _scrubbed(value: str) -> str:
    # The shortest that a rule takes from words alone is a Basic credential of 14.
    if len(value) < 5 or (len(value) < 14 and _PLAIN.match(value)):
        return value
    # What one rule leaves may be for another; twice is the rule, more takes contrived text.
    for _ in range(5):
        before, folded = value, value.lower()
        for needles, rule in _RULES:
            if any(needle in folded for needle in needles):
                value = rule(value)
        if value == before:
            break
    return value


def _member(name: str, item: Any) -> Any:
    if isinstance(item, str) and len(item) <= SHORT and len(name) <= SHORT:
        return _short_member(name, item)
    return _scrubbed_member(name, item)


@lru_cache(maxsize=4096)
def _short_member(name: str, item: str) -> Any:
    return _scrubbed_member(name, item)


def _scrubbed_member(name: str, item: Any) -> Any:
    if _says_secret(name):
        return _blank(item)
    if isinstance(item, str) and name.lower().endswith("version") and _IPV4.fullmatch(item):
        return item
    return value(item)


@lru_cache(maxsize=2048)
def _says_secret(name: str) -> bool:
    return len(name) < 200 and _SECRET_NAME.search(name) is not None


def _blank(item: Any) -> Any:
    if isinstance(item, str):
        return SECRET if item else ""
    if isinstance(item, list):
        return [_blank(one) for one in item]
    if isinstance(item, dict):
        return {text(name): _blank(one) for name, one in item.items()}
    return item


def _url(m: re.Match[str]) -> str:
    authority, path, query = m[1], m[2], m[3]
    kept = "://" + authority.rpartition("@")[2] + path
    if not query:
        return kept
    end = _QUERY_END.search(query, 1)
    stop = end.start() if end else len(query)
    position, closing = (end[1] or "", end[2]) if end else ("", "")
    parts = query[1:stop].partition("#")[0].split("&") if query[0] == "?" else []
    utm = "&".join(part for part in parts if part.startswith("utm_"))
    return kept + ("?" + utm if utm else "") + position + closing


def _scheme(m: re.Match[str]) -> str:
    token = m["value"]
    secret = len(token) >= 20 or any(c.isdigit() for c in token)
    if m["scheme"].lower() == "basic":  # tells "Basic amFuZTpwdw==" from "Basic authentication"
        padded = token.rstrip("=") + "=" * (-len(token.rstrip("=")) % 4)
        try:
            secret = b":" in base64.b64decode(padded)
        except ValueError:
            secret = False
    return m["scheme"] + m["gap"] + SECRET if secret else m[0]


def _pair(m: re.Match[str]) -> str:
    group = next(g for g in ("escaped", "double", "single", "bare") if m[g] is not None)
    secret, tail = m[group], ""
    if group == "bare":
        stripped = secret.rstrip(")]}")
        secret, tail = stripped, secret[len(stripped) :]
    if not secret or secret.startswith(SECRET[:-1]):
        return m[0]
    before = m.string[max(0, m.start() - 12) : m.start()]
    if not m["strong"] and not _QUALIFIER.search(before):
        is_other_word = m[0][0] in "kK" and before[-1:].isalpha()  # monkey=…
        if is_other_word or not _is_tokenlike(secret):
            return m[0]
    start = m.start(group) - m.start()
    end = m.end(group) - m.start()
    return m[0][:start] + SECRET + tail + m[0][end:]


def _is_tokenlike(word: str) -> bool:
    return len(word) >= 20 or (
        len(word) >= 8 and any(map(str.isdigit, word)) and not word.isdigit()
    )


def _long_run(m: re.Match[str]) -> str:
    mangled = m.string[m.start() - 1 : m.start()] == "$" or re.match("_{1,3}Z|_R[NIM]", m[0])
    if mangled:  # the name of a C++, Rust or Swift function in a native stack
        return m[0]
    is_file = _FILE_TAIL.match(m.string, m.end()) is not None
    pieces = _UUID.split(m[0])
    last = len(pieces) - 1
    return "".join(
        piece if i % 2 or len(piece) < 32 else _piece(piece, is_file and i == last)
        for i, piece in enumerate(pieces)
    )


def _piece(piece: str, is_file: bool) -> str:
    """32 and more hex digits are keys as often as hashes, so they go, a git commit too (the version
    tells it). The hash that a bundler puts into a file name (main.3f2a….js) is no secret."""
    if is_file and (name := _HEX_TAIL.search(piece)):
        return _piece(piece[: name.start()], False) + name[0]
    parts = [
        SECRET if _is_random(part) else _HEX_RUN.sub(SECRET, part) for part in piece.split("/")
    ]
    # Base64 has slashes of its own: what is no secret part by part may be one as a whole.
    return "/".join(parts) if SECRET in parts or not _is_random(piece) else SECRET


def _is_random(run: str) -> bool:
    """Whether letters and digits alternate as in random text rather than as in names and paths.

    Of neighbours in random base62 62 % differ in class, of those in base36 and base32 40 and 30 %;
    camel case with version numbers stays below 25 %, lower case words below 15 %.
    """
    turns = len(_TURN.findall(run))
    alphanumerics = len(run) - sum(map(run.count, "+/_-="))
    if len(run) < 32 or turns < 0.2 * alphanumerics:
        return False
    letters = [c for c in run if c.isalpha()]
    if not 0 < len(letters) < alphanumerics:
        return False
    mixed = any(map(str.islower, letters)) and any(map(str.isupper, letters))
    return not mixed or turns >= 0.3 * alphanumerics


def _email(m: re.Match[str]) -> str:
    domain = m[2]
    named = any(len(d) > 1 and d[:2].isalpha() for d in domain.split(".")[1:])
    # react@18.2.0, icon@2x.png and Safari's render@main.js:1:2 are none.
    return EMAIL if named and not _NOT_MAIL.match(domain) else m[0]


def _ipv4(m: re.Match[str]) -> str:
    octets = [int(part) for part in m[0].split(".")]
    # 0.x belongs to nobody and looks like our versions; 127.x is everybody's own machine.
    if max(octets) > 255 or octets[0] in (0, 127):
        return m[0]
    before = m.string[max(0, m.start() - 24) : m.start()]
    return m[0] if _VERSION.search(before) else ADDRESS


def _ipv6(m: re.Match[str]) -> str:
    # `a::b` and `dead::beef` are addresses by their form and C++ by their meaning.
    digits = [c for c in m[0] if c.isalnum()]
    if len(digits) < 5 or not any(c.isdigit() for c in digits):
        return m[0]
    try:
        ipaddress.IPv6Address(m[0])
    except ValueError:
        return m[0]
    return ADDRESS


_HOMES = ("/users", "\\users", "/home", "/root", "\\documents and", "/documents and", "%2f", "%5c")
_KEYS = (
    *("sk-", "k_live_", "k_test_", "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "eyj"),
    *("github_pat_", "xox", "xapp-", "aiza", "ya29", "glpat-", "npm_", "hf_", "sg."),
)
_NAMES = ("pass", "pwd", "secret", "authorization", "cookie", "credential", "jwt", "token", "key")

# In this order: what is whole (a key block, a URL) before what could be part of it. The needles, in
# lower case: at least one is in every text that the rule changes. They let most text pass.
_RULES: tuple[tuple[tuple[str, ...], Callable[[str], str]], ...] = (
    (("private key",), partial(_PEM.sub, SECRET)),
    (("://",), partial(_URL_PASSWORD.sub, "://")),
    (("://",), partial(_URL.sub, _url)),
    (_HOMES, homepaths.shorten),
    (_KEYS, partial(_KEY.sub, SECRET)),
    (("bearer", "basic"), partial(_SCHEME.sub, _scheme)),
    (("authorization", "cookie"), partial(_HEADER.sub, rf"\1{SECRET}")),
    (_NAMES, partial(_PAIR.sub, _pair)),
    (("",), partial(_LONG_RUN.sub, _long_run)),
    (("@", "%40"), partial(_AT.sub, _email)),
    ((":",), partial(_IPV6.sub, _ipv6)),
    ((".",), partial(_IPV4.sub, _ipv4)),
)

# The same for a whole body: literals, which are found fastest, and what else a rule starts with.
_BODY_NEEDLES = (
    *(b"\\", b"@", b"%", b"::", b"://", b"private key", b"bearer", b"basic ", b"sk-", b"eyj"),
    *(b"github_pat_", b"aiza", b"ya29", b"glpat-", b"npm_", b"hf_", b"sg."),
)
_BODY_HINTS = [
    re.compile(hint)
    for hint in (
        rb"/(?:users|home|root|documents) k_(?:live|test)_ a[ks]ia gh[pousr]_ x(?:ox|app-)"
        rb" \.[0-9]{1,3}\.[0-9]{1,3}\.[0-9] :[0-9a-f]{1,4}:[0-9a-f]{1,4}:"
    ).split(b" ")
]
_BODY_NAMES = [
    (stem.encode(), re.compile(stem.encode() + b"[-_ .]?(?:word|wd|phrase)?s?[\"']?[ \t\r\n]*[=:]"))
    for stem in _NAMES
]
