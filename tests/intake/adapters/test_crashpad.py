"""POST /api/minidump: a report of Crashpad or Breakpad becomes a native crash."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from database import Inline
from stories.intake.adapters import crashpad
from stories.privacy.ids import person_id
from tests.support import PERSON, whole_database
from tests.symbols.recorder import map_all
from tools.minidumps import BOUNDARY, Dump, form

TYPE = f"multipart/form-data; boundary={BOUNDARY}"
REPORT = UUID("78412d1b-96fd-46a7-8b73-0a7187334da5")
ELECTRON = {
    "prod": "Electron",
    "ver": "37.2.0",
    "_productName": "Stories",
    "_version": "1.4.2",
    "guid": PERSON,
    "platform": "linux",
    "process_type": "renderer",
    "ptype": "renderer",
}


@pytest.fixture
def desktop(services):
    return services.apps.default("desktop")


def post(client, body, key="", **options):
    path = f"/api/minidump?app_key={key}&product=Electron&version=37.2.0&guid={PERSON}"
    return client.post(path, data=body, content_type=TYPE, **options)


def stored(client, auth):
    return client.get("/crashes", headers=auth).json["crashes"]


def test_a_report_becomes_a_crash_and_its_id_is_the_answer(client, auth):
    dump = Dump(report_id=REPORT)
    answer = post(client, form(dump.pack(), **ELECTRON))
    assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/plain", str(REPORT))
    [row] = stored(client, auth)
    assert row["error_message"] == "SIGSEGV in Stories+0x4731370"
    assert (row["crash_type"], row["app_version"]) == ("renderer_crash", "1.4.2")
    assert (row["os_version"], row["user_id"]) == ("Linux 6.1.0", PERSON)
    assert row["context"] == {
        "report_id": str(REPORT),
        "process_type": "renderer",
        "product": "Stories",
        "electron": "37.2.0",
    }


def test_a_report_sent_again_is_stored_once(client, auth):
    with_id, without = Dump(report_id=REPORT).pack(), Dump(code=6).pack()
    for _ in range(3):
        post(client, form(with_id, **ELECTRON))
        post(client, gzip.compress(form(without, **ELECTRON)))
    assert len(stored(client, auth)) == 2


def test_native_crashes_are_one_issue_by_module_place_and_build(client, auth, services):
    path = "/home/jane/Apps/Stories"
    for number, dump in enumerate(
        [
            Dump(module=path, offset=0x10),
            Dump(module="/opt/Stories", offset=0x10),
            Dump(module="/opt/Stories", offset=0x20),
            Dump(module=path, offset=0x10, build=b"another build id"),
            Dump(offset=None),
            Dump(offset=None),
        ]
    ):
        post(client, form(dump.pack(), **ELECTRON | {"guid": str(UUID(int=number + 1))}))
    map_all(services)
    issues = client.get("/issues?app=desktop", headers=auth).json["issues"]
    build = "03020100-0504-0706-0809-0a0b0c0d0e0f"
    assert sorted((issue["culprit"], issue["crashes"]) for issue in issues) == [
        ("", 2),
        (f"stories+0x10@{build}", 2),
        ("stories+0x10@746f6e61-6568-2072-6275-696c64206964", 1),
        (f"stories+0x20@{build}", 1),
    ]


@pytest.mark.parametrize(
    ("annotations", "kind"),
    [
        ({"process_type": "browser"}, "main_crash"),
        ({"ptype": "renderer"}, "renderer_crash"),
        ({"ptype": "gpu-process"}, "main_crash"),
        ({}, "main_crash"),
    ],
)
def test_the_process_says_which_kind_of_crash_it_is(client, auth, annotations, kind):
    post(client, form(Dump().pack(), _version="1.0", **annotations))
    [row] = stored(client, auth)
    assert row["crash_type"] == kind
    process = annotations.get("ptype") or annotations.get("process_type") or "browser"
    assert row["context"]["process_type"] == process


def test_the_person_is_user_id_then_guid_then_nobody(client, auth, services, desktop):
    for n, more in enumerate(
        [{"user_id": "jane@example.org", "guid": PERSON}, {"guid": PERSON}, {}]
    ):
        post(client, form(Dump(offset=n).pack(), **more))
    who = {UUID(row["user_id"]) for row in stored(client, auth)}
    assert UUID(PERSON) in who
    assert person_id(desktop, "jane@example.org", services.key.digest()) in who
    assert len([one for one in who if str(one).startswith("ffffffff-ffff-ffff")]) == 1


def test_what_is_not_on_the_list_is_nowhere(client, app, auth):
    private = {"url-chunk": "https://mail.example/unsaid-inbox", "switch-1": "--unsaid-switch"}
    memory = b"the unsaid memory of a process" * 100
    body = form(Dump().pack() + memory, **ELECTRON, **private, list_annotations="unsaid-x")
    assert post(client, body).status_code == 200
    [row] = stored(client, auth)
    assert "unsaid" not in str(row)
    assert "unsaid" not in str(whole_database(app.extensions["stories"].database))


def test_a_native_app_without_electron_has_its_version_in_ver(client, auth, services):
    post(client, form(Dump().pack(), prod="Painter", ver="3.1.4", channel="beta", guid=PERSON))
    post(client, form(Dump(offset=1).pack(), prod="Painter", ver="3.1.4", channel="stable"))
    rows = {row["error_message"]: row for row in stored(client, auth)}
    first = rows["SIGSEGV in Stories+0x4731370"]
    assert (first["app_version"], first["context"]["product"]) == ("3.1.4", "Painter")
    with services.database.transaction(seconds=5) as tx:
        rows = tx.rows(Inline("/* test */ select error_message, channel from crashes order by 1"))
    assert [row["channel"] for row in rows] == [None, "beta"]


def test_a_key_names_the_app_and_a_wrong_one_is_refused(client, auth, services, desktop):
    made = client.post("/apps", json={"slug": "paint", "kind": "website"}, headers=auth).json["app"]
    body = form(Dump().pack(), **ELECTRON)
    key = made["ingest_key"]
    app_id = services.apps.by_slug_now("paint").app_id
    assert post(client, body, key="0" * 32).status_code == 401
    assert post(client, body, key=key).status_code == 200
    for path, status in (
        (f"/api/{app_id}/minidump/?sentry_key={key}", 200),
        (f"/api/{app_id}/minidump?sentry_key={key}", 200),
        (f"/api/{app_id}/minidump/?sentry_key={'0' * 32}", 403),
        (f"/api/{app_id}/minidump/", 403),
        (f"/api/{desktop.app_id}/minidump/?sentry_key={key}", 403),
    ):
        assert client.post(path, data=body, content_type=TYPE).status_code == status, path
    assert len(client.get("/crashes?app=paint", headers=auth).json["crashes"]) == 1


def test_a_compressed_and_chunked_body_is_read_with_or_without_its_header(client, auth):
    for n, header in enumerate([{"Content-Encoding": "gzip"}, {}]):
        body = gzip.compress(form(Dump(offset=n).pack(), **ELECTRON))
        answer = client.post(
            "/api/minidump",
            input_stream=io.BytesIO(body),
            headers=header,
            content_type=TYPE,
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert answer.status_code == 200
    assert len(stored(client, auth)) == 2


def test_a_dump_from_tomorrows_clock_is_answered_and_counted(client, auth):
    ahead = datetime.now(UTC) + timedelta(days=9)
    assert post(client, form(Dump(when=ahead).pack(), **ELECTRON)).status_code == 200
    assert stored(client, auth) == []
    drops = client.get("/drops?app=desktop", headers=auth).json["drops"]
    assert [drop["reason"] for drop in drops] == ["timestamp_in_future"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"\r\n", TYPE, 400, "invalid_multipart"),
        (b"{}", "application/json", 400, "not_multipart"),
        (b"x", "multipart/form-data", 400, "not_multipart"),
        (form(None, **ELECTRON), TYPE, 400, "no_minidump"),
        (form(b"MZ\x90" * 100), TYPE, 400, "no_minidump"),
        (form(Dump().pack())[:-30], TYPE, 400, "invalid_multipart"),
        (form(Dump().pack(), **{f"a{n}": "x" for n in range(300)}), TYPE, 413, "too_many_parts"),
        (f"--{BOUNDARY}\r\n".encode() + b"a:\n" * 20_000, TYPE, 413, "too_many_parts"),
        (
            f"--{BOUNDARY}\r\nX: y\r\n\r\nz\r\n--{BOUNDARY}--".encode(),
            TYPE,
            400,
            "invalid_multipart",
        ),
        (form(b"MDMP" + bytes(crashpad.MAX_BODY)), TYPE, 413, "body_too_large"),
        (gzip.compress(bytes(crashpad.MAX_BODY + 1)), TYPE, 413, "body_too_large"),
    ],
)
def test_a_body_that_is_no_report_is_refused_with_its_reason(client, body, kind, status, code):
    answer = client.post("/api/minidump", data=body, content_type=kind)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_the_largest_dump_is_read(client, auth):
    dump = Dump().pack() + b"\r\n--" * (15 * 1024 * 1024 // 4)
    assert post(client, form(dump, **ELECTRON)).status_code == 200
    assert len(stored(client, auth)) == 1
