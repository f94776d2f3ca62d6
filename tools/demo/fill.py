"""90 days of believable traffic for all four kinds of app, through the real intake."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import cycle
from math import ceil
from typing import Any

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
    generation_attempts,
    generation_visits,
    send,
    website_sessions,
)

DAYS = 90
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
    for events in batches(desktop_events(desktop), 1_000):
        yield Request("/track", {"events": events}, len(events))
    for crash in desktop_crashes(desktop):
        yield Request("/crash", crash, 1)
    for session in website_sessions(of("website", 2_400)):
        agent = {"User-Agent": session.user_agent}
        yield Request("/api/track", session.items, len(session.items), agent)
    generator = of("generator", 300)
    for visits in batches(generation_visits(generator), 1_000):
        yield Request("/api/visits", visits, len(visits))
    for attempts in batches(generation_attempts(generator), 1_000):
        yield Request("/api/generations", attempts, len(attempts))
    for talk in batches(_with_pictures(bot_events(of("bot", 80)), ceil(PICTURES * share)), 200):
        yield Request("/api/bot/events", talk, len(talk))


def _with_pictures(events: Iterable[dict[str, Any]], count: int) -> Iterator[dict[str, Any]]:
    """The addresses that traffic makes up lead nowhere: each image comes as bytes instead."""
    drawn = [base64.b64encode(png(number)).decode() for number in range(count)]
    turns = cycle(drawn)
    for event in events:
        if "image_url" in event:
            del event["image_url"]
            event["image"] = {"data": next(turns), "content_type": "image/png"}
        yield event


def fill(url: str, login: str, now: datetime, share: float = 1.0) -> Totals:
    """Post everything to the server at `url`; login: "name:password"."""
    return send(url, requests(now, share), threads=4, compress=True, headers=basic(login))
