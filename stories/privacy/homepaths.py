"""Home directories in text: /Users/Jane Doe/x.js:1:2 becomes ~/x.js:1:2.

Finding them is easy; where the name of the user ends is not, as it may hold spaces and prose may
follow the path. A part of scrub.py, apart because of that. Linear time: one search for a separator
and a word, then looks of bounded length to either side.
"""

from __future__ import annotations

import re

_SEPARATOR = r"(?:[\\/]|%2[Ff]|%5[Cc])"
_HOME = re.compile(
    rf"""[\\/%](?:(?<=%)(?:2[Ff]|5[Cc]))?(?:(?P<root>root(?![\w.~%-]))|(?:home|(?P<users>
        (?ai:users|documents[ ]and[ ]settings)
    )){_SEPARATOR}{{1,8}})""",
    re.VERBOSE,
)
_DRIVE = re.compile(rf"(?<![A-Za-z])[A-Za-z](?::|%3[Aa]){_SEPARATOR}{{0,8}}\Z")
_VOLUME = re.compile(
    r"(?:/mnt/[a-z]|/cygdrive/[a-z]|(?<![\w.~/])/[a-z]|/System/Volumes/Data|/var|/usr|/export)\Z"
)
# /home is also a page of a website: it has to begin a path.
_PATH_BEGINS = re.compile(r"(?:\A|[^\w.~-]|\.\.|/@fs)\Z")
_FILE_URL = re.compile(r"(?<![A-Za-z])(?:file|vscode-file|app)://[\w.-]{0,64}\Z")
_LETTERS = r"""(?:(?!%2[Ff]|%5[Cc])[^\s/\\:"'<>|*?()\[\]{},;`]|(?<=[^\W\d_])'(?=[^\W\d_]))"""
_NAME = re.compile(f"{_LETTERS}++")
_MORE_NAMES = re.compile(
    rf"(?:,?[ ](?:[^\W_]{_LETTERS}{{0,40}}|\([^()\n/\\]{{1,30}}\))){{1,4}}"
    rf"""(?:(?=(?P<separator>{_SEPARATOR}))|(?=[)\]"'>\n]|:[0-9]|\Z))"""
)
_IN_QUOTES = r"(?:(?!%2[Ff]|%5[Cc])[^/\\\nQ]|(?<=[^\W\d_])Q(?=[^\W\d_])){1,64}+(?=SEP|Q)"
_QUOTED = {
    quote: re.compile(_IN_QUOTES.replace("Q", quote).replace("SEP", _SEPARATOR)) for quote in "'\"`"
}
_PARTICLES = re.compile("(?:al|bin|da|de|del|della|der|di|do|dos|du|el|la|le|van|von|y|zu)\\Z")
_PROSE = re.compile(
    "(?:a|an|and|are|as|at|but|by|for|from|has|in|into|is|it|no|not|of|on|or|that|the|then|to|was|"
    "were|when|which|while|with)\\Z"
)


def shorten(value: str) -> str:
    """The text with every home directory as ~, the user's name with all of its words gone."""
    out: list[str] = []
    kept = at = 0
    while found := _HOME.search(value, at):
        start = _home_start(value, found)
        end = _name_end(value, max(start, kept), found) if start >= 0 else None
        at = end or found.end()
        if end:
            out += (value[kept : max(start, kept)], "~")
            kept = end
    return "".join(out) + value[kept:]


def _home_start(value: str, found: re.Match[str]) -> int:
    """Where the path to the home directory starts, its drive included; -1 when it is none."""
    before = value[max(0, found.start() - 24) : found.start()]
    length = len(before)
    if drive := _DRIVE.search(before):
        before = before[: drive.start()]
    elif found["users"] and found["users"] != "Users":
        return -1
    elif volume := _VOLUME.search(before):
        before = before[: volume.start()]
    start = found.start() - length + len(before)
    if found["users"] or drive or _PATH_BEGINS.search(before):
        return start
    far = value[max(0, start - 80) : start]
    return start if "://" in far and _FILE_URL.search(far) else -1


def _name_end(value: str, start: int, found: re.Match[str]) -> int | None:
    """Where the user's name ends: the hard part, as it may hold spaces and prose may follow it.

    In quotes it goes on to the quote or the next separator. Else words are added when a separator
    follows them and they look like names, or, at the end of a line, when they are capitalised.
    """
    at = found.end()
    if found["root"]:
        return at
    quote = value[start - 1 : start]
    if quote in _QUOTED and (quoted := _QUOTED[quote].match(value, at)):
        return quoted.end()
    first = _NAME.match(value, at)
    if first is None:
        return None
    more = _MORE_NAMES.match(value, first.end())
    if more is None:
        return first.end()
    words = more[0].replace(",", " ").split()
    common = [w for w in words if w[0].islower() and not _PARTICLES.match(w)]
    if more["separator"] is None:
        are_names = not common and not any(w.isupper() for w in words)
    else:
        are_names = not common or (len(words) <= 2 and not any(map(_PROSE.match, common)))
    return more.end() if are_names else first.end()
