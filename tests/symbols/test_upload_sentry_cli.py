"""sentry-cli's API over raw HTTP, as version 3 calls it: bundles and symbols in chunks, releases."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from tests.support import gzip_bomb
from tests.symbols import sending
from tests.symbols.sending import (
    CHUNK,
    ID,
    ORGANIZATION,
    Client,
    bundle,
    checksum,
    multipart,
    script,
    source_map,
)

PROJECT = "/api/0/projects/any/desktop"


@pytest.fixture
def cli(lasting_server):
    return Client(lasting_server.port)


def stored(cli, app="desktop"):
    status, answer = cli.json("GET", f"/artifacts?app={app}", headers=sending.OWNER)
    assert status == 200
    return answer


def test_it_says_who_it_is_and_what_it_takes(cli, lasting_server):
    status, answer = cli.json("GET", "/api/0/")
    assert (status, answer["version"], answer["user"]) == (200, "0", None)
    status, answer = cli.json("GET", f"{ORGANIZATION}/chunk-upload/")
    assert status == 200
    assert answer["url"] == f"{lasting_server.url}{ORGANIZATION}/chunk-upload/"
    assert (answer["chunkSize"], answer["maxRequestSize"]) == (CHUNK, 4 * CHUNK)
    assert {"debug_files", "artifact_bundles"} <= set(answer["accept"])


@pytest.mark.parametrize(
    ("scopes", "app", "status"),
    [(("read", "ingest"), None, 403), (("upload",), "website", 400), (("upload",), "desktop", 200)],
)
def test_only_a_token_of_scope_upload_and_of_the_app_uploads(lasting_server, scopes, app, status):
    cli = Client(lasting_server.port, scopes, app)
    answer = cli.assemble(bundle())
    assert answer[0] == status, answer
    assert (set(answer[1]) == {"detail"}) is (status != 200)
    cli.token = "st_wrong"
    answer = cli.assemble(bundle())
    assert answer[0] == 401
    assert "scope upload" in answer[1]["detail"]


def test_an_ingest_key_uploads_nothing(cli, lasting_server):
    key = cli.json("GET", "/apps", headers=sending.OWNER)[1]["apps"][0]["ingest_key"]
    for headers in ({"X-App-Key": key, "Authorization": ""}, {"Authorization": f"Bearer {key}"}):
        assert cli.call("GET", "/api/0/", headers=headers)[0] == 401


def test_a_bundle_is_stored_once_and_nothing_is_missing_the_second_time(cli):
    data = bundle(release="7.0.1")
    assert cli.assemble(data)[1] == {
        "state": "not_found",
        "missingChunks": [checksum(data)],
        "detail": None,
    }
    assert cli.upload(data, version="7.0.1") == {"state": "ok", "missingChunks": [], "detail": None}
    rows = [row for row in stored(cli)["artifacts"] if row["releases"][:1] == [
        {"release": "7.0.1", "dist": ""}]]  # fmt: skip
    assert {(row["kind"], row["url"], row["debug_id"]) for row in rows} == {
        ("script", "~/app.js", ID),
        ("source_map", "~/app.js.map", ID),
    }
    assert cli.assemble(data, version="7.0.1")[1]["state"] == "ok"
    for row in rows:
        assert cli.json("DELETE", f"/artifacts/{row['id']}")[0] == 200
    again = cli.assemble(data, version="7.0.1")[1]
    assert again["state"] == "not_found", "it is gone, so it has to be sent again"
    assert again["missingChunks"] == [checksum(data)]


def test_only_missing_chunks_are_asked_for(cli):
    data = os.urandom(2 * CHUNK + 10)
    first, second, third = sending.chunks_of(data)
    assert cli.send_chunks(data[:CHUNK])[0] == 200
    assert cli.assemble(data)[1]["missingChunks"] == [second, third]
    other = Client(cli.port)
    assert other.assemble(data)[1]["missingChunks"] == [first, second, third]


def test_a_bundle_of_several_chunks_is_put_together(cli):
    text = os.urandom(CHUNK + CHUNK // 2).hex()
    data = bundle(
        entries={
            "manifest.json": bundle_manifest(),
            "_/_/app.js": script(text=f'"{text}"'),
            "_/_/app.js.map": source_map(),
        }
    )
    assert len(sending.chunks_of(data)) == 2
    assert cli.upload(data)["state"] == "ok"


def bundle_manifest(**more):
    return json.dumps(sending.manifest(**more)).encode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data: b"not a zip" * 50, "it is no whole ZIP"),
        (lambda data: data[: len(data) // 2], "it is no whole ZIP"),
        (lambda data: sending.zipped({"a.js": b""}), "a.js has no debug id"),
        (lambda data: sending.zipped({"a.txt": b""}), "has no script and no source map in it"),
        (lambda data: sending.zipped({"manifest.json": b"[1"}), "manifest.json cannot be read"),
        (lambda data: bundle(debug_id=None), "no debug id"),
    ],
)
def test_a_broken_bundle_is_an_error_with_a_sentence_and_nothing_is_stored(cli, change, sentence):
    before = stored(cli)
    answer = cli.upload(change(bundle(release="1.0.0")))
    assert answer["state"] == "error"
    assert sentence in answer["detail"]
    after = stored(cli)
    assert after["artifacts"] == before["artifacts"]
    assert (after["uploads"][0]["state"], sentence in after["uploads"][0]["detail"]) == (
        "failed",
        True,
    )


def test_what_is_not_the_file_announced_is_refused(cli):
    data = bundle(release="1.0.0")
    assert cli.send_chunks(data)[0] == 200
    body = {"checksum": "ab" * 20, "chunks": sending.chunks_of(data), "projects": ["desktop"]}
    answer = cli.json("POST", f"{ORGANIZATION}/artifactbundle/assemble/", body)[1]
    assert answer["state"] == "error"
    assert "checksum" in answer["detail"]


def chunk_form(cli, name, file, data):
    return cli.form([(name, file, data)], f"{ORGANIZATION}/chunk-upload/")


def test_a_chunk_is_what_it_says_and_at_most_a_megabyte(cli):
    good = b"x" * 100
    wrong = [
        (400, "file_gzip", checksum(good), good),
        (400, "file_gzip", checksum(good), gzip.compress(good) + b"more"),
        (400, "file_gzip", checksum(good), gzip.compress(good)[:-5]),
        (400, "file_gzip", checksum(b"y"), gzip.compress(good)),
        (400, "file", "", good),
        (400, "other", checksum(good), good),
        (413, "file", checksum(bytes(CHUNK + 1)), bytes(CHUNK + 1)),
        (413, "file_gzip", checksum(bytes(CHUNK + 1)), gzip.compress(bytes(CHUNK + 1))),
        (413, "file_gzip", "0" * 40, gzip_bomb(b"", b"\0", 500)),
    ]
    for status, name, file, data in wrong:
        answer = chunk_form(cli, name, file, data)
        assert answer[0] == status, (name, len(data), answer)
        assert answer[1]["detail"]
    assert chunk_form(cli, "file", checksum(good), good) == (200, {})


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "application/json"}, b"{}", 400),
        ({"Content-Type": "multipart/form-data"}, b"{}", 400),
        ({"Content-Type": "multipart/form-data; boundary=" + "x" * 300}, b"{}", 400),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\nhalf", 400),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"no boundary", 400),
        ({"Content-Type": "multipart/form-data; boundary=x", "Content-Encoding": "gzip"}, b"", 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"a" * 400_000, 413),
        (
            {"Content-Type": "multipart/form-data; boundary=x"},
            multipart([("file", "a", b"")] * 70, "x"),
            400,
        ),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"a" * (6 * CHUNK), 413),
    ],
)
def test_a_form_that_is_none_is_refused(cli, headers, body, status):
    answer = cli.call("POST", f"{ORGANIZATION}/chunk-upload/", body, headers)
    assert answer[0] == status, answer


@pytest.mark.parametrize(
    "body",
    [
        {"checksum": "x", "chunks": [], "projects": ["desktop"]},
        {"checksum": "a" * 40, "chunks": ["b" * 40] * 513, "projects": ["desktop"]},
        {"checksum": "a" * 40, "chunks": ["B" * 40], "projects": ["desktop"]},
        {"checksum": "a" * 40, "chunks": ["b" * 40 + "\n"], "projects": ["desktop"]},
        {"checksum": "a" * 40, "chunks": [], "projects": []},
        {"checksum": "a" * 40, "chunks": [], "projects": ["no-such-app"]},
        {"checksum": "a" * 40, "chunks": []},
        [],
    ],
)
def test_a_question_that_makes_no_sense_is_an_error_that_is_told(cli, body):
    status, answer = cli.json("POST", f"{ORGANIZATION}/artifactbundle/assemble/", body)
    assert status == 400
    assert answer["detail"]


def test_a_bundle_for_two_apps_is_stored_in_both(cli):
    data = bundle(release="7.0.2")
    assert cli.upload(data, projects=("desktop", "website"))["state"] == "ok"
    for app in ("desktop", "website"):
        releases = [row["releases"] for row in stored(cli, app)["artifacts"]]
        assert any({"release": "7.0.2", "dist": ""} in each for each in releases), app


def test_the_audit_log_has_an_upload_once_however_often_it_is_asked_for(cli):
    def logged():
        entries = cli.json("GET", "/audit?limit=100", headers=sending.OWNER)[1]["entries"]
        return [entry["action"] for entry in entries].count("sent source maps or symbols")

    before, data = logged(), bundle(release="7.0.3")
    assert cli.upload(data)["state"] == "ok"
    for _ in range(3):
        assert cli.assemble(data)[1]["state"] == "ok"
    assert logged() == before + 1


def test_symbols_are_built_and_told(cli):
    data = gzip.decompress((sending.FIXTURES / "recorder.sym.gz").read_bytes())
    assert cli.assemble_symbols(data, "recorder.sym")[1]["state"] == "not_found"
    assert cli.send_chunks(data)[0] == 200
    status, answer = cli.assemble_symbols(data, "recorder.sym")
    assert (status, answer["state"], answer["detail"]) == (200, "ok", None)
    assert answer["dif"]["sha1"] == checksum(data)
    assert answer["dif"]["objectName"] == "recorder.sym"
    kinds = {
        row["kind"]
        for row in stored(cli)["artifacts"]
        if row["debug_id"] == answer["dif"]["debugId"]
    }
    assert "symcache" in kinds
    assert cli.assemble_symbols(data, "recorder.sym")[1]["state"] == "ok"


def test_what_holds_no_symbols_is_an_error(cli):
    for data in (b"\x7fELF" + bytes(50), b"nothing at all", b"MODULE x\n"):
        assert cli.assemble_symbols(data)[1]["state"] == "not_found"
        cli.send_chunks(data)
        answer = cli.assemble_symbols(data)[1]
        assert answer["state"] == "error"
        assert "symbols" in answer["detail"]


# Releases -----------------------------------------------------------------------------------------


def test_a_release_is_made_finished_listed_archived_and_deleted(cli):
    releases = f"{ORGANIZATION}/releases"
    body = {
        "version": "my-app@3.1.0",
        "projects": ["desktop"],
        "dateStarted": "2026-11-20T10:00:00Z",
        "refs": [{"commit": "a" * 40, "repository": "x"}],
    }
    status, made = cli.json("POST", f"{releases}/", body)
    assert (status, made["version"], made["dateReleased"]) == (201, "my-app@3.1.0", None)
    assert made["projects"] == [{"slug": "desktop", "name": "Desktop app"}]
    moment = f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%dT%H:%M:%S}"
    when = {"projects": ["desktop"], "dateReleased": f"{moment}Z", "url": "https://a/b"}
    status, finished = cli.json("PUT", f"{releases}/my-app%403.1.0/", when)
    assert (status, finished["dateReleased"]) == (200, f"{moment}.000Z")
    again = cli.json("POST", f"{releases}/", body)[1]
    assert (again["dateReleased"], again["url"]) == (f"{moment}.000Z", "https://a/b")
    listed = {row["version"]: row for row in cli.json("GET", f"{PROJECT}/releases/")[1]}
    assert listed["3.1.0"]["status"] == "open"
    archive = {"version": "3.1.0", "projects": [], "status": "archived"}
    assert cli.json("POST", f"{releases}/", archive)[1]["status"] == "archived"
    assert cli.json("GET", f"{PROJECT}/releases/3.1.0/")[1]["status"] == "archived"
    assert "3.1.0" not in on_the_page(cli)
    assert cli.json("POST", f"{releases}/", archive | {"status": "open"})[1]["status"] == "open"
    assert "3.1.0" in on_the_page(cli)
    shown = cli.json("GET", "/releases/3.1.0?app=desktop", headers=sending.OWNER)
    assert shown[1]["release"]["released_at"] == f"{moment}.000Z"
    assert cli.json("DELETE", f"{releases}/3.1.0/") == (204, None)
    status, answer = cli.json("DELETE", f"{releases}/3.1.0/")
    assert (status, set(answer)) == (404, {"detail"})


def on_the_page(cli):
    status, answer = cli.json("GET", "/releases?app=desktop&period=90d", headers=sending.OWNER)
    assert status == 200
    return {row["version"] for row in answer["releases"]}


def test_a_release_takes_its_files_with_it(cli):
    cli.json("POST", f"{ORGANIZATION}/releases/", {"version": "3.2.0", "projects": ["desktop"]})
    data = bundle(debug_id=None, release="3.2.0")
    assert cli.upload(data)["state"] == "ok"
    assert cli.json("DELETE", f"{PROJECT}/releases/3.2.0/")[0] == 204
    assert not [
        row
        for row in stored(cli)["artifacts"]
        if {"release": "3.2.0", "dist": ""} in row["releases"]
    ]


def test_a_release_that_several_apps_have_is_not_deleted_without_a_project(cli):
    body = {"version": "3.3.0", "projects": ["desktop", "website"]}
    assert cli.json("POST", f"{ORGANIZATION}/releases/", body)[0] == 201
    status, answer = cli.json("DELETE", f"{ORGANIZATION}/releases/3.3.0/")
    assert (status, "project" in answer["detail"]) == (409, True)
    assert cli.json("DELETE", f"{PROJECT}/releases/3.3.0/")[0] == 204
    assert cli.json("DELETE", f"{ORGANIZATION}/releases/3.3.0/")[0] == 204


@pytest.mark.parametrize(
    "body",
    [
        {"version": "somebody's build", "projects": ["desktop"]},
        {"version": "3.4.0", "projects": ["nope"]},
        {"version": "3.4.0", "projects": []},
        {"projects": ["desktop"]},
        {"version": "3.4.0", "projects": ["desktop"], "url": "javascript:alert(1)"},
        {"version": "3.4.0", "projects": ["desktop"], "url": "https://a/\n"},
        {"version": "3.4.0", "projects": ["desktop"], "dateReleased": "2026-11-20T10:00:00"},
        {"version": "3.4.0", "projects": ["desktop"], "dateReleased": "soon"},
    ],
)
def test_a_release_that_makes_no_sense_is_refused(cli, body):
    status, answer = cli.json("POST", f"{ORGANIZATION}/releases/", body)
    assert status in (400, 404)
    assert answer["detail"]
    assert cli.json("GET", f"{PROJECT}/releases/3.4.0/")[0] == 404


def test_commits_and_deploys_are_taken_and_not_kept(cli):
    assert cli.json("GET", f"{ORGANIZATION}/repos/?cursor=") == (200, [])
    before = cli.json("GET", f"{ORGANIZATION}/releases/3.5.0/previous-with-commits/")
    assert before == (200, {})
    body = {"environment": "production", "name": "first", "dateFinished": "2026-11-20T12:00:00Z"}
    status, answer = cli.json("POST", f"{ORGANIZATION}/releases/3.5.0/deploys/", body)
    assert status == 201
    assert answer.pop("id")
    assert answer == body | {"url": None, "dateStarted": None}
