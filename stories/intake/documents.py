"""Reads a JSON body that the fast decoder refuses, so that one bad item costs that item only.

msgspec refuses a whole body for one value that it does not like: a lone surrogate, a number past what
a double holds, bytes that are not UTF-8. The standard library's decoder takes these; each item is
then judged by itself. A body that is no JSON is refused as a whole.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from stories.errors import ApiError, bad_request

# Objects and lists in one body. Decoders take a microsecond for each, and the garbage collector as
# much again for all that are alive; the largest batch of ordinary events has 10,000.
MAX_CONTAINERS = 100_000
# Far above what any schema accepts (properties: 5), far below what decoders survive (about 1,000).
MAX_DEPTH = 64
MAX_DIGITS = 308  # of the longest whole number that a double can hold

SENTENCES = {
    "too_deep": f"the item is nested more than {MAX_DEPTH} levels deep",
    "number_too_large": "the item holds a number too large to be stored",
    "unstorable_text": "the item holds text that cannot be stored: a NUL character, half of a "
    "surrogate pair, or bytes that are not UTF-8",
}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def too_many_containers(body: bytes) -> bool:
    """Whether a body holds more objects and lists than are decoded. Brackets in text count too."""
    if len(body) <= MAX_CONTAINERS:
        return False
    return body.count(b"[") + body.count(b"{") > MAX_CONTAINERS


def check_containers(body: bytes) -> None:
    """Raises ApiError for too many of them."""
    if too_many_containers(body):
        raise ApiError(
            413, "too_many_values", f"a request may hold at most {MAX_CONTAINERS} objects and lists"
        )


def load(body: bytes, errors: str = "surrogateescape") -> Any:
    """The JSON value of a body, by the standard library. Numbers past a double are infinite.
    errors: what becomes of bytes that are not UTF-8, as `bytes.decode` has it. Raises ApiError."""
    try:
        return json.loads(
            body.decode("utf-8-sig", errors), parse_int=_integer, parse_constant=_refuse
        )
    except RecursionError:
        raise bad_request("too_deep", "the body nests too deeply") from None
    except ValueError as error:
        raise ApiError(400, "invalid_json", f"the body is not JSON: {error}") from None


def split(body: bytes, member: str | None) -> list[Any]:
    """The items of a body, not yet judged: the elements of the list `member` of an object; without a
    member, those of a list, or the one object that the body is. Raises ApiError."""
    document = load(body)
    if member is not None:
        if not isinstance(document, dict) or not isinstance(document.get(member), list):
            raise ApiError(
                400, "invalid_body", f'the body must be an object with a list "{member}"'
            )
        items: list[Any] = document[member]
        return items
    if not isinstance(document, dict | list):
        raise ApiError(400, "invalid_body", "the body must be an object or a list")
    return document if isinstance(document, list) else [document]


def flaw(item: Any) -> str:
    """Why a value cannot be stored, as a code of SENTENCES; empty when it can."""
    level, depth = [item], 0
    while level:
        inner: list[Any] = []
        for value in level:
            if isinstance(value, str):
                if _UNSTORABLE.search(value):
                    return "unstorable_text"
            elif isinstance(value, float):
                if not math.isfinite(value):
                    return "number_too_large"
            elif isinstance(value, dict | list):
                if depth == MAX_DEPTH:
                    return "too_deep"
                inner.extend(value)
                if isinstance(value, dict):
                    inner.extend(value.values())
        level, depth = inner, depth + 1
    return ""


def _integer(digits: str) -> int | float:
    """Python refuses integers past 4,300 digits with an error that would cost the whole body."""
    return int(digits) if len(digits) - digits.startswith("-") <= MAX_DIGITS else math.inf


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
