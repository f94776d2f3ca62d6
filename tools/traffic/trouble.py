"""What really arrives: the same traffic with everything that goes wrong on the way.

`troubled` turns a stream of events into requests (lists of items) in the order a server sees them.
Each request is one the server must take; what each wrong value means is METRICS.md's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random
from typing import Any

from tools.traffic.people import uuid4
from tools.traffic.times import DAY_MS, parse_ms

Payload = dict[str, Any]

_NUMBERS = (
    "audio_duration_seconds", "duration_seconds", "processing_time_seconds", "estimated_cost_usd",
    "cost_usd", "startup_time_seconds",
)  # fmt: skip
# Not numbers that count: text, below zero, beyond 1e12, null, a boolean, nested.
WRONG_NUMBERS: tuple[Any, ...] = (
    "12.5",
    "",
    -3.2,
    -1,
    1e15,
    9e12,
    None,
    True,
    False,
    [4],
    {"s": 4},
)
_FLAGS = ("success", "dictionary_used", "enabled")
WRONG_FLAGS: tuple[Any, ...] = ("false", "true", "yes", 0, 1, None, [True], {})
_LABELS = ("source", "error_type")
WRONG_LABELS: tuple[Any, ...] = (None, 7, True, ["widget"], {"name": "timeout"})


@dataclass(frozen=True)
class Trouble:
    """Shares of events (or of requests, for retries) that go wrong, and by how much.

    tester_ids: people of the developers; `testers` of all events get one of their ids.
    identical: events sent twice in one request without an id, which are two events.
    batch: items of a request, at most; late_days: how long an event may be held back.
    """

    seed: int = 1
    batch: int = 50
    retries: float = 0.08
    late: float = 0.05
    late_days: float = 30.0
    wrong: float = 0.06
    identical: float = 0.01
    testers: float = 0.02
    tester_ids: tuple[str, ...] = ()


def _spoil(properties: Payload, rng: Random) -> Payload:
    """A copy with one value of the wrong type; sometimes under the old name beside the new one."""
    names = [name for name in (*_NUMBERS, *_FLAGS, *_LABELS) if name in properties]
    if not names:
        return properties
    spoiled, name = dict(properties), rng.choice(names)
    if name in _FLAGS:
        spoiled[name] = rng.choice(WRONG_FLAGS)
    elif name in _LABELS:
        spoiled[name] = rng.choice(WRONG_LABELS)
    else:
        right = spoiled[name]
        spoiled[name] = rng.choice(WRONG_NUMBERS)
        if name == "audio_duration_seconds" and rng.random() < 0.4:
            spoiled["duration_seconds"] = right
        if name == "estimated_cost_usd" and rng.random() < 0.4:
            spoiled["cost_usd"] = right
    return spoiled


def _disturb(event: Payload, trouble: Trouble, rng: Random) -> list[Payload]:
    """The event as it is sent, or two identical ones."""
    event = dict(event)
    if trouble.tester_ids and "user_id" in event and rng.random() < trouble.testers:
        event["user_id"] = rng.choice(trouble.tester_ids)
    if "properties" in event and rng.random() < trouble.wrong:
        event["properties"] = _spoil(event["properties"], rng)
    if rng.random() < trouble.identical:
        event.pop("id", None)
        return [event, dict(event)]
    return [event]


def _delayed(events: Iterable[Payload], trouble: Trouble, rng: Random) -> Iterator[list[Payload]]:
    """Groups of events that must share a request, in order of arrival.

    The clock is the stream's own: a late event leaves with the first one dated after its delay.
    """
    held: list[tuple[int, int, list[Payload]]] = []
    for number, event in enumerate(events):
        ms = parse_ms(event.get("timestamp") or event["created_at"])
        while held and held[0][0] <= ms:
            yield heappop(held)[2]
        group = _disturb(event, trouble, rng)
        if rng.random() < trouble.late:
            delay = int(rng.random() ** 2 * trouble.late_days * DAY_MS)
            heappush(held, (ms + delay, number, group))
        else:
            yield group
    while held:
        yield heappop(held)[2]


def _requests(groups: Iterable[list[Payload]], size: int) -> Iterator[list[Payload]]:
    request: list[Payload] = []
    for group in groups:
        if request and len(request) + len(group) > size:
            yield request
            request = []
        request += group
    if request:
        yield request


def troubled(events: Iterable[Payload], trouble: Trouble) -> Iterator[list[Payload]]:
    """Requests in order of arrival.

    A retried request comes again later, shuffled, alone or (as old clients do) with the items of the
    next request behind its own; that next request then comes too.
    """
    rng = Random(trouble.seed)
    again: list[list[Payload]] = []
    for request in _requests(_delayed(events, trouble, rng), trouble.batch):
        yield request
        if again and rng.random() < 0.5:
            repeat = again.pop(rng.randrange(len(again)))
            if rng.random() < 0.3:
                repeat = repeat + request
            rng.shuffle(repeat)
            yield repeat
        if rng.random() < trouble.retries:
            again.append(list(request))
    rng.shuffle(again)
    yield from again


def ids_of_testers(count: int, seed: int = 1) -> tuple[str, ...]:
    """Ids for `Trouble.tester_ids` and for EXCLUDED_USER_IDS."""
    rng = Random(f"testers {seed}")
    return tuple(uuid4(rng.getrandbits(128)) for _ in range(count))
