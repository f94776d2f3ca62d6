"""Stores what an adapter has mapped, by the same ways as our own intakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from msgspec import Struct

from models import CrashPayload, CrashRow, EventPayload, EventRow, Refusal, event_row
from stories import prometheus
from stories.catalogue import FEEDBACK, App
from stories.dedupe import Repeats, hashed_key
from stories.intake import crashes, items
from stories.intake.adapters import people
from stories.intake.adapters.sentry_sessions import SessionUpdate
from stories.payloads.feedback import FeedbackRow
from stories.storage.append import MERGE_ROWS, Outcome
from stories.web.access import count_requests
from stories.web.services import services
from stories.web.work import TimeSlice

# What an SDK sends and we do not keep counts in the ledger by its kind. A kind is a name of ours or of
# the SDK's documentation: text of a stranger's never becomes a reason.
LEFT_OUT = "left_out:"
# Errors of one request. Each takes a commit of its own, and counts as a request against the limit of
# its sender's address, as POST /crash does.
MAX_CRASHES = 200


class SentEvent(Struct):
    """An event of an SDK. is_stamped: its time is the server's, as the SDK sent none; it has an id then,
    so that a retry, which is stamped with another time, is known. notes: what was left out of it. path:
    of a page, scrubbed by its parts; as a text, /home/prices would be somebody's folder. linked: whose
    id the payload's user_id turned out to be."""

    payload: EventPayload
    is_stamped: bool = False
    notes: dict[str, str] = {}
    path: str | None = None
    linked: UUID | None = None


@dataclass
class Delivery:
    """What one request brings, as an adapter has mapped it, and what became of it."""

    app: App
    moment: datetime
    events: list[SentEvent] = field(default_factory=list)
    crashes: list[CrashPayload] = field(default_factory=list)
    linked: dict[int, UUID] = field(default_factory=dict)  # of a crash, by its place in `crashes`
    dumps: dict[int, bytes] = field(default_factory=dict)  # minidumps, the same
    feedback: list[FeedbackRow] = field(default_factory=list)
    sessions: list[SessionUpdate] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)  # by kind
    refused: list[Refusal] = field(default_factory=list)  # filled by `store`

    def refuse(self, refusal: Refusal) -> None:
        """Of an item that cannot be mapped: the ledger counts why."""
        self.refused.append(refusal)
        prometheus.items(self.app.kind, {refusal.code: 1})
        services().ledger.add(self.moment, self.app.app_id, refusal.code)

    def store(self) -> None:
        """Store all, each item by itself: one that is refused costs no other. Returns after the commits.
        Raises ApiError 429, Unavailable; what was committed by then is a duplicate when the SDK sends it
        again."""
        count_requests(min(len(self.crashes), MAX_CRASHES) - 1)
        for _ in self.crashes[MAX_CRASHES:]:
            sentence = f"a request may hold at most {MAX_CRASHES} errors"
            self.refuse(Refusal("too_many_errors", sentence))
        del self.crashes[MAX_CRASHES:]
        self._note_left_out()
        self._store_events()
        self._store_feedback()
        self._store_sessions()
        time_slice = TimeSlice()
        for number, crash in enumerate(self.crashes):
            time_slice.give_way()
            person = self.linked.get(number)
            try:
                crashes.take(
                    lambda crash=crash: crash,  # type: ignore[misc]
                    self.app,
                    self.moment,
                    None if person is None else lambda row, to=person: people.move([(row, to)]),  # type: ignore[misc]
                    self.dumps.get(number),
                )
            except Refusal as refusal:
                self.refused.append(refusal)

    def _store_events(self) -> None:
        if not self.events:
            return
        service = services()
        repeats, key = Repeats(self.app.app_id), service.key.digest()
        admit = service.event_names.admit
        moving = _Moving()

        def build(event: SentEvent) -> EventRow:
            row = event_row(event.payload, self.app, self.moment, repeats, key, admit)
            if event.is_stamped:
                row.claim = _claim(event.payload, self.app, key)
            _complete(row, event)
            if event.linked is not None:
                moving.rows.append((row, event.linked))
            return row

        batch = items.Batch(list(enumerate(self.events)))
        items.append(batch, build, moving, self.app, self.moment)
        self.refused += (Refusal(entry["code"], entry["error"]) for entry in batch.rejected)

    def _store_feedback(self) -> None:
        """Any app is sent feedback, declared or not: its name has a place like that of an open app's."""
        service, rows = services(), self.feedback
        if rows and FEEDBACK not in self.app.catalogue:
            try:
                service.event_names.admit(self.app, FEEDBACK, self.moment)
            except Refusal as refusal:
                for _ in rows:
                    self.refuse(refusal)
                return
        outcome = service.feedback.append(rows)
        for why in outcome.refused.values():
            self.refuse(Refusal("not_storable", f"the database refused it: {why}"))
        if rows:
            stored = {"stored": outcome.stored, "duplicate": outcome.duplicates}
            prometheus.items(self.app.kind, stored)

    def _store_sessions(self) -> None:
        for first in range(0, len(self.sessions), MERGE_ROWS):
            outcome = services().sdk_sessions.append(self.sessions[first : first + MERGE_ROWS])
            for why in outcome.refused.values():
                self.refuse(Refusal("not_storable", f"the database refused it: {why}"))

    def _note_left_out(self) -> None:
        for kind, n in (+self.left_out).items():
            services().ledger.add(self.moment, self.app.app_id, LEFT_OUT + kind, n)


class _Moving:
    """Appends events, those that are linked as their people's."""

    def __init__(self) -> None:
        self.rows: list[tuple[EventRow | CrashRow, UUID]] = []

    def append(self, rows: Sequence[EventRow]) -> Outcome:
        people.move(self.rows)
        return services().events.append(rows)


def _complete(row: EventRow, event: SentEvent) -> None:
    """What scrubbing and the row's own notes must not take away."""
    properties = row.properties or {}
    if event.path:
        properties = {**properties, "path": event.path}
    if event.notes:
        properties = {**properties, "_notes": {**event.notes, **properties.get("_notes", {})}}
    row.properties = properties or None


def _claim(item: EventPayload, app: App, key: bytes) -> int:
    """As payloads.common.Arrival.time_and_key."""
    source = f"{item.user_id}\0{item.id}".encode()
    return hashed_key(app.app_id, blake2b(source, key=key[:64]).digest())
