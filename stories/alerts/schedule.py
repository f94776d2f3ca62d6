"""Which reports are due, and putting them into the queue: once each, whatever is restarted."""

from __future__ import annotations

import logging
import re
import secrets
from datetime import date, datetime, time, timedelta
from typing import Any

from database import Database, Row, Transaction, Unavailable
from models import Refusal
from stories.alerts import messages, report, storage
from stories.apps import Apps
from stories.catalogue import App
from stories.config import Config

log = logging.getLogger("stories.alerts")

HOUR = 8  # in the morning, where the app's days begin
# How long after it is due one is still sent, by a server that was away: while it is news.
LATE = {"day": timedelta(hours=16), "week": timedelta(days=3), "month": timedelta(days=7)}
MOST = 100  # of a server
KEY = re.compile(r"[A-Za-z0-9_-]{32}")  # of an unsubscribe link: 192 random bits
SECONDS = 30  # of one report's statements


def due_at(app: App, every: str, now: datetime) -> datetime:
    """When the report of the period that ended last is due: at 08:00 of the first day after it."""
    period = report.period_before(app, every, now)
    return _morning(app, period.days.last + timedelta(days=1))


def next_at(app: App, every: str, now: datetime) -> datetime:
    """When the next one is due."""
    due = due_at(app, every, now)
    if due > now:
        return due
    day = due.date()
    if every == "month":
        return _morning(app, (day + timedelta(days=31)).replace(day=1))
    return _morning(app, day + timedelta(days={"day": 1, "week": 7}[every]))


def _morning(app: App, day: date) -> datetime:
    return datetime.combine(day, time(HOUR), app.zone)


def queue_due(config: Config, database: Database, apps: Apps, now: datetime) -> int:
    """Returns how many were queued. A report that cannot be made is tried again at the next look, and
    keeps no other from being made."""
    with database.transaction(seconds=5, read_only=True) as tx:
        rows = tx.rows("alerts/list_reports", app_id=None)
    app_of = {app.app_id: app for app in apps.all()}
    queued = 0
    for row in rows:
        app = app_of.get(row["app_id"])
        if app is None or not _is_due(row, app, now):
            continue
        try:
            queued += _queue(config, database, row, app, now)
        except Unavailable as error:  # such as one that took too long
            log.error("the report of %s is not made for now: %s", app.slug, error)
    return queued


def _is_due(row: Row, app: App, now: datetime) -> bool:
    """Who subscribes after it was due waits for the next one."""
    due = due_at(app, row["every"], now)
    return bool(row["created_at"] <= due <= now < due + LATE[row["every"]])


def _queue(config: Config, database: Database, row: Row, app: App, now: datetime) -> bool:
    """Read first, then put into the queue in a short transaction of its own, which holds off who
    unsubscribes at that moment."""
    period = report.period_before(app, row["every"], now)
    once = f"report:{row['subscription_id']}:{period.key}"
    with database.transaction(SECONDS, isolation="REPEATABLE READ", read_only=True) as tx:
        if tx.row("alerts/message_state", once=once) is not None:
            return False
        made = content(tx, config, app, period, row["with_storage"], row["unsubscribe_key"])
    with database.transaction(seconds=5) as tx:
        if tx.row("alerts/hold_report", subscription_id=row["subscription_id"]) is None:
            return False
        return messages.enqueue(tx, row["destination_id"], "report", once, made)


def content(
    tx: Transaction,
    config: Config,
    app: App,
    period: report.Period,
    with_storage: bool,
    unsubscribe_key: str = "",
) -> dict[str, Any]:
    """What a message of a report holds. with_storage: what the server's disk holds too, which is for who
    may see all of the server. unsubscribe_key: "" for a preview."""
    told = report.read(tx, app, period)
    following = period.days.last + timedelta(days=1)
    told["storage"] = storage.forecast(tx, config, following) if with_storage else None
    return {
        "title": told["title"],
        "summary": report.in_short(told),
        "report": told,
        "unsubscribe": f"/unsubscribe/{unsubscribe_key}" if unsubscribe_key else "",
    }


class Subscriptions:
    """A row: {subscription_id, app_id, destination_id, destination, every, with_storage,
    unsubscribe_key, created_by, created_at}."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, app_id: int) -> list[Row]:
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.rows("alerts/list_reports", app_id=app_id)

    def create(
        self, app_id: int, destination_id: int, every: str, with_storage: bool, by: str
    ) -> Row:
        """Raises Refusal."""
        with self._database.transaction(seconds=5) as tx:
            number = tx.value(
                "alerts/create_report",
                app_id=app_id,
                destination_id=destination_id,
                every=every,
                with_storage=with_storage,
                unsubscribe_key=secrets.token_urlsafe(24),
                created_by=by,
                most=MOST,
            )
            rows = tx.rows("alerts/list_reports", app_id=app_id)
            destinations = tx.rows("alerts/list_destinations")
        if number is not None:
            return next(row for row in rows if row["subscription_id"] == number)
        if not any(row["destination_id"] == destination_id for row in destinations):
            raise Refusal("unknown_destination", f"destination: there is no {destination_id}")
        if any((row["destination_id"], row["every"]) == (destination_id, every) for row in rows):
            raise Refusal("is_there", "there is such a report already")
        raise Refusal("too_many", f"a server has at most {MOST} reports: end one")

    def find(self, subscription_id: int) -> Row | None:
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.row(
                "alerts/find_report", subscription_id=subscription_id, unsubscribe_key=None
            )

    def find_by_key(self, key: str) -> Row | None:
        """By what stands in a link, which may be anything."""
        if not KEY.fullmatch(key):
            return None
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.row("alerts/find_report", subscription_id=None, unsubscribe_key=key)

    def delete(self, subscription_id: int) -> bool:
        """With what waits to be sent of it."""
        with self._database.transaction(seconds=5) as tx:
            return bool(tx.run("alerts/delete_report", subscription_id=subscription_id))
