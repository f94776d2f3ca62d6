"""Normal messages: `Could not open <quoted> after <n> tries`, the same whoever it happens to."""

from __future__ import annotations

import re
from functools import lru_cache

from stories.crashes.kinds import SHOWN, Kind, first_line

# Numbers that say which fault it is. What is longer is a value, as those are that people get sent.
_CODE = (
    r"(?:exit code|status code|exit status|close code|error code|errno|WinError"
    r"|os error|error(?= #)|signal|HTTP|status|code)"
    r"(?:[ :=#]{1,2}|/[0-9](?:\.[0-9])? )-?[0-9]{1,10}"
)
_WIDE = ("exit", "error", "errno", "close", "winerror", "os error")
_MAX_CODE = 1_099  # the last of them are WebSocket's
_URL = r"\b[a-z][a-z0-9+.-]{1,20}://[^\s'\"<>)]{1,300}"
_EMAIL = r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}|\[email\]"
_UUID = r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
_IN_PATH = r"[^\s'\"<>|:;,)\]]"
_PATH = (
    r"(?:\b[a-z]:[\\/]|~[\\/]|(?<![\w.<])/(?=[\w.~@-]{1,80}/)|\\\\|(?<![\w.])\.{1,2}[\\/])"
    rf"{_IN_PATH}{{1,300}}(?: [^\s'\"<>|:;,)\]/\\]{{1,60}}[\\/]{_IN_PATH}{{1,300}}){{0,5}}"
)
_DATE = (
    r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\b\d{1,2}:\d\d(?::\d\d)?\b"
)
_IP = r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b|\[ip\](?::\d{1,5})?"
_HEX = r"\b0x[0-9a-f]{1,16}\b|\b(?=[0-9a-f]{0,40}\d)(?=\d{0,40}[a-f])[0-9a-f]{7,64}\b"
_FILE = (
    r"(?<![\w.-])[\w.-]{1,80}\.(?:txt|md|rtf|pdf|docx?|xlsx?|pptx?|od[tsp]|csv|zip|rar|7z|tar|gz|png"
    r"|jpe?g|gif|webp|heic|tiff?|bmp|mp[34]|m4[av]|wav|ogg|opus|flac|aac|webm|mov|mkv|avi|tmp|bak)\b"
)
_QUOTED = "|".join(
    (
        r"\"[^\"\n]{0,300}(?:\"|\Z)",
        r"(?<!\w)'(?:[^'\n]|(?<=\w)'(?=\w)){0,300}'(?!\w)",
        "`[^`\n]{0,300}`",
        "[“„][^“”\n]{0,300}[“”]",
        "«[^»\n]{0,300}»",
        "‘[^’\n]{0,300}’",
        "「[^」\n]{0,300}」",
    )
)
_UNIT = r"(?: (?:[kmgt]i?b|bytes?|ms|seconds?|minutes?|hours?|days?)\b)?"
_VERSION = r"\d[\d.]*-(?:alpha|beta|rc|dev|pre|next|canary|nightly)[\w.]*"
_VALUES = re.compile(
    rf"(?P<code>\b{_CODE}(?![\w.:-]))|(?P<url>{_URL})|(?P<email>{_EMAIL})|(?P<uuid>{_UUID})"
    rf"|(?P<id>\[(?:secret|card|iban|phone|ssn|mac)\])|(?P<path>{_PATH})|(?P<date>{_DATE})"
    rf"|(?P<ip>{_IP})|(?P<hex>{_HEX})|(?P<quoted>{_QUOTED})|(?P<file>{_FILE})"
    rf"|(?P<word>(?<![\w-])[^\W\d][\w-]{{0,40}}\d[\w-]{{0,300}})|(?P<amount>{_VERSION}|\d[\w.,]*%?{_UNIT})",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    rf"{_VERSION}\Z|\d[\d.,_]*(?:%|[mnµ]?s|sec|min|h|px|[kmgt]i?b|b|bytes|x)?{_UNIT}\Z",
    re.IGNORECASE,
)
_LIST = re.compile(r"(<\w{1,9}>(?:: ?<\w{1,9}>)?)(?:, ?<\w{1,9}>(?:: ?<\w{1,9}>)?)+")
_SPACE = re.compile(r"\s+")


@lru_cache(maxsize=2048)
def normal_message(message: str) -> str:
    """The first line with placeholders for values. Numbers that are codes stay: exit code 11."""
    return _without_values(first_line(message))


def _without_values(line: str) -> str:
    text = _VALUES.sub(_placeholder, line)
    return _SPACE.sub(" ", _LIST.sub("<list>", text)).strip()


def _placeholder(match: re.Match[str]) -> str:
    group = match.lastgroup
    if group == "code":
        return _code(match[0])
    if group == "amount":
        return "<n>" if _AMOUNT.match(match[0]) else "<id>"
    return "<id>" if group == "word" else f"<{group}>"


def _code(text: str) -> str:
    """An exit code of Windows is one number, whether it is printed with a sign or without."""
    name = text.rstrip("0123456789-")
    digits = text[len(name) :]
    is_wide = name.lower().startswith(_WIDE)
    number = int(digits)
    if is_wide:
        return f"{name}{number & 0xFFFF_FFFF if number < 0 else number}"
    return f"{name}{number if abs(number) <= _MAX_CODE else '<n>'}"


@lru_cache(maxsize=2048)
def shown_message(message: str, kind: Kind | None) -> str:
    """For titles: the normal message, with the name that it is about if that is the program's own."""
    if kind is None or kind.name not in SHOWN or not kind.names or kind.names[0] == "<n>":
        return normal_message(message)
    name, line = kind.names[0], first_line(message)
    for number, word in enumerate((name, "NoneType")):
        for quote in "'\"":
            line = line.replace(f"{quote}{word}{quote}", _MARKS[number], 1)
    text = _without_values(line)
    text = text.replace(_MARKS[0], f"'{name}'").replace(_MARKS[1], "'NoneType'")
    return text if name in text else f"{text} ({name})"


_MARKS = "\ue000\ue001"  # of a private use area: stand for a name while values are taken out
