"""Crashes that are held are in exactly one of outbox and rollups, whatever happens meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
import requests

from stories.config import ROOT
from stories.crashes import regrouping
from stories.crashes.grouping import CATCH_ALL
from stories.operation.process import Process
from stories.privacy import erasure
from stories.rollups import recount
from stories.storage import expiry, group_names
from stories.symbols import holding, mapping, regrouped, waiting
from stories.symbols.holding import Symbols
from tests.crashes.crash_rows import issues
from tests.rollup_tables import differences, fold_all, person, run, value, values
from tests.symbols import sending
from tests.symbols.source_maps import (
    DEBUG_ID,
    RELEASE,
    URL,
    map_all,
    report,
    upload,
)

NAMED = [(1, "history.js:renderResult")]
FUNCTION = "detail -> 'symbols' -> 'chain' -> 0 -> 0 ->> 'function'"
DETAILS = "from error_details"
HELD = "select count(*) from outbox where held_until is not null"


@pytest.fixture
def post(client, now):
    def send(bundle, number=1, **changes):
        body = report(bundle, number, timestamp=now.isoformat(), **changes)
        assert client.post("/crash", json=body).status_code == 200

    return send


def name_while(monkeypatch, happens):
    """Something happens after a crash was named and before that is stored."""
    real = mapping.Mapper.name

    def name(*given):
        named = real(*given)
        happens()
        return named

    monkeypatch.setattr(mapping.Mapper, "name", name)


def overdue(services):
    run(services.database, "update outbox set held_until = now() where held_until is not null")


def culprits(services):
    return issues(services, "number", "culprit")


def test_a_recount_agrees_while_crashes_are_held_and_after(services, post, bundle):
    post(bundle)
    fold_all(services)
    upload(services, bundle)
    for number in range(2, 5):
        post(bundle, number, handled=number == 4)
    fold_all(services)
    assert value(services.database, HELD) == 3
    assert differences(services) == {}
    assert recount.rebuild(services.database, services.apps, people=True)["events"] == 1
    assert differences(services) == {}
    map_all(services)
    fold_all(services)
    assert differences(services) == {}
    assert value(services.database, "select sum(n) from issues") == 4


def test_past_its_minute_the_fold_takes_a_crash_as_it_came_and_its_names_come_later(
    services, post, bundle
):
    upload(services, bundle)
    post(bundle)
    assert fold_all(services) == 0
    overdue(services)
    assert fold_all(services) == 1
    assert "renderResult" not in culprits(services)[0][1]
    assert differences(services) == {}
    assert map_all(services) == {"held": 0, "stored": 1}
    assert culprits(services) == NAMED
    assert differences(services) == {}


def test_one_that_the_fold_takes_while_it_is_named_is_counted_once_and_named_later(
    services, post, bundle, monkeypatch
):
    upload(services, bundle)
    post(bundle)

    def fold():
        overdue(services)
        fold_all(services)

    with monkeypatch.context() as patch:
        name_while(patch, fold)
        Symbols(services.database, services.apps, services.key).work()
    assert "renderResult" not in culprits(services)[0][1]
    assert value(services.database, "select count(*) from remap_queue") == 1
    assert map_all(services) == {"held": 0, "stored": 1}
    assert culprits(services) == NAMED
    assert value(services.database, "select n from issues") == 1
    assert differences(services) == {}


def test_a_fold_that_comes_while_its_names_are_stored_waits_for_them(
    services, post, bundle, monkeypatch
):
    """It reads what the outbox row names after that row is free."""
    upload(services, bundle)
    post(bundle)
    folded = []
    real = Symbols._put

    def put(self, tx, regrouped):
        folding = threading.Thread(target=fold_all, args=(services,))
        folding.start()
        time.sleep(0.3)
        real(self, tx, regrouped)
        folded.append(folding)

    monkeypatch.setattr(Symbols, "_put", put)
    overdue(services)
    map_all(services)
    [folding] = folded
    folding.join()
    fold_all(services)
    assert culprits(services) == NAMED
    assert value(services.database, "select n from issues") == 1
    assert differences(services) == {}


def test_what_ends_the_process_three_times_is_let_go_and_says_so(
    services, post, bundle, monkeypatch
):
    upload(services, bundle)
    post(bundle)

    def die(*given):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(mapping.Mapper, "name", die)
        for _ in range(3):
            with pytest.raises(SystemExit):
                map_all(services)
            assert value(services.database, HELD) == 1
    map_all(services)
    assert value(services.database, HELD) == 0
    fold_all(services)
    detail = value(services.database, "select detail from error_details")
    assert {frame["why"] for frame in detail["symbols"]["chain"][0]} == {regrouped.GIVEN_UP}
    assert len(culprits(services)) == 1
    assert differences(services) == {}


def test_a_stored_crash_that_ends_the_process_takes_no_others_with_it(
    services, post, bundle, monkeypatch
):
    for number in range(4):
        post(bundle, number, os_version="Windows 11" if number == 2 else "linux")
    fold_all(services)
    upload(services, bundle)
    bad = value(services.database, "select dedupe_key from crashes where os_version = 'Windows 11'")
    real_read = regrouped.read
    deaths: list[regrouped.Key] = []

    def dying_read(tx, key):
        if key.dedupe_key == bad and len(deaths) < 3:
            deaths.append(key)
            raise SystemExit
        return real_read(tx, key)

    monkeypatch.setattr(holding, "read", dying_read)
    for _ in range(9):
        try:
            if map_all(services) == {"held": 0, "stored": 0}:
                break
        except SystemExit:
            pass
    assert len(deaths) == 3
    assert sorted(
        values(services.database, f"select {FUNCTION}, count(*) {DETAILS} group by 1")
    ) == [
        ("a", 1),
        ("renderResult", 3),
    ]
    assert value(services.database, "select count(*) from remap_queue") == 0
    assert differences(services) == {}


def test_an_erased_person_leaves_nothing_that_is_held_or_to_be_mapped_anew(
    services, post, bundle, now
):
    for number in (1, 2):
        post(bundle, number, id=f"early-{number}")
    fold_all(services)
    upload(services, bundle)
    for number in (1, 2):
        post(bundle, number, id=f"late-{number}")
        post(bundle, number, id=f"handled-{number}", handled=True)
    assert value(services.database, HELD) == 4
    assert value(services.database, "select count(*) from remap_queue") == 2
    gone = erasure.erase(services.database, services.apps, services.key, person(1), None, now)
    assert (gone["crashes"], gone["remap_queue"]) == (2, 1)
    for table in (*erasure.PEOPLE_TABLES, "outbox"):
        column = "any(user_ids)" if table == "outbox" else "user_id"
        text = f"select count(*) from {table} where %(who)s = {column}"
        assert value(services.database, text, who=person(1)) == 0, table
    assert value(services.database, HELD) == 2
    assert differences(services) == {}
    map_all(services)
    fold_all(services)
    assert value(services.database, "select n from issues where culprit like 'history.js%%'") == 6
    assert differences(services) == {}


def test_one_that_is_erased_while_it_is_named_does_not_come_back(
    services, post, bundle, now, monkeypatch
):
    upload(services, bundle)
    post(bundle)
    name_while(
        monkeypatch,
        lambda: erasure.erase(services.database, services.apps, services.key, person(1), None, now),
    )
    map_all(services)
    fold_all(services)
    for table in ("crashes", "error_details", "remap_queue"):
        assert value(services.database, f"select count(*) from {table}") == 0, table
    assert differences(services) == {}


def test_one_that_expires_while_it_is_held_is_counted_first(services, post, bundle, now):
    upload(services, bundle)
    post(bundle)
    days = value(services.database, "select retention_days from apps where app_id = 1")
    expiry.expire(
        services.database, services.apps, services.key, now + timedelta(days=(days or 365) + 2)
    )
    for table in ("outbox", "crashes", "remap_queue"):
        assert value(services.database, f"select count(*) from {table}") == 0, table
    assert value(services.database, "select sum(n) from daily_crashes where dim = 'none'") == 1


def test_one_that_is_held_may_leave_the_catch_all_group(services, post, bundle, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(group_names, "NEW_AN_HOUR", 0)
        post(bundle, 1)
        fold_all(services)
        upload(services, bundle, release="other")
        run(
            services.database,
            "update artifact_keys set key = replace(key, 'file:other', %(own)s)",
            own=f"file:{RELEASE}",
        )
        post(bundle, 2)
    assert value(services.database, HELD) == 1
    regrouping.regroup(services.database, services.apps, services.key, lambda note: None)
    left = "select count(*) from crashes where fingerprint <> %(all)s"
    assert value(services.database, left, all=CATCH_ALL) == 2
    assert differences(services) == {}
    map_all(services)
    fold_all(services)
    assert value(services.database, "select sum(n) from issues") == 2
    assert differences(services) == {}


def test_what_is_held_is_no_lag_of_the_fold(client, services, post, bundle):
    upload(services, bundle)
    post(bundle)
    run(services.database, "update outbox set received_at = now() - interval '50 seconds'")
    with services.database.transaction() as tx:
        assert tx.value("operation/fold_lag") == 0
        assert not tx.value("rollups/pending", newest=None)
        assert tx.value("rollups/newest_outbox_row") is None
        assert tx.row("operation/prometheus_gauges")["fold_lag_seconds"] == 0
    overdue(services)
    with services.database.transaction() as tx:
        assert 0 <= tx.value("operation/fold_lag") < 30


@pytest.fixture
def start(services):
    """Starts the process that maps."""
    started = []

    def run_it():
        started.append(
            subprocess.Popen(
                [sys.executable, str(ROOT / "aggregator.py"), "symbols"],
                cwd=ROOT,
                env={**os.environ, "DATABASE_URL": services.database.dsn},
                stdout=subprocess.DEVNULL,
            )
        )
        return started[-1]

    yield run_it
    for process in started:
        process.kill()
        process.wait()


def wait_until(happened, seconds=120.0):
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def test_a_process_that_is_killed_in_the_middle_loses_and_repeats_nothing(
    services, post, bundle, start
):
    """Thrice: while it maps held ones, and while it maps stored ones."""
    for number in range(15):
        post(bundle, number)
    fold_all(services)
    upload(services, bundle)
    for number in range(15, 40):
        post(bundle, number, handled=number % 5 == 0)
    left = f"select ({HELD}) + (select count(*) from remap_queue)"
    for most in (35, 20, 8):
        process = start()
        wait_until(lambda most=most: value(services.database, left) <= most)
        process.send_signal(signal.SIGKILL)
        process.wait()
        fold_all(services)
        assert differences(services) == {}
    map_all(services)
    fold_all(services)
    assert value(services.database, left) == 0
    assert [(row[0], row[1]) for row in culprits(services)] == NAMED
    assert value(services.database, "select n from issues") == 40
    functions = values(services.database, f"select distinct {FUNCTION} {DETAILS}")
    assert functions == [("renderResult",)]
    assert differences(services) == {}


def test_the_process_is_started_where_something_waits_and_only_one_works(
    services, post, bundle, start
):
    process, other = Process("symbols"), Process("symbols")
    try:
        waiting.start(services.database, process)
        assert not process.is_running()  # nothing waits
        upload(services, bundle)
        post(bundle)
        waiting.start(services.database, process)
        wait_until(lambda: value(services.database, HELD) == 0)
        post(bundle, 2)
        waiting.start(services.database, other)
        assert not other.is_running()  # the first one is there still
        wait_until(lambda: value(services.database, HELD) == 0)
        second = start()
        assert second.wait(30) == 0
        assert process.is_running()
    finally:
        process.stop()
        other.stop()
    fold_all(services)
    assert culprits(services) == NAMED


def test_a_server_names_a_crash_soon_after_it_has_come(serve, dsn, services, bundle):
    server = serve()
    upload(services, bundle)
    body = report(bundle)
    assert requests.post(f"{server.url}/crash", json=body, timeout=10).status_code == 200
    wait_until(lambda: value(services.database, "select count(*) from issues") == 1)
    assert culprits(services) == NAMED


@pytest.mark.parametrize("debug_id", [DEBUG_ID, ""], ids=["debug id", "release and address"])
@pytest.mark.parametrize("first", ["map", "crash"])
def test_over_http_the_only_issue_has_real_names_whatever_came_first(
    serve, services, bundle, first, debug_id
):
    server = serve()
    client = sending.Client(server.port, app="desktop")
    last = f"\n//# debugId={debug_id}".encode() if debug_id else b""
    files = {
        "file": ("app.js", bundle.script + last),
        "map": ("app.js.map", bundle.map(**({"debugId": debug_id} if debug_id else {}))),
    }
    body = report(bundle) | ({"debug_ids": {URL: debug_id}} if debug_id else {})

    def send_map():
        fields = {} if debug_id else {"release": RELEASE}
        status, answer = client.artifacts(files, url="~/assets/app.js", **fields)
        assert (status, answer["state"]) == (200, "stored"), answer
        return answer["crashes_queued"]

    if first == "map":
        assert send_map() == 0
    assert requests.post(f"{server.url}/crash", json=body, timeout=10).status_code == 200
    wait_until(lambda: value(services.database, "select count(*) from issues") == 1)
    if first == "crash":
        assert issues(services, "number", "raw") == [(1, True)]
        assert send_map() == 1
        wait_until(lambda: culprits(services) == NAMED)
    assert culprits(services) == NAMED
    assert value(services.database, "select count(*) from crashes") == 1
    assert differences(services) == {}
