"""Funnels, retention and experiments by brute force, as METRICS.md says them: every start is tried,
every person looked at for every interval. Events are those of Facts; a step is a predicate on one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from .days import Span
from .facts import NOBODY, SESSION_GAP, Dated, Facts, people_of

Predicate = Callable[[Dated], bool]
Taken = tuple[datetime, list[int]]  # an event's time, and the steps that it is, from 1


# Funnels ----------------------------------------------------------------------------------------


def funnel(
    facts: Facts,
    span: Span,
    steps: Sequence[Predicate],
    matches: Predicate,
    within: int | None,
    in_order: bool,
) -> list[tuple[int, list[float]]]:
    """Of each step how many reached it, and the seconds that they took, ascending."""
    groups: dict[Any, list[Taken]] = {}
    sessions = sessions_of(facts)
    for number, row in enumerate(facts.events):
        taken = [place for place, step in enumerate(steps, 1) if step(row)]
        counts = row.person != NOBODY if within is None else row.is_person
        if row.day in span and taken and matches(row) and counts:
            key = row.person if within is not None else (row.person, sessions[number])
            groups.setdefault(key, []).append((row.at, taken))
    window = None if within is None else timedelta(days=within)
    reach = reached_in_order if in_order else reached_in_any_order
    seconds: list[list[float]] = [[] for _ in steps]
    for own in groups.values():
        for place, value in enumerate(reach(sorted(own), len(steps), window)):
            seconds[place].append(value / timedelta(seconds=1))
    return [(len(each), sorted(each)) for each in seconds]


def sessions_of(facts: Facts) -> dict[int, str]:
    """Place of an event in the list -> its session: by id, or the chain that it lies in."""
    sessions: dict[int, str] = {}
    loose: dict[str, list[tuple[datetime, int]]] = {}
    for number, row in enumerate(facts.events):
        if row.session_id:
            sessions[number] = f"id {row.session_id}"
        else:
            loose.setdefault(row.person, []).append((row.at, number))
    for rows in loose.values():
        chain, before = 0, None
        for at, number in sorted(rows):
            chain += before is not None and at - before >= SESSION_GAP
            sessions[number] = f"chain {chain}"
            before = at
    return sessions


def reached_in_order(own: list[Taken], length: int, window: timedelta | None) -> list[timedelta]:
    """Of each step that is reached: the time to it from the latest start, when it is first reached."""
    times: list[timedelta] = []
    for step in range(1, length + 1):
        for end, (moment, taken) in enumerate(own):
            start = latest_start(own, step, end, window) if step in taken else None
            if start is not None:
                times.append(moment - start)
                break
        else:
            break
    return times


def latest_start(
    own: list[Taken], step: int, end: int, window: timedelta | None
) -> datetime | None:
    """Of a chain of the first steps whose last is the event at `end`."""
    if step == 1:
        return own[end][0]
    for begin in range(end - 1, -1, -1):
        begun, taken = own[begin]
        if 1 not in taken or (window is not None and own[end][0] - begun > window):
            continue
        at = 1
        for _, steps in own[begin + 1 : end]:
            at += at + 1 < step and at + 1 in steps
        if at + 1 == step:
            return begun
    return None


def reached_in_any_order(
    own: list[Taken], length: int, window: timedelta | None
) -> list[timedelta]:
    times: list[timedelta] = []
    for step in range(1, length + 1):
        best = None
        for end, (moment, _) in enumerate(own):
            for begin in range(end, -1, -1):
                begun = own[begin][0]
                held = {each for _, taken in own[begin : end + 1] for each in taken}
                if set(range(1, step + 1)) <= held:
                    if window is None or moment - begun <= window:
                        best = moment - begun
                    break
            if best is not None:
                break
        if best is None:
            break
        times.append(best)
    return times


# Retention --------------------------------------------------------------------------------------


def retention(
    facts: Facts,
    span: Span,
    today: date,
    interval: str,
    starts: Predicate,
    returns: Predicate,
    matches: Predicate,
    first_ever: bool,
    unbounded: bool,
) -> list[tuple[date, int, list[int | None]]]:
    """(first day, size, people who came back in it and each later one) of every interval."""
    intervals = sorted({first_day(day, interval) for day in span})
    started = [row for row in facts.events if matches(row) and starts(row)]
    came = [row for row in facts.events if matches(row) and returns(row) and row.day in span]
    people = people_of(started)
    cohorts = []
    for place, cohort in enumerate(intervals):
        members = set()
        for person in people:
            days = [row.day for row in started if row.person == person]
            inside = [d for d in days if d in span and first_day(d, interval) == cohort]
            if inside and not (first_ever and min(days) < min(inside)):
                members.add(person)
        counts: list[int | None] = []
        for later in intervals[place:]:
            last = last_day(later, interval)
            if last >= today or last > span.last:
                counts.append(None)
                continue
            counts.append(
                sum(
                    came_back(person, cohort, later, interval, span, started, came, unbounded)
                    for person in members
                )
            )
        cohorts.append((cohort, len(members), counts))
    return cohorts


def came_back(
    person: str,
    cohort: date,
    later: date,
    interval: str,
    span: Span,
    started: Iterable[Dated],
    came: Iterable[Dated],
    unbounded: bool,
) -> bool:
    begun = min(
        row.at
        for row in started
        if row.person == person and row.day in span and first_day(row.day, interval) == cohort
    )
    for row in came:
        own = first_day(row.day, interval)
        is_then = own == later or (unbounded and own > later)
        if row.person == person and is_then and (own > cohort or row.at >= begun):
            return True
    return False


def first_day(day: date, interval: str) -> date:
    if interval == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval == "month" else day


def last_day(first: date, interval: str) -> date:
    if interval == "month":
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first + timedelta(days=6 if interval == "week" else 0)


# Experiments ------------------------------------------------------------------------------------


def experiment(
    facts: Facts,
    span: Span,
    now: datetime,
    shows: Predicate,
    variant_of: Callable[[Dated], str | None],
    goal: Predicate,
    within: int,
) -> tuple[dict[str, tuple[int, int, int]], int]:
    """Variant -> (people, converted, those of the rest whose time is not over), and how many people were
    shown more than one."""
    shown: dict[str, list[tuple[datetime, str]]] = {}
    for row in facts.events:
        variant = variant_of(row) if row.is_person and row.day in span and shows(row) else None
        if variant is not None:
            shown.setdefault(row.person, []).append((row.at, variant))
    counts: dict[str, tuple[int, int, int]] = {}
    window = timedelta(days=within)
    for person, rows in shown.items():
        at, variant = min(rows)
        converted = any(
            row.person == person and goal(row) and at <= row.at <= at + window
            for row in facts.events
        )
        people, done, still = counts.get(variant, (0, 0, 0))
        is_open = not converted and at + window > now
        counts[variant] = (people + 1, done + converted, still + is_open)
    return counts, sum(len({variant for _, variant in rows}) > 1 for rows in shown.values())
