"""The copy of all that is held of a person, which they may ask for."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from stories.privacy import erasure, export
from tests.privacy.erased import AUTH, GONE, OTHER, fill
from tests.rollup_tables import (
    event_row,
    fold_all,
    midday,
    new_app,
    run,
    send,
    value,
    values,
)


def test_a_copy_of_many_rows_comes_in_pieces(client, services, database, now):
    rows = [
        event_row(GONE, midday(now, n % 20) + timedelta(seconds=n), properties={"text": "x" * 300})
        for n in range(2_000)
    ]
    services.events.append(rows)
    pieces = list(export.export(services.database, services.apps, GONE, None))
    assert len(pieces) > 5
    assert max(map(len, pieces)) < 2 * export.PIECE
    assert len(msgspec.json.decode(b"".join(pieces))["events"]) == 2_000
    answer = client.get(f"/users/{GONE}/export", auth=AUTH, buffered=False)
    first = next(answer.iter_encoded())
    assert len(first) < 2 * export.PIECE
    answer.close()
    with pytest.raises(export.NothingHeld):
        next(export.export(services.database, services.apps, OTHER, None))


def test_a_copy_holds_everything_of_a_person_and_nothing_of_another(
    app, client, services, database, now
):
    send(app, now, people=8, days=30, events=150)
    fill(services, now)
    fold_all(services)
    run(
        database,
        "insert into images (app_id, user_id, timestamp, dedupe_key, state, image_url, data) "
        "values (4, %(gone)s, now(), 1, 'waiting', 'https://x/1', 'bytes')",
        gone=GONE,
    )
    run(database, "insert into testers (app_id, user_id) values (null, %(gone)s)", gone=GONE)
    answer = client.get(f"/users/{GONE}/export", auth=AUTH)
    copy = answer.json
    assert copy.pop("success") is True
    assert copy.pop("user_id") == str(GONE)
    assert set(copy) == set(erasure.PEOPLE_TABLES)
    for table in erasure.PEOPLE_TABLES:
        held = value(database, f"select count(*) from {table} where user_id = %(g)s", g=GONE)
        assert len(copy[table]) == held, table
    assert copy["events"][0]["event"] == "app_opened"
    assert copy["events"][1]["properties"] == {"feature": "auto_paste", "enabled": True}
    moments = [item["timestamp"] for item in copy["events"]]
    assert moments == sorted(moments)
    assert copy["users"][0]["counts"] == {"app_opened": 4, "feature_toggled": 4}
    text = answer.get_data(as_text=True)
    for (user,) in values(
        database, "select distinct user_id::text from events where user_id <> %(g)s", g=GONE
    ):
        assert user not in text
    studio = new_app(services, "studio")
    assert client.get(f"/users/{GONE}/export?app=studio", auth=AUTH).status_code == 200  # a tester
    services.events.append([event_row(GONE, now, app_id=studio.app_id)])
    only = client.get(f"/users/{GONE}/export?app=studio", auth=AUTH).json
    assert [(item["app"], item["event"]) for item in only["events"]] == [("studio", "app_opened")]
    assert only["crashes"] == []
