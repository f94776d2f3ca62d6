"""Which reports are due, and putting them into the queue: once each, whatever is restarted."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, time, timedelta
from typing import Any

from database import Database, Row, Transaction
from models import Refusal
from stories.alerts import messages, report
from stories.apps import Apps
from stories.catalogue import App

log = logging.getLogger("stories.alerts")

HOUR = 8  # in the morning, where the app's days begin
LATE_HOURS = 20  # a server that was away sends it later that day, and not the next
MOST = 100  # of a server
SECONDS = 30  # of one report's statements


def due_at(app: App, every: str, now: datetime) -> datetime:
    """When the report of the period that ended last is due: at 08:00 of the first day after it."""
    period = report.period_before(app, every, now)
    first = period.days.last + timedelta(days=1)
    return datetime.combine(first, time(HOUR), app.zone)


def next_at(app: App, every: str, now: datetime) -> datetime:
    """When the next one is due."""
    due = due_at(app, every, now)
    if due > now:
        return due
    days = {"day": 1, "week": 7, "month": 31}[every]
    return due_at(app, every, now + timedelta(days=days))


def queue_due(database: Database, apps: Apps, now: datetime) -> int:
    """Returns how many were queued. A report that cannot be made is tried again at the next look."""
    with database.transaction(seconds=5, read_only=True) as tx:
        rows = tx.rows("alerts/list_reports", app_id=None)
    known = {app.app_id: app for app in apps.all()}
    queued = 0
    for row in rows:
        app = known.get(row["app_id"])
        if app is None:
            continue
        due = due_at(app, row["every"], now)
        if not due <= now < due + timedelta(hours=LATE_HOURS) or row["created_at"] > due:
            continue
        with database.transaction(seconds=SECONDS) as tx:
            queued += _queue(tx, row, app, now)
    return queued


def _queue(tx: Transaction, row: Row, app: App, now: datetime) -> bool:
    period = report.period_before(app, row["every"], now)
    once = f"report:{row['subscription_id']}:{period.key}"
    if tx.row("alerts/message_state", once=once) is not None:
        return False
    return messages.enqueue(
        tx, row["destination_id"], "report", once, content(tx, app, period, row)
    )


def content(
    tx: Transaction, app: App, period: report.Period, subscription: Row | None = None
) -> dict[str, Any]:
    """What a message of a report holds. subscription: None for a preview."""
    told = report.read(tx, app, period)
    leave = f"/unsubscribe/{subscription['unsubscribe_key']}" if subscription else ""
    return {
        "title": told["title"],
        "summary": told["summary"],
        "report": told,
        "unsubscribe": leave,
    }


class Subscriptions:
    """A row: {subscription_id, app_id, destination_id, destination, every, created_by, created_at}."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, app_id: int) -> list[Row]:
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.rows("alerts/list_reports", app_id=app_id)

    def create(self, app_id: int, destination_id: int, every: str, by: str) -> Row:
        """Raises Refusal."""
        with self._database.transaction(seconds=5) as tx:
            number = tx.value(
                "alerts/create_report",
                app_id=app_id,
                destination_id=destination_id,
                every=every,
                unsubscribe_key=secrets.token_urlsafe(24),
                created_by=by,
                most=MOST,
            )
            rows = tx.rows("alerts/list_reports", app_id=app_id)
        if number is None:
            if any(
                (row["destination_id"], row["every"]) == (destination_id, every) for row in rows
            ):
                raise Refusal("is_there", "there is such a report already")
            raise Refusal("unknown_destination", f"destination: there is no {destination_id}")
        return next(row for row in rows if row["subscription_id"] == number)

    def find(self, subscription_id: int) -> Row | None:
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.row(
                "alerts/find_report", subscription_id=subscription_id, unsubscribe_key=None
            )

    def find_by_key(self, key: str) -> Row | None:
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.row("alerts/find_report", subscription_id=None, unsubscribe_key=key)

    def delete(self, subscription_id: int) -> bool:
        with self._database.transaction(seconds=5) as tx:
            return bool(tx.run("alerts/delete_report", subscription_id=subscription_id))
