"""Minidumps from the intake to real names, and that none stays longer than it must."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from aggregator import JOBS
from database import Inline
from stories.privacy import erasure
from stories.symbols import dumps
from stories.symbols.artifacts import CFI
from tests.rollup_tables import differences, fold_all, run, value
from tests.support import PERSON, whole_database
from tests.symbols.recorder import SECOND_CALL, SOURCE, built_of, dump, map_all, upload
from tools.minidumps import BASE, BOUNDARY, form

TYPE = f"multipart/form-data; boundary={BOUNDARY}"
KEPT = "select count(*) from minidumps"
MEMORY = b"the unsaid memory of a process" * 20


@pytest.fixture
def desktop(services):
    return services.apps.default("desktop")


@pytest.fixture
def post(client):
    def send(minidump=None, person=PERSON, **changes):
        body = form((minidump or dump(**changes)).pack() + MEMORY, _version="1.4.2", guid=person)
        answer = client.post("/api/minidump", data=body, content_type=TYPE)
        assert answer.status_code == 200, answer.text

    return send


def details(services) -> dict[str, Any]:
    detail: dict[str, Any] = value(
        services.database, "select detail from error_details order by timestamp desc limit 1"
    )
    return detail


def functions(services):
    [frames] = details(services)["symbols"]["chain"]
    return [frame.get("function", "").partition("(")[0] for frame in frames]


def issues(client, auth):
    return client.get("/issues?app=desktop", headers=auth).json["issues"]


def test_a_crash_waits_until_its_stack_is_walked(client, auth, services, post):
    post()
    assert fold_all(services) == 0
    assert map_all(services) == {"held": 1, "stored": 0}
    assert fold_all(services) == 1
    assert differences(services) == {}
    said = details(services)["dump"]
    assert said["exception"] == "SIGSEGV /SEGV_MAPERR"
    assert (said["threads"], said["cpu"], said["system"]) == (1, "x86_64", "Linux 6.1.0")
    assert said["modules"] == [{"name": "recorder.so", "debug_id": built_of("so").debug_id}]
    [frames] = details(services)["chain"]
    assert [frame.get("trust") for frame in frames["frames"]] == [None, "scan", "scan"]


def test_with_symbols_there_it_gets_names_at_once_and_the_dump_goes(
    client, auth, services, post, desktop
):
    upload(services, desktop.app_id)
    post()
    map_all(services)
    fold_all(services)
    assert functions(services)[:4] == [
        "set_level",
        "recorder::open_device",
        "int recorder::start_recording<int volatile*>",
        "begin",
    ]
    [frames] = details(services)["symbols"]["chain"]
    assert {frame["file"] for frame in frames[:4]} == {SOURCE}
    assert frames[0]["raw"] == frames[1]["raw"]
    assert frames[0]["raw"]["address"] == "0x1030"
    [issue] = issues(client, auth)
    assert issue["culprit"] == "recorder:set_level"
    assert value(services.database, KEPT) == 0


def test_symbols_that_come_later_walk_it_again_and_the_issue_stays_itself(
    client, auth, services, post, desktop
):
    post()
    map_all(services)
    fold_all(services)
    [before] = issues(client, auth)
    assert "recorder.so" in before["culprit"] or "recorder+0x" in before["culprit"]
    assert value(services.database, KEPT) == 1
    assert upload(services, desktop.app_id) == 1
    map_all(services)
    fold_all(services)
    [after] = issues(client, auth)
    assert (after["number"], after["culprit"]) == (before["number"], "recorder:set_level")
    assert "int recorder::start_recording<int volatile*>" in functions(services)
    assert value(services.database, KEPT) == 0
    assert differences(services) == {}


def test_rules_alone_find_the_calls_and_the_frames_say_what_is_missing(services, post, desktop):
    upload(services, desktop.app_id, CFI)
    post()
    map_all(services)
    [frames] = details(services)["symbols"]["chain"]
    assert [frame["address"] for frame in frames[:2]] == ["0x1030", "0x1064"]
    assert "trust" not in frames[1]
    assert frames[0]["why"].startswith("No symbols are there for the debug id ")
    assert value(services.database, KEPT) == 1


def test_what_was_guessed_is_no_part_of_the_group(client, auth, services, post):
    for number, junk in enumerate((0, BASE + 0x2000, BASE + 0x3000)):
        post(junk=junk, person=str(UUID(int=number + 1)))
    map_all(services)
    fold_all(services)
    [issue] = issues(client, auth)
    assert issue["crashes"] == 3


def test_a_report_sent_again_is_one_crash_with_one_dump(services, post):
    whole = dump(report_id=UUID(int=5), when=datetime.now(UTC))
    for _ in range(3):
        post(whole)
    assert value(services.database, KEPT) == 1
    assert value(services.database, "select count(*) from crashes") == 1
    map_all(services)
    post(whole)
    assert map_all(services) == {"held": 0, "stored": 0}


def test_of_too_many_the_walked_ones_go_and_what_waits_stays(services, post, monkeypatch):
    monkeypatch.setattr(dumps, "MAX_DUMPS", 2)
    post(offset=0x1000)
    post(offset=0x1010)
    map_all(services)
    post(offset=0x1020)
    assert value(services.database, KEPT) == 2
    post(offset=0x1030)
    assert value(services.database, "select count(*) from minidumps where walked_at is null") == 2
    post(offset=0x1040)
    assert value(services.database, KEPT) == 2
    assert value(services.database, "select count(*) from crashes") == 5


def test_dumps_of_an_app_have_a_limit_of_bytes(services, post, monkeypatch):
    monkeypatch.setattr(dumps, "MAX_BYTES", 10)
    post()
    assert value(services.database, KEPT) == 0
    assert value(services.database, "select count(*) from crashes") == 1
    assert map_all(services) == {"held": 0, "stored": 0}


def test_a_crash_that_is_only_counted_keeps_no_dump(services, post):
    for number in range(30):
        post(person=str(UUID(int=number + 1)))
    kept = value(services.database, KEPT)
    assert kept == value(services.database, "select count(*) from error_details")
    assert kept < value(services.database, "select count(*) from crashes") == 30


def test_one_that_was_not_walked_in_its_minute_is_walked_later(services, post):
    post()
    run(services.database, "update outbox set held_until = now() where held_until is not null")
    assert fold_all(services) == 1
    assert map_all(services) == {"held": 0, "stored": 1}
    assert "dump" in details(services)
    assert differences(services) == {}


def test_a_dump_that_ends_the_process_three_times_is_let_go(services, post):
    post()
    run(services.database, "update outbox set attempts = 3 where held_until is not null")
    map_all(services)
    assert fold_all(services) == 1
    assert value(services.database, KEPT) == 0


def test_the_process_knows_an_app_that_was_made_while_it_ran(services, post, monkeypatch):
    post()
    monkeypatch.setattr(services.apps, "all", list)
    map_all(services)
    assert "dump" in details(services)


def test_after_a_day_a_dump_is_gone_whatever_waits_for_it(services, post):
    post()
    now = datetime.now(UTC)
    assert dumps.expire(services.database, now) == 0
    assert dumps.expire(services.database, now + timedelta(days=1)) == 1
    [job] = [job for job in JOBS if job.name == "dumps"]
    assert dumps.KEPT + timedelta(hours=job.every) < timedelta(hours=24)
    map_all(services)
    assert fold_all(services) == 1


def test_a_persons_copy_tells_of_the_dump_and_erasing_them_deletes_it(
    client, auth, services, post, now
):
    post(when=now)
    copy = client.get(f"/users/{PERSON}/export", headers=auth).data
    [told] = json.loads(copy)["minidumps"]
    assert set(told) == {"timestamp", "dedupe_key", "app_id", "bytes", "at"}
    assert b"unsaid" not in copy
    erasure.erase(services.database, services.apps, services.key, UUID(PERSON), None, now)
    assert value(services.database, KEPT) == 0
    post(when=now)
    assert value(services.database, KEPT) == 0


def test_what_stands_in_the_memory_stays_in_the_dump(client, auth, services, post):
    post()
    map_all(services)
    fold_all(services)
    with services.database.transaction() as tx:
        packed = bytes(tx.value(Inline("/* test */ select dump from minidumps")))
    assert packed
    run(services.database, "delete from minidumps")
    assert "unsaid" not in str(whole_database(services.database))


def test_native_frames_that_an_app_sends_are_named_too(client, services, desktop, now):
    upload(services, desktop.app_id)
    build = built_of("so").debug_id
    frames = [
        {"module": "recorder.so", "address": "0x1030", "build": build},
        {"module": "recorder.so", "address": hex(SECOND_CALL), "build": build.replace("-", "")},
        {"module": "other.so", "address": "0x10", "build": str(UUID(int=9))},
        {"module": "recorder.so", "address": "0x999999", "build": build},
    ]
    crash = {
        "user_id": PERSON,
        "crash_type": "main_crash",
        "app_version": "1.0",
        "error_message": "SIGSEGV",
        "timestamp": now.isoformat(),
        "frames": frames,
    }
    assert client.post("/crash", json=crash).status_code == 200
    map_all(services)
    assert functions(services)[:3] == ["set_level", "recorder::open_device", "begin"]
    [named] = details(services)["symbols"]["chain"]
    whys = [frame.get("why", "") for frame in named[3:]]
    assert whys[0].startswith("No symbols are there for the debug id ")
    assert whys[1] == "The symbols of recorder.so say nothing of this address."
