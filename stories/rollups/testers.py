"""Testers: people whose events are stored but counted nowhere. EXCLUDED_USER_IDS names those of every
app, an app's own list those of that app. A change applies to what is folded from then on; a rebuild
applies it to earlier days too."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from database import Database


def seed(database: Database, ids: Iterable[str]) -> None:
    """Make these UUIDs the testers of every app; who is not among them is one no more."""
    with database.transaction() as tx:
        tx.run("rollups/testers_seed", user_ids=[UUID(text) for text in ids])
