"""The crashes of an issue that are stored."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import Any

from database import Expression, Row, Transaction
from stories.catalogue import App
from stories.crashes.reading.listing import iso

KEYS = ("timestamp", "user_id", "dedupe_key")
LAST = ("last_timestamp", "last_user_id", "last_key")  # the same as parameters of a statement
ORDER = itemgetter(*KEYS)
ANY = Expression("true")
MAX_FEEDBACK = 200  # texts of a page of crashes


def read_page(
    tx: Transaction,
    issue_id: int,
    *,
    kept: bool | None,
    ascending: bool,
    after: tuple[Any, ...] | None,
    limit: int,
    matches: Expression | None = None,
) -> list[Row]:
    """kept: only crashes that are stored whole, or only thin ones. matches: only such crashes, and no
    handled errors; any without it. after: KEYS of the last row of
    the page before. Groups are read one by one along their index, those that reach furthest first,
    until no other can have a row of this page."""
    groups = tx.rows("crashes/issue_fingerprints", issue_id=issue_id)
    edge = "first_seen" if ascending else "last_seen"
    place = dict(zip(LAST, after or (None, None, None), strict=True))
    page: list[Row] = []
    for held in sorted(groups, key=itemgetter(edge), reverse=not ascending):
        if len(page) == limit and _is_behind(held[edge], page[-1]["timestamp"], ascending):
            break
        which = {
            **place,
            "app_id": held["app_id"],
            "fingerprint": bytes(held["fingerprint"]),
            "ascending": ascending,
            "limit": limit,
        }
        page += tx.rows("crashes/group_crashes", kept=kept, matches=matches or ANY, **which)
        if kept is not False and matches is None:  # of thin handled errors there is no row
            page += tx.rows("crashes/group_errors", **which)
        page = sorted(page, key=ORDER, reverse=not ascending)[:limit]
    return page


def read_feedback(tx: Transaction, app: App, rows: list[Row]) -> dict[int, list[dict[str, Any]]]:
    """What people wrote about crashes, by their dedupe keys: {timestamp, message} in order of time."""
    keys = [row["dedupe_key"] for row in rows]
    feedback: dict[int, list[dict[str, Any]]] = {key: [] for key in keys}
    for row in tx.rows("crashes/feedback", app_id=app.app_id, keys=keys, most=MAX_FEEDBACK):
        for key in feedback.keys() & set(row["about"]):
            entry = {"timestamp": iso(row["timestamp"]), "message": row["message"]}
            feedback[key].append(entry)
    return feedback


def count_kept(tx: Transaction, issue_id: int) -> int:
    """How many crashes and handled errors of an issue are stored whole."""
    groups = tx.rows("crashes/issue_fingerprints", issue_id=issue_id)
    if not groups:
        return 0
    fingerprints = [bytes(group["fingerprint"]) for group in groups]
    kept: int = tx.value(
        "crashes/count_kept", app_id=groups[0]["app_id"], fingerprints=fingerprints
    )
    return kept


def _is_behind(edge: datetime, last: datetime, ascending: bool) -> bool:
    return edge > last if ascending else edge < last
