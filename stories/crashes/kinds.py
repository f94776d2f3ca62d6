"""Kinds of messages: a finite list of names for what engines, systems and libraries say each in their
own words and languages, so that one fault has one fingerprint in all of them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from stories.crashes.kind_rules import RULES

MAX_MESSAGE = 300  # characters: of the first line, what is looked at


class Kind(NamedTuple):
    """`names`: what it is about, such as a property or a code of the system."""

    name: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.name, *self.names))


# Their names are the program's own, so titles show them.
SHOWN = frozenset(("nullish", "not-a-function", "not-defined"))
# Where they happen says nothing: after a deploy a chunk is missing on any page.
ALONE = frozenset(("chunk", "resize-observer", "script-error"))
# Every engine and system has its own type for them.
WITHOUT_TYPE = frozenset(
    (
        *("stack-overflow", "memory", "fault", "aborted", "quota", "not-allowed"),
        *("play-interrupted", "dom", "all-rejected"),
    )
)
# Not every engine says it, and the app's own function says more.
WITHOUT_KEYS = frozenset(("dom",))
_OF_TYPES = (
    ("ChunkLoadError", "chunk"),
    ("StackOverflowError", "stack-overflow"),
    ("StackOverflowException", "stack-overflow"),
    ("RecursionError", "stack-overflow"),
    ("OutOfMemoryError", "memory"),
    ("OutOfMemoryException", "memory"),
    ("MemoryError", "memory"),
    ("NullReferenceException", "nullish"),
)


@lru_cache(maxsize=2048)
def kind_of(type_: str, message: str) -> Kind | None:
    """The kind of a message, if it has one."""
    for end, kind in _OF_TYPES:
        if type_.endswith(end):
            return Kind(kind)
    text = first_line(message)
    for kind, needles, pattern, names in RULES:
        if any(needle in text for needle in needles) and (match := pattern.search(text)):
            return Kind(kind, names(match))
    return None


def first_line(message: str) -> str:
    """The first line with something in it, cut to MAX_MESSAGE; with the next if it announces that."""
    first = ""
    for line in message[:2_000].split("\n"):
        text = line.strip()
        if text and first:
            return f"{first} {text}"[:MAX_MESSAGE]
        if text and not text.endswith(":"):
            return text[:MAX_MESSAGE]
        first = first or text
    return first[:MAX_MESSAGE]
