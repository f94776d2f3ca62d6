"""Keys by which an event that comes again is known."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b

import msgspec
from msgspec import Struct

_encoder = msgspec.json.Encoder(order="deterministic")


def hashed_key(app_id: int, source: bytes) -> int:
    """64 bits of BLAKE2b over app and source, signed as PostgreSQL's bigint."""
    hashed = _begun_hash(app_id).copy()  # costs less than to make one
    hashed.update(source)
    return int.from_bytes(hashed.digest(), "big", signed=True)


@cache
def _begun_hash(app_id: int) -> blake2b:
    return blake2b(b"%d\0" % app_id, digest_size=8)


class Repeats:
    """Dedupe keys within one request. An item with an id is known by it; one without by its content
    and its place among identical ones of the request, so that a retry repeats the same keys."""

    def __init__(self, app_id: int) -> None:
        self._app_id = app_id
        self._seen: dict[int, int] = {}

    def key(self, item: Struct, item_id: str | None) -> int:
        if item_id is not None:
            return hashed_key(self._app_id, b"id\0" + item_id.encode())
        content = _encoder.encode(item)
        plain = hashed_key(self._app_id, content)
        ordinal = self._seen.get(plain, 0)
        self._seen[plain] = ordinal + 1
        return plain if ordinal == 0 else hashed_key(self._app_id, b"%d\0%b" % (ordinal, content))
