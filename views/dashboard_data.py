"""What only the dashboard's pages ask: small answers under /dashboard/api, behind Basic.

Everything that METRICS.md defines comes from /stats; here are the lists beside it and the state of
the server itself.
"""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response

from catalogue import App
from database import Row
from reports import website
from reports.periods import Days
from web import params
from web.answers import answer, iso
from web.services import now, services

blueprint = Blueprint("dashboard_data", __name__, url_prefix="/dashboard/api")

READ_SECONDS = 20.0
MOST_IMAGES = 24
GROWTH_DAYS = 14
BUCKET = 1.04  # as daily_numbers.histogram has it


@blueprint.get("/state")
def state() -> Response:
    """{"has_data": bool}: whether the app's page has something to show."""
    params.known("app")
    found = _rows_value("dashboard.has_data", app_id=_app().app_id)
    return answer({"success": True, "has_data": found})


@blueprint.get("/people")
def people() -> Response:
    """{"versions": ranking, "platforms": ranking} of the people active in the range."""
    params.known("app", "from", "to", "app_version", "platform", "country")
    app, first, last = _range()
    rows = _rows(
        "dashboard.labels_of_people",
        app_id=app.app_id,
        first=first,
        last=last,
        **{name: params.text(name) for name in ("app_version", "platform", "country")},
    )
    return answer(
        {
            "success": True,
            "versions": _ranking(rows, "version", "people"),
            "platforms": _ranking(rows, "platform", "people"),
        }
    )


@blueprint.get("/releases")
def releases() -> Response:
    """{"releases": [{version, day}]} by day."""
    params.known("app")
    return answer({"success": True, "releases": _rows("dashboard.releases", app_id=_app().app_id)})


@blueprint.get("/labels")
def labels() -> Response:
    """{"labels": ranking, "days": [{day, key: count…}]} of one countable property of one event."""
    params.known("app", "from", "to", "event", "property")
    app, first, last = _range()
    what = {
        "app_id": app.app_id,
        "first": first,
        "last": last,
        "event": params.text("event"),
        "property": params.text("property"),
    }
    total = _rows("dashboard.labels", **what)
    days = _pivot(_rows("dashboard.label_days", **what), "key", first, last)
    return answer({"success": True, "labels": _ranking(total), "days": days})


@blueprint.get("/events")
def events() -> Response:
    """{"days": [{day, event: count…}]}, no gaps."""
    params.known("app", "from", "to")
    app, first, last = _range()
    rows = _rows("dashboard.event_days", app_id=app.app_id, first=first, last=last)
    return answer({"success": True, "days": _pivot(rows, "event", first, last)})


@blueprint.get("/numbers")
def numbers() -> Response:
    """{"avg", "p50", "p95", "days": [{day, n, avg}]} of one countable number, in its own unit."""
    params.known("app", "from", "to", "event", "property")
    app, first, last = _range()
    rows = _rows(
        "dashboard.number_days",
        app_id=app.app_id,
        first=first,
        last=last,
        event=params.text("event"),
        property=params.text("property"),
    )
    histogram: dict[int, int] = defaultdict(int)
    for row in rows:
        for bucket, count in row["histogram"].items():
            histogram[int(bucket)] += int(count)
    n, total = sum(row["n"] for row in rows), sum((row["total"] for row in rows), Decimal(0))
    return answer(
        {
            "success": True,
            "avg": total / n if n else None,
            "p50": _percentile(histogram, 50),
            "p95": _percentile(histogram, 95),
            "days": [
                {"day": row["day"], "n": row["n"], "avg": row["total"] / row["n"]} for row in rows
            ],
        }
    )


@blueprint.get("/website")
def website_metrics() -> Response:
    """GET /api/metrics for any range of days: that one counts back from today."""
    params.known("app", "from", "to")
    app, first, last = _range()
    with services().database.transaction(READ_SECONDS, read_only=True) as tx:
        found = website.metrics(tx, Days(app, first, last))
    found["recent_conversions"] = [_plain(row) for row in found["recent_conversions"]]
    return answer({"success": True, **found})


@blueprint.get("/sessions")
def sessions() -> Response:
    """{"devices": ranking, "browsers": ranking} of a website's sessions."""
    params.known("app", "from", "to")
    app, first, last = _range()
    rows = _rows(
        "dashboard.session_kinds",
        app_id=app.app_id,
        start=Days(app, first, last).start,
        end=Days(app, first, last).end,
    )
    return answer(
        {
            "success": True,
            "devices": _ranking(rows, "device"),
            "browsers": _ranking(rows, "browser"),
        }
    )


