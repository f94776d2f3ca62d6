"""Key numbers: up to twelve of an app, chosen by its makers, over a range and by day, week or month.

Each is a question to Explore, and so means the same and is answered the same ways. They are a section of
/stats like the families, named `key_numbers`; KEPT_BY_ROLLUPS says what they may be of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from database import Database, Refused, Row, Transaction
from stories.catalogue import App
from stories.reports import explore
from stories.reports.conditions import Conditions, read_conditions
from stories.reports.explore import Exploration
from stories.reports.explore_rollups import from_rollups, share_from_rollups
from stories.reports.filters import Filter
from stories.reports.periods import Days

SECTION = "key_numbers"
MOST = 12
# Measure -> types of a declared property that it can be of. The others are of the events themselves.
KEPT_BY_ROLLUPS = {
    "sum": ("number",),
    "average": ("number",),
    "median": ("number",),
    "p95": ("number",),
    "share": ("boolean", "enum", "label"),
}


@dataclass(frozen=True)
class KeyNumber:
    """As the table has it; key_number_id is 0 of one that is not kept yet."""

    name: str
    measure: str
    event: str
    property: str | None = None
    value: str | None = None
    segment_id: int | None = None
    key_number_id: int = 0

    @classmethod
    def of(cls, row: Row) -> KeyNumber:
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})


MEANINGS = {
    "events": "How often {event} came.",
    "people": "People with at least one {event}.",
    "sum": "{property} of every {event}, added up.",
    "average": "The mean {property} of {event}.",
    "median": "Half of {event} have a {property} of at most this.",
    "p95": "95 % of {event} have a {property} of at most this.",
    "share": "Of {event} with a {property}, the share where it is {value}.",
}


def meaning(number: KeyNumber, app: App) -> str:
    """In a sentence, for who looks at it."""
    named = asdict(number) | {
        "event": app.long_name("events", number.event),
        "property": number.property and app.long_name("properties", number.property),
    }
    return MEANINGS[number.measure].format_map(named)


class CannotKeep(Exception):
    """Why a key number cannot be kept: a code, a sentence, and what details say of the property."""

    def __init__(self, code: str, sentence: str, **details: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.details = code, sentence, details


class KeyNumbers:
    """Those of all apps, in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, app: App) -> list[KeyNumber]:
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return read(tx, app)

    def app_of(self, key_number_id: int) -> int | None:
        with self._database.transaction(seconds=5, read_only=True) as tx:
            row = tx.row("reports/key_numbers_find", key_number_id=key_number_id)
            return int(row["app_id"]) if row else None

    def create(self, app: App, number: KeyNumber) -> list[KeyNumber]:
        """Returns all there are then, the new one last. Raises CannotKeep."""
        number = checked(app, number)
        try:
            with self._database.transaction(seconds=5) as tx:
                tx.run("reports/key_numbers_lock", app_id=app.app_id)
                if len(read(tx, app)) >= MOST:
                    raise CannotKeep("too_many", f"an app has at most {MOST} key numbers")
                tx.value("reports/key_numbers_create", app_id=app.app_id, **_columns(number))
                return read(tx, app)
        except Refused as refused:
            raise _taken(number, refused) from None

    def change(
        self, app: App, key_number_id: int, changes: dict[str, Any], place: int | None
    ) -> list[KeyNumber]:
        """Returns all there are then. Raises CannotKeep; KeyError where there is none of this id."""
        try:
            with self._database.transaction(seconds=5) as tx:
                tx.run("reports/key_numbers_lock", app_id=app.app_id)
                numbers = {number.key_number_id: number for number in read(tx, app)}
                number = checked(app, replace(numbers[key_number_id], **changes))
                tx.run(
                    "reports/key_numbers_change", key_number_id=key_number_id, **_columns(number)
                )
                if place is not None:
                    ids = [each for each in numbers if each != key_number_id]
                    ids.insert(place, key_number_id)
                    tx.run("reports/key_numbers_order", ids=ids)
                return read(tx, app)
        except Refused as refused:
            raise _taken(number, refused) from None

    def delete(self, key_number_id: int) -> None:
        with self._database.transaction(seconds=5) as tx:
            tx.run("reports/key_numbers_delete", key_number_id=key_number_id)


def _columns(number: KeyNumber) -> dict[str, Any]:
    return {name: value for name, value in asdict(number).items() if name != "key_number_id"}


def _taken(number: KeyNumber, refused: Refused) -> CannotKeep:
    if "key_numbers_app_id_name_key" in str(refused):
        return CannotKeep("name_taken", f"name: there is a key number {number.name} already")
    return CannotKeep("invalid_key_number", f"the key number was refused: {refused}")


def read(tx: Transaction, app: App) -> list[KeyNumber]:
    return [KeyNumber.of(row) for row in tx.rows("reports/key_numbers_list", app_id=app.app_id)]


