"""Made-up traffic as the requests that carry it: which endpoint takes which stream, in what batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zlib import crc32

from tools.traffic.bot import bot_events
from tools.traffic.crashes import desktop_crashes
from tools.traffic.desktop import Payload
from tools.traffic.generations import generation_attempts, generation_visits
from tools.traffic.parameters import Parameters
from tools.traffic.sending import Request, batches
from tools.traffic.times import iso, parse_ms
from tools.traffic.website import website_sessions

ADDRESSES = 700
TIMES = {"timestamp", "created_at"}


def track_requests(groups: Iterable[list[Payload]]) -> Iterator[Request]:
    """Groups of desktop events, each as one request to /track."""
    for events in groups:
        yield Request("/track", {"events": events}, len(events))


def crash_requests(crashes: Iterable[Payload]) -> Iterator[Request]:
    for crash in crashes:
        yield Request("/crash", crash, 1)


def list_requests(path: str, items: Iterable[Payload], batch: int) -> Iterator[Request]:
    """Items of an endpoint that takes a list of them."""
    for group in batches(items, batch):
        yield Request(path, group, len(group))


def website_requests(parameters: Parameters) -> Iterator[Request]:
    """One request a session, with the User-Agent of its browser and, for a server behind a proxy, one
    of ADDRESSES addresses: people come more than once."""
    for session in website_sessions(parameters):
        place = crc32(str(session.items[0].get("sessionId")).encode()) % ADDRESSES
        headers = {
            "User-Agent": session.user_agent,
            "X-Forwarded-For": f"198.18.{place // 250}.{place % 250 + 1}",  # of no real network
        }
        yield Request("/api/track", session.items, len(session.items), headers)


def generator_requests(parameters: Parameters, batch: int) -> Iterator[Request]:
    """First the visits, then the attempts."""
    yield from list_requests("/api/visits", generation_visits(parameters), batch)
    yield from list_requests("/api/generations", generation_attempts(parameters), batch)


def bot_requests(events: Iterable[Payload], batch: int) -> Iterator[Request]:
    return list_requests("/api/bot/events", events, batch)


def moved(requests: Iterable[Request], by: timedelta) -> Iterator[Request]:
    """The same requests with every time moved: traffic of a fixed day, for a server that lives today."""
    for request in requests:
        yield replace(request, body=_moved(request.body, by))


def _moved(value: Any, by: timedelta) -> Any:
    if isinstance(value, list):
        return [_moved(item, by) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {name: _moved(item, by) if name == "events" else item for name, item in value.items()}
    for name in TIMES & copy.keys():
        copy[name] = iso(parse_ms(copy[name]) + by // timedelta(milliseconds=1))
    return copy


def requests(kind: str, parameters: Parameters, batch: int) -> Iterator[Request]:
    """All requests of "crashes", "website", "generator" or "bot". The desktop app's events come from
    `track_requests`: some callers put trouble into them."""
    if kind == "crashes":
        return crash_requests(desktop_crashes(parameters))
    if kind == "website":
        return website_requests(parameters)
    if kind == "generator":
        return generator_requests(parameters, batch)
    return bot_requests(bot_events(parameters), batch)
