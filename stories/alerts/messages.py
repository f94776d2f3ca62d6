"""The queue of messages: each is sent once, whatever is killed or restarted.

A message is put in by the transaction that decides it, under a name of its own (`once`). Who sends
claims it, sends, and notes that it was sent. A process that is killed between those leaves a claim that
ends by itself; the message then goes again with the same id, which mail (Message-ID) and webhooks
(Idempotency-Key) show to whoever receives it. More cannot be had of SMTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from database import Database, Transaction

LOCK = 7_266_018  # of whoever claims
CLAIM_SECONDS = 120  # longer than any sender waits for an answer
# Minutes until the next attempt, after the first, the second, …; then it has failed.
BACKOFF = (1, 5, 15, 60, 180, 360, 720)
MOST_ATTEMPTS = 20  # begun, and never ended


@dataclass(frozen=True, eq=False)
class Message:
    """A claimed message with where it goes. content: see wording.py."""

    message_id: UUID
    destination_id: int
    kind: str  # firing, resolved, report, test
    content: dict[str, Any]
    attempts: int  # this one among them
    created_at: datetime
    name: str
    destination_kind: str
    address: str
    secret: str


class CannotSend(Exception):
    """Why a message was not sent, in a sentence that holds no address and no secret. is_final: trying
    again would not help. after: seconds that the other side asked to wait."""

    def __init__(self, sentence: str, is_final: bool = False, after: float | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.is_final, self.after = sentence, is_final, after


def enqueue(
    tx: Transaction, destination_id: int, kind: str, once: str, content: dict[str, Any]
) -> bool:
    """Put a message into the queue, in the caller's transaction. False: it is there already, or its
    destination is gone."""
    return bool(
        tx.rows(
            "alerts/enqueue",
            destination_id=destination_id,
            kind=kind,
            once=once,
            content=msgspec.json.encode(content).decode(),
        )
    )


class Queue:
    """What waits to be sent. Safe to use from several threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_due(self) -> bool:
        with self._database.transaction(seconds=5, autocommit=True) as tx:
            return bool(tx.value("alerts/is_due"))

    def claim(self) -> Message | None:
        """The next message that is due; None: there is none, or another is on its way to its
        destination."""
        with self._database.transaction(seconds=5) as tx:
            tx.run("alerts/lock_queue", lock=LOCK)
            row = tx.row("alerts/claim", seconds=CLAIM_SECONDS)
        return None if row is None else Message(**row)

    def give_up(self) -> None:
        """Those at which the process that sends was killed each time have failed."""
        with self._database.transaction(seconds=5) as tx:
            tx.run("alerts/give_up", most=MOST_ATTEMPTS, error="sending it never came to an end")

    def sent(self, message: Message, answer: str) -> None:
        """answer: what came back, which holds no address and no secret."""
        with self._database.transaction(seconds=5) as tx:
            tx.run("alerts/sent", message_id=message.message_id, answer=answer[:300])

    def not_sent(self, message: Message, error: CannotSend) -> None:
        """It goes again later; after the last attempt, or where that would not help, it has failed. Of
        a test somebody waits for the answer, and would be surprised by it a day later."""
        seconds = None
        if not error.is_final and message.kind != "test" and message.attempts <= len(BACKOFF):
            seconds = max(60 * BACKOFF[message.attempts - 1], int(min(error.after or 0, 86_400)))
        with self._database.transaction(seconds=5) as tx:
            tx.run(
                "alerts/not_sent",
                message_id=message.message_id,
                error=error.sentence[:300],
                seconds=seconds,
            )
