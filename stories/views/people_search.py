"""A search for people as parameters: of GET /users, of the dashboard's list and of the export."""

from __future__ import annotations

from contextlib import AbstractContextManager

from database import Expression, Transaction
from stories.catalogue import App
from stories.payloads.cohorts import MAX_DAYS, MAX_TIMES, PLATFORM_FAMILIES, Definition
from stories.reports import people_search
from stories.reports.periods import Days
from stories.views.asked_steps import asked_named_event
from stories.web import parameters
from stories.web.asking import asking
from stories.web.filters import narrowed
from stories.web.services import now, services

TRAITS = ("country", "app_version", "platform_family", "last_seen_days", "first_seen_days")
DID = ("did", "times", "days")
SEARCH = ("q", *TRAITS, *DID, "filter", "segment", "cohort", "question_id")  # for parameters.known


def asked_search(app: App) -> Expression:
    """An expression on rows of `users`. Raises a 400 that names what is wrong."""
    parts = [people_search.of_row(_definition(app), app, now())]
    text = (parameters.text("q", 100) or "").strip()
    if text:
        if len(text) < people_search.LEAST_CHARACTERS:
            raise parameters.wrong(
                "q", f"must have at least {people_search.LEAST_CHARACTERS} characters of an id"
            )
        parts.append(people_search.with_id(app, text, services().key.digest()))
    filter = narrowed(app)
    if filter.people is not None:
        parts.append(filter.people)
    if filter.conditions:
        days = Days.latest(app, parameters.integer("days", 30, 1, MAX_DAYS), now())
        parts.append(people_search.with_event(days, filter.conditions))
    return people_search.all_of(*parts)


def reading_people() -> AbstractContextManager[Transaction]:
    """For a statement that takes asked_search: one that reads the events waits for its turn."""
    reads_events = parameters.given("did", "filter", "segment", "cohort")
    return asking() if reads_events else services().reading()


def _definition(app: App) -> Definition:
    step = asked_named_event(app, "did")
    did = None if step is None else str(step)
    if did is None:
        for name in ("times", "days"):
            if parameters.given(name) and not (name == "days" and _has_conditions()):
                raise parameters.wrong(name, "requires did")
    country = parameters.text("country", 2)
    return Definition(
        country=country and country.upper(),
        app_version=parameters.text("app_version", 50),
        platform_family=parameters.one_of("platform_family", PLATFORM_FAMILIES),  # type: ignore[arg-type]
        last_seen_days=_days("last_seen_days"),
        first_seen_days=_days("first_seen_days"),
        did=did,
        times=parameters.integer("times", 1, 1, MAX_TIMES),
        days=parameters.integer("days", 30, 1, MAX_DAYS),
    )


def _has_conditions() -> bool:
    return parameters.given("filter", "segment")


def _days(name: str) -> int | None:
    return parameters.integer(name, 1, 1, MAX_DAYS) if parameters.given(name) else None
