"""The careful way to read a batch: one event that cannot be stored costs that event, not the batch.

The fast decoder refuses a whole body for one bad item. This module is asked then: it walks the body
once, decodes each element of the wanted array on its own and gives either its value or the reason
why it cannot be kept. A body that is no JSON as a whole is still refused as a whole.

The standard library's C scanner does the decoding (`raw_decode` returns where a value ends), so the
usual cost is that of one `json.loads`; only a value too deep for it is walked token by token.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

# Far above what any schema accepts (properties: 5), far below what decoders survive (about 1,000).
MAX_DEPTH = 64
# The longest whole number that a double can hold; longer ones have no use and a quadratic cost.
MAX_DIGITS = 308

SENTENCES = {
    "too_deep": f"The item is nested more than {MAX_DEPTH} levels deep.",
    "number_too_large": "The item holds a number too large to be stored.",
    "unstorable_text": "The item holds text that cannot be stored: a NUL character, half of a "
    "surrogate pair, or bytes that are not UTF-8.",
}

_BOM = b"\xef\xbb\xbf"
_SPACE = re.compile(r"[ \t\n\r]*+")
# What could stand for unstorable text in a slice that is valid JSON; `\\ud800` is a false alarm,
# which the look at the decoded strings settles.
_TEXT_ALARM = re.compile(r"\\u(?:0000|[dD][89a-fA-F])|[\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
        (?P<open>[\[{]) | (?P<close>[\]}]) | (?P<comma>,) | (?P<colon>:)
      | (?P<string>"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")
      | (?P<scalar>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One element: `value` when `code` is empty, else a stable code and a sentence about it."""

    value: Any = None
    code: str = ""
    sentence: str = ""


class NotJSON(ValueError):
    """The body is not JSON. `reason` is one line, `position` the byte where reading stopped."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason} (byte {position})")
        self.reason = reason
        self.position = position


class TooManyItems(ValueError):
    """The array holds more items than the caller wants to hear of; the rest was not read."""


class WrongShape(ValueError):
    """The body is JSON, but not an object whose `member` is an array (or, without one, a list)."""


def split(body: bytes, member: str | None, limit: int | None = None) -> list[Item]:
    """The elements of array `member` of an object body, each decoded or refused by itself.

    `member` None: the elements of a body that is an array, or one item for one that is an object.
    A member given twice counts as the last one does, as in every JSON decoder. Linear in the length
    of the body, whatever it holds. Raises NotJSON or WrongShape, and TooManyItems on item number
    `limit` + 1: an item costs some microseconds, and 5 MiB have room for 2,600,000.
    """
    return _Reader(body, limit).items(member)


class _NotANumber(Exception):
    """NaN, Infinity or -Infinity, which Python's scanner takes and JSON does not have."""


