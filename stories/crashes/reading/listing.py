"""Lists of issues, as GET /issues answers them: read from what the fold keeps, never from crashes."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from database import Row, Transaction
from stories.catalogue import App
from stories.crashes.reading.narrowed import UNTOLD, Narrowed, as_parameters
from stories.reports.periods import Days
from stories.reports.rounding import percentage, ratio

STATES = ("open", "resolved", "muted")
REASONS = ("new", "regressed", "back", "seen", "reopened")
SORTS = ("last_seen", "first_seen", "crashes", "people", "rise")
ASCENDING = ":asc"
ORDERS = tuple(text for name in SORTS for text in (name, f"-{name}", f"{name}{ASCENDING}"))
TABS = ("open", "new", "regressed", "muted", "resolved", "handled")
DAYS = 14  # of a row's small chart, and of the people its share is of
ONGOING = timedelta(days=7)
EITHER = 0  # the kind of active_gaps that any activity has


def read_page(
    tx: Transaction, question: dict[str, Any], counts: list[Row] | None = None
) -> tuple[list[Row], dict[str, int]]:
    """(rows, how many issues there are by tab). question: parameters of crashes/list_issues. counts:
    of Narrowed, of the only issues that there are."""
    rows = tx.rows("crashes/list_issues", **question, **as_parameters(counts))
    tabs = {tab: rows[0][tab] for tab in TABS}
    return [row for row in rows if row["issue_id"] is not None], tabs


def describe(
    tx: Transaction,
    app: App,
    rows: list[Row],
    now: datetime,
    narrowed: Narrowed | None = None,
) -> list[dict[str, Any]]:
    """Rows of crashes/list_issues or crashes/find_issue as the API has them, narrowed as they are."""
    if narrowed is not None:
        return _narrowly(tx, rows, now, narrowed)
    ids = [row["issue_id"] for row in rows]
    window = Days.latest(app, DAYS, now)
    by_day: dict[int, dict[Any, int]] = defaultdict(dict)
    for row in tx.rows("crashes/issue_days", issue_ids=ids, first=window.first, last=window.last):
        by_day[row["issue_id"]][row["day"]] = row["crashes"]
    rises = {
        row["issue_id"]: ratio(7 * row["today"], row["week"], 2)
        for row in tx.rows("crashes/issue_rises", issue_ids=ids, now=now)
    }
    active = people_active(tx, window)
    hit = {
        row["issue_id"]: row["people"]
        for row in tx.rows("crashes/issue_people_since", issue_ids=ids, since=window.start)
    }
    return [
        _described(app, row, now, _of_days(by_day[row["issue_id"]], window))
        | {
            "people_share": percentage(min(hit.get(row["issue_id"], 0), active), active),
            "rise": rises.get(row["issue_id"]),
        }
        for row in rows
    ]


def _narrowly(
    tx: Transaction, rows: list[Row], now: datetime, narrowed: Narrowed
) -> list[dict[str, Any]]:
    app = narrowed.app
    window = Days.latest(app, DAYS, now)
    by_day = narrowed.by_day(tx, [row["issue_id"] for row in rows], window)
    return [
        _described(app, row, now, _of_days(by_day[row["issue_id"]], window)) | UNTOLD
        for row in rows
    ]


def _of_days(crashes: dict[Any, int], window: Days) -> list[int]:
    return [crashes.get(window.first + timedelta(days=number), 0) for number in range(DAYS)]


def _described(app: App, row: Row, now: datetime, days: list[int]) -> dict[str, Any]:
    return {
        "id": issue_name(app, row["number"]),
        "number": row["number"],
        "title": row["title"],
        "culprit": row["culprit"],
        "state": row["state"],
        "because": row["because"],
        "since": iso(row["since"]),
        "ongoing": is_ongoing(row, now),
        "crash_type": row["crash_type"],
        "handled": row["is_handled"],
        "raw": row["raw"],
        "crashes": row["crashes"],
        "people": row["people"],
        "first_seen": iso(row["first_seen"]),
        "last_seen": iso(row["last_seen"]),
        "first_version": row["first_version"],
        "last_version": row["last_version"],
        "days": days,
    }


def people_active(tx: Transaction, days: Days) -> int:
    """How many people sent an event or a crash in these days."""
    row = tx.row(
        "reports/stats_distinct_people",
        app_id=days.app.app_id,
        facet=0,
        kinds=[EITHER],
        firsts=[days.first],
        lasts=[days.last],
    )
    return int(row["people"]) if row else 0


def is_ongoing(row: Row, now: datetime) -> bool:
    """Open and looked at, or open for a week: nothing new."""
    if row["state"] != "open":
        return False
    return bool(row["because"] == "seen" or now - row["since"] > ONGOING)


def issue_name(app: App, number: int) -> str:
    """As the API and the addresses of pages name an issue: desktop-17."""
    return f"{app.slug}-{number}"


def like_pattern(text: str) -> str:
    """A pattern of ILIKE that matches what holds the text."""
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
