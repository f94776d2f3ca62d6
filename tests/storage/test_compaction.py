"""Indexes of months that are over are rebuilt once, beside appends."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from app import create_app
from database import Database, Inline
from stories.config import Config
from stories.storage import partitions
from tests.support import event

pytestmark = pytest.mark.dates


def months(database: Database) -> list[str]:
    """Months with events that wait to be rebuilt."""
    with database.transaction() as tx:
        names = [
            row["name"] for row in tx.rows("storage/partitions_to_compact", before="2999-01-01")
        ]
        return [
            name for name in names if tx.value(Inline(f"/* test */ select count(*) from {name}"))
        ]


def test_a_closed_month_is_rebuilt_once_and_keeps_its_events(fresh_dsn, now):
    app = create_app(Config(ratelimit_enabled=False, run_jobs=False), fresh_dsn)
    app.config["NOW"] = lambda: now
    client, database = app.test_client(), Database(fresh_dsn, 2)
    old = (now - timedelta(days=70)).isoformat()
    batch = [event(user_id=str(uuid4()), timestamp=old) for _ in range(200)]
    sent = [*batch, event(timestamp=now.isoformat())]
    assert client.post("/track", json={"events": sent}).get_json()["events_stored"] == 201
    assert partitions.compact(database, now) == 1
    assert partitions.compact(database, now) == 0
    assert len(months(database)) == 1, "the running month waits for its end"
    assert client.post("/track", json={"events": batch}).get_json()["duplicates"] == 200
    later = now + timedelta(days=partitions.SETTLED_DAYS + 32)
    assert partitions.compact(database, later) == 1
    database.close()


def test_what_an_interrupted_run_left_behind_goes_first(fresh_dsn, now):
    database = Database(fresh_dsn, 2)
    name = f"events_{now:%Y_%m}"
    connection = database.connect()
    with connection.cursor() as cursor:
        cursor.execute(f"create index {name}_ccnew on {name} (event)")
        cursor.execute(
            "update pg_index set indisvalid = false where indexrelid = %s::regclass",
            (f"{name}_ccnew",),
        )
    connection.close()
    assert not database.rebuild_indexes(name), "it is empty"
    app = create_app(Config(ratelimit_enabled=False, run_jobs=False), fresh_dsn)
    app.config["NOW"] = lambda: now
    app.test_client().post("/track", json={"events": [event(timestamp=now.isoformat())]})
    assert database.rebuild_indexes(name)
    with database.transaction() as tx:
        assert (
            tx.value(Inline("/* test */ select to_regclass(%(name)s)"), name=f"{name}_ccnew")
            is None
        )
    database.close()
