"""Which events a question is about: `event;field:operator:value;…`, a name and conditions on the event.
Of a funnel's steps, and of what retention and experiments look for.

A name that starts with / is the path of a page view, without its query, and exact unless it ends in `*`.
A semicolon within a name or a value is written %3B.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from database import Expression
from stories.reports.conditions import EVERYTHING, Conditions, read_conditions

PAGE_VIEW = "pageview"
LENGTH = 1000  # characters of a step with its conditions
_PATH = "split_part(split_part(properties ->> 'path', '#', 1), '?', 1)"


@dataclass(frozen=True)
class Step:
    """name: as it was given, of an event or a path; "": any event."""

    name: str
    conditions: Conditions = EVERYTHING

    def __str__(self) -> str:
        """As it was read; the same text for the same step."""
        parts = (self.name, *self.conditions.texts)
        return ";".join(part.replace(";", "%3B") for part in parts)

    @property
    def is_page(self) -> bool:
        return self.name.startswith("/")

    @property
    def event(self) -> str | None:
        """The event's name; None: any."""
        return PAGE_VIEW if self.is_page else self.name or None

    def of_events(self) -> Expression:
        """Whether a row with the columns of `facts` is this step. Debug builds are not left out: the
        filter beside it does that."""
        if self.event is None:
            return self.conditions.beside_filter()
        given = {"event": self.event, "rest": self.of_its_events()}
        return Expression("event = %(event)s and %(rest)s", given)

    def of_its_events(self) -> Expression:
        """The same of rows whose event has the right name."""
        conditions = self.conditions.beside_filter()
        if not self.is_page:
            return conditions
        comparison = f"{_PATH} = %(path)s"
        if self.name.endswith("*"):
            comparison = f"starts_with({_PATH}, %(path)s)"
        path = self.name.removesuffix("*")
        return Expression(
            f"coalesce({comparison}, false) and %(rest)s", {"path": path, "rest": conditions}
        )


def read_step(text: str) -> Step:
    """Raises WrongCondition."""
    name, *conditions = (re.sub("%3b", ";", part, flags=re.I) for part in text.split(";"))
    return Step(name.strip(), read_conditions(each for each in conditions if each))


def events_of(steps: Sequence[Step]) -> list[str]:
    """Names of all events that may be one of the steps, which are of named events all."""
    return sorted({step.event for step in steps if step.event is not None})


def bits_of(steps: Sequence[Step]) -> Expression:
    """An integer of SQL: bit 0 is set where the event is the first step, bit 1 where it is the second.
    The name is compared once for all steps of one event."""
    parts: list[str] = []
    values: dict[str, object] = {}
    for number, event in enumerate(events_of(steps)):
        bits = []
        for place, step in enumerate(steps):
            if step.event == event:
                values[f"s{place}"] = step.of_its_events()
                bits.append(f"case when %(s{place})s then {1 << place} else 0 end")
        values[f"e{number}"] = event
        parts.append(f"when %(e{number})s then {' | '.join(bits)}")
    return Expression(f"case event {' '.join(parts)} else 0 end", values)
