"""POST /artifacts as curl sends it, the list and deleting, over raw HTTP."""

from __future__ import annotations

import os
import socket
import time
from base64 import b64encode

import pytest

from app import create_app
from stories.config import Config
from stories.web import access, multipart
from tests.support import crash
from tests.symbols import sending
from tests.symbols.sending import ID, Client, bundle, script, source_map
from tests.symbols.source_maps import RELEASE, report, shop
from tools.server import WORKERS


@pytest.fixture
def client(lasting_server):
    return Client(lasting_server.port, app="desktop")


def listed(client, app="desktop"):
    status, answer = client.json("GET", f"/artifacts?app={app}", headers=sending.OWNER)
    assert status == 200
    return answer


def test_a_script_and_its_map_are_stored_and_told(client):
    files = {"file": ("app.js", script()), "map": ("app.js.map", source_map())}
    status, answer = client.artifacts(files, release="5.0.0", dist="win", url="~/assets/app.js")
    assert (status, answer) == (
        200,
        {
            "success": True,
            "state": "stored",
            "stored": [
                {
                    "kind": "script",
                    "debug_id": ID,
                    "url": "~/assets/app.js",
                    "bytes": len(script()),
                },
                {
                    "kind": "source_map",
                    "debug_id": ID,
                    "url": "~/assets/app.js.map",
                    "bytes": len(source_map()),
                },
            ],
            "crashes_queued": 0,
        },
    )
    shown = listed(client)
    assert set(shown) == {
        "success", "app", "artifacts", "uploads", "missing", "bytes", "limit_bytes", "symbolic",
    }  # fmt: skip
    rows = {row["kind"]: row for row in shown["artifacts"] if row["url"].startswith("~/assets")}
    assert rows["script"]["releases"] == [{"release": "5.0.0", "dist": "win"}]
    assert (rows["script"]["name"], rows["script"]["uses"]) == ("app.js", 0)
    upload = shown["uploads"][0]
    assert (upload["kind"], upload["name"], upload["state"]) == ("script", "app.js", "stored")
    assert shown["bytes"] >= rows["script"]["kept_bytes"]


def test_a_bundle_goes_up_by_the_same_form(client):
    status, answer = client.artifacts({"bundle": ("dist.zip", bundle()[8:])}, release="5.0.1")
    assert status == 200
    assert {each["kind"] for each in answer["stored"]} == {"script", "source_map"}


def test_a_map_inside_a_script_names_its_crashes(client):
    bundle = shop()
    encoded = b64encode(bundle.map()).decode()
    text = bundle.script.decode().replace("app.js.map", f"data:application/json;base64,{encoded}")
    status, answer = client.artifacts(
        {"file": ("app.js", text.encode())}, release=RELEASE, url="~/assets/app.js"
    )
    assert status == 200
    assert [(each["kind"], each["url"]) for each in answer["stored"]] == [
        ("script", "~/assets/app.js"),
        ("source_map", "~/assets/app.js.map"),
    ]
    assert answer["stored"][1]["bytes"] == len(bundle.map())
    assert client.json("POST", "/crash", report(bundle), {"Authorization": ""})[0] == 200
    until = time.monotonic() + 60
    while time.monotonic() < until:
        issues = client.json("GET", "/issues?app=desktop", headers=sending.OWNER)[1]["issues"]
        if "history.js:renderResult" in [issue["culprit"] for issue in issues]:
            return
        time.sleep(0.2)
    raise AssertionError(issues)


@pytest.mark.parametrize(
    ("files", "fields", "sentence"),
    [
        ({}, {}, "one kind at once"),
        ({"file": ("a.js", b"x"), "bundle": ("b.zip", b"x")}, {}, "one kind at once"),
        ({"other": ("a.js", b"x")}, {}, "other must be one of"),
        ({"": ("a.js", b"x")}, {}, "each part must be one of"),
        ({"file": ("a.js", b"")}, {"release": "1.0.0"}, "file is empty"),
        ({"file": ("a.js", b"x")}, {"release": "somebody's"}, "release must be a version"),
        ({"file": ("a.js", b"x")}, {"release": "1.0.0", "url": "x" * 3000}, "at most 2000"),
        ({"file": ("a.js", b"x")}, {"app": "website", "release": "1.0.0"}, "slug of an app"),
        ({"file": ("a.js", b"x")}, {}, "a.js has no debug id"),
        ({"map": ("a.js.map", b"x")}, {"release": "1.0.0"}, "a.js.map is no source map"),
        ({"bundle": ("b.zip", b"x")}, {"release": "1.0.0"}, "b.zip cannot be read"),
        ({"symbols": ("app.sym", b"x" * 50)}, {}, "app.sym"),
    ],
)
def test_what_is_wrong_is_told_by_the_name_of_its_part(client, files, fields, sentence):
    before = listed(client)["artifacts"]
    status, answer = client.artifacts(files, **fields)
    assert (status, answer["success"]) == (400, False)
    assert sentence in answer["error"], answer
    assert listed(client)["artifacts"] == before


def test_a_part_that_comes_twice_is_refused(client):
    parts = [("file", "a.js", b"a"), ("release", None, b"1.0.0"), ("file", "a.js", b"b")]
    status, answer = client.form(parts)
    assert (status, "once" in answer["error"]) == (400, True)


def test_a_token_of_several_apps_names_one(lasting_server):
    client = Client(lasting_server.port)
    files = {"file": ("app.js", script())}
    status, answer = client.artifacts(files)
    assert (status, answer["details"][0]["parameter"]) == (400, "app")
    assert client.artifacts(files, app="website")[0] == 200
    parts = [("file", "app.js", script())]
    assert client.form(parts, "/artifacts?app=website")[0] == 200
    assert client.form(parts, "/artifacts?app=nope")[0] == 400