@blueprint.get("/images")
def images() -> Response:
    """{"images": [{image_id, timestamp, state, image_url, reason, client_id}]}, latest first."""
    params.known("app")
    rows = _rows("dashboard.images", app_id=_app().app_id, limit=MOST_IMAGES)
    return answer({"success": True, "images": [_plain(row) for row in rows]})


@blueprint.get("/server")
def server() -> Response:
    """Storage by table with the growth of the last days, the fold and the jobs."""
    params.known()
    first = now().date() - timedelta(days=GROWTH_DAYS)
    tables = _rows("dashboard.storage")
    days = _rows("dashboard.intake_days", first=first)
    fold = _rows("dashboard.fold")[0]
    jobs = _rows("dashboard.jobs")
    return answer(
        {
            "success": True,
            "tables": tables,
            "growth": _growth(tables, days),
            "fold": _plain(fold),
            "jobs": [_plain(row) for row in jobs],
        }
    )


def _growth(tables: list[Row], days: list[Row]) -> dict[str, Any]:
    """Bytes an event by now, times the events of a whole recent day. free_bytes: what the data
    folder's disk still has, known only where the database is this machine's own."""
    size = sum(row["bytes"] for row in tables)
    held = sum(row["rows"] for row in tables if row["name"] in ("events", "crashes"))
    today = now().date()
    whole = [row["events"] for row in days if row["day"] < today]
    daily = sum(whole) / GROWTH_DAYS
    per_event = size / held if held > 0 else None
    growth = round(per_event * daily) if per_event else None
    free = _free_bytes()
    return {
        "bytes": size,
        "bytes_per_day": growth,
        "free_bytes": free,
        "days_left": int(free / growth) if free is not None and growth else None,
    }


def _free_bytes() -> int | None:
    config = services().config
    if config.database_url:
        return None
    try:
        found = os.statvfs(config.data_path)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


def _app() -> App:
    found = params.app()
    if found is None:
        raise params.wrong("app", "is needed")
    return found


def _range() -> tuple[App, date, date]:
    app = _app()
    first, last = params.day("from"), params.day("to")
    if first is None or last is None:
        raise params.wrong("from" if first is None else "to", "is needed")
    if first > last or (last - first).days > 3660:
        raise params.wrong("from", "must be a date not after to")
    return app, first, last


def _rows(name: str, **values: Any) -> list[Row]:
    with services().database.transaction(READ_SECONDS, read_only=True) as tx:
        return tx.rows(name, **values)


def _rows_value(name: str, **values: Any) -> Any:
    with services().database.transaction(READ_SECONDS, read_only=True) as tx:
        return tx.value(name, **values)


def _ranking(rows: list[Row], what: str | None = None, count: str = "count") -> list[Row]:
    """[{key, count, percentage}], as METRICS.md has rankings; '' is told as unknown."""
    own = [row for row in rows if what is None or row["what"] == what]
    whole = sum(row[count] for row in own)
    return [
        {
            "key": row["key"] or "unknown",
            "count": row[count],
            "percentage": round(100 * row[count] / whole, 1),
        }
        for row in own
    ]


def _pivot(rows: list[Row], column: str, first: date, last: date) -> list[Row]:
    """One row a day, none left out: {"day", name: count…}."""
    days: dict[date, Row] = {
        first + timedelta(days=number): {} for number in range((last - first).days + 1)
    }
    for row in rows:
        days[row["day"]][row[column]] = row["count"]
    return [{"day": day, **counts} for day, counts in days.items()]


def _percentile(histogram: dict[int, int], percent: int) -> float | None:
    """Nearest rank, within a bucket's 4 %."""
    rank = -(-percent * sum(histogram.values()) // 100)
    for bucket in sorted(histogram):
        rank -= histogram[bucket]
        if rank <= 0:
            return float(round(BUCKET ** (bucket - 0.5) / 1000, 4)) if bucket else 0.001
    return None


def _plain(row: Row) -> Row:
    return {
        key: iso(value.astimezone(UTC)) if isinstance(value, datetime) else value
        for key, value in row.items()
    }
