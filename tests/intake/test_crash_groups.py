"""POST /crash: the group of a crash, its name, frames of an SDK, and handled errors."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from database import Inline
from stories.crashes.grouping import CATCH_ALL
from stories.storage import group_names
from tests.support import PERSON, crash, event

STACK = """TypeError: Cannot read properties of undefined (reading 'amount')
    at priceOf (/srv/app/cart.js:14:20)
    at total (/srv/app/cart.js:9:25)"""
FRAME = {"function": "priceOf", "file": "/srv/app/cart.js", "line": 14, "column": 20}


def sent(client, **changes):
    return client.post("/crash", json=crash(**changes))


def rows(app, statement: str, **params: Any) -> list[dict[str, Any]]:
    with app.extensions["stories"].database.transaction(read_only=True) as tx:
        return tx.rows(Inline(f"/* test */ {statement}"), **params)


def crashes(app) -> list[dict[str, Any]]:
    return rows(app, "select * from crashes order by received_at")


def names(app) -> list[dict[str, Any]]:
    return rows(app, "select * from group_names order by named_at")


def details(app) -> list[dict[str, Any]]:
    return rows(app, "select * from error_details order by timestamp")


def handled_events(app) -> list[dict[str, Any]]:
    return rows(app, "select * from events where event = 'error_handled' order by timestamp")


def refused(app, code: str) -> int:
    app.extensions["stories"].ledger.write()
    found = rows(app, "select sum(n) as n from drop_ledger where reason = %(code)s", code=code)
    return int(found[0]["n"] or 0)
