"""What the database's room goes to, and how many days what is left of the disk lasts."""

from __future__ import annotations

from datetime import date
from typing import Any

from database import Row
from stories.reports.rounding import rounded

GROWTH_DAYS = 14
# What is not named in one of these is rollups: they are most of the tables, and most of the new ones.
TABLES = {
    "events": {"events"},
    "old_events": {"event_chunks"},
    "crashes": {"crashes", "error_details", "minidumps", "remap_queue"},
    "symbols": {
        *("artifacts", "artifact_pieces", "artifact_releases", "artifact_keys"),
        *("uploads", "upload_chunks"),
    },
    "contents": {"contents", "images", "image_deletions"},
    "administration": {
        *("schema_migrations", "server_secrets", "apps", "jobs", "accounts", "account_sessions"),
        *("api_tokens", "share_links", "audit_log", "destinations", "alert_rules", "alert_states"),
        *(
            "alert_log",
            "messages",
            "report_subscriptions",
            "annotations",
            "database_sizes",
            "drops",
        ),
        *("key_numbers", "saved_questions", "saved_cohorts", "compacted_tables"),
    },
}
_KIND_OF = {name: kind for kind, names in TABLES.items() for name in names}
KINDS = ("events", "old_events", "crashes", "rollups", "symbols", "contents", "administration")


def kind(table: str) -> str:
    """One of KINDS."""
    return _KIND_OF.get(table, "rollups")


def by_kind(tables: list[Row], compressed: int) -> list[dict[str, Any]]:
    """[{"kind": of KINDS, "bytes", "items": events or crashes, about; null for other kinds}].

    tables: of operation/table_sizes. compressed: events in chunks.
    """
    sizes = dict.fromkeys(KINDS, 0)
    for row in tables:
        sizes[kind(row["name"])] += row["bytes"]
    rows = {row["name"]: row["rows"] for row in tables}
    items = {
        "events": rows.get("events", 0),
        "old_events": compressed,
        "crashes": rows.get("crashes", 0),
    }
    return [{"kind": each, "bytes": size, "items": items.get(each)} for each, size in sizes.items()]


def growth(
    kinds: list[dict[str, Any]], days: list[Row], today: date, free: int | None
) -> dict[str, Any]:
    """{"bytes": now, "bytes_per_day", "free_bytes": as `free`, "days_left"}; null where it is not known.

    A day adds as many events as a recent one on average. Each takes its room in a chunk, if old days are
    compressed, for as many as come leave the rows; else a row's. And its share of all that is no event.
    days: of operation/intake_days. free: bytes that the database's disk still has.
    """
    size = {row["kind"]: row["bytes"] for row in kinds}
    items = {row["kind"]: row["items"] or 0 for row in kinds}
    held = items["events"] + items["old_events"] + items["crashes"]
    kept = "old_events" if items["old_events"] else "events"
    whole = [row["events"] for row in days if row["day"] < today]
    age = (today - days[0]["since"]).days if days else 0
    daily = sum(whole) / max(1, min(GROWTH_DAYS, age))
    per_day = None
    if held:
        beside = sum(size.values()) - size["events"] - size["old_events"]
        per_event = size[kept] / max(1, items[kept]) + beside / held
        per_day = int(rounded(per_event * daily, 0))
    return {
        "bytes": sum(size.values()),
        "bytes_per_day": per_day,
        "free_bytes": free,
        "days_left": int(free / per_day) if free is not None and per_day else None,
    }
