"""An app's own patterns of files and modules: which frames of a crash are its own code.

A pattern is plain text, in which `*` stands for anything. It begins where a file, one of its folders or
a module begins, and need not reach to the end: `vendor/*`, `vendor/` and `/vendor/` say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from stories.crashes.frames import Frame, Link
from stories.crashes.places import CLASS_FILES, Owner

# In a crash, for pieces of patterns: forty patterns and a hundred files make 4,000. Frames further down
# are judged as if there were no patterns.
MAX_SEARCHES = 5_000

Owners = list[list[Owner | None]]  # of each frame of each exception; None: no pattern matches
Pieces = tuple[re.Pattern[str], ...]


class Patterns:
    """Matching takes time linear in the text. Each piece between two `*` is a search for plain text, for
    which `re` keeps a table of how far to move on (Knuth, Morris, Pratt); `str.find` has none for texts
    this short. What is left of the text is searched for the next piece, and nothing is tried twice."""

    def __init__(self, in_app: Iterable[str] = (), not_in_app: Iterable[str] = ()) -> None:
        self._rules = [
            *((Owner.LIBRARY, _pieces(pattern)) for pattern in not_in_app),
            *((Owner.APP, _pieces(pattern)) for pattern in in_app),
        ]

    def owners(self, chain: list[Link]) -> Owners:
        """What the patterns say of the frames, the newest calls first; `not_in_app` comes first."""
        left = MAX_SEARCHES if self._rules else 0
        owners: Owners = []
        for link in chain:
            of_link: list[Owner | None] = []
            for frame in link.frames:
                owner, searches = self._owner(_texts(frame)) if left > 0 else (None, 0)
                left -= searches
                of_link.append(owner)
            owners.append(of_link)
        return owners

    def _owner(self, texts: list[str]) -> tuple[Owner | None, int]:
        """And how many searches that took."""
        searches = 0
        for owner, pieces in self._rules:
            for text in texts:
                missed, tried = _missed(pieces, text)
                searches += tried
                if not missed:
                    return owner, searches
        return None, searches


NO_PATTERNS = Patterns()


@lru_cache(maxsize=256)  # an app is read again every few seconds
def _patterns(in_app: tuple[str, ...], not_in_app: tuple[str, ...]) -> Patterns:
    return Patterns(in_app, not_in_app)


def read_patterns(setting: dict[str, Any]) -> Patterns:
    """Of an app's setting `grouping`: {in_app: [patterns], not_in_app: [patterns]}, each optional."""
    return _patterns(tuple(setting.get("in_app", ())), tuple(setting.get("not_in_app", ())))


def _pieces(pattern: str) -> Pieces:
    text = _folded(pattern)
    if not text.startswith(("*", "/")):
        text = f"/{text}"
    return tuple(re.compile(re.escape(piece)) for piece in text.split("*") if piece)


def _texts(frame: Frame) -> list[str]:
    """What a frame's place is called. Of Java and .NET the class in its function is its module."""
    texts = [text for text in (frame.file, frame.module) if text]
    has_class = not frame.module and (not frame.file or frame.file.endswith(CLASS_FILES))
    if has_class and frame.function:
        texts.append(frame.function)
    return [text if text.startswith("/") else f"/{text}" for text in map(_folded, texts)]


def _folded(text: str) -> str:
    return text.replace("\\", "/").lower()


def _missed(pieces: Pieces, text: str) -> tuple[bool, int]:
    """Whether one of the pieces is not where it should be, and how many were searched for."""
    place = 0
    for tried, piece in enumerate(pieces, 1):
        match = piece.search(text, place)
        if match is None:
            return True, tried
        place = match.end()
    return False, len(pieces)