@pytest.mark.parametrize("scopes", [("read",), ("ingest",)])
def test_other_tokens_send_nothing(lasting_server, scopes):
    client = Client(lasting_server.port, scopes)
    assert client.artifacts({"file": ("app.js", script())}, app="desktop")[0] == 403
    client.token = "st_unknown"
    assert client.artifacts({"file": ("app.js", script())}, app="desktop")[0] == 401


def test_another_site_cannot_send_in_somebodys_browser(client):
    headers = {
        **sending.OWNER,
        "Content-Type": "multipart/form-data; boundary=x",
        "Origin": "https://evil.example",
    }
    body = sending.multipart([("file", "app.js", script())], "x")
    status, answer = client.call("POST", "/artifacts?app=desktop", body, headers)
    assert (status, b"cross_site" in answer) == (403, True)


def test_an_artifact_of_another_app_is_not_there(lasting_server, client):
    assert client.artifacts({"file": ("app.js", script(text="mine()"))}, release="5.1.0")[0] == 200
    [row] = [r for r in listed(client)["artifacts"] if r["releases"][0]["release"] == "5.1.0"]
    other = Client(lasting_server.port, app="website")
    for address in (f"/artifacts/{row['id']}", "/artifacts/0", "/artifacts/x"):
        assert other.json("DELETE", address)[0] == 404
    assert other.json("GET", "/artifacts?app=desktop")[0] == 400
    assert client.json("DELETE", f"/artifacts/{row['id']}")[0] == 200
    assert client.json("DELETE", f"/artifacts/{row['id']}")[0] == 404


def test_what_crashes_miss_is_listed_until_it_is_there(client):
    frame = {"function": "t", "file": "app://main.js", "line": 1, "column": 5}
    sent = crash(
        app_version="5.2.0",
        stack_trace="Error: no\n    at t (app:///assets/main.js:1:5)",
        error_message="Error: no",
        frames=[frame],
    )
    assert client.json("POST", "/crash", sent, {"Authorization": ""})[0] == 200
    missing = {row["key"]: row for row in listed(client)["missing"]}
    row = missing["file:5.2.0:main.js"]
    assert (row["what"], row["release"], row["crashes"]) == ("main.js", "5.2.0", 1)
    status, answer = client.artifacts({"file": ("main.js", b"x()")}, release="5.2.0")
    assert (status, answer["crashes_queued"]) == (200, 1)
    assert "file:5.2.0:main.js" not in {row["key"] for row in listed(client)["missing"]}


def test_a_large_file_comes_in_pieces_and_whole(client):
    text = os.urandom(3 * 2**20).hex().encode()
    status, answer = client.artifacts(
        {"file": ("big.js", b'"' + text + b'"'), "map": ("big.js.map", source_map())}
    )
    assert (status, answer["stored"][0]["bytes"]) == (200, len(text) + 2)


def test_a_body_that_ends_early_is_refused_and_nothing_waits(client, lasting_server):
    body = sending.multipart([("file", "a.js", script())], "x")
    head = (
        f"POST /artifacts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    before = listed(client)["uploads"]
    with socket.create_connection(("127.0.0.1", lasting_server.port), timeout=30) as half:
        half.sendall(head.encode() + body[:-10])
        half.shutdown(socket.SHUT_WR)
        assert b" 400 " in half.recv(200)
    assert listed(client)["uploads"] == before
    for form in (body[: len(body) // 2], b"--x\r\n\r\n", b"--x\r\nA: b\r\n\r\nx\r\n--x--"):
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        assert client.call("POST", "/artifacts", form, headers)[0] == 400


def test_a_chunked_body_will_do(client):
    body = sending.multipart([("file", "chunked.js", script())], "x")
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    pieces = iter([body[at : at + 7] for at in range(0, len(body), 7)])
    assert client.call("POST", "/artifacts", pieces, headers)[0] == 200


def test_the_audit_log_has_it(client):
    assert client.artifacts({"file": ("logged.js", script())}, release="5.3.0")[0] == 200
    status, answer = client.json("GET", "/audit?limit=5", headers=sending.OWNER)
    assert status == 200
    assert any(
        row["action"] == "sent source maps or symbols" and row["subject"] == "logged.js"
        for row in answer["entries"]
    )


def test_requests_about_uploads_are_counted_by_address(dsn, monkeypatch):
    monkeypatch.setattr(access, "UPLOADS", "3/minute")
    app = create_app(Config(run_jobs=False), dsn)
    answers = [app.test_client().get("/api/0/", headers=sending.OWNER) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "try again" in answers[-1].get_data(as_text=True)
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert app.test_client().post("/artifacts", headers=sending.OWNER).status_code == 429
    app.extensions["stories"].database.close()


def test_a_worker_takes_so_many_uploads_at_once_and_answers_others(serve):
    client = Client(serve().port, app="desktop")
    head = (
        f"POST /artifacts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000\r\n\r\n--x\r\n"
    )
    slow = []
    try:
        for _ in range(multipart.PLACES * WORKERS):
            slow.append(socket.create_connection(("127.0.0.1", client.port), timeout=30))
            slow[-1].sendall(head.encode())
        time.sleep(1)
        answers = [client.artifacts({"file": ("a.js", script())}) for _ in range(WORKERS * 3)]
        assert (503, "busy") in [(status, answer.get("code")) for status, answer in answers]
        assert client.call("GET", "/health")[0] == 200
    finally:
        for each in slow:
            each.close()
