"""What every intake does with a list of items: the fast decoder first, one by one if it refuses.

Most bodies are good and are decoded in one call. A body with an item that cannot be decoded or stored
is split into its items, and only those that are bad are refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from flask import Response
from msgspec import Struct

from models import MAX_ITEMS, Refusal, convert
from stories import prometheus
from stories.catalogue import App
from stories.errors import ApiError
from stories.intake import documents
from stories.storage.append import Appender, Outcome, Row
from stories.web.answers import answer, iso
from stories.web.services import services
from stories.web.work import TimeSlice


class Appends(Protocol):
    """An Appender, or what does something with rows before it."""

    def append(self, rows: Sequence[Any]) -> Outcome: ...


P = TypeVar("P", bound=Struct)
Noted = Callable[[P, Any], list[str]]


@dataclass
class Batch(Generic[P]):
    """Items that can be read, and why others cannot; both by index in the request."""

    items: list[tuple[int, P]]
    rejected: list[dict[str, Any]] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)

    def reject(self, index: int, code: str, sentence: str) -> None:
        self.rejected.append({"index": index, "code": code, "error": sentence})

    def leave_out(self, reason: str, unwanted: Callable[[P], bool]) -> None:
        """Answer for items as received without storing them; the ledger counts why."""
        kept = [(index, item) for index, item in self.items if not unwanted(item)]
        if len(kept) < len(self.items):
            self.left_out[reason] = len(self.items) - len(kept)
        self.items = kept

    def rows(
        self, build: Callable[[P], Row], noted: Noted[P] | None = None
    ) -> tuple[list[int], list[Row]]:
        """The rows of the good items, with their indexes; the rest is rejected. noted: the fields of an
        item that its row does not hold as they were sent."""
        indexes, rows = [], []
        time_slice = TimeSlice()
        for index, item in self.items:
            time_slice.give_way()
            try:
                row = build(item)
                rows.append(row)
                indexes.append(index)
                if noted and (fields := noted(item, row)):
                    self.notes += ({"index": index, "field": name} for name in fields)
            except Refusal as refusal:
                self.reject(index, refusal.code, refusal.sentence)
            except RecursionError:  # read at the last level there was room for
                self.reject(index, "too_deep", "the item is nested too deeply")
        return indexes, rows


# Escapes of NUL are valid JSON that the fast decoder takes and PostgreSQL cannot store.
POISON = b"\\u0000"


def read(
    body: bytes, decode: Callable[[bytes], Sequence[P]], payload: type[P], member: str | None
) -> Batch[P]:
    """The items of a body. decode: the fast way to all of them. member: the name of the array that
    holds them; None where the body is a list or one item. Raises ApiError for what is no such JSON."""
    documents.check_containers(body)
    if POISON not in body:
        try:
            items = decode(body)
            _check_count(len(items), member)
            return Batch(list(enumerate(items)))
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, OverflowError):
            pass  # something in it is bad: find out what, and keep the rest
    values = documents.split(body, member)
    _check_count(len(values), member)
    batch: Batch[P] = Batch([])
    time_slice = TimeSlice()
    for index, value in enumerate(values):
        time_slice.give_way()
        try:
            if code := documents.flaw(value):
                raise Refusal(code, documents.SENTENCES[code])
            batch.items.append((index, convert(value, payload)))
        except Refusal as refusal:
            batch.reject(index, refusal.code, refusal.sentence)
    return batch


def _check_count(count: int, member: str | None) -> None:
    if count > MAX_ITEMS:
        raise ApiError(413, "too_many_items", f"a request may hold at most {MAX_ITEMS} items")
    if count == 0:
        raise ApiError(
            400, "no_items", f"{member or 'the list'} is empty: there is nothing to store"
        )


def one_or_many(decode: Callable[[bytes], P | list[P]]) -> Callable[[bytes], list[P]]:
    """A decoder of bodies that are a list or a single item, always as a list."""

    def decoded(body: bytes) -> list[P]:
        items = decode(body)
        return items if isinstance(items, list) else [items]

    return decoded


def append(
    batch: Batch[P],
    build: Callable[[P], Row],
    appender: Appends,
    app: App,
    moment: datetime,
    noted: Noted[P] | None = None,
) -> Outcome:
    """Append the good items; the ledger counts the others, which `batch.rejected` lists. Returns after
    the commit. Raises Unavailable."""
    indexes, rows = batch.rows(build, noted)
    outcome = appender.append(rows)
    for position, why in outcome.refused.items():
        batch.reject(indexes[position], "not_storable", f"the database refused it: {why}")
    batch.rejected.sort(key=lambda entry: entry["index"])
    _note(batch, app, moment)
    prometheus.items(app.kind, {"stored": outcome.stored, "duplicate": outcome.duplicates})
    return outcome


def store(
    batch: Batch[P],
    build: Callable[[P], Row],
    appender: Appender,
    app: App,
    moment: datetime,
    noted: Noted[P] | None = None,
) -> Response:
    """Append the good items and answer for all of them: 200 when at least one is good. The answer has
    `notes`, one entry for each field that was cut or left out, if there are any."""
    outcome = append(batch, build, appender, app, moment, noted)
    received = outcome.stored + outcome.duplicates + sum(batch.left_out.values())
    if received == 0 and batch.rejected:
        first = batch.rejected[0]
        raise ApiError(
            400, first["code"], f"All items rejected; first error: {first['error']}", batch.rejected
        )
    body = {
        "success": True,
        "events_received": received,
        "events_stored": outcome.stored,
        "duplicates": outcome.duplicates,
        "rejected": batch.rejected,
        "timestamp": iso(moment),
    }
    return answer({**body, "notes": batch.notes} if batch.notes else body)


def _note(batch: Batch[P], app: App, moment: datetime) -> None:
    """The drop ledger: every item that was not stored, by reason."""
    if not batch.rejected and not batch.left_out:
        return
    reasons = Counter(batch.left_out) + Counter(entry["code"] for entry in batch.rejected)
    prometheus.items(app.kind, reasons)
    for reason, n in reasons.items():
        services().ledger.add(moment, app.app_id, reason, n)
