"""Giving crashes and handled errors another fingerprint: their share is taken out of the groups that
they leave and added to those that they come to, by the fold's own steps, so that a recount agrees
before and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from database import Row, Transaction
from stories.apps import Apps
from stories.privacy.person_keys import PersonKey
from stories.rollups import work_tables
from stories.rollups.definitions import definitions
from stories.rollups.fold import (
    GROUP_STEPS,
    add_events_only,
    fold_pending,
    wait_for_lock,
)

NAMES = ("kind", "user_id", "timestamp", "dedupe_key", "fingerprint", "former")


def move(tx: Transaction, apps: Apps, key: PersonKey, crashes: Sequence[Row]) -> None:
    """Give each of `crashes`, named by kind (as the outbox has it: a handled error is an event),
    user_id, timestamp and dedupe_key, its new `fingerprint`, which may be that of no group yet: an
    issue that is made for it is `seen`, so that nobody is alerted. `former`, if there is one, is the
    fingerprint that it keeps as the first of `also`, so that the new group continues that one. Takes
    the fold's lock to the end of the transaction, and folds what waits first."""
    wait_for_lock(tx)
    fold_pending(tx, apps, key)
    defined = {**definitions(tx, apps), "because": "seen"}
    work_tables.make(tx)
    tx.script_named("rollups/share_tables")
    tx.script_named("crashes/move_tables")
    tx.run(
        "crashes/move_keys",
        **{f"{name}s": [row.get(name) for row in crashes] for name in NAMES},
    )
    tx.run("rollups/share_choices")
    add_events_only(tx, defined)
    tx.script_named("crashes/move_out")
    tx.run_all(GROUP_STEPS, **defined)  # no transitions: nothing happened
    tx.script_named("crashes/move_last_days")
    for group in tx.rows("crashes/move_bounds"):
        bounds = _bounds(tx, group)
        if bounds:
            tx.run("crashes/set_bounds", **group, **bounds)
    tx.run(
        "crashes/issue_totals",
        issue_ids=[row["issue_id"] for row in tx.rows("crashes/moved_issues")],
    )
    tx.run("rollups/mark_changed")


def _bounds(tx: Transaction, group: Row) -> dict[str, Any]:
    """When a group's first and its last crash or handled error that are held happened, and their
    versions; empty without any."""
    days = tx.rows("crashes/error_days", **group)
    parts = [
        part
        for part in (
            tx.row("crashes/group_bounds", **group),
            _errors(tx, group, days),
            _errors(tx, group, reversed(days)),
        )
        if part is not None
    ]
    bounds: dict[str, Any] = {}
    for edge, most in (("first", min), ("last", max)) if parts else ():
        seen, version = f"{edge}_seen", f"{edge}_version"
        part = most(parts, key=lambda row: (row[seen], row[version] or ""))
        bounds |= {seen: part[seen], version: part[version]}
    return bounds


def _errors(tx: Transaction, group: Row, days: Iterable[Row]) -> Row | None:
    """The bounds of the first of these days that has handled errors of the group."""
    rows = (tx.row("crashes/error_bounds", **group, **day) for day in days)
    return next((row for row in rows if row is not None), None)


def keys(rows: Sequence[Row], fingerprints: Sequence[bytes]) -> list[dict[str, Any]]:
    """`rows` as `move` wants them, each with its new fingerprint."""
    return [
        {
            "kind": row["kind"],
            "user_id": row["user_id"],
            "timestamp": row["timestamp"],
            "dedupe_key": row["dedupe_key"],
            "fingerprint": fingerprint,
        }
        for row, fingerprint in zip(rows, fingerprints, strict=True)
    ]
