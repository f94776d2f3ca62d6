"""The queue of images: each step is one short transaction, and none is open during network traffic.

A lease stands in for a lock: claiming moves next_try ahead and counts the attempt. Who is killed
loses the lease and nothing else; the row is due again when it ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from database import Database
from stories.images.files import Stored

# Longer than a fetch and an upload take together, DNS and slow lines included; if they take longer
# all the same, the image goes up twice under one name.
LEASE = timedelta(minutes=5)
DB_SECONDS = 30
CLAIM_TRIES = 20  # each is lost only to another worker, who took the image


@dataclass(frozen=True)
class Waiting:
    image_id: UUID
    user_id: UUID
    attempts: int
    source_url: str | None
    data: bytes | None


@dataclass(frozen=True)
class Deletion:
    """remote_id: the name at Cloudflare; None: unknown, perhaps being uploaded just now; empty: the
    same, and deleted once already."""

    image_id: UUID
    remote_id: str | None
    attempts: int


class Queue:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, now: datetime, sources_only: bool) -> Waiting | None:
        """sources_only: none of those that only wait for the store."""
        for _ in range(CLAIM_TRIES):
            with self._database.transaction(DB_SECONDS) as tx:
                due = tx.row("images/next_image", now=now, sources_only=sources_only)
                if due is None:
                    return None
                row = tx.row("images/claim_image", **due, until=now + LEASE)
            if row is not None:
                data = None if row["data"] is None else bytes(row["data"])
                return Waiting(**{**row, "data": data})
        return None

    def stored(self, image: Waiting, stored: Stored, content_type: str, now: datetime) -> bool:
        """False: the image was erased meanwhile, and what was just stored is queued for
        deletion."""
        with self._database.transaction(DB_SECONDS) as tx:
            changed = tx.run(
                "images/mark_stored",
                image_id=image.image_id,
                user_id=image.user_id,
                image_url=stored.image_url,
                remote_id=stored.remote_id,
                content_type=content_type,
            )
            held = changed or tx.value(
                "images/row_exists", image_id=image.image_id, user_id=image.user_id
            )
            if not held:
                tx.run(
                    "images/queue_deletion",
                    image_id=image.image_id,
                    remote_id=stored.remote_id,
                    now=now,
                )
        return bool(held)

    def again(self, image: Waiting, when: datetime, reason: str, fetched: bytes | None) -> None:
        """fetched: kept, because the address it came from may not live as long as the wait."""
        with self._database.transaction(DB_SECONDS) as tx:
            tx.run(
                "images/plan_retry",
                image_id=image.image_id,
                user_id=image.user_id,
                next_try=when,
                reason=reason,
                data=fetched,
            )

    def failed(self, image: Waiting, reason: str) -> None:
        with self._database.transaction(DB_SECONDS) as tx:
            tx.run(
                "images/mark_failed", image_id=image.image_id, user_id=image.user_id, reason=reason
            )

    def claim_deletion(self, now: datetime) -> Deletion | None:
        with self._database.transaction(DB_SECONDS) as tx:
            row = tx.row("images/claim_deletion", now=now, until=now + LEASE)
        return None if row is None else Deletion(**row)

    def deleted(self, deletion: Deletion, now: datetime) -> None:
        """An image that was not known to be stored may be on its way there, from a worker that will
        be killed before it can tell: looked for once more when its lease is over."""
        with self._database.transaction(DB_SECONDS) as tx:
            if deletion.remote_id is None:
                tx.run(
                    "images/plan_second_deletion", image_id=deletion.image_id, next_try=now + LEASE
                )
            else:
                tx.run("images/finish_deletion", image_id=deletion.image_id)

    def delete_again(self, deletion: Deletion, when: datetime) -> None:
        with self._database.transaction(DB_SECONDS) as tx:
            tx.run("images/plan_deletion_retry", image_id=deletion.image_id, next_try=when)
