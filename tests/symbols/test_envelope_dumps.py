"""The minidump of an envelope: one crash with the event beside it."""

from __future__ import annotations

import json

import pytest

from tests.rollup_tables import value
from tests.support import PERSON
from tests.symbols.recorder import dump, map_all, upload

ID = "c0ffee00c0ffee00c0ffee00c0ffee00"


@pytest.fixture
def desktop(services):
    return services.apps.default("desktop")


@pytest.fixture
def post(client, desktop, now):
    def send(minidump: bytes, *before, process="renderer", **changes):
        event = {
            "event_id": ID,
            "timestamp": now.timestamp(),
            "platform": "native",
            "level": "fatal",
            "release": "stories@1.4.2",
            "user": {"id": PERSON},
            "tags": {"event.environment": "native", "event.process": process},
            **changes,
        }
        attachment = {
            "type": "attachment",
            "attachment_type": "event.minidump",
            "length": len(minidump),
            "filename": "a.dmp",
        }
        items = [
            b"{}",
            *before,
            b'{"type":"event"}',
            json.dumps(event).encode(),
            json.dumps(attachment).encode(),
            minidump,
        ]
        key = desktop.ingest_key
        address = f"/api/{desktop.app_id}/envelope/?sentry_key={key}"
        answer = client.post(address, data=b"\n".join(items))
        assert answer.status_code == 200, answer.text

    return send


def only(client, auth):
    [crash] = client.get("/crashes?app=desktop", headers=auth).json["crashes"]
    return crash


def left_out(client, auth, services):
    services.ledger.write()
    drops = client.get("/drops", headers=auth).json["drops"]
    return {row["reason"]: row["n"] for row in drops}


def test_event_and_dump_are_one_crash_of_the_renderer_with_its_stack(
    client, auth, services, desktop, post
):
    upload(services, desktop.app_id)
    for _ in range(2):
        post(dump().pack())
    crash = only(client, auth)
    assert crash["crash_type"] == "renderer_crash"
    assert crash["error_message"] == "SIGSEGV in recorder.so+0x1030"
    assert (crash["app_version"], crash["os_version"]) == ("1.4.2", "Linux 6.1.0")
    map_all(services)
    detail = value(services.database, "select detail from error_details")
    [frames] = detail["symbols"]["chain"]
    assert [frame["function"].partition("(")[0] for frame in frames[:2]] == [
        "set_level",
        "recorder::open_device",
    ]
    assert left_out(client, auth, services) == {}


def test_what_the_event_says_itself_stays(client, auth, services, post):
    thrown = {"type": "OutOfMemoryError", "value": "Renderer reached heap limit"}
    post(dump().pack(), exception={"values": [thrown]})
    map_all(services)
    assert only(client, auth)["error_message"] == "OutOfMemoryError: Renderer reached heap limit"
    detail = value(services.database, "select detail from error_details")
    assert detail["chain"][0]["type"] == "OutOfMemoryError"
    assert detail["chain"][0]["frames"][0]["module"] == "recorder.so"


@pytest.mark.parametrize("hostile", [b"", b"MDMP", b"MZ" * 50, b"\0" * 100])
def test_what_is_no_dump_costs_the_event_nothing(client, auth, services, post, hostile):
    post(hostile, message="it crashed")
    assert only(client, auth)["error_message"] == "it crashed"
    assert left_out(client, auth, services) == {"left_out:minidump": 1}


def test_a_dump_without_a_crash_is_left_out(client, auth, services, post):
    post(dump().pack(), tags={}, level="info", message="hello")
    assert left_out(client, auth, services)["left_out:minidump"] == 1
    assert value(services.database, "select count(*) from minidumps") == 0
