"""After hostile input: what was stored can be read again, all of it, by every way there is."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import quote

from flask import Flask

from database import Inline
from tools.fuzz.seeds import LOGIN
from tools.fuzz.wire import play

CSV_CELL = 1024 * 1024  # the csv module's own limit is less than a stack trace


def everything(app: Flask) -> int:
    """Reads all that there is and compares it with what the database counts. Returns rows read."""
    database = app.extensions["stories"].database
    with database.transaction(read_only=True) as tx:
        stored = {
            "events": tx.value(Inline("/* fuzz */ select count(*) as n from events")),
            "crashes": tx.value(Inline("/* fuzz */ select count(*) as n from crashes")),
        }
    for kind, count in stored.items():
        assert len(_walk(app, f"/{kind}?limit=1000", kind)) == count, (
            f"/{kind} and the table differ"
        )
    for settings in _get(app, "/apps")["apps"]:
        _app(app, settings)
    return sum(stored.values())


def _app(app: Flask, settings: dict[str, Any]) -> None:
    slug = quote(settings["slug"])
    for what in ("events", "crashes"):
        as_json = _get(app, f"/api/export?app={slug}&what={what}&days=3650")
        lines = _raw(
            app, f"/api/export?app={slug}&what={what}&days=3650&format=ndjson"
        ).splitlines()
        assert [json.loads(line) for line in lines] == as_json
        text = _raw(app, f"/api/export?app={slug}&what={what}&days=3650&format=csv").decode()
        csv.field_size_limit(CSV_CELL)
        head, *rows = list(csv.reader(io.StringIO(text, newline="")))
        assert len(rows) == len(as_json)
        assert all(len(row) == len(head) for row in rows)
    people = _walk(app, f"/users?app={slug}&limit=1000", "users")
    for person in people[:5]:
        _get(app, f"/users/{person['user_id']}/export")
    for path in ("state", "stats", "users?sort=-events", "crashes?sort=message", "search?search=a"):
        mark = "&" if "?" in path else "?"
        if path != "stats" or settings["kind"] == "desktop":
            _get(app, f"/dashboard/api/{path}{mark}app={slug}")


def _walk(app: Flask, path: str, name: str) -> list[Any]:
    rows, cursor = [], ""
    while True:
        page = _get(app, f"{path}{cursor}")
        rows += page[name]
        if page["next_cursor"] is None:
            return rows
        cursor = f"&cursor={page['next_cursor']}"


def _get(app: Flask, path: str) -> Any:
    return json.loads(_raw(app, path))


def _raw(app: Flask, path: str) -> bytes:
    request = b"GET %b HTTP/1.1\r\nHost: localhost\r\nAuthorization: %b\r\n\r\n"
    answer = play(app, request % (path.encode(), LOGIN))
    assert answer.status == 200, f"{path}: {answer.body[:300]!r}"
    return answer.body
