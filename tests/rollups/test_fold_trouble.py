"""What must not stop the fold: events that break it, appends that never pause, limits and huge rows."""

from __future__ import annotations

import logging
from typing import Any

import pytest

import aggregator
from database import Inline, Refused
from stories.rollups import fold
from tests.rollup_tables import (
    differences,
    event_row,
    fold_all,
    midday,
    new_app,
    person,
    run,
    set_app,
    value,
    values,
)

JOB = {job.name: job for job in aggregator.JOBS}
PLANT = "alter table {} add constraint no_retries check (event <> 'retry_attempted') not valid"


@pytest.fixture
def dsn(fresh_dsn):
    """Constraints are planted here: not in the database that tests share."""
    return fresh_dsn


@pytest.fixture
def bench(services):
    return aggregator.JobContext(services.config, services.database, services.apps, services.key)


def counted(database):
    return dict(
        values(
            database,
            "select event, sum(n)::int from daily_events where dim = 'none' group by event",
        )
    )


def send(services, now, sizes=(1, 40, 7, 1, 100), bad=((1, 3), (1, 30), (3, 0), (4, 99))):
    """Outbox rows of these sizes; bad: (which append, which event of it). Returns their keys."""
    broken = []
    for number, size in enumerate(sizes):
        rows = [event_row(person(n % 7), midday(now, n % 5)) for n in range(size)]
        for at, place in bad:
            if at == number:
                rows[place].event = "retry_attempted"
                broken.append(rows[place].dedupe_key)
        assert services.events.append(rows).stored == size
    return broken


def test_events_that_break_the_fold_are_set_aside_and_the_rest_is_folded(
    services, database, now, caplog
):
    run(database, PLANT.format("series"))
    broken = send(services, now)
    with caplog.at_level(logging.INFO):
        folded = fold_all(services)

    assert folded == 149
    aside = values(database, "select dedupe_key, kind, reason from set_aside order by dedupe_key")
    assert [key for key, _, _ in aside] == sorted(broken)
    assert {kind for _, kind, _ in aside} == {"event"}
    assert all("no_retries" in reason for _, _, reason in aside)
    assert value(database, "select count(*) from outbox") == 0
    assert counted(database) == {"app_opened": 145}
    assert differences(services) == {}
    told = [line for line in caplog.messages if "set aside" in line]
    assert len(told) == 1
    assert not any(str(person(n)) in caplog.text for n in range(7))


# Out of range, a row that meets itself, an index row too large, a function's own complaint.
@pytest.mark.parametrize("code", ["22003", "21000", "54000", "P0001"])
def test_whatever_breaks_the_fold_is_set_aside(code, services, database, now):
    run(
        database,
        f"""create function refuse() returns trigger language plpgsql as $$
            begin
                if new.event = 'retry_attempted' then
                    raise exception 'planted' using errcode = '{code}';
                end if;
                return new;
            end $$;
            create trigger refuse before insert on series
            for each row execute function refuse()""",
    )
    send(services, now, sizes=(3, 4), bad=((1, 2),))
    assert fold_all(services) == 7
    assert values(database, "select reason from set_aside") == [("planted",)]
    assert counted(database) == {"app_opened": 6}


def test_what_was_set_aside_is_tried_again_by_a_rebuild(services, bench, database, now):
    run(database, PLANT.format("series"))
    broken = send(services, now)
    fold_all(services)

    aggregator.run(JOB["rebuild"], bench, people=True)
    assert value(database, "select count(*) from set_aside") == len(broken)
    assert counted(database) == {"app_opened": 145}

    run(database, "alter table series drop constraint no_retries")
    told = aggregator.run(JOB["rebuild"], bench, people=True)
    assert value(database, "select count(*) from set_aside") == 0
    assert counted(database) == {"app_opened": 145, "retry_attempted": 4}
    assert not any(told["differences"].values())
    assert differences(services) == {}


def test_a_rebuild_that_breaks_changes_nothing(services, bench, database, now):
    send(services, now)
    fold_all(services)
    before = counted(database)
    run(database, "update event_series set n = n + 1")
    spoilt = counted(database)
    run(database, PLANT.format("series"))
    with pytest.raises(Refused):
        aggregator.run(JOB["rebuild"], bench, people=True)
    assert counted(database) == spoilt != before
    assert "no_retries" in value(database, "select last_error from jobs where name = 'rebuild'")


