"""Who may call what, from where, and how often."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from werkzeug.routing import Rule

from app import create_app
from stories.config import Config
from stories.web.access import (
    KEYED_INGEST,
    OPEN_CHANGES,
    OPEN_INGEST,
    OPEN_PAGES,
    OWN_KEY,
    ByteLimit,
    client_key,
)
from tests.support import basic, crash, event
from tools.server import free_port

GOOD = basic("admin", "admin")
WRONG = basic("admin", "wrong")
ALL_OPEN = OPEN_INGEST | OPEN_PAGES | OPEN_CHANGES
ANY = ("*", "https://shop.example")  # either lets that page read it


def address(rule):
    """An address of the rule, its variables filled in with something."""
    return re.sub(r"<any\((\w+)[^)]*\):\w+>|<(?:\w+:)?\w+>", lambda m: m[1] or "something", rule)


RULES: list[tuple[Rule, str]] = [
    (rule, method)
    for rule in create_app(Config(), "postgresql:///none").url_map.iter_rules()
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
]
CLOSED = [(rule, method) for rule, method in RULES if rule.endpoint not in ALL_OPEN]


# Closed unless listed ----------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, WRONG, {"Authorization": "Bearer admin"}], ids=str)
def test_it_refuses_everybody_on_every_route_that_is_not_listed_as_open(client, headers):
    for rule, method in CLOSED:
        answer = client.open(address(rule.rule), method=method, headers=headers)
        assert answer.status_code == 401, (rule, method)
        assert answer.headers["WWW-Authenticate"].startswith("Basic "), (rule, method)
        if rule.rule.startswith("/api/0/"):  # sentry-cli prints `detail`
            assert set(answer.json) == {"detail"}, (rule, method)
        else:
            assert answer.json["code"] == "login_required", (rule, method)


def test_the_lists_name_only_routes_that_are_there(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints >= ALL_OPEN | KEYED_INGEST | OWN_KEY


def test_every_open_page_only_reads(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN_PAGES:
            assert rule.methods <= {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    "login",
    [
        ("admin", ""),
        ("", "admin"),
        ("Admin", "admin"),
        ("admin", "admin "),
        ("adm\u00efn", "admin"),
    ],
)
def test_a_login_must_be_right_to_the_letter(client, login):
    assert client.get("/apps", headers=basic(*login)).status_code == 401


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic YWRtaW4=", "basic", "Digest x", ""]
)
def test_a_malformed_login_is_a_401(client, header):
    assert client.get("/apps", headers={"Authorization": header}).status_code == 401


def test_the_right_login_opens(client):
    assert client.get("/apps", headers=GOOD).status_code == 200


# Other sites -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
def test_a_change_caused_by_another_site_is_refused_even_with_the_login(client, origin):
    answer = client.post("/cleanup", headers={**GOOD, **origin})
    assert answer.status_code == 403
    assert answer.json["code"] == "cross_site"


@pytest.mark.parametrize(
    "origin",
    [
        {},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
def test_a_change_by_curl_or_by_our_own_page_is_fine(client, origin):
    assert client.post("/cleanup", headers={**GOOD, **origin}).status_code == 200


def test_every_change_behind_the_login_is_guarded(client):
    changing = [(rule, method) for rule, method in CLOSED if method != "GET"]
    assert len(changing) >= 5
    for rule, method in changing:
        answer = client.open(
            address(rule.rule), method=method, headers={**GOOD, "Origin": "https://evil.example"}
        )
        assert answer.status_code == 403, rule.rule


# CORS --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/track", "/crash", "/api/track"])
def test_browsers_of_other_sites_may_send(client, path):
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,content-encoding,x-app-key",
    }
    answer = client.options(path, headers=asked)
    assert answer.status_code in (200, 204)
    assert answer.headers["Access-Control-Allow-Origin"] in ANY
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    for name in ("content-type", "content-encoding", "x-app-key"):
        assert name in allowed
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_what_was_sent_may_be_read_by_its_page_refusals_too(client):
    origin = {"Origin": "https://shop.example"}
    for body in ({"events": [event()]}, {"events": 7}):
        answer = client.post("/track", json=body, headers=origin)
        assert answer.headers["Access-Control-Allow-Origin"] in ANY
    answer = client.post("/crash", json=crash(), headers=origin)
    assert answer.headers["Access-Control-Allow-Origin"] in ANY


def test_nothing_behind_the_login_is_opened_to_other_sites(client):
    for rule, method in CLOSED:
        for used in (method, "OPTIONS"):
            answer = client.open(
                address(rule.rule),
                method=used,
                headers={"Origin": "https://evil.example", "Access-Control-Request-Method": method},
            )
            assert "Access-Control-Allow-Origin" not in answer.headers, rule.rule


@pytest.fixture
def limited(dsn):
    """Makes clients of apps with limits on (counted in each app's own memory)."""
    made = []

    def make(**settings):
        app = create_app(Config(run_jobs=False, **settings), dsn)
        app.testing = True
        made.append(app)
        return app.test_client()

    yield make
    for app in made:
        app.extensions["stories"].database.close()


def test_only_named_origins_may_send_when_they_are_named(limited):
    client = limited(cors_origins="https://a.example, https://b.example")
    for origin, allowed in (("https://b.example", True), ("https://c.example", False)):
        answer = client.post("/track", json={"events": [event()]}, headers={"Origin": origin})
        assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed


# How often ---------------------------------------------------------------------------------------


def test_after_twenty_wrong_logins_more_are_refused_and_a_right_one_still_passes(limited):
    client = limited()
    codes = [client.get("/apps", headers=WRONG).status_code for _ in range(20)]
    assert codes == [401] * 20
    answer = client.get("/apps", headers=WRONG)
    assert answer.status_code == 429
    assert answer.json["code"] == "too_many_requests"
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert client.get("/apps", headers=GOOD).status_code == 200
    assert client.get("/apps", headers=WRONG).status_code == 429


def test_wrong_logins_are_counted_while_redis_is_away(limited):
    client = limited(ratelimit_login=2, ratelimit_storage_url=f"redis://127.0.0.1:{free_port()}/0")
    assert [client.get("/apps", headers=WRONG).status_code for _ in range(3)] == [401, 401, 429]
    assert client.get("/apps", headers=GOOD).status_code == 200


def test_a_request_without_credentials_is_no_failed_login(limited):
    client = limited()
    assert {client.get("/apps").status_code for _ in range(30)} == {401}
    assert client.get("/apps", headers=WRONG).status_code == 401


def test_right_logins_never_count(limited):
    client = limited(ratelimit_login=2)
    assert {client.get("/apps", headers=GOOD).status_code for _ in range(10)} == {200}
    assert client.get("/apps", headers=WRONG).status_code == 401


def test_ingest_is_limited_per_address_and_says_when_to_come_back(limited):
    client = limited(ratelimit_ingest=3)
    bodies = [("/track", {"events": [event()]}), ("/crash", crash())]
    codes = [client.post(path, json=body).status_code for path, body in bodies * 2]
    assert codes == [200, 200, 200, 429]
    answer = client.post("/track", json={"events": [event()]})
    assert answer.json["code"] == "too_many_requests"
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    other = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.post("/track", json={"events": [event()]}, environ_base=other).status_code == 200


def test_the_ingest_limit_is_not_that_of_other_pages(limited):
    client = limited(ratelimit_ingest=1)
    assert {client.get("/health").status_code for _ in range(5)} == {200}
    assert {client.get("/apps", headers=GOOD).status_code for _ in range(5)} == {200}
    assert client.post("/track", json={"events": [event()]}).status_code == 200


def test_a_site_may_read_that_it_has_to_wait(limited):
    client = limited(ratelimit_ingest=1)
    origin = {"Origin": "https://shop.example"}
    client.post("/track", json={"events": [event()]}, headers=origin)
    answer = client.post("/track", json={"events": [event()]}, headers=origin)
    assert answer.status_code == 429
    assert answer.headers["Access-Control-Allow-Origin"] in ANY
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


def test_addresses_of_one_ipv6_network_are_one_client(limited):
    client = limited(ratelimit_ingest=1)

    def ask(text):
        return client.post(
            "/track", json={"events": [event()]}, environ_base={"REMOTE_ADDR": text}
        ).status_code

    assert ask("2001:db8::1") == 200
    assert ask("2001:db8::2") == 429
    assert ask("2001:db8:0:1::1") == 200


def test_limits_are_off_by_setting(limited):
    client = limited(ratelimit_enabled=False, ratelimit_ingest=1, ratelimit_login=1)
    assert {client.post("/track", json={"events": [event()]}).status_code for _ in range(5)} == {
        200
    }
    assert {client.get("/apps", headers=WRONG).status_code for _ in range(5)} == {401}


# Proxies -----------------------------------------------------------------------------------------


def forged(client, forwarded):
    answer = client.post(
        "/track", json={"events": [event()]}, headers={"X-Forwarded-For": forwarded}
    )
    return answer.status_code


def test_without_a_proxy_a_forged_address_changes_nothing(limited):
    client = limited(ratelimit_ingest=1)
    assert [forged(client, f"198.51.100.{n}") for n in range(3)] == [200, 429, 429]


def test_with_one_proxy_only_the_address_that_it_added_counts(limited):
    client = limited(ratelimit_ingest=1, trusted_proxies=1)
    assert forged(client, "198.51.100.1, 203.0.113.7") == 200
    assert forged(client, "198.51.100.2, 203.0.113.7") == 429
    assert forged(client, "198.51.100.1, 203.0.113.8") == 200


def test_with_two_proxies_the_last_but_one_counts(limited):
    client = limited(ratelimit_ingest=1, trusted_proxies=2)
    assert forged(client, "1.1.1.1, 203.0.113.7, 10.0.0.1") == 200
    assert forged(client, "2.2.2.2, 203.0.113.7, 10.0.0.2") == 429


def large_body(size: int) -> bytes:
    return json.dumps(
        {"events": [event(properties={"text": "x" * 8000})] * (size // 8000)}
    ).encode()


def test_the_rate_limit_weighs_the_bytes_of_large_bodies(limited):
    client = limited(ratelimit_ingest=60)
    large = gzip.compress(large_body(40 * ByteLimit.UNIT))
    headers = {"Content-Encoding": "gzip"}
    assert client.post("/track", data=large, headers=headers).status_code == 200
    refused = client.post("/track", data=large, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (429, "too_many_requests")
    assert int(refused.headers["Retry-After"]) > 0
    assert client.post("/track", json={"events": [event()]}).status_code == 200


def test_the_largest_body_passes_the_smallest_limit_once(limited):
    client = limited(ratelimit_ingest=2)
    assert client.post("/track", data=large_body(400_000)).status_code == 200


@pytest.mark.parametrize(
    ("storage", "together"), [("memory://", False), ("redis://localhost", True)]
)
def test_workers_that_count_in_redis_know_an_address_by_the_same_hash(dsn, storage, together):
    keys = set()
    for _ in range(2):
        worker = create_app(Config(run_jobs=False, ratelimit_storage_url=storage), dsn)
        with worker.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.7"}):
            keys.add(client_key())
    assert (len(keys) == 1) is together
    assert not any("192.0.2.7" in key for key in keys)
