"""The bodies of PostHog's SDKs, of many years: a batch, a list or one event; as JSON, or as base64 in a
form. What is gzip has been read as such by then, whether it says so or not."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from typing import Any
from urllib.parse import parse_qs

from msgspec import Struct

from stories.errors import bad_request
from stories.intake.adapters.reading import items_of, mapping, read_json

KEYS = ("api_key", "token")  # both are the app's key


class Sent(Struct):
    key: str | None
    events: list[dict[str, Any]]


def read_events(body: bytes, query: dict[str, str]) -> Sent:
    """The events of a body, and the key that stands in it or in the query. Raises ApiError."""
    if query.get("compression") == "lz64":
        raise bad_request("unsupported_encoding", "compression must be gzip-js, gzip or base64")
    if body.startswith(b"data=") or query.get("compression") == "base64":
        body = _of_form(body)
    document = read_json(body)
    whole = mapping(document)
    inner = next(
        (whole[name] for name in ("batch", "data") if isinstance(whole.get(name), list)), None
    )
    events = [mapping(item) for item in items_of(document if inner is None else inner)]
    places = [
        query,
        whole,
        *(mapping(event.get("properties")) for event in events[:1]),
        *events[:1],
    ]
    keys = (place.get(name) for place in places for name in KEYS)
    return Sent(next((key for key in keys if isinstance(key, str) and key), None), events)


def _of_form(body: bytes) -> bytes:
    try:
        fields = parse_qs(body, keep_blank_values=True, max_num_fields=10)
        if fields.get(b"compression", [b""])[0] == b"lz64":
            raise bad_request("unsupported_encoding", "compression must be gzip-js, gzip or base64")
        data = fields[b"data"][0] if b"data" in fields else body
        # A + that was not escaped has become a space.
        return data if data[:1] in (b"{", b"[") else b64decode(data.replace(b" ", b"+"))
    except (ValueError, Error):
        raise bad_request("invalid_encoding", "data must be base64") from None
