"""Unwinding rules of a module: the text of Breakpad's STACK CFI records, as native.build makes it.

A record begins with the rules at its first address, and goes on with what changes later:

    STACK CFI INIT 1145 19 .cfa: $rsp 8 + .ra: .cfa -8 + ^
    STACK CFI 1146 .cfa: $rsp 16 + $rbx: .cfa -16 + ^

A rule is an expression in postfix notation: what the register was in the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise

from stories.symbols.registers import ALIASES

BEGIN = b"STACK CFI INIT "
MAX_RECORD = 64 * 1024  # bytes
MAX_RULES, MAX_WORDS, MAX_STACK = 64, 32, 16
CFA, RETURN = ".cfa", ".ra"
_begin = re.compile(rb"STACK CFI INIT ([0-9a-fA-F]{1,16}) ")

Rules = dict[str, list[str]]


class NoValue(Exception):
    """A rule asks for what is not known, or is none."""


def in_order(text: bytes) -> bytes:
    """The records of the text by their addresses, as Cfi expects them, and nothing else; of a record its
    first MAX_RECORD bytes."""
    found = [(int(match[1], 16), match.start()) for match in _begin.finditer(text)]
    ends = [at for _, at in found[1:]] + [len(text)]
    records = [(address, at, end) for (address, at), end in zip(found, ends, strict=False)]
    is_ordered = all(each <= later for each, later in pairwise(records))
    if is_ordered and all(end - at <= MAX_RECORD for _, at, end in records):
        return text[records[0][1] :] if records else b""
    records.sort()
    return b"".join(_record(text, at, end) for _, at, end in records)


def _record(text: bytes, at: int, end: int) -> bytes:
    record = text[at : min(end, at + MAX_RECORD - 1)]
    if end - at >= MAX_RECORD:
        record = record[: record.rfind(b"\n") + 1]
    return record if record.endswith(b"\n") else record + b"\n"


class Cfi:
    """The rules of one module. Nothing is read but what is asked for: the text has megabytes."""

    def __init__(self, text: bytes) -> None:
        """text: as in_order gives it."""
        self._text = text

    def rules(self, offset: int) -> Rules | None:
        """Those at an offset from the module's start."""
        at = self._find(offset)
        if at is None:
            return None
        record = self._text[at : at + MAX_RECORD]
        record = record[: record.find(BEGIN, 1)] if record.find(BEGIN, 1) > 0 else record
        first, *changes = record.decode("ascii", "replace").splitlines()
        words = first.split()
        size = _number(words[4], 16) if len(words) > 4 else None
        start = _address(self._text, at)
        if size is None or not start <= offset < start + size:
            return None
        rules: Rules = {}
        _read(words[5:], rules)
        for line in changes:
            words = line.split()
            address = _number(words[2], 16) if len(words) > 3 else None
            if address is not None and address > offset:
                break
            _read(words[3:], rules)
        return rules

    def _find(self, offset: int) -> int | None:
        """Where the last record begins that is not past the offset: a bisection of the text."""
        text, low, high, best = self._text, 0, len(self._text), None
        while low < high:
            middle = text.rfind(BEGIN, low, (low + high) // 2 + len(BEGIN))
            middle = low if middle < 0 else middle
            if _address(text, middle) > offset:
                high = middle
                continue
            best = middle
            low = text.find(BEGIN, middle + 1, high)
            if low < 0:
                break
        return best


def evaluate(
    words: list[str],
    registers: Mapping[str, int],
    cfa: int | None,
    read: Callable[[int], int | None],
    bits: int,
) -> int:
    """The value of a rule. read: a word of memory. Raises NoValue."""
    stack: list[int] = []
    mask = (1 << bits) - 1
    for word in words[:MAX_WORDS]:
        if word in _OPERATIONS:
            if len(stack) < 2:
                raise NoValue
            second, first = stack.pop(), stack.pop()
            stack.append(_OPERATIONS[word](first, second) & mask)
        elif word == "^":
            value = read(stack.pop()) if stack else None
            if value is None:
                raise NoValue
            stack.append(value)
        else:
            stack.append(_value(word, registers, cfa) & mask)
        if len(stack) > MAX_STACK:
            raise NoValue
    if len(stack) != 1:
        raise NoValue
    return stack[0]


def _value(word: str, registers: Mapping[str, int], cfa: int | None) -> int:
    name = word.removeprefix("$")
    value = cfa if word == CFA else registers.get(ALIASES.get(name, name))
    if value is None:
        value = _number(word, 10)
    if value is None:
        raise NoValue
    return value


def _align(value: int, to: int) -> int:
    if to <= 0:
        raise NoValue
    return value - value % to


_OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "+": lambda first, second: first + second,
    "-": lambda first, second: first - second,
    "*": lambda first, second: first * second,
    "@": _align,
}


def _read(words: list[str], rules: Rules) -> None:
    """`.cfa: $rsp 8 + .ra: .cfa -8 + ^` into the rules, in place of those that are there."""
    rule: list[str] = []
    for word in words:
        if not word.endswith(":"):
            rule.append(word)
        elif len(rules) < MAX_RULES:
            name = word[:-1].removeprefix("$")
            rule = rules[ALIASES.get(name, name)] = []


def _address(text: bytes, at: int) -> int:
    """Of the record that begins there; what is no number stands before all others."""
    words = text[at + len(BEGIN) : at + len(BEGIN) + 20].split(b" ", 1)
    return _number(words[0].decode("ascii", "replace"), 16) or 0


def _number(text: str, base: int) -> int | None:
    if len(text) > 20:
        return None
    try:
        return int(text, base)
    except ValueError:
        return None