def checked(app: App, number: KeyNumber) -> KeyNumber:
    """What is to be kept. Raises CannotKeep with a sentence that names the field, and for a property
    that is not counted yet how to count it."""
    types = KEPT_BY_ROLLUPS.get(number.measure)
    if number.segment_id is not None and _segment(app, number.segment_id) is None:
        raise CannotKeep("unknown_segment", "segment: there is no segment of this id in the app")
    if types is None:
        return replace(number, property=None, value=None)
    if number.property is None:
        raise CannotKeep("property_needed", f"property: is needed for {number.measure}")
    declared = app.catalogue.get(number.event, {}).get(number.property)
    if declared is None or not declared.counted:
        raise CannotKeep(
            "not_declared",
            f"property: {number.property} of {number.event} is not counted yet; declare it first, in "
            f"Settings with one click or by PATCH /apps/{app.slug}",
            event=number.event,
            property=number.property,
            suggested="number" if types == ("number",) else "label",
        )
    if declared.type not in types:
        kinds = " or ".join(types)
        raise CannotKeep(
            "wrong_type",
            f"property: {number.property} is declared as {declared.type}; "
            f"{number.measure} takes a {kinds}",
        )
    if number.measure in explore.PERCENT and not declared.percentiles:
        raise CannotKeep(
            "no_percentiles",
            f"property: only the sum and the average of {number.property} are counted",
        )
    if number.measure != "share":
        return replace(number, value=None)
    if number.value is None and declared.type != "boolean":
        raise CannotKeep("value_needed", "value: is needed for a share of a text")
    value = number.value or "true"
    if declared.type == "boolean" and value not in ("true", "false"):
        raise CannotKeep("wrong_value", "value: of a yes or no must be true or false")
    return replace(number, value=value)


def _segment(app: App, segment_id: int) -> Any:
    return next((each for each in app.segments if each.segment_id == segment_id), None)


@dataclass(frozen=True)
class Asked:
    """A key number as a question, and whether the rollups answer it."""

    number: KeyNumber
    question: Exploration
    is_rolled_up: bool


def questions(
    tx: Transaction, app: App, days: Days, group_by: str, narrowed: Filter
) -> list[Asked]:
    """Each of the app's key numbers. narrowed: joins what it is narrowed to itself."""
    return [question_of(tx, app, number, days, group_by, narrowed) for number in read(tx, app)]


def question_of(
    tx: Transaction, app: App, number: KeyNumber, days: Days, group_by: str, narrowed: Filter
) -> Asked:
    question = Exploration(
        app=app,
        days=days,
        measure="events" if number.measure == "share" else number.measure,
        event=number.event,
        number=None if number.measure == "share" else number.property,
        by=f"prop.{number.property}" if number.measure == "share" else None,
        interval=group_by,
        filter=_filter(app, number, narrowed),
    )
    question = explore.by_segment(question)
    return Asked(number, question, explore.is_rolled_up(tx, question))


def _filter(app: App, number: KeyNumber, narrowed: Filter) -> Filter:
    segment = None if number.segment_id is None else _segment(app, number.segment_id)
    if segment is None:
        return narrowed
    own = read_conditions(segment.filter)
    is_alone = not narrowed and segment.is_filled
    return replace(
        narrowed,
        conditions=Conditions((narrowed.conditions + own).each),
        segment=segment.segment_id if is_alone else None,
    )


def answered(tx: Transaction, asked: list[Asked]) -> list[dict[str, Any]]:
    """[{id, name, measure, event, property, value, segment, amount, days: [{date, amount}]}], in
    their order. amount: null where there is nothing to divide by; of a share percent."""
    return [_answered(tx, each) for each in asked]


def _answered(tx: Transaction, asked: Asked) -> dict[str, Any]:
    number, question = asked.number, asked.question
    if number.measure == "share":
        shares = share_from_rollups if asked.is_rolled_up else explore.share_from_events
        parts = shares(tx, question, number.value or "")
        question = replace(question, measure="share", by=None)
    else:
        parts = (from_rollups if asked.is_rolled_up else explore.from_events)(tx, question)
    written = explore.written(question, parts)
    return {
        **shown(number),
        "amount": written["total"],
        "days": [{"date": row["date"], "amount": row["value"]} for row in written["rows"]],
        "computed": "rollups" if asked.is_rolled_up else "events",
    }


def exported(tx: Transaction, days: Days) -> Iterator[tuple[Any, ...]]:
    """Column names, then each key number's days."""
    yield "day", "key_number", "measure", "event", "amount"
    for number in answered(tx, questions(tx, days.app, days, "day", explore.EVERYTHING)):
        for row in number["days"]:
            yield row["date"], number["name"], number["measure"], number["event"], row["amount"]


def shown(number: KeyNumber) -> dict[str, Any]:
    return {
        "id": number.key_number_id,
        "name": number.name,
        "measure": number.measure,
        "event": number.event,
        "property": number.property,
        "value": number.value,
        "segment": number.segment_id,
    }
