"""What the dashboard knows about the server: whether there is anything, and how it grows."""

from __future__ import annotations

from datetime import timedelta

from database import Inline
from stories.views import dashboard_data
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


def test_growth_is_of_the_days_that_the_server_has_counted(app, now):
    size = [{"name": "events", "bytes": 1000, "rows": 10}]  # 100 bytes an event

    def a_day(**since: int) -> int:
        day = now.date() - timedelta(days=1)
        rows = [{"day": day, "events": 28, "since": now.date() - timedelta(**since)}]
        with app.app_context():
            found: int = dashboard_data._growth(size, rows)["bytes_per_day"]
            return found

    assert a_day(days=2) == 1400
    assert a_day(days=14) == a_day(days=400) == 200
    assert a_day(days=0) == 2800
    with app.app_context():
        assert dashboard_data._growth(size, [])["bytes_per_day"] == 0
