"""A person's copy and a person's erasure: everything of theirs, nothing of anybody else's."""

from __future__ import annotations

import logging

import pytest

from stories.privacy import erasure
from stories.rollups import fold, recount
from tests.privacy.erased import AUTH, GONE, OTHER, fill, others, traces
from tests.rollup_tables import (
    crash_row,
    differences,
    event_row,
    fold_all,
    midday,
    new_app,
    run,
    send,
    sums,
    value,
    values,
)
from tests.support import event

# Tables with a column that might tell a person, which hold none; and why.
NO_PEOPLE = {
    "apps": "hash_rotation is a setting",
    "event_chunks": "their events are in the copy of `events`, and go with them",
    "outbox": "keys of what waits to be folded, gone within seconds; an erasure folds them first",
    "tombstones": "a keyed hash, so that what an old client still has queued stays out",
    "groups": "people_gone is a number",
    "sdk_sessions": "sid is one session's; who it was is not stored",
    "messages": "message_id is the message's own",
    "destinations": "address is where the operator's own messages go",
    "image_deletions": "the store's own ids of images that are about to be deleted",
}
TELLING = ("user", "person", "people_", "external", "client", "visitor", "email", "address", "hash")
ROLLUPS_OF_COUNTS = {"lifetimes", "cohort_weeks", "people_now", "active_gaps"}


def test_erasure_counts_what_it_deletes_and_leaves_no_trace(
    app, client, services, database, now, caplog
):
    send(app, now, people=10, days=40, events=200)
    fill(services, now)
    run(database, "insert into testers (app_id, user_id) values (2, %(gone)s)", gone=GONE)
    fold_all(services)
    services.events.append([event_row(GONE, midday(now, 2), session_id="s")])  # pending
    run(
        database,
        "insert into set_aside values ('event', %(gone)s, %(at)s, 1, 'planted', now())",
        gone=GONE,
        at=midday(now, 2),
    )
    run(
        database,
        "insert into remap_queue (kind, user_id, timestamp, dedupe_key, app_id) "
        "values ('crash', %(gone)s, %(at)s, 1, 1)",
        gone=GONE,
        at=midday(now, 2),
    )
    run(
        database,
        "insert into minidumps (user_id, timestamp, dedupe_key, app_id, dump, bytes) "
        "values (%(gone)s, %(at)s, 1, 1, '', 0)",
        gone=GONE,
        at=midday(now, 2),
    )
    assert {"outbox", "users", "events", "crashes"} <= set(traces(database, GONE))
    fold_all(services)
    before, before_others = sums(database), others(database)
    generation = value(database, "select generation from fold_state")

    caplog.set_level(logging.DEBUG)
    answer = client.delete(f"/users/{GONE}", auth=AUTH)

    assert answer.status_code == 200
    assert answer.json["success"] is True
    assert answer.json["deleted"] == {
        "events": 9,
        "crashes": 4,
        "users": 1,
        "person_days": 5,
        "sessions": 5,
        "set_aside": 1,
        "testers": 1,
        "contents": 0,
        "images": 0,
        "external_ids": 0,
        "error_details": 0,
        "group_people": 0,
        "person_links": 0,
        "remap_queue": 1,
        "minidumps": 1,
    }
    assert traces(database, GONE, GONE.hex) == []
    assert sums(database) == before
    assert others(database) == before_others
    assert value(database, "select generation from fold_state") > generation
    assert values(database, "select count(*), bool_and(carried) from sealed_days") == [(5, True)]
    assert differences(services) == {}
    assert any("erased" in line for line in caplog.messages)
    assert str(GONE) not in caplog.text
    assert GONE.hex not in caplog.text
    assert client.get(f"/users/{GONE}/export", auth=AUTH).status_code == 404
    again = client.delete(f"/users/{GONE}", auth=AUTH)
    assert not any(again.json["deleted"].values())


