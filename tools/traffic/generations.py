"""Visits and generation attempts of the picture app, shaped as POST /api/visits and /api/generations.

They come from the app's own server, which knows an address (`ip`) or an id of its own (`visitor_id`).
Addresses are of the ranges kept for documentation and benchmarks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from tools.traffic.desktop import Payload, Timed, by_time
from tools.traffic.parameters import Parameters
from tools.traffic.people import Person, population, uuid4, walk
from tools.traffic.times import iso
from tools.traffic.website import BROWSER_USER_AGENTS

_PATHS = ("/", "/", "/", "/create", "/gallery", "/about")
_ERRORS = (
    "Upstream model timed out after 60 s",
    "Content policy: the request was refused",
    "Out of memory on the worker",
    "Invalid image: could not decode",
)
VISITS_PER_DAY = 1.6


def _who(person: Person) -> Payload:
    if person.index % 3 == 0:
        return {"visitor_id": f"v-{person.key & 0xFFFFFFFFFF:010x}"}
    number = person.index + 1
    if person.index % 5 == 0:
        return {"ip": f"2001:db8::{number >> 16:x}:{number & 0xFFFF:x}"}
    return {"ip": f"198.{18 + (number >> 16) % 2}.{number >> 8 & 255}.{number & 255}"}


def _finish(payload: Payload, rng: Random, ms: int, person: Person) -> Timed:
    """Two servers in three send an id; each stamps the item itself."""
    payload["timestamp"] = iso(ms)
    if person.index % 3:
        payload["id"] = uuid4(rng.getrandbits(128))
    return ms, person.index, payload


def _visits(person: Person, day: int, rng: Random) -> list[Timed]:
    rng.seed(person.key + day)
    made = []
    for start in person.session_starts(rng, day, VISITS_PER_DAY):
        agent = BROWSER_USER_AGENTS[person.index % len(BROWSER_USER_AGENTS)]
        payload = {"path": rng.choice(_PATHS), "user_agent": agent, **_who(person)}
        made.append(_finish(payload, rng, start, person))
    return made


def _attempts(person: Person, day: int, rng: Random) -> list[Timed]:
    rng.seed(person.key + day)
    starts = person.session_starts(rng, day, VISITS_PER_DAY)
    rng.seed(person.key + day + (1 << 62))
    made = []
    for start in starts:
        ms = start
        while rng.random() < 0.45:
            seconds = round(4.0 + rng.expovariate(0.15), 2)
            ms += int((15 + rng.random() * 90 + seconds) * 1000)
            payload: Payload = {"success": rng.random() < 0.84, "has_text": rng.random() < 0.6}
            payload["processing_time"] = seconds
            if not payload["success"]:
                payload["error_message"] = rng.choice(_ERRORS)
            made.append(_finish({**payload, **_who(person)}, rng, ms, person))
    return made


def _stream(
    parameters: Parameters, one_day: Callable[[Person, int, Random], list[Timed]]
) -> Iterator[Payload]:
    rng = Random()
    days = (
        (day, [item for person in active for item in one_day(person, day, rng)])
        for day, active in walk(population(parameters), parameters)
    )
    yield from by_time(days, parameters.now_ms)


def generation_visits(parameters: Parameters) -> Iterator[Payload]:
    """`{path, user_agent, ip | visitor_id, timestamp, id?}` by time."""
    return _stream(parameters, _visits)


def generation_attempts(parameters: Parameters) -> Iterator[Payload]:
    """`{success, has_text, processing_time, error_message?, ip | visitor_id, timestamp, id?}`."""
    return _stream(parameters, _attempts)
