"""Testers: people whose events are stored but counted nowhere. EXCLUDED_USER_IDS seeds the list; a
change applies to what is folded from then on, and a rebuild applies it back."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from database import Database


def seed(database: Database, ids: Iterable[str]) -> None:
    """Make sure that these ids are testers of every app."""
    wanted = [UUID(text) for text in ids]
    if wanted:
        with database.transaction() as tx:
            tx.run("rollups/testers_seed", user_ids=wanted)
