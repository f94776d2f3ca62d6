"""Who there is: people who arrive over the range, come back for a while, upgrade, move, and leave."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from random import Random

from tools.traffic.parameters import Parameters, Release
from tools.traffic.places import LOCAL_HOURS, draw_place, draw_platform
from tools.traffic.times import DAY_MS, MINUTE_MS, offset_minutes, weekday

OPTED_OUT_SHARE = 0.015  # telemetry off: their crash reports come all the same, and nothing else
_SAMPLE = 400


class Person:
    """One installation. Slots, because the bench holds 200,000 of them (about 0.5 kB each)."""

    __slots__ = (
        "agenda", "arrival", "auto_paste", "busy_until", "country", "country_then",
        "dictionary_share", "index", "installed", "key", "lag", "moved_on", "platform",
        "platform_then", "skill", "upgraded_on", "user_id", "widget_share", "zone",
        "zone_then",
    )  # fmt: skip

    index: int
    key: int
    user_id: str
    country: str | None
    zone: str
    moved_on: int
    country_then: str | None
    zone_then: str
    platform: str
    platform_then: str
    upgraded_on: int
    lag: float
    installed: int
    arrival: int
    agenda: list[int]
    widget_share: float
    dictionary_share: float
    auto_paste: bool
    busy_until: int
    skill: float

    def country_on(self, day: int) -> str | None:
        return self.country if day < self.moved_on else self.country_then

    def zone_on(self, day: int) -> str:
        return self.zone if day < self.moved_on else self.zone_then

    def platform_on(self, day: int) -> str:
        return self.platform if day < self.upgraded_on else self.platform_then

    def release_on(self, day: int, releases: tuple[Release, ...]) -> Release:
        """The newest release this person has had the time to install, never an older one again."""
        newest = self.installed
        for index in range(newest + 1, len(releases)):
            if releases[index].day + self.lag <= day:
                newest = index
        self.installed = newest
        return releases[newest]

    def session_starts(self, rng: Random, day: int, mean: float) -> list[int]:
        """Ascending times (ms) within the UTC day, at hours that fit the person's zone.

        The first draws of a person's day, so that crashes can replay them.
        """
        count = 1 + _poisson(rng, mean - 1.0)
        offset = offset_minutes(self.zone_on(day), day)
        starts = []
        for _ in range(count):
            hour = LOCAL_HOURS[int(rng.random() * len(LOCAL_HOURS))]
            minute = (hour * 60 + int(rng.random() * 60) - offset) % 1440
            starts.append(day * DAY_MS + minute * MINUTE_MS + int(rng.random() * MINUTE_MS))
        starts.sort()
        return starts


def uuid4(bits: int) -> str:
    """A version 4 UUID of 128 random bits; uuid.UUID takes four times as long."""
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _poisson(rng: Random, mean: float) -> int:
    """Knuth's product method; the means here are small."""
    if mean <= 0:
        return 0
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def arrival_share(rank: float) -> float:
    """When the person at this rank (0..1) arrives, as a share of the range.

    Arrivals grow linearly: the share that has come by x is 0.45 x + 0.55 x².
    """
    return (-0.45 + math.sqrt(0.2025 + 2.2 * rank)) / 1.1


def agenda(rng: Random, arrival: int, last_day: int, keenness: float) -> list[int]:
    """Active days from arrival on, ascending.

    After each active day a person may leave for good, likeliest after the first (keenness divides
    that chance); otherwise they return after an exponential gap of their own length. Half of what
    would fall on a weekend moves to Monday.
    """
    gap = 3.0 * math.exp(0.8 * rng.gauss(0.0, 1.0)) / math.sqrt(keenness)
    days, day = [arrival], arrival
    while True:
        leaving = min(0.97, (0.03 + 0.35 * math.exp(-(len(days) - 1) / 2.5)) / keenness)
        if rng.random() < leaving:
            return days
        day += 1 + int(rng.expovariate(1.0) * gap)
        if weekday(day) >= 5 and rng.random() < 0.55:
            day += 7 - weekday(day)
        if day > last_day:
            return days
        days.append(day)


