"""A small JSON body as a type; a wrong one is a 400 that names the field."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from stories.errors import bad_request
from stories.web.body import read_body

MAX_BODY = 64 * 1024
T = TypeVar("T")


def read_json(kind: type[T], limit: int = MAX_BODY) -> T:
    body = read_body(limit)
    if b"\\u0000" in body or b"\0" in body:
        raise bad_request("invalid_body", "the body cannot be read: text must not hold NUL")
    try:
        return msgspec.json.decode(body or b"{}", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise bad_request("invalid_body", f"the body cannot be read: {error}") from None
