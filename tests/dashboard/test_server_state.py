"""What the dashboard knows about the server: whether there is anything, and how it grows."""

from __future__ import annotations

from datetime import timedelta

from database import Inline
from stories.storage import sizes
from tests.rollup_tables import fold_all
from tests.support import event

STATE = "/dashboard/api/state?app=desktop"


def test_an_app_whose_events_have_all_expired_still_has_its_sums(client, auth, services):
    assert client.get(STATE, headers=auth).json["has_data"] is False
    client.post("/track", json={"events": [event()]})
    fold_all(services)
    with services.database.transaction() as tx:
        tx.run(Inline("delete from events"))
    assert client.get(STATE, headers=auth).json["has_data"] is True


def test_growth_is_of_the_days_that_the_server_has_counted(now):
    kinds = sizes.by_kind([{"name": "events", "bytes": 1000, "rows": 10}], 0)  # 100 bytes each
    today = now.date()

    def a_day(**since: int) -> int:
        day = today - timedelta(days=1)
        rows = [{"day": day, "events": 28, "since": today - timedelta(**since)}]
        per_day: int = sizes.growth(kinds, rows, today, None)["bytes_per_day"]
        return per_day

    assert a_day(days=2) == 1400
    assert a_day(days=14) == a_day(days=400) == 200
    assert a_day(days=0) == 2800
    assert sizes.growth(kinds, [], today, None)["bytes_per_day"] == 0


def test_a_day_grows_by_what_its_events_take_once_they_are_compressed(now):
    today = now.date()
    kinds = sizes.by_kind(
        [
            {"name": "events", "bytes": 4000, "rows": 10},
            {"name": "event_chunks", "bytes": 3000, "rows": 1},
            {"name": "daily_events", "bytes": 500, "rows": 7},
            {"name": "daily_values", "bytes": 500, "rows": 7},
        ],
        90,
    )
    assert {each["kind"]: each["bytes"] for each in kinds if each["bytes"]} == {
        "events": 4000, "old_events": 3000, "rollups": 1000,
    }  # fmt: skip
    days = [{"day": today - timedelta(days=1), "events": 30, "since": today - timedelta(days=1)}]
    growth = sizes.growth(kinds, days, today, 13_000)
    # Thirty events a day of 3000 / 90 bytes in chunks, and of 1000 / 100 in rollups.
    assert growth == {"bytes": 8000, "bytes_per_day": 1300, "free_bytes": 13_000, "days_left": 10}
    assert sizes.growth(kinds, days, today, None)["days_left"] is None


def test_each_table_that_has_a_kind_is_there_and_everything_is_in_one(client, auth, services):
    with services.database.transaction() as tx:
        tables = tx.rows("operation/table_sizes")
    assert set().union(*sizes.TABLES.values()) <= {row["name"] for row in tables}
    state = client.get("/dashboard/api/server", headers=auth).json
    assert [each["kind"] for each in state["storage"]] == list(sizes.KINDS)
    assert sum(each["bytes"] for each in state["storage"]) == state["growth"]["bytes"]
