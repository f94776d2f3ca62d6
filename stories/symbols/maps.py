"""Positions through a source map: by symbolic, which knows names of functions, or else by our own
reading, which knows positions and lines of source.

Lines and columns are counted from 1 here, as stacks have them; columns are of UTF-16, as JavaScript's.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

MAX_BYTES = 32 * 2**20  # of a map; opening one takes up to 13 times as much memory
AROUND = 3  # lines of source on each side
_UNNAMED = ("", "<unknown>", "<anonymous>", "anonymous")
_VIRTUAL = re.compile(r"\A(?!https?:|file:)[a-z][a-z0-9.+-]*://[^/]*/+", re.ASCII)
_DIGITS = {
    letter: number
    for number, letter in enumerate(
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    )
}


@dataclass(frozen=True)
class Place:
    """Where something stands in the maker's own source. function: around it. name: what stood there, of
    a call the name of what is called. context: lines, the first of them is line `context_start`."""

    file: str
    line: int
    column: int
    function: str | None
    name: str | None
    context: list[str] | None
    context_start: int | None


class NoPlace(Exception):
    """Why there is none: a sentence."""


class Lookup(Protocol):
    def __call__(self, line: int, column: int) -> Place | None: ...


class SourceMap:
    """An opened map. Immutable."""

    def __init__(self, script: bytes | None, content: bytes, name: str) -> None:
        """script: what the map is of, where that is known. name: of the map's file, for sentences.
        Raises NoPlace where it cannot be read."""
        if content.startswith(b")]}"):  # against being run as a script
            content = content.partition(b"\n")[2]
        self._name = name
        self._widths = None if script is None else _widths(script)
        try:
            self._lookup = _open(script or b"", content)
        except MemoryError:
            raise
        except (
            Exception
        ) as error:  # a library's own, or what a map that is none makes of our reading
            text = " ".join(str(error).split())[:100] or type(error).__name__
            raise NoPlace(f"The map {name} cannot be read: {text}.") from None

    def place(self, line: int, column: int) -> Place:
        """Raises NoPlace."""
        if self._widths is not None:
            lines = len(self._widths)
            if line > lines:
                raise NoPlace(
                    f"The map {self._name} is of another build: its script ends at line {lines}."
                )
            if column > self._widths[line - 1] + 1:
                raise NoPlace(
                    f"The map {self._name} is of another build: line {line} of its script ends at "
                    f"column {self._widths[line - 1]}."
                )
        place = self._lookup(line, column) if line > 0 and column > 0 else None
        if place is None:
            raise NoPlace(
                f"The map {self._name} says nothing of line {line}, column {column}: "
                "it may be of another build."
            )
        return place


def has_names() -> bool:
    """Whether symbolic is installed."""
    return _symbolic() is not None


def _symbolic() -> Any:
    try:
        from symbolic.sourcemapcache import SourceMapCache
    except ImportError:  # no wheel for this system, or not wanted: requirements/symbols.txt
        return None
    return SourceMapCache


def _open(script: bytes, content: bytes) -> Lookup:
    cache = _symbolic()
    return (
        Tokens(content).lookup
        if cache is None
        else _Named(cache.from_bytes(script, content)).lookup
    )


class _Named:
    """A map as symbolic has it."""

    def __init__(self, cache: Any) -> None:
        self._cache = cache

    def lookup(self, line: int, column: int) -> Place | None:
        token = self._cache.lookup(line, column, AROUND)
        if token is None or not token.src:
            return None
        context = start = None
        if token.context_line is not None:
            lines = [*token.pre_context, token.context_line, *token.post_context]
            context = [text.rstrip("\r\n") for text in lines]
            start = token.line - len(token.pre_context)
        name = token.function_name
        return Place(
            file=source_path(token.src),
            line=token.line,
            column=token.col,
            function=None if name in _UNNAMED else name,
            name=token.name or None,
            context=context,
            context_start=start,
        )


class _Section(msgspec.Struct):
    line: int
    column: int


class _Part(msgspec.Struct):
    offset: _Section
    map: msgspec.Raw


class _Content(msgspec.Struct):
    mappings: str = ""
    sources: list[str | None] = []
    names: list[str] = []
    contents: list[str | None] | None = msgspec.field(default=None, name="sourcesContent")
    root: str | None = msgspec.field(default=None, name="sourceRoot")
    sections: list[_Part] | None = None


class Tokens:
    """A map as we read it: the tokens of each line, in order."""

    def __init__(self, content: bytes) -> None:
        """Raises ValueError and such where it is none."""
        self._lines: dict[int, array[int]] = {}  # five numbers a token
        self._sources: list[str] = []
        self._contents: list[str | None] = []
        self._names: list[str] = []
        self._add(content, 0, 0, nested=False)

    def _add(self, content: bytes | msgspec.Raw, line: int, column: int, nested: bool) -> None:
        document = msgspec.json.decode(content, type=_Content)
        if document.sections is not None and not nested:
            for part in document.sections:
                self._add(part.map, part.offset.line, part.offset.column, nested=True)
            return
        base, names = len(self._sources), len(self._names)
        root = (document.root or "").rstrip("/")
        self._sources += [
            f"{root}/{each or ''}" if root else each or "" for each in document.sources
        ]
        contents = document.contents or []
        self._contents += contents + [None] * (len(document.sources) - len(contents))
        self._names += document.names
        self._read(document.mappings.encode("ascii"), line, column, base, names)

    def _read(self, mappings: bytes, line: int, shift: int, base: int, names: int) -> None:
        source = source_line = source_column = name = 0
        for number, text in enumerate(mappings.split(b";")):
            column, row = shift if number == 0 else 0, array("q")
            for segment in text.split(b",") if text else ():
                numbers = _numbers(segment)
                column += numbers[0]
                if len(numbers) < 4:
                    row.extend((column, -1, 0, 0, -1))
                    continue
                source += numbers[1]
                source_line += numbers[2]
                source_column += numbers[3]
                if len(numbers) > 4:
                    name += numbers[4]
                named = names + name if len(numbers) > 4 else -1
                row.extend((column, base + source, source_line, source_column, named))
            if row:
                self._lines.setdefault(line + number, array("q")).extend(row)

    def lookup(self, line: int, column: int) -> Place | None:
        row = self._lines.get(line - 1, array("q"))
        at = 5 * (bisect_right(row[::5], column - 1) - 1)
        if at < 0 or not 0 <= (source := row[at + 1]) < len(self._sources):
            return None
        context, start = self._context(source, row[at + 2])
        name = row[at + 4]
        return Place(
            file=source_path(self._sources[source]),
            line=row[at + 2] + 1,
            column=row[at + 3] + 1,
            function=None,
            name=self._names[name] if 0 <= name < len(self._names) else None,
            context=context,
            context_start=start,
        )

    def _context(self, source: int, line: int) -> tuple[list[str] | None, int | None]:
        text = self._contents[source] if source < len(self._contents) else None
        lines = (text or "").split("\n")
        if text is None or not 0 <= line < len(lines):
            return None, None
        first = max(0, line - AROUND)
        return [each.rstrip("\r") for each in lines[first : line + AROUND + 1]], first + 1


def _numbers(segment: bytes) -> list[int]:
    numbers, value, shift = [], 0, 0
    for letter in segment:
        digit = _DIGITS[letter]
        value |= (digit & 31) << shift
        if digit & 32:
            shift += 5
            if shift > 35:
                raise ValueError("a number in it is too large")
            continue
        numbers.append(-(value >> 1) if value & 1 else value >> 1)
        value = shift = 0
    return numbers


def _widths(script: bytes) -> array[int]:
    """How long each line is."""
    widths = array("l")
    for line in script.split(b"\n"):
        text = line.rstrip(b"\r").decode("utf-8", "replace")
        pairs = 0 if text.isascii() else sum(char > "\uffff" for char in text)
        widths.append(len(text) + pairs)
    return widths


def source_path(source: str) -> str:
    """A source as bundlers write it, such as `webpack://app/./src/a.ts?f00d` or `../../src/a.ts`, as the
    path of a file in its project: `src/a.ts`."""
    path = _VIRTUAL.sub("", source.replace("\0", "").replace("\\", "/"), count=1)
    path = path.partition("?")[0] or path
    while path.startswith(("./", "../")):
        path = path.partition("/")[2]
    return path or "<source>"
