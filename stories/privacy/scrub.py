"""Takes out of clients' text what must never be stored: who somebody is, what opens their doors.

Emails become [email], IP addresses [ip], keys, tokens and passwords [secret], a home directory ~
(the rest of its path stays, it is what a stack trace is read for), numbers of people [card], [iban],
[phone], [ssn] and [mac]; a URL keeps its path and utm_*. When in doubt, text is taken out: a crash can
be understood without it, a leak cannot be undone. The rules themselves are in scrub_rules.py.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from stories.privacy.scrub_rules import IPV4, NAMES, QUALIFIED, RULES, RUN, SECRET, STRONG

_SECRET_NAME = re.compile(
    f"(?:{STRONG}|token|(?:{QUALIFIED})[-_ .]?key|\\Akey)s?\\Z", re.ASCII | re.IGNORECASE
)
# Names whose value says who somebody is, also as a number: pin, user_phone, contactEmail, card_number;
# not microphone, spin or email_sent.
_PERSONAL_NAME = re.compile(
    r"(?:\A|[-_ .]|(?-i:(?<=[a-z])(?=[A-Z])))(?:(?:e-?mail|(?:tele)?phone)s?"
    r"|(?:e-?mail|phone|card)[-_ .]?(?:address|number|no)|pin|pin[-_ .]?code|cvv|cvc|ssn|iban)\Z",
    re.ASCII | re.IGNORECASE,
)

# The shortest that a rule takes from words alone is a Basic credential of 14; of digits, an SSN of 11.
_PLAIN = re.compile(r"(?:(?:[A-Za-z0-9_ ]|-(?!-)){0,10}|(?:[A-Za-z_ ]|-(?!-)){0,13})\Z")

# Bytes as classes, to find long runs in a body at memory speed: h a hex digit, x the rest of RUN.
_CLASSES = bytes(
    ord(
        "h"
        if c in "0123456789abcdefABCDEF"
        else c
        if c == "-"
        else "x"
        if re.match(RUN, c)
        else " "
    )
    for c in map(chr, range(256))
)
_ONE_CLASS = bytes.maketrans(b"h-", b"xx")
_UUID_CLASSES = b"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"

# The same for a whole body: literals, which are found fastest, and what else a rule starts with.
_BODY_NEEDLES = (
    *(b"\\", b"@", b"%", b"::", b"://", b"--", b"private key", b"bearer", b"basic ", b"basic+"),
    *(b"github_pat_", b"aiza", b"ya29", b"glpat-", b"npm_", b"hf_", b"sg.", b"sk-", b"eyj"),
    *(b"gsk_", b"xai-", b"r8_", b"gocspx-", b"whsec_"),
)
_BODY_HINTS = [
    re.compile(hint)
    for hint in (
        *(rb"/(?:users|home|root|profiles|documents)", rb"k_(?:live|test)_", rb"a[ks]ia"),
        *(rb"gh[pousr]_", rb"x(?:ox|app-)", rb"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]"),
        *(rb":[0-9a-f]{1,4}:[0-9a-f]{1,4}:", rb"-[0-9a-f]{2}-[0-9a-f]{2}-[0-9a-f]{2}-"),
        *(rb"\?[a-z_][\w.%-]{0,60}=", rb"session[-_]?id'?[ \t]*[=:]", rb"-[0-9]{2}-[0-9]{4}"),
        *(rb"(?<![\w.+-])[2-6][0-9]{3}[ -]?[0-9]{4,6}[ -]?[0-9]{4,5}", rb"\+[1-9][0-9 ().-]{7}"),
        rb"(?<!\w)[a-z]{2}[0-9]{2} ?[a-z0-9]{4} ?[a-z0-9]{4}",
    )
]
_PEOPLE = ("mail", "phone", "card", "pin", "cvv", "cvc", "ssn", "iban")
_MORE = rb"[-_ .]?(?:word|wd|phrase|address|number|no|code)?s?"
_BODY_NAMES = [
    (stem.encode(), re.compile(stem.encode() + _MORE + rb"[\"']?[ \t\r\n]*[=:]"))
    for stem in (*NAMES, *_PEOPLE)
]

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
    secret is blanked. Booleans and null stay, numbers too ("token": 5 is a count) but for those of
    people ("pin": 1234)."""
    if isinstance(obj, dict):
        return {
            text(name): item
            if type(item) in _KEPT and not _is_personal(name)
            else _member(name, item)
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
    if len(value) < 5 or _PLAIN.match(value):
        return value
    # What one rule leaves may be for another; twice is the rule, more takes contrived text.
    for _ in range(5):
        before, folded = value, value.lower()
        for needles, rule in RULES:
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
    if _is_personal(name):
        return _blank(item, numbers=True)
    if _says_secret(name):
        return _blank(item)
    if isinstance(item, str) and name.lower().endswith("version") and IPV4.fullmatch(item):
        return item
    return value(item)


@lru_cache(maxsize=2048)
def _says_secret(name: str) -> bool:
    return len(name) < 200 and _SECRET_NAME.search(name) is not None


@lru_cache(maxsize=2048)
def _is_personal(name: str) -> bool:
    return len(name) < 200 and _PERSONAL_NAME.search(name) is not None


def _blank(item: Any, numbers: bool = False) -> Any:
    if isinstance(item, str):
        return SECRET if item else ""
    if isinstance(item, list):
        return [_blank(inner, numbers) for inner in item]
    if isinstance(item, dict):
        return {text(name): _blank(inner, numbers) for name, inner in item.items()}
    return SECRET if numbers and type(item) in (int, float) else item
