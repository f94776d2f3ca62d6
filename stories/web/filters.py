"""The filter that a request asks with: `filter=field:operator:value`, repeated for and; `segment`, whose
conditions join them; and app_version, platform and country, which stand for such a condition each."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from database import Expression
from stories.catalogue import App, Segment
from stories.reports import cohorts, people_search
from stories.reports.conditions import (
    CRASH_FIELDS,
    Conditions,
    WrongCondition,
    read_conditions,
    version_condition,
)
from stories.reports.filters import Filter
from stories.reports.periods import Days
from stories.web import parameters
from stories.web.services import now, services

NAMED = ("app_version", "platform", "country")
# For parameters.known: what a route that takes a filter takes.
NARROWING = ("filter", "segment", "cohort")
FILTERS = (*NARROWING, *NAMED, "question_id")
NARROWED = (*NARROWING, "question_id")
EVERY_ROW = Expression("true")


def asked_filter(app: App) -> Filter:
    """Raises a 400 that names what is wrong."""
    return narrowed(app, *NAMED)


def narrowed(app: App | None, *named: str) -> Filter:
    """As asked_filter, of these of NAMED only. app: None for all apps, which have neither segments nor
    cohorts together."""
    conditions = _conditions(named)
    parameters.uuid("question_id")  # refused whichever way it is answered
    if app is None:
        for name in ("segment", "cohort"):
            if parameters.given(name):
                raise parameters.wrong(name, "requires app")
        return Filter(conditions)
    segment = _segment(app)
    cohort, people = asked_people(app) or (None, None)
    is_alone = not conditions and segment is not None and segment.is_filled
    if segment is not None:
        conditions += read_conditions(segment.filter)
    return Filter(
        conditions,
        segment=segment.segment_id if segment and is_alone else None,
        cohort=cohort,
        people=people,
    )


def narrowed_crashes(app: App, days: Days) -> Filter:
    """Of a question about crashes, by fields that crashes have. A segment by other fields stands for its
    people: those with a matching event in these days. Raises a 400 for conditions that cannot tell
    crashes."""
    conditions = _conditions(())
    parameters.uuid("question_id")
    _check_tells_crashes(conditions)
    groups = [asked_people(app)]
    segment = _segment(app)
    if segment is not None:
        own = read_conditions(segment.filter)
        if own.can_match_crashes:
            conditions += own
        else:
            groups.append((f"segment {segment.segment_id}", people_search.with_event(days, own)))
    chosen = [group for group in groups if group]
    if not chosen:
        return Filter(conditions)
    texts, people = zip(*chosen, strict=True)
    return Filter(conditions, cohort=" and ".join(texts), people=people_search.all_of(*people))


def of_rows(filter: Filter) -> Expression:
    """For lists of events: without a filter they show all that was sent, debug builds too."""
    return filter.of_events() if filter else EVERY_ROW


def of_crash_rows(filter: Filter) -> Expression:
    """The same of crashes. Raises a 400 for conditions that cannot tell them."""
    _check_tells_crashes(filter.conditions)
    return filter.of_crashes() if filter else EVERY_ROW


def _check_tells_crashes(conditions: Conditions) -> None:
    if not conditions.can_match_crashes:
        fields = ", ".join(CRASH_FIELDS)
        raise parameters.wrong("filter", f"can tell crashes by {fields} only")


def _conditions(names: Iterable[str]) -> Conditions:
    try:
        conditions = read_conditions(request.args.getlist("filter"))
        named = [
            version_condition(name, value)
            for name in names
            if (value := parameters.text(name)) is not None
        ]
    except WrongCondition as wrong:
        raise parameters.wrong("filter", f"cannot be read: {wrong}") from None
    return conditions + Conditions(tuple(named))


def _segment(app: App) -> Segment | None:
    text = parameters.text("segment")
    if text is None:
        return None
    number = parameters.number_in_path(text)
    segment = None if number is None else services().apps.segment(app, number)
    if segment is None:
        raise parameters.wrong("segment", "must be the id of a segment of this app")
    return segment


def asked_people(app: App) -> tuple[str, Expression] | None:
    """Of `cohort=ID`: a text to tell the cohort apart by, and who is in it, as an expression on
    `user_id`. Raises a 400 where the app has no such cohort."""
    text = parameters.text("cohort")
    if text is None:
        return None
    number = parameters.number_in_path(text)
    with services().database.transaction(5, autocommit=True) as tx:
        people = None if number is None else cohorts.people_of(tx, app, number, now())
    if people is None:
        raise parameters.wrong("cohort", "is not the id of a cohort of this app")
    return people
