"""Generated traffic with all its trouble, sent through /track and /crash of two desktop apps."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from flask import Flask

from database import Inline
from stories.catalogue import CRASH_TYPES
from stories.rollups import testers
from stories.web.services import Services
from tests.clock import NOW
from tests.oracle import Crash, Event, accept, crash_from_payload, event_from_payload
from tests.oracle.facts import NOBODY
from tools.traffic import (
    Parameters,
    Trouble,
    desktop_crashes,
    desktop_events,
    ids_of_testers,
    troubled,
)

ZONES = {"desktop": "Europe/Berlin", "studio": "America/New_York"}
TESTERS = ids_of_testers(2)


@dataclass
class Sent:
    """What one app has accepted."""

    events: list[Event] = field(default_factory=list)
    crashes: list[Crash] = field(default_factory=list)


def uuid_of(rng: random.Random) -> str:
    return f"{rng.getrandbits(128):032x}"


def crash_only(rng: random.Random) -> Iterator[dict[str, Any]]:
    """Crashes of people who never sent an event; one names no system."""
    for number in range(12):
        when = NOW - timedelta(days=rng.random() * 80)
        crash = {
            "user_id": uuid_of(rng),
            "timestamp": when.isoformat(),
            "app_version": "1.1.0",
            "crash_type": CRASH_TYPES[number % 4],
            "error_message": "gone",
        }
        yield crash if number % 3 else {**crash, "os_version": "darwin"}


def ahead(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Clocks that run ahead: people known from long ago, and one new, date events tomorrow."""
    tomorrow = (NOW + timedelta(hours=20)).isoformat()
    people = {event["user_id"]: event for event in events[:40]}
    returning = [
        {
            **event,
            "id": f"ahead-{number}",
            "timestamp": tomorrow,
            "event": "app_opened",
            "properties": {},
        }
        for number, event in enumerate(list(people.values())[:6])
    ]
    return [
        *returning,
        {
            "user_id": uuid_of(random.Random(9)),
            "timestamp": tomorrow,
            "event": "app_opened",
            "country": "NZ",
        },
    ]


def prepare(app: Flask) -> Flask:
    """Two desktop apps in two timezones, testers known, the clock at NOW."""
    app.config["NOW"] = lambda: NOW
    services: Services = app.extensions["stories"]
    with services.database.transaction() as tx:
        tx.run(
            Inline("/* test */ update apps set timezone = %(zone)s where slug = 'desktop'"),
            zone=ZONES["desktop"],
        )
        tx.run(
            Inline(
                "/* test */ insert into apps (slug, kind, name, timezone, ingest_key) "
                "values ('studio', 'desktop', 'Studio', %(zone)s, 'studio-key')"
            ),
            zone=ZONES["studio"],
        )
    services.apps.forget()
    testers.seed(services.database, TESTERS)
    return app


def send(
    app: Flask, slug: str, seed: int, channel_of: Callable[[str], str | None] | None = None
) -> Sent:
    """All requests in order of arrival, folding now and then, so that late events meet rollups.
    channel_of: the channel of a person's builds, by their id."""
    client, sent = app.test_client(), Sent()
    headers = {} if slug == "desktop" else {"X-App-Key": "studio-key"}
    parameters = Parameters(NOW, people=70, days=110, events=3_000, seed=seed, app=slug)
    events = [_of_nobody(event) for event in desktop_events(parameters)]
    trouble = Trouble(seed=seed, tester_ids=TESTERS, late_days=40.0, late=0.1, wrong=0.15)
    requests = [*troubled(events, trouble), ahead(events)]
    if channel_of is not None:
        requests = [[_with_channel(item, channel_of) for item in items] for items in requests]
    rejected = []
    for number, request in enumerate(requests):
        body = client.post("/track", json={"events": request}, headers=headers).get_json()
        assert body["success"], body
        rejected.append({entry["index"] for entry in body["rejected"]})
        if number % 17 == 0:
            app.extensions["stories"].freshen()
    sent.events = [event_from_payload(item) for item in accept(requests, rejected)]
    rng = random.Random(seed)
    some = rng.sample(events, 40)  # the generator's own crashes are too few to count on
    crashes = [
        *map(_of_nobody, desktop_crashes(parameters)),
        *crash_only(rng),
        *(
            {
                "user_id": event["user_id"],
                "timestamp": event["timestamp"],
                "crash_type": "main_crash",
                "app_version": event["app_version"],
                "os_version": event["platform"],
                "error_message": "again",
            }
            for event in some
        ),
    ]
    if channel_of is not None:
        crashes = [_with_channel(crash, channel_of) for crash in crashes]
    rng.shuffle(crashes)
    for number, crash in enumerate(crashes):
        for _ in range(2 if number % 7 == 0 else 1):
            answer = client.post("/crash", json=crash, headers=headers)
            assert answer.status_code == 200, answer.get_json()
    sent.crashes = [crash_from_payload(crash) for crash in crashes]
    return sent


def _of_nobody(item: dict[str, Any]) -> dict[str, Any]:
    """A sixteenth of the people become nobody at all, an eighth sessions of which no person is known."""
    place = "0123456789abcdef".index(item["user_id"][0].lower())
    if place == 5:
        return {**item, "user_id": NOBODY}
    if place in (4, 10):
        session = item.get("session_id") or item["timestamp"][:10]
        digest = blake2b(f"{item['user_id']} {session}".encode(), digest_size=6).hexdigest()
        return {**item, "user_id": NOBODY[:-12] + digest}
    return item


def _with_channel(item: Any, channel_of: Callable[[str], str | None]) -> Any:
    """The trouble among items is left as it is: what has no text for a person is refused."""
    if not isinstance(item, dict) or not isinstance(item.get("user_id"), str):
        return item
    channel = channel_of(item["user_id"])
    return item if channel is None else {**item, "channel": channel}
