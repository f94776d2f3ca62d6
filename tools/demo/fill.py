"""90 days of believable traffic for all four kinds of app, through the real intake."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import cycle
from math import ceil
from typing import Any

from tools.demo import faults
from tools.demo.pictures import png
from tools.traffic import (
    Parameters,
    Request,
    Totals,
    basic,
    batches,
    bot_events,
    desktop_crashes,
    desktop_events,
    send,
)
from tools.traffic.requests import (
    bot_requests,
    crash_requests,
    generator_requests,
    moved,
    track_requests,
    website_requests,
)
from tools.traffic.times import iso, parse_ms

DAYS = 90
EVENTS_BEFORE = 8  # of the newest crash, in its session
BATCH, BATCH_WITH_PICTURES = 1_000, 200
PICTURES = 12  # drawing one takes a tenth of a second, so they take turns


def requests(now: datetime, share: float = 1.0) -> Iterator[Request]:
    """All requests, kind after kind. share: a smaller demo for tests."""

    def of(app: str, people: int, events: int | None = None) -> Parameters:
        return Parameters(
            now=now,
            days=DAYS,
            seed=7,
            app=app,
            people=round(people * share),
            events=None if events is None else round(events * share),
        )

    desktop = of("desktop", 1_400, 60_000)
    events = list(desktop_events(desktop))
    yield from track_requests(batches(events, BATCH))
    yield from crash_requests(_ending_after_events(list(desktop_crashes(desktop)), events))
    yield from crash_requests(faults.crashes(events))
    yield from website_requests(of("website", 2_400))
    yield from generator_requests(of("generator", 300), BATCH)
    yield from bot_requests(
        _with_pictures(bot_events(of("bot", 80)), ceil(PICTURES * share)), BATCH_WITH_PICTURES
    )


def _ending_after_events(
    crashes: list[dict[str, Any]], events: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The crashes, the newest of them in the middle of a session: whoever opens it sees what led to it,
    and not somebody of whom nothing else is known. Both by time."""
    stacks = {_system(crash["os_version"]): crash for crash in crashes}
    sizes: Counter[str] = Counter()
    last = None  # event of a session that has some by then, on a system with a crash to copy
    for event in events:
        session = event.get("session_id")
        if session is not None:
            sizes[session] += 1
            if sizes[session] >= EVENTS_BEFORE and _system(event["platform"]) in stacks:
                last = event
    if last is None:
        yield from crashes
        return
    yield from (crash for crash in crashes if crash["timestamp"] < last["timestamp"])
    yield {
        **stacks[_system(last["platform"])],
        "user_id": last["user_id"],
        "app_version": last["app_version"],
        "os_version": last["platform"],
        "session_id": last["session_id"],
        "timestamp": iso(parse_ms(last["timestamp"]) + 1),
    }


def _system(platform: str) -> str:
    return platform.partition("-")[0]


def _with_pictures(events: Iterable[dict[str, Any]], count: int) -> Iterator[dict[str, Any]]:
    """The addresses that traffic makes up lead nowhere: each image comes as bytes instead."""
    drawn = [base64.b64encode(png(number)).decode() for number in range(count)]
    turns = cycle(drawn)
    for event in events:
        if "image_url" in event:
            del event["image_url"]
            event["image"] = {"data": next(turns), "content_type": "image/png"}
        yield event


def fill(
    url: str, login: str, now: datetime, share: float = 1.0, drawn_for: datetime | None = None
) -> Totals:
    """Post everything to the server at `url`; login: "name:password". drawn_for: the time that the
    traffic is made for, and then moved to `now`: the same people and numbers, whatever the day is."""
    posts = requests(drawn_for or now, share)
    if drawn_for is not None:
        posts = moved(posts, now - drawn_for)
    return send(url, posts, threads=4, compress=True, headers=basic(login))
