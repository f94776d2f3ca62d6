"""The filter that a request asks with: `filter=field:operator:value`, repeated for and; `segment`, whose
conditions join them; and app_version, platform and country, which stand for such a condition each."""

from __future__ import annotations

from flask import request

from stories.catalogue import App, Segment
from stories.reports.conditions import (
    Conditions,
    WrongCondition,
    read_conditions,
    version_condition,
)
from stories.reports.filters import Filter
from stories.web import parameters
from stories.web.services import services

NAMED = ("app_version", "platform", "country")
# For parameters.known: what a route that takes a filter takes.
FILTERS = ("filter", "segment", *NAMED, "question_id")


def asked_filter(app: App) -> Filter:
    """Raises a 400 that names what is wrong."""
    own = _conditions()
    segment = _segment(app)
    if segment is None:
        return Filter(own)
    conditions = own + read_conditions(segment.filter)
    is_alone = not own and segment.is_filled
    return Filter(conditions, segment=segment.segment_id if is_alone else None)


def _conditions() -> Conditions:
    try:
        conditions = read_conditions(request.args.getlist("filter"))
        named = [
            version_condition(name, value)
            for name in NAMED
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
