"""flask doctor: every complaint is made by what it complains of."""

from __future__ import annotations

import shutil
from collections import namedtuple
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from database import Database, Inline
from stories.operation import doctor, local_postgres
from tests.support import basic, crash, event
from tools.server import free_port


@pytest.fixture
def dsn(fresh_dsn):
    """Of the app too."""
    return fresh_dsn


@pytest.fixture
def config(config, fresh_dsn):
    return replace(
        config,
        database_url=fresh_dsn,
        dashboard_password="long enough to be one",
        secret_key="k" * 32,
        ratelimit_enabled=True,
    )


@pytest.fixture
def look(config):
    def looked(now=None, **settings):
        return {each.about: each for each in doctor.examine(replace(config, **settings), now)}

    return looked


@pytest.fixture
def tell(database):
    def told(statement):
        with database.transaction() as tx:
            tx.run(Inline(f"/* test */ {statement}"))

    return told


@pytest.fixture
def database(fresh_dsn):
    found = Database(fresh_dsn, 2)
    yield found
    found.close()


def test_a_new_server_is_well_but_for_jobs_that_never_ran(look):
    found = look()
    assert {name for name, each in found.items() if each.state != "ok"} == {"jobs"}
    assert all(each.advice for each in found.values() if each.state != "ok")


def test_symbols_are_told_with_what_they_take_and_what_failed_or_waits(look, tell):
    assert look()["symbols"].found == "0 of 2048 MB that ARTIFACTS_MB allows"
    columns = "app_id, uploader, kind, sha1, parts, state, detail, at, ended_at"
    upload = f"insert into uploads ({columns}) values"
    parts = """'[{"part": "bundle", "name": "app.zip"}]'"""
    tell(f"{upload} (1, 'me', 'bundle', '', {parts}, 'failed', 'It is no ZIP.', now(), now())")
    failed = look()["symbols"]
    assert failed.state == "warn"
    assert failed.found == "1 uploads of the last day failed, app.zip: It is no ZIP."
    tell(
        f"{upload} (1, 'me', 'bundle', '', {parts}, 'waiting', '', now() - interval '1 hour', null)"
    )
    waits = look()["symbols"]
    assert (waits.state, "waits for 60 minutes" in waits.found) == ("warn", True)


def test_default_settings_are_a_warning_at_home_and_a_failure_in_the_open(look):
    weak = {"dashboard_password": "admin", "secret_key": "dev-secret-key"}
    assert look(**weak)["settings"].state == "warn"
    assert look(**weak, host="0.0.0.0")["settings"].state == "fail"


def test_a_database_that_is_away_is_a_failure_and_not_a_traceback(look):
    found = look(database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")["database"]
    assert found.state == "fail"
    assert "refused" in found.found


def test_a_missing_migration_and_one_of_a_newer_release_are_failures(look, tell):
    tell("delete from schema_migrations where name = '006_append_events'")
    assert (look()["schema"].state, look()["schema"].advice) == ("fail", "flask --app app migrate")
    tell("insert into schema_migrations (name) values ('999_newer')")
    assert "newer release" in look()["schema"].found


@pytest.mark.dates
def test_a_clock_that_is_off_is_seen(look):
    now = datetime.now(UTC)
    assert look(now + timedelta(seconds=20))["clock"].state == "warn"
    assert look(now - timedelta(hours=1))["clock"].state == "fail"


def test_a_fold_that_is_behind_and_events_set_aside_are_seen(look, tell):
    tell(
        "insert into set_aside (kind, user_id, timestamp, dedupe_key, reason) "
        "values ('event', gen_random_uuid(), now(), 1, 'why')"
    )
    assert "1 events broke it" in look()["fold"].found
    tell(
        "insert into outbox (kind, received_at, n, user_ids, timestamps, dedupe_keys) "
        "values ('event', now() - interval '5 minutes', 1, '{}', '{}', '{}')"
    )
    assert look()["fold"].state == "warn"
    tell("update outbox set received_at = now() - interval '1 hour'")
    assert look()["fold"].state == "fail"


def test_many_drops_are_named_by_their_reasons(look, tell):
    tell("insert into drops values (current_date, 1, 'unknown_event', 500)")
    found = look()["drops"]
    assert found.state == "warn"
    assert "unknown_event" in found.found


def test_drops_stand_beside_all_that_came_crashes_too(look, app, tell):
    client, login = app.test_client(), basic("admin", "long enough to be one")
    tell("insert into drops values (current_date, 1, 'unknown_event', 3)")
    assert client.post("/track", json={"events": [event()]}).status_code == 200
    assert client.post("/crash", json=crash()).status_code == 200
    assert client.get("/stats", headers=login).status_code == 200  # folds
    assert look()["drops"].found == "3 of 5 items in 7 days"


@pytest.mark.dates
def test_a_month_that_is_not_there_is_a_failure(look, tell):
    month = f"{datetime.now(UTC):%Y_%m}"
    tell(f"drop table events_{month}")
    assert look()["months"].state == "fail"
    assert f"events_{month}" in look()["months"].found


def test_a_job_that_failed_and_one_that_stopped_running_are_seen(look, tell):
    tell(
        "insert into jobs (name, started_at, last_error, error_at) values "
        "('partitions', now(), 'no room', now()), ('compact', now(), null, null), "
        "('expire', now() - interval '5 days', null, null)"
    )
    found = look()["jobs"].found
    assert "partitions failed: no room" in found
    assert "expire last ran 5 days ago" in found
    assert "compact" not in found


def test_a_full_disk_is_seen(look, config, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(1, 1, 100 * 1024**2))
    monkeypatch.setattr(local_postgres, "dsn", lambda _: config.database_url)
    assert look(database_url="")["disk"].state == "fail"


def test_a_role_that_may_not_make_months_is_a_failure(look, tell, fresh_dsn, request):
    tell("create role doctor_test login")
    request.addfinalizer(lambda: tell("drop owned by doctor_test; drop role doctor_test"))
    tell("grant select on all tables in schema public to doctor_test")
    other = fresh_dsn.replace("postgres@", "doctor_test@", 1)
    assert look(database_url=other)["rights"].state == "fail"
