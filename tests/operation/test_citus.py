"""flask distribute and what doctor says of it, with functions that stand in for Citus' own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app import create_app
from database import Database, Inline, on_citus
from stories.config import ROOT
from stories.operation import citus, doctor
from stories.rollups import recount
from tests.support import crash, event

# Citus' function and table by name and signature; what it is called with is kept.
STANDIN = """
create table pg_dist_partition (logicalrel regclass);
create table calls (n serial, name text, by_column text, beside text);
create function create_distributed_table(
    name regclass, by_column text, distribution_type text default 'hash',
    colocate_with text default 'default'
) returns void language plpgsql as $$
begin
    if name::text = current_setting('test.broken', true) then
        raise exception 'no worker';
    end if;
    insert into pg_dist_partition values (name);
    insert into calls (name, by_column, beside) values (name::text, by_column, colocate_with);
end $$;
"""


@pytest.fixture
def database(fresh_dsn):
    database = Database(fresh_dsn, 3)
    yield database
    database.close()


@pytest.fixture
def with_citus(database):
    """An app that starts on it reads the tables alone from then on, which no other test may meet."""
    with database.transaction() as tx:
        tx.script(STANDIN)
    yield database
    on_citus(False)


def finding(config, dsn):
    found = doctor.examine(replace(config, database_url=dsn))
    return next((each for each in found if each.about == "citus"), None)


def test_without_citus_it_is_one_sentence_and_doctor_says_nothing(config, fresh_dsn, database):
    told = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "distribute"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": fresh_dsn},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 1
    assert told.stderr.startswith("Error: The database has no Citus")
    assert len(told.stderr.strip().splitlines()) == 1
    assert finding(config, fresh_dsn) is None


def test_every_table_is_distributed_beside_the_first_and_a_second_run_does_nothing(
    config, fresh_dsn, with_citus
):
    assert finding(config, fresh_dsn).state == "warn"
    assert citus.distribute(with_citus) == citus.Distribution(list(citus.DISTRIBUTED), [])
    with with_citus.transaction() as tx:
        calls = tx.rows(Inline("/* test */ select name, by_column, beside from calls order by n"))
    assert [call["name"] for call in calls] == list(citus.DISTRIBUTED)
    assert {call["by_column"] for call in calls} == {"user_id"}
    assert [call["beside"] for call in calls] == ["default"] + ["events"] * (len(calls) - 1)
    assert finding(config, fresh_dsn).state == "ok"
    assert citus.distribute(with_citus) == citus.Distribution([], list(citus.DISTRIBUTED))


def test_one_that_stopped_half_way_is_a_failure_and_goes_on_where_it_stopped(
    config, fresh_dsn, with_citus
):
    broken = Database(f"{fresh_dsn}&options=-ctest.broken%3Dsessions", 3)
    with pytest.raises(Exception, match="no worker"):
        citus.distribute(broken)
    broken.close()
    half = finding(config, fresh_dsn)
    assert half.state == "fail"
    assert half.found.startswith("sessions, contents")
    told = citus.distribute(with_citus)
    assert told.distributed[0] == "sessions"
    assert told.before == ["events", "crashes", "users", "person_days"]


def test_the_fold_through_copies_gives_what_it_gives_through_views(
    fresh_dsn, database, config, auth
):
    """As on Citus, then without it: each recount finds what the other way of folding has counted."""
    with database.transaction() as tx:
        tx.script(STANDIN)
        tx.run("rollups/work_tables")
        assert tx.row("rollups/held_apart") == {
            "events": True,
            "people": True,
            "sessions": False,
            "few": True,
            "has_left": False,
        }
    app = create_app(config, fresh_dsn)
    client, services = app.test_client(), app.extensions["stories"]
    people = [str(uuid4()) for _ in range(5)]
    now = datetime.now(UTC)
    for hours in (50, 3, 100, 26, 2, 1):  # late ones too
        moment = (now - timedelta(hours=hours)).isoformat()
        batch = [event(user_id=person, timestamp=moment, session_id="s") for person in people]
        batch += [event(user_id=person, timestamp=moment) for person in people[:2]]
        assert client.post("/track", json={"events": batch}).status_code == 200
        body = crash(user_id=people[hours % 5], timestamp=moment)
        assert client.post("/crash", json=body).status_code == 200
        services.freshen()
    erased = client.delete(f"/users/{people[0]}", headers=auth).get_json()["deleted"]
    assert erased["events"] == 12
    assert not any(recount.check(services.database, services.apps)["differences"].values())
    with database.transaction() as tx:
        tx.run(Inline("/* test */ drop function create_distributed_table"))
        tx.run("rollups/work_tables")
        assert tx.row("rollups/held_apart") == {
            "events": False,
            "people": False,
            "sessions": False,
            "few": True,
            "has_left": False,
        }
    told = recount.check(services.database, services.apps)
    assert told["events"] == 34
    assert not any(told["differences"].values())
    rebuilt = recount.rebuild(services.database, services.apps)
    assert not any(rebuilt["differences"].values())
    services.database.close()


def test_every_unique_key_of_a_distributed_table_holds_the_person(database):
    """Citus refuses to distribute a table with any other."""
    with database.transaction() as tx:
        keys = tx.rows(
            Inline(
                "/* test */ select indrelid::regclass::text as name, "
                "array_agg(attname::text) as columns from pg_index "
                "join pg_attribute on attrelid = indrelid and attnum = any (indkey) "
                "where indisunique and indrelid::regclass::text = any (%(names)s) "
                "group by indrelid, indexrelid"
            ),
            names=list(citus.DISTRIBUTED),
        )
    without = {"sessions"}  # migrations/023_smaller_rollups.sql
    assert {key["name"] for key in keys} == set(citus.DISTRIBUTED) - without
    assert all(citus.COLUMN in key["columns"] for key in keys)
