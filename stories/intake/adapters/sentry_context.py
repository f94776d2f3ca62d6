"""What is kept of an event of Sentry's beside its error: the context of a crash, by an allow-list."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Any

import msgspec

from models import EPOCH, MAX_PLAIN_NUMBER, MAX_PROPERTIES_BYTES
from stories.intake.adapters.reading import listed, mapping, text, time
from stories.payloads.common import clean_path, page_path

# The fields of an event that are kept, and the characters of each; all else is left out.
# docs/PRIVACY_TELEMETRY.md shows the same table. The most important come first: where all are too
# many, the last ones go.
KEPT = {
    "level": 20,
    "environment": 64,
    "transaction": 200,
    "logger": 100,
    "logentry.formatted": 1000,
    "exception.mechanism.type": 100,
    "platform": 30,
    "dist": 64,
    "sdk.name": 60,
    "sdk.version": 30,
    "request.url": 300,
    "contexts.os.name": 50,
    "contexts.os.version": 50,
    "contexts.runtime.name": 50,
    "contexts.runtime.version": 50,
    "contexts.browser.name": 50,
    "contexts.browser.version": 50,
    "contexts.device.arch": 20,
    "contexts.device.memory_size": 20,
    "contexts.app.app_memory": 20,
    "contexts.gpu.name": 100,
    "contexts.culture.locale": 20,
    "contexts.culture.timezone": 50,
    "tags.name": 32,
    "tags.value": 100,
    "breadcrumbs.timestamp": 30,
    "breadcrumbs.category": 50,
    "breadcrumbs.level": 20,
    "breadcrumbs.message": 200,
    "breadcrumbs.data.method": 20,
    "breadcrumbs.data.status_code": 10,
    "breadcrumbs.data.url": 200,
    "breadcrumbs.data.from": 200,
    "breadcrumbs.data.to": 200,
}
MAX_TAGS, MAX_CRUMBS = 20, 30
ROOM = MAX_PROPERTIES_BYTES - 1_024  # for the notes of what did not fit
MAX_ADDRESS = 2_000  # characters that are looked at
# What a page or a program printed, or was called with, stands in the message of these.
WITHOUT_MESSAGE = ("console", "subprocess")
# Of breadcrumbs' data, as newer SDKs have it.
NEWER_NAMES = {"method": "http.request.method", "status_code": "http.response.status_code"}
_CONTEXTS = ("os", "runtime", "browser", "device", "app", "gpu", "culture")
_encode = msgspec.json.Encoder().encode


def read_context(event: dict[str, Any], mechanism: str | None) -> dict[str, Any]:
    """The context of a crash, within the limits of one; `_notes` says what did not fit. mechanism: the
    type of that of the thrown exception."""
    sdk, contexts = mapping(event.get("sdk")), mapping(event.get("contexts"))
    logentry = mapping(event.get("logentry"))
    formatted = logentry.get("formatted")
    kept: dict[str, Any] = {
        "level": _plain(event, "level"),
        "environment": _plain(event, "environment"),
        "transaction": _address(event.get("transaction"), KEPT["transaction"]),
        "logger": _plain(event, "logger"),
        "message": text(formatted, KEPT["logentry.formatted"])
        if formatted != logentry.get("message")
        else None,
        "mechanism": text(mechanism, KEPT["exception.mechanism.type"]),
        "platform": _plain(event, "platform"),
        "dist": _plain(event, "dist"),
        "sdk": " ".join(filter(None, (_part(sdk, "sdk", "name"), _part(sdk, "sdk", "version")))),
        "path": _path(mapping(event.get("request")).get("url"), KEPT["request.url"]),
    }
    for name in _CONTEXTS:
        kept[name] = _picked(mapping(contexts.get(name)), _FIELDS[f"contexts.{name}"])
    kept["tags"] = _tags(event.get("tags"))
    kept = {name: value for name, value in kept.items() if value}
    return _fitted(kept, _crumbs(event.get("breadcrumbs")))


def _fitted(kept: dict[str, Any], crumbs: list[dict[str, Any]]) -> dict[str, Any]:
    """With as many of the newest breadcrumbs as there is room for, or without its last members."""
    notes = {}
    room = ROOM - len(_encode(kept))
    while room < 0:
        name, value = kept.popitem()
        notes[name] = "left out: the context is too large"
        room += len(_encode({name: value}))
    first = len(crumbs)
    while first > 0 and (room := room - len(_encode(crumbs[first - 1])) - 1) >= 0:
        first -= 1
    if first:
        notes["breadcrumbs"] = f"the newest {len(crumbs) - first} of {len(crumbs)}"
    if crumbs[first:]:
        kept["breadcrumbs"] = crumbs[first:]
    return {**kept, "_notes": notes} if notes else kept


def _fields_of_contexts() -> dict[str, dict[str, int]]:
    """{"contexts.os": {"name": 50, …}, …} of KEPT."""
    fields: dict[str, dict[str, int]] = {}
    for path, most in KEPT.items():
        group, _, name = path.rpartition(".")
        fields.setdefault(group, {})[name] = most
    return fields


_FIELDS = _fields_of_contexts()


def _plain(event: dict[str, Any], name: str) -> str | None:
    return text(event.get(name), KEPT[name])


def _part(value: dict[str, Any], path: str, name: str) -> str | None:
    return text(value.get(name), KEPT[f"{path}.{name}"])


def _picked(value: dict[str, Any], fields: dict[str, int]) -> dict[str, Any]:
    """The members that are texts or numbers; numbers stay numbers."""
    picked: dict[str, Any] = {}
    for name, most in fields.items():
        item: Any = value.get(name)
        if isinstance(item, str):
            if item := item[:most].strip():
                picked[name] = item
        elif type(item) in (int, float) and abs(item) < MAX_PLAIN_NUMBER:
            picked[name] = item
    return picked


def _tags(value: Any) -> dict[str, str]:
    """An object, or as older SDKs send them a list of pairs."""
    if isinstance(value, list):
        value = {pair[0]: pair[1] for pair in value if _is_pair(pair)}
    tags: dict[str, str] = {}
    for name, item in mapping(value).items():
        if len(tags) == MAX_TAGS:
            break
        if isinstance(item, bool):
            item = "true" if item else "false"
        if name and (kept := text(item, KEPT["tags.value"])):
            tags[name[: KEPT["tags.name"]]] = kept
    return tags


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)


def _crumbs(value: Any) -> list[dict[str, Any]]:
    """The newest breadcrumbs, oldest first; SDKs send a list, or an object with one."""
    values = listed(value) or listed(mapping(value).get("values"))
    return [crumb for each in values[-MAX_CRUMBS:] if (crumb := _crumb(mapping(each)))]


def _crumb(value: dict[str, Any]) -> dict[str, Any]:
    category = _part(value, "breadcrumbs", "category")
    crumb: dict[str, Any] = {
        "time": _milliseconds(value.get("timestamp")),
        "category": category,
        "level": _part(value, "breadcrumbs", "level"),
    }
    if category not in WITHOUT_MESSAGE:
        crumb["message"] = _part(value, "breadcrumbs", "message")
    data = mapping(value.get("data"))
    kept = _picked(data, _PLAIN_DATA)
    for name, other in NEWER_NAMES.items():
        if name not in kept and other in data:
            kept |= _picked({name: data[other]}, {name: _PLAIN_DATA[name]})
    for name in ("url", "from", "to"):
        if path := _path(data.get(name), KEPT[f"breadcrumbs.data.{name}"]):
            kept[name] = path
    if kept:
        crumb["data"] = kept
    return {name: item for name, item in crumb.items() if item is not None}


_PLAIN_DATA = {name: KEPT[f"breadcrumbs.data.{name}"] for name in ("method", "status_code")}


def _path(value: Any, most: int) -> str | None:
    """Of an address only its path: no host, no query."""
    return _path_of(value[:MAX_ADDRESS])[:most] or None if isinstance(value, str) else None


@lru_cache(maxsize=1024)  # pages ask for the same ones again and again
def _path_of(address: str) -> str:
    path, _ = page_path(address)
    return clean_path(path) or ""


def _milliseconds(value: Any) -> int | None:
    """A time as a number: no text, so nothing to scrub in thirty of them."""
    when = time(value)
    return None if when is None else (when - EPOCH) // timedelta(milliseconds=1)


def _address(value: Any, most: int) -> str | None:
    """The name of a transaction: a route or a function, or an address, of which the path."""
    name = text(value, MAX_ADDRESS)
    return _path(name, most) if name and "://" in name else name and name[:most]
