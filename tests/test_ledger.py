"""The drop ledger: what is not stored is counted, by day, app and reason, and only counted."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread

import pytest

from database import Unavailable
from ledger import Ledger
from tests.support import basic, crash, event

AUTH = basic("admin", "admin")
AT = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
LATER = datetime(2026, 11, 21, 0, 1, tzinfo=UTC)


def rows(database):
    with database.transaction() as tx:
        found = tx.rows("/* test */ select day, app_id, reason, n from drops order by 1, 2, 3")
    return [(str(row["day"]), row["app_id"], row["reason"], row["n"]) for row in found]


def test_counts_add_up_by_day_app_and_reason(database):
    one, other = Ledger(database), Ledger(database)
    for ledger in (one, other):
        ledger.add(AT, 1, "no_consent")
        ledger.add(AT, 1, "no_consent", 2)
        ledger.add(LATER, 1, "crawler")
        ledger.add(LATER, 2, "crawler", 5)
        ledger.write()
        ledger.write()  # nothing is written twice
    assert rows(database) == [
        ("2026-11-20", 1, "no_consent", 6),
        ("2026-11-21", 1, "crawler", 2),
        ("2026-11-21", 2, "crawler", 10),
    ]


def test_a_count_is_kept_while_the_database_is_away(database, monkeypatch):
    ledger = Ledger(database)
    ledger.add(AT, 1, "crawler", 3)

    def away(*args, **options):
        raise Unavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(database, "transaction", away)
        with pytest.raises(Unavailable):
            ledger.write()
    ledger.add(AT, 1, "crawler")
    ledger.write()
    assert rows(database) == [("2026-11-20", 1, "crawler", 4)]


def test_threads_lose_no_count(database):
    ledger = Ledger(database)

    def count():
        for n in range(200):
            ledger.add(AT, 1, f"reason-{n % 3}")
            if n % 50 == 0:
                ledger.write()

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.write()
    assert sum(row[3] for row in rows(database)) == 800


def test_a_refused_event_is_in_the_ledger_by_its_code(client):
    client.post("/track", json={"events": [event(), event(event="nope"), event(country="USA"), 7]})
    client.post("/track", json={"events": [event(event="nope")]})
    drops = client.get("/drops", headers=AUTH).json["drops"]
    assert {(row["app"], row["reason"], row["n"]) for row in drops} == {
        ("desktop", "unknown_event", 2),
        ("desktop", "invalid_country", 1),
        ("desktop", "not_an_object", 1),
    }
    assert client.get("/drops?app=bot", headers=AUTH).json["drops"] == []
    assert client.get("/drops?days=0", headers=AUTH).status_code == 400
    assert client.get("/drops").status_code == 401


def test_a_crash_that_is_refused_is_in_it(client, services, database):
    assert client.post("/crash", json=crash(crash_type="unheard of")).status_code == 400
    services.ledger.write()
    assert [row[1:] for row in rows(database)] == [(1, "invalid_crash_type", 1)]
