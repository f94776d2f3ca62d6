"""The filter that a request asks with: `filter=field:operator:value`, repeated for and, and the
parameters app_version, platform and country, which stand for such a condition each."""

from __future__ import annotations

from flask import request

from stories.catalogue import App
from stories.reports.conditions import (
    Conditions,
    WrongCondition,
    read_conditions,
    version_condition,
)
from stories.reports.filters import Filter
from stories.web import parameters

NAMED = ("app_version", "platform", "country")
# For parameters.known: what a route that takes a filter takes.
FILTERS = ("filter", *NAMED)


def asked_filter(app: App) -> Filter:
    """Raises a 400 that names what is wrong."""
    try:
        conditions = read_conditions(request.args.getlist("filter"))
        named = [
            version_condition(name, value)
            for name in NAMED
            if (value := parameters.text(name)) is not None
        ]
        return Filter(conditions + Conditions(tuple(named)))
    except WrongCondition as wrong:
        raise parameters.wrong("filter", f"cannot be read: {wrong}") from None
