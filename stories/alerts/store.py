"""Rules and destinations in the database."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

import msgspec

from database import Database, Row, Transaction
from models import Refusal
from stories.alerts.rules import KINDS
from stories.alerts.states import UNTIL_RESOLVED

MOST_RULES = 200  # of the server: all are looked at every minute
MOST_DESTINATIONS = 50
LOOK_SECONDS = 15  # a change waits until nobody looks at the rule


class Rules:
    """A row: {rule_id, app_id, name, kind, settings, destination_ids, for_minutes, is_on, created_by,
    created_at, looked_at, last_error}."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, app_id: int | None) -> list[Row]:
        """Of an app, with its subjects that are not ok: `states`; None: the server's own."""
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.rows("alerts/list_rules", app_id=app_id)

    def find(self, rule_id: int) -> Row | None:
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.row("alerts/find_rule", rule_id=rule_id)

    def create(self, app_id: int | None, by: str, **columns: Any) -> Row:
        """Raises Refusal."""
        with self._database.transaction(seconds=5) as tx:
            _check_destinations(tx, columns["destination_ids"])
            columns["settings"] = _json(columns["settings"])
            rule_id = tx.value(
                "alerts/create_rule", app_id=app_id, created_by=by, most=MOST_RULES, **columns
            )
            if rule_id is None:
                raise Refusal("too_many", f"a server has at most {MOST_RULES} alerts")
            row = tx.row("alerts/find_rule", rule_id=rule_id)
        assert row is not None
        return row

    def change(self, rule_id: int, **columns: Any) -> Row | None:
        """What is None stays. Other settings begin anew. None: there is no such rule. Raises Refusal."""
        with self._database.transaction(seconds=LOOK_SECONDS) as tx:
            _check_destinations(tx, columns["destination_ids"] or [])
            tx.run("alerts/lock_rule", rule_id=rule_id)
            if columns["settings"] is not None:
                columns["settings"] = _json(columns["settings"])
                tx.run("alerts/forget_states", rule_id=rule_id)
            tx.run("alerts/change_rule", rule_id=rule_id, **columns)
            return tx.row("alerts/find_rule", rule_id=rule_id)

    def delete(self, rule_id: int) -> None:
        with self._database.transaction(seconds=LOOK_SECONDS) as tx:
            tx.run("alerts/lock_rule", rule_id=rule_id)
            tx.run("alerts/forget_states", rule_id=rule_id)
            tx.run("alerts/delete_rule", rule_id=rule_id)

    def snooze(self, rule_id: int, minutes: int | None, subject: str | None, now: datetime) -> int:
        """minutes: None: until it is resolved; 0: no more. Returns how many subjects it was set of.
        A rule of many subjects is never resolved as a whole: None is of those that it has now."""
        until = UNTIL_RESOLVED if minutes is None else now + timedelta(minutes=minutes)
        with self._database.transaction(seconds=LOOK_SECONDS) as tx:
            kind = KINDS.get(tx.value("alerts/lock_rule", rule_id=rule_id))
            return tx.run(
                "alerts/snooze",
                rule_id=rule_id,
                subject=subject,
                until=until,
                now=now,
                itself=minutes is not None or kind is None or not kind.of_many,
            )

    def log(self, app_id: int | None, limit: int, before: int | None) -> list[Row]:
        """What changed, the latest first, before the entry of that number."""
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.rows("alerts/list_log", app_id=app_id, limit=limit, before=before)


class Destinations:
    """A row: {destination_id, name, kind, scheme, created_by, created_at, last_sent_at, last_error,
    waiting, failed}. Nothing here reads the address again but the process that sends."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Row]:
        with self._database.transaction(seconds=5, read_only=True) as tx:
            return tx.rows("alerts/list_destinations")

    def create(self, by: str, name: str, kind: str, address: str) -> tuple[Row, str]:
        """The row, and the secret of a webhook, which is shown this once. Raises Refusal."""
        secret = secrets.token_urlsafe(32) if kind == "webhook" else ""
        with self._database.transaction(seconds=5) as tx:
            number = tx.value(
                "alerts/create_destination",
                name=name,
                kind=kind,
                address=address,
                secret=secret,
                created_by=by,
                most=MOST_DESTINATIONS,
            )
            if number is None:
                _check_name(tx, name)
                raise Refusal("too_many", f"a server has at most {MOST_DESTINATIONS} destinations")
        return self._row(number), secret

    def change(self, destination_id: int, name: str | None, address: str | None) -> Row | None:
        """What is None stays. None: there is none such. Raises Refusal."""
        with self._database.transaction(seconds=5) as tx:
            changed = tx.run(
                "alerts/change_destination",
                destination_id=destination_id,
                name=name,
                address=address,
            )
            if not changed and name is not None:
                _check_name(tx, name)
        return self._row(destination_id) if changed else None

    def delete(self, destination_id: int) -> bool:
        """With its reports and what waits for it; rules go on without it."""
        with self._database.transaction(seconds=5) as tx:
            tx.run("alerts/forget_destination", destination_id=destination_id)
            return bool(tx.run("alerts/delete_destination", destination_id=destination_id))

    def _row(self, destination_id: int) -> Row:
        return next(row for row in self.all() if row["destination_id"] == destination_id)


def _check_name(tx: Transaction, name: str) -> None:
    """Raises Refusal if there is a destination of this name."""
    if tx.value("alerts/has_destination", name=name):
        raise Refusal("name_taken", f"name: there is a destination {name} already")


def _check_destinations(tx: Transaction, numbers: list[int]) -> None:
    known = {row["destination_id"] for row in tx.rows("alerts/list_destinations")}
    for number in numbers:
        if number not in known:
            raise Refusal("unknown_destination", f"destinations: there is no {number}")


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