class _Reader:
    """A position in one body. Methods take where to read and return where they stopped."""

    def __init__(self, body: bytes, limit: int | None) -> None:
        self.limit = limit
        self.skipped = len(_BOM) if body.startswith(_BOM) else 0
        # Bytes that are not UTF-8 become lone surrogates, one each, and are judged item by item.
        self.text = body[self.skipped :].decode("utf-8", "surrogateescape")
        self.number_too_large = False
        self.scan = json.JSONDecoder(
            parse_int=self._integer, parse_float=self._float, parse_constant=self._constant
        ).raw_decode

    def items(self, member: str | None) -> list[Item]:
        start = self._space(0)
        if member is not None:
            items, end = self._object(start, member)
        elif self.text.startswith("[", start):
            items, end = self._array(start)
        else:
            item, end = self._item(start)
            items = [item]
        end = self._space(end)
        if end != len(self.text):
            self._refuse("something follows the end of the JSON value", end)
        if items is None or (member is None and self.text[start] not in "[{"):
            raise WrongShape(
                "The body must be an object or an array."
                if member is None
                else f'The body must be an object with an array "{member}".'
            )
        return items

    def _object(self, start: int, member: str) -> tuple[list[Item] | None, int]:
        """The items of the last `member`; None: missing, no array, or this is no object."""
        if not self.text.startswith("{", start):
            return None, self._outside(start)
        items: list[Item] | None = None
        at = self._space(start + 1)
        if self.text.startswith("}", at):
            return None, at + 1
        while True:
            if not self.text.startswith('"', at):
                self._refuse("expected a member name", at)
            end = self._outside(at)
            name = json.loads(self.text[at:end])
            at = self._space(self._expect(":", self._space(end)))
            if name == member and self.text.startswith("[", at):
                items, at = self._array(at)
            else:
                at = self._outside(at)
                items = None if name == member else items
            at = self._space(at)
            if self.text.startswith("}", at):
                return items, at + 1
            at = self._space(self._expect(",", at))

    def _array(self, start: int) -> tuple[list[Item], int]:
        items: list[Item] = []
        at = self._space(start + 1)
        if self.text.startswith("]", at):
            return items, at + 1
        while True:
            if len(items) == self.limit:
                raise TooManyItems(f"The array holds more than {self.limit} items.")
            item, at = self._item(at)
            items.append(item)
            at = self._space(at)
            if self.text.startswith("]", at):
                return items, at + 1
            at = self._space(self._expect(",", at))

    def _item(self, start: int) -> tuple[Item, int]:
        self.number_too_large = False
        try:
            value, end = self._decode(start)
        except RecursionError:
            return _refused("too_deep"), self._walk(start)
        if self._too_deep(value, start, end):
            return _refused("too_deep"), end
        if self.number_too_large:
            return _refused("number_too_large"), end
        if _TEXT_ALARM.search(self.text, start, end) and (
            # A raw byte counts even where a later member of the same name hides it.
            _UNSTORABLE.search(self.text, start, end) or _holds_unstorable(value)
        ):
            return _refused("unstorable_text"), end
        return Item(value), end

    def _outside(self, start: int) -> int:
        """Step over a value that is not asked for; it has to be JSON, not to be storable."""
        try:
            _, end = self._decode(start)
        except RecursionError:
            end = self._walk(start)
        raw = _UNSTORABLE.search(self.text, start, end)
        if raw:
            self._refuse("bytes that are not UTF-8", raw.start())
        return end

    def _decode(self, start: int) -> tuple[Any, int]:
        try:
            return self.scan(self.text, start)
        except json.JSONDecodeError as error:
            self._refuse(error.msg[:1].lower() + error.msg[1:], error.pos)
        except _NotANumber:
            # The scanner does not say where it was; the walk stops at the same place and does.
            self._walk(start)
            raise

    def _too_deep(self, value: Any, start: int, end: int) -> bool:
        opened = self.text.count("[", start, end) + self.text.count("{", start, end)
        return opened > MAX_DEPTH and _depth_exceeds(value, MAX_DEPTH)

    def _walk(self, start: int) -> int:
        """The end of a value too deep for the decoder, checked against the whole grammar.

        No recursion: `closers` is the stack. `expect` is what may come next.
        """
        closers: list[str] = []
        expect, at = "value", start
        while True:
            token = _TOKEN.match(self.text, at)
            kind = token.lastgroup if token else None
            if token is None or kind is None:
                self._refuse("expected JSON", self._space(at))
            begin, at = token.start(kind), token.end()
            if kind == "close" and expect in ("next", "value or ]", "name or }"):
                if self.text[begin] != closers.pop():
                    self._refuse("mismatched bracket", begin)
                expect = "next"
            elif kind == "comma" and expect == "next":
                expect = "value" if closers[-1] == "]" else "name"
            elif kind == "string" and expect in ("name", "name or }"):
                at = self._expect(":", self._space(at))
                expect = "value"
            elif kind == "open" and expect in ("value", "value or ]"):
                is_array = self.text[begin] == "["
                closers.append("]" if is_array else "}")
                expect = "value or ]" if is_array else "name or }"
            elif kind in ("string", "scalar") and expect in ("value", "value or ]"):
                expect = "next"
            else:
                self._refuse(
                    f"expected {'a comma or the end' if expect == 'next' else expect}", begin
                )
            if not closers:
                return at

    def _space(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def _expect(self, character: str, at: int) -> int:
        if not self.text.startswith(character, at):
            self._refuse(f"expected {character!r}", at)
        return at + 1

    def _refuse(self, reason: str, at: int) -> NoReturn:
        position = self.skipped + len(self.text[:at].encode("utf-8", "surrogateescape"))
        raise NotJSON(reason, position) from None

    def _integer(self, digits: str) -> int:
        if len(digits) - digits.startswith("-") > MAX_DIGITS:
            self.number_too_large = True
            return 0
        return int(digits)

    def _float(self, digits: str) -> float:
        number = float(digits)
        if number in (float("inf"), float("-inf")):
            self.number_too_large = True
        return number

    def _constant(self, name: str) -> NoReturn:
        raise _NotANumber(name)


def _refused(code: str) -> Item:
    return Item(code=code, sentence=SENTENCES[code])


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.values()]
    return value if isinstance(value, list) else []


def _depth_exceeds(value: Any, limit: int) -> bool:
    """Whether containers are nested deeper than `limit`; a lone scalar has depth 0."""
    level = [value]
    for _ in range(limit + 1):
        level = [v for v in level if isinstance(v, dict | list)]
        if not level:
            return False
        level = [child for container in level for child in _children(container)]
    return True


def _holds_unstorable(value: Any) -> bool:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if _UNSTORABLE.search(one):
                return True
        elif isinstance(one, dict):
            waiting.extend(one)
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return False
