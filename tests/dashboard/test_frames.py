"""The dashboard's pages and files as the server sends them: closed, with a policy, small."""

from __future__ import annotations

import base64
import re
from hashlib import sha256

import pytest

from stories.views import dashboard
from tests.support import PERSON

STATS = {"answer", "before", "hours", "page", "releases", "has_nobody", "rollup_lag_seconds"}
NAMES = [page.name for page in dashboard.PAGES]


@pytest.mark.parametrize(
    "path",
    [
        "/dashboard",
        "/dashboard/events",
        "/analytics",
        "/dashboard/api/server",
        "/dashboard/api/state?app=desktop",
    ],
)
def test_nothing_of_it_is_open(client, path):
    assert client.get(path).status_code == 401


@pytest.mark.parametrize("name", NAMES)
def test_every_page_has_a_strict_policy_and_nothing_inline(client, auth, name):
    kind = dashboard.BY_NAME[name].kinds[0]
    answer = client.get(f"/dashboard/{name}?app={kind}", headers=auth)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    [inline] = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", answer.text)
    digest = base64.b64encode(sha256(inline[1].encode()).digest()).decode()
    assert inline[0] == ' type="importmap"'
    assert f"'sha256-{digest}'" in policy
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", answer.text)
    assert not re.search(r"(src|href)=\"(https?:)?//", answer.text)


def test_a_page_of_another_kind_leads_to_the_apps_own_overview(client, auth):
    answer = client.get("/dashboard/growth?app=bot", headers=auth)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/dashboard?app=bot"


def test_the_bots_old_address_leads_to_its_pages(client, auth):
    assert client.get("/analytics", headers=auth).headers["Location"] == "/dashboard?app=bot"


@pytest.mark.parametrize(
    "path", ["/dashboard/nothing", "/dashboard?app=nobody", "/static/dashboard/../../app.py"]
)
def test_what_is_not_there_is_a_404(client, auth, path):
    assert client.get(path, headers=auth).status_code == 404


def test_it_asks_for_no_file_that_is_not_there(client, auth):
    text = client.get("/dashboard", headers=auth).text
    addresses = re.findall(r"(?:src|href)=\"(/static/[^\"]+)\"", text)
    assert len(addresses) > 10
    for address in addresses:
        assert client.head(address).status_code == 200, address


@pytest.mark.parametrize(
    ("path", "members"),
    [
        ("state?app=desktop", {"has_data"}),
        ("stats?app=desktop&page=overview&include=growth,costs", STATS),
        ("stats?app=website&page=website&period=7d", STATS),
        ("stats?app=generator&page=generations&period=all", STATS),
        ("stats?app=bot&page=bot&from=2026-01-01&to=2026-01-02", STATS),
        ("search?app=desktop&search=x", {"events", "next_cursor", "searched_to"}),
        ("users?app=desktop&sort=-recordings", {"users", "next_cursor"}),
        ("crashes?app=desktop&sort=version", {"crashes", "next_cursor"}),
        (f"person?app=bot&user_id={PERSON}", {"external_id"}),
        ("releases?app=desktop&from=2026-01-01&to=2026-01-02", {"releases"}),
        ("server", {"storage", "growth", "fold", "jobs"}),
    ],
)
def test_its_own_api_answers_on_an_empty_database(client, auth, path, members):
    answer = client.get(f"/dashboard/api/{path}", headers=auth)
    assert answer.status_code == 200
    assert set(answer.json) == {"success", *members}


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("stats?period=7d", "app"),
        ("stats?app=desktop&page=nothing", "page"),
        ("stats?app=desktop&from=2026-02-01&to=2026-01-31", "to"),
        ("search?app=desktop", "search"),
        ("users?app=desktop", "sort"),
        ("users?app=desktop&sort=key", "sort"),
        ("crashes?app=desktop&sort=--time", "sort"),
        ("crashes?app=desktop&sort=time&cursor=x", "cursor"),
        ("releases?app=desktop", "from"),
        ("server?app=desktop", "app"),
        ("state?app=desktop&x=1", "x"),
    ],
)
def test_its_own_api_names_a_wrong_parameter(client, auth, path, parameter):
    answer = client.get(f"/dashboard/api/{path}", headers=auth)
    assert answer.status_code == 400
    assert parameter in answer.json["error"]