def test_a_run_of_bad_events_does_not_start_over_for_each(services, database, now, monkeypatch):
    """Sizes grow again slowly: else every bad event would cost a fold of all that is pending."""
    run(database, PLANT.format("series"))
    bad = [(append, 0) for append in range(0, 20, 2)]
    send(services, now, sizes=(1,) * 20 + (100,), bad=bad)
    tried = []
    real = fold.add_slice

    def noted(tx, defined):
        tried.append(tx.value(Inline("/* test */ select count(*) from slice_keys")))
        real(tx, defined)

    monkeypatch.setattr(fold, "add_slice", noted)
    assert fold_all(services) == 120
    assert value(database, "select count(*) from set_aside") == len(bad)
    assert sum(tried) < 120 * 5, tried


def test_one_that_reads_first_gets_past_what_breaks_the_fold(services, client, auth, database, now):
    run(database, PLANT.format("series"))
    send(services, now, sizes=(4,), bad=((0, 2),))
    for _ in range(3):
        answer = client.get("/stats?period=30d", auth=("admin", "admin"))
        assert answer.status_code == 200
    assert value(database, "select count(*) from outbox") == 0
    assert counted(database) == {"app_opened": 3}


class Endless:
    """Appends one more event during every slice, as eight busy writers would."""

    def __init__(self, services, now, monkeypatch):
        self.slices, self.services, self.now = 0, services, now
        self.real = fold.add_slice
        monkeypatch.setattr(fold, "add_slice", self)

    def __call__(self, tx: Any, defined: Any) -> None:
        self.slices += 1
        assert self.slices < 50, "it does not end while appends go on"
        self.services.events.append([event_row(person(self.slices), self.now)])
        self.real(tx, defined)


def test_a_fold_ends_while_appends_go_on(services, database, now, monkeypatch):
    send(services, now, bad=())
    Endless(services, now, monkeypatch)
    assert fold_all(services) == 149
    assert value(database, "select count(*) from outbox") == 1


@pytest.mark.parametrize("what", ["erasure", "expiry"])
def test_an_erasure_and_an_expiry_end_while_appends_go_on(what, client, services, now, monkeypatch):
    send(services, now, bad=())
    Endless(services, now, monkeypatch)
    if what == "erasure":
        answer = client.delete(f"/users/{person(1)}", auth=("admin", "admin"))
    else:
        answer = client.post("/cleanup", auth=("admin", "admin"))
    assert answer.status_code == 200


def test_a_large_row_is_folded_under_the_server_s_own_short_limits(
    services, database, now, fresh_dsn
):
    """Hosted databases set a statement_timeout for everybody; a fold has its own limit."""
    rows = [
        event_row(
            person(n % 900), midday(now, n % 40), "recording_completed", session_id=f"s{n % 50}"
        )
        for n in range(5000)
    ]
    assert services.events.append(rows).stored == 5000
    name = fresh_dsn.rsplit("/", 1)[1].split("?")[0]
    run(database, f"alter database {name} set statement_timeout = '30ms'")
    services.database.close()
    assert services.database.connect().info.parameter_status("server_version")
    with services.database.transaction() as tx:
        assert tx.value(Inline("/* test */ show statement_timeout")) == "30ms"
    assert fold_all(services) == 5000
    assert differences(services) == {}


def test_an_event_registered_a_moment_ago_is_counted_in_full(services, database, now):
    """A worker that has not heard of it yet folds it all the same."""
    app = new_app(services, "fresh")
    assert services.apps.by_slug("fresh") is not None
    run(
        database,
        'update apps set events = \'{"painted": {"colour": {"type": "label"}}}\' '
        "where slug = 'fresh'",
    )
    row = event_row(person(1), now, "painted", app_id=app.app_id, properties={"colour": "red"})
    services.events.append([row])
    fold_all(services)
    assert values(database, "select label from daily_values where dim = 'none'") == [("red",)]
    set_app(services, "fresh")
    assert differences(services) == {}


def test_two_folders_do_no_harm_to_each_other(services, database, now):
    send(services, now, bad=())
    with services.database.transaction() as tx:
        assert fold.lock(tx)
        assert fold_all(services) == 0
        assert value(database, "select count(*) from outbox") == 5
    assert fold_all(services) == 149