def keenness_for(parameters: Parameters) -> float:
    """The keenness at which people have the wanted mean of active days, found on a sample."""
    low, high = 0.05, 400.0
    for _ in range(18):
        middle = math.sqrt(low * high)
        rng = Random(parameters.seed_for("calibration"))
        total = 0
        for number in range(_SAMPLE):
            share = arrival_share((number + 0.5) / _SAMPLE)
            first = parameters.first_day + int(share * parameters.days)
            total += len(agenda(rng, first, parameters.last_day, middle))
        low, high = (middle, high) if total / _SAMPLE < parameters.active_days else (low, middle)
    return math.sqrt(low * high)


def _person(parameters: Parameters, rng: Random, index: int, key: int, arrival: int) -> Person:
    rng.seed(key)
    person = Person()
    person.index, person.key, person.arrival = index, key, arrival
    person.user_id = uuid4(rng.getrandbits(128))
    person.country, person.zone = draw_place(rng)
    person.moved_on, person.country_then, person.zone_then = 1 << 30, person.country, person.zone
    if rng.random() < 0.03:
        person.moved_on = arrival + 1 + int(rng.random() * parameters.days)
        person.country_then, person.zone_then = draw_place(rng)
    person.platform, person.platform_then = draw_platform(rng)
    person.upgraded_on = arrival + int(rng.random() * 2.5 * parameters.days)
    patient = rng.random() < 0.08
    person.lag = rng.expovariate(1.0) * parameters.days * (0.5 if patient else 0.03)
    out = [number for number, release in enumerate(parameters.releases) if release.day <= arrival]
    person.installed = max(out, default=0)
    person.widget_share = rng.random() ** 0.7
    person.dictionary_share = rng.random() ** 3
    person.auto_paste = rng.random() < 0.4
    person.busy_until = 0
    person.skill = rng.lognormvariate(0.0, 0.35)
    return person


def population(parameters: Parameters) -> Iterator[Person]:
    """Everybody who sends events, by day of arrival."""
    rng = Random()
    keenness = keenness_for(parameters) if parameters.people else 1.0
    which, shards = parameters.shard
    base = parameters.seed_for("person")
    for index in range(which, parameters.people, shards):
        share = arrival_share((index + 0.5) / parameters.people)
        arrival = parameters.first_day + int(share * parameters.days)
        person = _person(parameters, rng, index, (base + index * 0x9E3779B97F4A7C15) >> 3, arrival)
        person.agenda = agenda(rng, arrival, parameters.last_day, keenness)
        yield person


def opted_out(parameters: Parameters) -> Iterator[Person]:
    """People with telemetry off: known by one crash, some by two. By day of arrival."""
    rng = Random()
    count = math.ceil(parameters.people * OPTED_OUT_SHARE)
    which, shards = parameters.shard
    base = parameters.seed_for("opted out")
    for number in range(which, count, shards):
        share = arrival_share((number + 0.5) / count)
        arrival = parameters.first_day + int(share * parameters.days)
        index = parameters.people + number
        person = _person(parameters, rng, index, (base + number * 0x9E3779B97F4A7C15) >> 3, arrival)
        person.agenda = [arrival]
        later = arrival + 1 + int(rng.random() * 40)
        if rng.random() < 0.25 and later <= parameters.last_day:
            person.agenda.append(later)
        yield person


def walk(people: Iterable[Person], parameters: Parameters) -> Iterator[tuple[int, list[Person]]]:
    """(day, who is active on it) for each day of the range. `people` come by day of arrival."""
    waiting = iter(people)
    arriving = next(waiting, None)
    due: dict[int, list[Person]] = {}
    positions: dict[int, int] = {}
    for day in range(parameters.first_day, parameters.last_day + 1):
        while arriving is not None and arriving.arrival == day:
            due.setdefault(day, []).append(arriving)
            positions[arriving.index] = 0
            arriving = next(waiting, None)
        active = due.pop(day, [])
        for person in active:
            position = positions[person.index] + 1
            if position < len(person.agenda):
                positions[person.index] = position
                due.setdefault(person.agenda[position], []).append(person)
            else:
                del positions[person.index]  # gone for good: the person's memory goes with them
        yield day, active
