"""What the database takes, and when its disk will be full, from its size on each of the last days."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from typing import Any

from database import Transaction
from stories.config import Config

DAYS = 14  # that are looked back


def forecast(tx: Transaction, config: Config, today: date) -> dict[str, Any] | None:
    """{bytes, days, a_day, free, days_left}: bytes; days: that are known; a_day: what it grew by on a
    day, null before the second one; free and days_left: null where the disk is another machine's,
    days_left where it does not grow. None: no size is noted yet."""
    row = tx.row("alerts/growth", day=today - timedelta(days=DAYS))
    if row is None or row["last_bytes"] is None:
        return None
    a_day = (row["last_bytes"] - row["first_bytes"]) / row["days"] if row["days"] else None
    is_here = not config.database_url and config.data_path.exists()
    free = shutil.disk_usage(config.data_path).free if is_here else None
    is_growing = a_day is not None and a_day > 0
    return {
        "bytes": row["last_bytes"],
        "days": row["days"] or 0,
        "a_day": None if a_day is None else round(a_day),
        "free": free,
        "days_left": int(free / a_day) if is_growing and free is not None and a_day else None,
    }


def in_words(told: dict[str, Any]) -> str:
    """What a forecast says."""
    parts = [f"The database takes {size(told['bytes'])}"]
    if told["a_day"] is not None:
        parts.append(f"{'+' if told['a_day'] >= 0 else '-'}{size(abs(told['a_day']))} a day")
    if told["free"] is not None:
        parts.append(f"{size(told['free'])} of the disk are free")
    if told["days_left"] is not None:
        parts.append(f"at that rate it is full in {told['days_left']:,} days")
    return f"{', '.join(parts)}."


def size(count: float) -> str:
    """Bytes in words: "1.4 GB"."""
    for unit, bytes_of_it in (("GB", 1024**3), ("MB", 1024**2)):
        if count >= bytes_of_it:
            return f"{count / bytes_of_it:,.1f} {unit}"
    return f"{count / 1024:,.0f} kB"
