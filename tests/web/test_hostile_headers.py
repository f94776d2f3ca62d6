"""Headers and queries that made a 500 once, found by `make fuzz`; each answers for itself."""

from __future__ import annotations

import pytest

from app import create_app
from stories.config import Config
from tests.support import basic
from tools.fuzz.wire import play

LOGIN = b"Authorization: Basic YWRtaW46YWRtaW4=\r\n"


def ask(app, first: bytes, *headers: bytes):
    return play(app, first + b" HTTP/1.1\r\nHost: localhost\r\n" + b"".join(headers) + b"\r\n")


@pytest.mark.parametrize(
    "first", [b"GET /apps", b"POST /track", b"POST /api/visits", b"GET /health"]
)
def test_a_query_that_is_not_utf8_is_a_400(app, first):
    answer = ask(app, first + b"?app_key=\x97", LOGIN)
    assert answer.status == 400
    assert b"invalid_query" in answer.body


@pytest.mark.parametrize(
    "given", [b"Basic \xff\xfe", b"Basic YWRtaW46YWRtaW4=\xe4", b"Basic =\xa0="]
)
def test_a_login_of_no_base64_is_a_401_and_a_failure(dsn, given):
    app = create_app(Config(run_jobs=False, ratelimit_login=2), dsn)
    header = b"Authorization: " + given + b"\r\n"
    assert [ask(app, b"GET /apps", header).status for _ in range(3)] == [401, 401, 429]
    app.extensions["stories"].database.close()


@pytest.mark.parametrize("origin", ["http://[", "//", "localhost", "http://localhost.evil.example"])
def test_an_origin_that_is_no_address_is_another_site(client, origin):
    answer = client.post("/cleanup", headers={**basic("admin", "admin"), "Origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["users?sort=events", "crashes?sort=message"])
def test_a_cursor_that_holds_nul_is_a_400(client, path):
    parts = {"users": "WyJcdTAwMDAiLCI1NTBlODQwMC1lMjliLTQxZDQtYTcxNi00NDY2NTU0NDAwMDAiXQ",
             "crashes": "WyJcdTAwMDAiLCIyMDI2LTExLTIxVDEwOjAwOjAwWiIsIjU1MGU4NDAwLWUyOWItNDFkNC1hNzE2L"
                        "TQ0NjY1NTQ0MDAwMCIsNV0"}  # fmt: skip
    cursor = parts[path.partition("?")[0]]
    answer = client.get(
        f"/dashboard/api/{path}&app=desktop&cursor={cursor}", headers=basic("admin", "admin")
    )
    assert (answer.status_code, answer.json["details"][0]["parameter"]) == (400, "cursor")


def test_nul_in_a_campaign_does_not_cost_the_page_view(client):
    view = {"sessionId": "v", "type": "pageview", "path": "/x?utm_source=a%00b"}
    answer = client.post("/api/track", json=view).json
    assert (answer["events_stored"], answer["rejected"]) == (1, [])


def test_a_line_break_in_the_query_of_a_redirected_path_is_a_400(app):
    assert ask(app, b"GET /dashboard//overview?app=a\nb", LOGIN).status == 400
