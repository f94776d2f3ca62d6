"""Exports in constant memory: rows as they come from the database become text piece by piece."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import msgspec

WHAT = ("events", "crashes", "daily", "issues", "people", "key_numbers")
MEDIA = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
}
PIECE = 64 * 1024  # characters or bytes gathered before they go out
# A cell that begins so is a formula to a spreadsheet; an apostrophe in front makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

Rows = Iterator[tuple[Any, ...]]


def pieces(rows: Rows, form: str) -> Iterator[bytes]:
    """rows: the column names first, then the rows. form: a key of MEDIA."""
    return {"json": _json, "ndjson": _ndjson, "csv": _csv}[form](rows)


def _objects(rows: Rows) -> Iterator[bytes]:
    names = next(rows)
    encode = msgspec.json.Encoder().encode
    for row in rows:
        yield encode(dict(zip(names, row, strict=True)))


def _ndjson(rows: Rows) -> Iterator[bytes]:
    return _gathered(line + b"\n" for line in _objects(rows))


def _json(rows: Rows) -> Iterator[bytes]:
    """One array, so that a reader which stops halfway knows it."""

    def parts() -> Iterator[bytes]:
        lead = b"[\n"
        for item in _objects(rows):
            yield lead + item
            lead = b",\n"
        yield b"[]\n" if lead == b"[\n" else b"\n]\n"

    return _gathered(parts())


def _csv(rows: Rows) -> Iterator[bytes]:
    def lines() -> Iterator[bytes]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        for row in rows:
            writer.writerow([cell(value) for value in row])
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()

    return _gathered(lines())


def cell(value: Any) -> str:
    """A value as a spreadsheet may safely show it."""
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        text = msgspec.json.encode(value).decode()
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)  # a negative number is no formula
    else:
        text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _gathered(parts: Iterator[bytes]) -> Iterator[bytes]:
    gathered, size = [], 0
    for part in parts:
        gathered.append(part)
        size += len(part)
        if size >= PIECE:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)
