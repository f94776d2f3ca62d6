"""What moved most from some days to others, and where: which version, country, platform or event
explains most of it. From the rollups of events, crashes and people by value."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from database import Row, Transaction
from stories.reports.periods import Days

MEASURES = ("people", "events", "crashes")


def read(tx: Transaction, days: Days, before: Days) -> list[dict[str, Any]]:
    """Of each measure that some value of a dimension changed: {measure, value, before, change, parts}.
    A part is {dim, name, value, before, change, share}, the one that explains most first; share: percent
    of the measure's change, null where a part moved more than the whole or the other way."""
    rows = tx.rows(
        "alerts/movers",
        app_id=days.app.app_id,
        first=days.first,
        last=days.last,
        before=before.first,
        before_last=before.last,
    )
    moved = {
        measure: _measure(measure, list(parts))
        for measure, parts in groupby(rows, key=lambda row: row["measure"])
    }
    return [moved[measure] for measure in MEASURES if measure in moved]


def _measure(measure: str, rows: list[Row]) -> dict[str, Any]:
    total, before = rows[0]["total"], rows[0]["total_before"]
    change = total - before
    parts = [_part(row, change) for row in rows]
    direction = 1 if change >= 0 else -1
    return {
        "measure": measure,
        "value": total,
        "before": before,
        "change": change,
        "parts": sorted(parts, key=lambda part: (-direction * part["change"], part["dim"])),
    }


def _part(row: Row, whole: int) -> dict[str, Any]:
    change = row["n"] - row["before"]
    share = round(100 * change / whole) if whole else 0
    return {
        "dim": row["dim"],
        "name": row["value"],
        "value": row["n"],
        "before": row["before"],
        "change": change,
        "share": share if 0 < share <= 100 else None,
    }