def test_what_is_pending_is_counted_before_its_person_goes(client, services, database, now):
    fill(services, now)
    assert value(database, "select count(*) from users") == 0
    deleted = client.delete(f"/users/{GONE}", auth=AUTH).json["deleted"]
    assert (deleted["events"], deleted["users"]) == (8, 1)
    assert value(database, "select sum(n) from daily_events where dim = 'none'") == 8
    assert value(database, "select sum(people) from lifetimes") == 1
    assert traces(database, GONE) == []
    assert differences(services) == {}


def test_the_days_of_an_erased_person_are_checked_on_and_rebuilt_as_they_were(
    app, client, services, database, now
):
    send(app, now, people=10, days=40, events=200)
    fill(services, now)
    rows = [
        event_row(
            GONE,
            midday(now, days),
            "transcription_completed",
            app_version="9.9",
            session_id=f"s{days}",
            properties={
                "processing_time_seconds": days,
                "success": days % 2 == 0,
                "source": "main",
            },
        )
        for days in range(20)
    ]
    services.events.append(rows)
    fold_all(services)
    before = sums(database)
    client.delete(f"/users/{GONE}", auth=AUTH)
    assert sums(database) == before
    assert recount.check(services.database, services.apps)["sealed_days"] == 0
    assert differences(services) == {}
    day = midday(now, 3).date()
    for table, change in (
        ("event_series", "n = n + 1"),
        ("number_series", "total = total + 1"),
        ("active_gaps", "people = people + 1"),
        ("daily_sessions", "sessions = sessions + 1"),
    ):
        run(database, f"update {table} set {change} where day = %(day)s", day=day)
    told = recount.rebuild(services.database, services.apps)
    assert {"daily_events", "daily_numbers", "active_gaps", "daily_sessions"} <= {
        table for table, number in told["differences"].items() if number
    }
    assert sums(database) == before
    everybody = [user for (user,) in values(database, "select user_id from users")]
    for user in everybody:
        client.delete(f"/users/{user}", auth=AUTH)
    assert value(database, "select count(*) from events") == 0
    assert sums(database) == before
    assert differences(services) == {}


def test_an_erasure_in_pieces_deletes_all_and_folds_go_on_between(
    client, services, database, now, monkeypatch
):
    monkeypatch.setattr(erasure, "PIECE", 7)
    for number in range(40):
        services.events.append([event_row(GONE, midday(now, number % 9))])
        services.crashes.append([crash_row(GONE, midday(now, number % 9))])
    fold_all(services)
    before, pieces = sums(database), []
    real = fold.fold

    def noted(*services):
        pieces.append(value(database, "select count(*) from events"))
        return real(*services)

    monkeypatch.setattr(erasure, "fold", noted)
    deleted = client.delete(f"/users/{GONE}", auth=AUTH).json["deleted"]
    assert (deleted["events"], deleted["crashes"]) == (40, 40)
    assert pieces == [40, 33, 26, 19, 12, 5, 0]
    assert traces(database, GONE) == []
    assert sums(database) == before
    assert differences(services) == {}


@pytest.fixture
def broken_fold(database):
    plant = "add constraint no_retries check (event <> 'retry_attempted') not valid"
    run(database, f"alter table series {plant}")
    yield
    run(database, "alter table series drop constraint no_retries")


def test_what_breaks_the_fold_does_not_keep_a_person_from_being_erased(
    client, services, database, now, broken_fold, monkeypatch
):
    """Events that came in after the erasure's own fold, which would have set them aside."""
    fill(services, now)
    services.events.append([event_row(GONE, midday(now, 1), "retry_attempted")])
    services.events.append([event_row(OTHER, midday(now, 1), "retry_attempted")])
    monkeypatch.setattr(erasure, "fold", lambda *_: 0)
    assert client.delete(f"/users/{GONE}", auth=AUTH).status_code == 200
    assert traces(database, GONE) == []
    assert values(database, "select user_id from set_aside") == [(OTHER,)]
    assert client.post("/cleanup", auth=AUTH).status_code == 200


def test_a_share_that_cannot_be_counted_again_seals_its_days(client, services, database, now):
    """Counted before, and now it breaks the fold: what it left is not known, so nothing is checked."""
    services.events.append([event_row(GONE, midday(now, 1), "retry_attempted")])
    services.events.append([event_row(OTHER, midday(now, days)) for days in (0, 1)])
    fold_all(services)
    before = sums(database)
    plant = "add constraint no_retries check (event <> 'retry_attempted') not valid"
    run(database, f"alter table departed_daily_events {plant}")
    try:
        assert client.delete(f"/users/{GONE}", auth=AUTH).status_code == 200
    finally:
        run(database, "alter table departed_daily_events drop constraint no_retries")
    assert traces(database, GONE) == []
    assert sums(database) == before
    assert recount.check(services.database, services.apps)["sealed_days"] == 1
    assert differences(services) == {}


def test_with_app_only_that_app_forgets(client, services, database, now):
    studio = new_app(services, "studio")
    fill(services, now)
    fill(services, now, app_id=studio.app_id)
    fold_all(services)
    before = sums(database)

    answer = client.delete(f"/users/{GONE}?app=studio", auth=AUTH)

    assert answer.json["deleted"]["events"] == 8
    assert sums(database) == before
    for table in ("events", "crashes", "users", "person_days", "sessions"):
        assert values(database, f"select distinct app_id from {table}") == [(1,)], table
    late = event(user_id=str(GONE), timestamp=midday(now, 2).isoformat())
    headers = {"X-App-Key": studio.ingest_key}
    assert (
        client.post("/track", json={"events": [late]}, headers=headers).json["events_stored"] == 0
    )
    assert client.post("/track", json={"events": [late]}).json["events_stored"] == 1
    fold_all(services)
    assert values(database, "select app_id, events from users") == [(1, 9)]
    assert differences(services) == {}


def test_a_bot_s_person_is_known_by_the_bot_s_own_id(client, services, database, bot_events, now):
    bot_events("asker-1", "my secret wish", "another")
    bot_events("asker-2", "somebody else's")
    fold_all(services)
    copy = client.get("/users/asker-1/export?app=bot", auth=AUTH)
    assert copy.status_code == 200
    text = copy.get_data(as_text=True)
    assert "my secret wish" in text
    assert "asker-1" in text
    assert "asker-2" not in text
    assert "somebody" not in text

    deleted = client.delete("/users/asker-1?app=bot", auth=AUTH).json["deleted"]
    assert (deleted["events"], deleted["contents"], deleted["external_ids"]) == (2, 2, 1)
    assert traces(database, "asker-1", "secret wish") == []
    assert "external_ids" in traces(database, "asker-2")


def test_every_table_with_people_is_known_to_erasure(database):
    columns = values(
        database,
        """select table_name::text, column_name::text, data_type::text, udt_name::text
           from information_schema.columns join pg_class on relname = table_name
           where table_schema = 'public' and relnamespace = 'public'::regnamespace
             and relkind in ('r', 'p') and not relispartition""",
    )
    suspicious = {
        table
        for table, column, kind, element in columns
        if kind == "uuid"
        or element == "_uuid"
        or any(column.startswith(word) or f"_{word}" in column for word in TELLING)
    }
    assert suspicious == set(erasure.PEOPLE_TABLES) | set(NO_PEOPLE)
    assert not suspicious & ROLLUPS_OF_COUNTS


def test_nobody_but_the_operator_may_ask(client):
    assert client.delete(f"/users/{GONE}").status_code == 401
    assert client.get(f"/users/{GONE}/export").status_code == 401
    assert client.post("/cleanup").status_code == 401
    wrong = client.delete("/users/not-a-uuid", auth=AUTH)
    assert wrong.status_code == 400
    assert client.delete(f"/users/{GONE}?app=nobody", auth=AUTH).status_code in (400, 404)
