"""People: one-time links, passwords, sessions, and how all of them end."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from app import create_app
from stories.accounts import passwords
from stories.config import ROOT, Config
from stories.web.access import OPEN_INGEST
from tests.rollup_tables import value, values
from tests.support import basic
from tests.web.accounts import OWNER, PASSWORD, account_id, add_person, log_in


@pytest.fixture
def browser(app):
    """A client that keeps cookies, beside the one that sends Basic."""
    return app.test_client()


# One-time links ----------------------------------------------------------------------------------


def test_a_person_chooses_a_password_by_a_link_that_works_once(client):
    made = client.post("/accounts", json={"name": "Ada", "role": "editor"}, headers=OWNER).json
    assert made["account"]["has_password"] is False
    assert client.get("/stats", headers=basic("Ada", PASSWORD)).status_code == 401
    accept = {"secret": made["invite"], "password": PASSWORD}
    assert client.post("/invite", json=accept).json == {"success": True, "name": "Ada"}
    assert client.get("/stats", headers=basic("Ada", PASSWORD)).status_code == 200
    again = client.post("/invite", json={**accept, "password": "another password"})
    assert (again.status_code, again.json["code"]) == (404, "unknown_link")
    assert client.get("/stats", headers=basic("Ada", "another password")).status_code == 401


def test_a_link_ends_after_a_day(app, client, now):
    made = client.post("/accounts", json={"name": "Ada", "role": "viewer"}, headers=OWNER).json
    app.config["NOW"] = lambda: now + timedelta(days=1, minutes=1)
    late = client.post("/invite", json={"secret": made["invite"], "password": PASSWORD})
    assert late.json["code"] == "unknown_link"


def test_a_new_link_replaces_a_lost_password_and_the_link_before(client, browser):
    login = add_person(client, "Ada")
    log_in(browser, "Ada")
    path = f"/accounts/{account_id(client, 'Ada')}/invite"
    first, second = (client.post(path, headers=OWNER).json["invite"] for _ in range(2))
    assert client.get("/stats", headers=login).status_code == 200, "until the link is used"
    new = {"password": "a new password"}
    assert client.post("/invite", json={"secret": first, **new}).status_code == 404
    assert client.post("/invite", json={"secret": second, **new}).status_code == 200
    assert client.get("/stats", headers=login).status_code == 401
    assert client.get("/stats", headers=basic("Ada", "a new password")).status_code == 200
    assert browser.get("/stats").status_code == 401


@pytest.mark.parametrize("password", ["short", "", "x" * 201, "nul\0 in the middle"])
def test_a_password_that_will_not_do_is_refused_and_the_link_stays_good(client, password):
    made = client.post("/accounts", json={"name": "Ada", "role": "viewer"}, headers=OWNER).json
    body = {"secret": made["invite"], "password": password}
    assert client.post("/invite", json=body).status_code == 400
    assert client.post("/invite", json={**body, "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("name", ["", "a:b", " Ada", "x" * 101, "line\nbreak"])
def test_a_name_that_basic_could_not_carry_is_refused(client, name):
    body = {"name": name, "role": "viewer"}
    assert client.post("/accounts", json=body, headers=OWNER).status_code == 400


@pytest.mark.parametrize("name", ["ada", "ADMIN"])
def test_a_name_is_taken_once_whatever_its_case(client, name):
    add_person(client, "Ada")
    taken = client.post("/accounts", json={"name": name, "role": "viewer"}, headers=OWNER)
    assert (taken.status_code, taken.json["code"]) == (409, "name_taken")


def test_passwords_and_secrets_are_stored_as_hashes_only(client, browser, database):
    add_person(client, "Ada")
    made = client.post("/accounts", json={"name": "Bob", "role": "viewer"}, headers=OWNER).json
    log_in(browser, "Ada")
    cookie = browser.get_cookie("stories_session").value
    held = str(
        [
            values(database, f"select t::text from {t} as t")
            for t in ("accounts", "account_sessions", "audit_log")
        ]
    )
    assert "$argon2id$" in held
    for secret in (PASSWORD, made["invite"], cookie):
        assert secret not in held


def counting(matches, hashed):
    """As `matches`, and each call is in `hashed`."""

    def run(*arguments):
        hashed.append(arguments)
        return matches(*arguments)

    return run


# Passwords ---------------------------------------------------------------------------------------


def test_a_person_changes_their_own_password_and_stays_logged_in(client, app):
    add_person(client, "Ada")
    here, elsewhere = app.test_client(), app.test_client()
    log_in(here, "Ada")
    log_in(elsewhere, "Ada")
    wrong = here.post("/account/password", json={"old": "no such one", "new": "a new password"})
    assert (wrong.status_code, wrong.json["code"]) == (400, "wrong_password")
    body = {"old": PASSWORD, "new": "a new password"}
    assert here.post("/account/password", json=body).status_code == 200
    assert here.get("/stats").status_code == 200
    assert elsewhere.get("/stats").status_code == 401
    assert client.get("/stats", headers=basic("Ada", PASSWORD)).status_code == 401
    assert client.get("/stats", headers=basic("Ada", "a new password")).status_code == 200


def test_a_hash_costs_what_guessing_is_to_cost():
    code = "from stories.accounts.passwords import Passwords; print(Passwords().hash('x' * 10))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


def test_the_owner_s_password_is_a_setting_and_not_changed_here(client):
    body = {"old": "admin", "new": "a new password"}
    answer = client.post("/account/password", json=body, headers=OWNER)
    assert (answer.status_code, answer.json["code"]) == (409, "is_a_setting")


def test_a_right_password_is_hashed_once_and_remembered(client, services, monkeypatch):
    login = add_person(client, "Ada")
    hashed: list[tuple[str, ...]] = []
    matches = passwords._matches
    monkeypatch.setattr(passwords, "_matches", counting(matches, hashed))
    assert {client.get("/stats", headers=login).status_code for _ in range(5)} == {200}
    assert len(hashed) == 1
    monkeypatch.setattr("stories.accounts.passwords.time.monotonic", lambda: 1e9)
    assert client.get("/stats", headers=login).status_code == 200
    assert len(hashed) == 2


def test_names_that_do_not_exist_cost_as_much_as_those_that_do(client, monkeypatch):
    add_person(client, "Ada")
    hashed: list[tuple[str, ...]] = []
    monkeypatch.setattr(passwords, "_matches", counting(lambda *_: False, hashed))
    for name in ("Ada", "Nobody"):
        assert client.get("/stats", headers=basic(name, "wrong password")).status_code == 401
    assert len(hashed) == 2


def test_no_password_is_hashed_for_an_address_that_has_failed_too_often(dsn, client, monkeypatch):
    login = add_person(client, "Ada")
    hashed: list[tuple[str, ...]] = []
    matches = passwords._matches
    monkeypatch.setattr(passwords, "_matches", counting(matches, hashed))
    app = create_app(Config(run_jobs=False, ratelimit_login=3), dsn)
    limited = app.test_client()
    assert limited.get("/stats", headers=login).status_code == 200
    wrong = basic("Ada", "wrong password")
    codes = [limited.get("/stats", headers=wrong).status_code for _ in range(10)]
    assert codes == [401] * 2 + [429] * 8
    assert log_in(limited, "Ada", "wrong password").status_code == 429
    assert len(hashed) == 3
    assert limited.get("/stats", headers=login).status_code == 200, "remembered: nothing to hash"
    assert limited.get("/stats", headers=OWNER).status_code == 200
    app.extensions["stories"].database.close()


def test_who_would_wait_too_long_for_a_hash_is_refused(client, services, monkeypatch):
    add_person(client, "Ada")
    services.accounts.passwords._waiting = passwords.QUEUE
    busy = client.get("/stats", headers=basic("Ada", "wrong password"))
    assert (busy.status_code, busy.json["code"]) == (503, "busy")
    assert client.get("/stats", headers=OWNER).status_code == 200


# Sessions ----------------------------------------------------------------------------------------


def test_the_login_page_gives_a_cookie_that_opens_until_log_out(client, browser):
    add_person(client, "Ada")
    page = browser.get("/login")
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "same-origin", "or a form's Origin would be null"
    answer = log_in(browser, "Ada")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard")
    cookie = answer.headers["Set-Cookie"]
    for part in ("stories_session=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"):
        assert part in cookie
    assert browser.get("/account").json["account"]["by"] == "session"
    assert browser.post("/logout").status_code == 200
    assert browser.get("/account").status_code == 401


def test_behind_tls_the_cookie_is_bound_to_the_host(client, app):
    add_person(client, "Ada")
    browser = app.test_client()
    tls = {"base_url": "https://localhost"}
    cookie = log_in(browser, "Ada", **tls).headers["Set-Cookie"]
    assert cookie.startswith("__Host-stories=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    secret = cookie.partition("=")[2].partition(";")[0]
    assert browser.get("/account", **tls).status_code == 200
    other = app.test_client()
    other.set_cookie("stories_session", secret)
    assert other.get("/account", **tls).status_code == 401, "a cookie that plain HTTP could set"


def test_a_login_never_takes_over_the_token_that_a_browser_came_with(client, app, database):
    """Session fixation: whoever planted the cookie must not be logged in with it."""
    add_person(client, "Ada")
    victim, planted = app.test_client(), "x" * 43
    victim.set_cookie("stories_session", planted)
    log_in(victim, "Ada")
    assert victim.get_cookie("stories_session").value != planted
    attacker = app.test_client()
    attacker.set_cookie("stories_session", planted)
    assert attacker.get("/account").status_code == 401
    first = victim.get_cookie("stories_session").value
    log_in(victim, "Ada")
    attacker.set_cookie("stories_session", first)
    assert attacker.get("/account").status_code == 401, "the session before ends with a new login"
    assert value(database, "select count(*) from account_sessions") == 1


def test_a_session_ends_after_thirty_days(app, client, browser, now):
    add_person(client, "Ada")
    log_in(browser, "Ada")
    app.config["NOW"] = lambda: now + timedelta(days=29, hours=23)
    assert browser.get("/stats").status_code == 200
    app.config["NOW"] = lambda: now + timedelta(days=30, minutes=1)
    assert browser.get("/stats").status_code == 401


def test_a_person_ends_all_their_sessions_and_nobody_else_s(client, app):
    add_person(client, "Ada")
    add_person(client, "Bob")
    ada, phone, bob = (app.test_client() for _ in range(3))
    for browser, name in ((ada, "Ada"), (phone, "Ada"), (bob, "Bob")):
        log_in(browser, name)
    assert ada.delete("/account/sessions").json["ended"] == 2
    assert [one.get("/account").status_code for one in (ada, phone, bob)] == [401, 401, 200]


def test_the_owner_of_the_settings_logs_in_there_too_until_the_password_changes(dsn, browser):
    assert log_in(browser, "admin", "admin").status_code == 303
    assert browser.get("/account").json["account"]["role"] == "owner"
    cookie = browser.get_cookie("stories_session").value
    for password, status in (("admin", 200), ("another", 401)):
        app = create_app(Config(run_jobs=False, dashboard_password=password), dsn)
        other = app.test_client()
        other.set_cookie("stories_session", cookie)
        assert other.get("/account").status_code == status
        app.extensions["stories"].database.close()


def test_a_cookie_does_not_answer_for_a_wrong_password(client, browser):
    add_person(client, "Ada")
    log_in(browser, "Ada")
    assert browser.get("/account", headers=basic("admin", "wrong")).status_code == 401


def test_an_ended_session_leads_a_browser_to_the_login_page_and_back(client, browser):
    add_person(client, "Ada")
    log_in(browser, "Ada")
    client.delete(f"/accounts/{account_id(client, 'Ada')}", headers=OWNER)
    page = browser.get("/dashboard/growth?app=desktop", headers={"Accept": "text/html"})
    assert page.status_code == 302
    assert page.headers["Location"] == "/login?next=/dashboard/growth%3Fapp%3Ddesktop"
    answer = browser.get("/stats", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (401, "session_ended")
    assert "WWW-Authenticate" not in answer.headers, "or the browser would ask for Basic"


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("/dashboard/growth?app=x", "/dashboard/growth?app=x"),
        ("https://evil.example", "/dashboard"),
        ("//evil.example", "/dashboard"),
        ("/dashboard\\@evil.example", "/dashboard"),
        ("/dashboardevil", "/dashboard"),
        ("/dashboard/\r\nSet-Cookie: a=b", "/dashboard"),
        ("javascript:alert(1)", "/dashboard"),
    ],
)
def test_a_login_leads_to_the_dashboard_and_nowhere_else(browser, asked, goes):
    form = {"name": "admin", "password": "admin", "next": asked}
    assert browser.post("/login", data=form).headers["Location"] == goes


def test_a_wrong_login_shows_the_page_again_and_sets_no_cookie(client, browser):
    add_person(client, "Ada")
    answer = log_in(browser, "Ada", "<script>")
    assert answer.status_code == 403
    assert "wrong" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "WWW-Authenticate" not in answer.headers


OTHER_SITES = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
)


@pytest.mark.parametrize("headers", OTHER_SITES, ids=str)
def test_no_other_site_can_log_a_browser_in_or_change_anything_with_its_cookie(
    app, client, browser, headers
):
    add_person(client, "Ada", "owner")
    assert log_in(browser, "Ada", headers=headers).status_code == 403
    log_in(browser, "Ada")
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"GET", "HEAD", "OPTIONS"}:
            if rule.endpoint in OPEN_INGEST | {"mcp.answer_message", "reports.unsubscribe"}:
                continue  # they take no cookie
            answer = browser.open(rule.rule, method=method, headers=headers)
            assert answer.status_code == 403, rule.rule
            if not rule.rule.startswith("/api/0/"):  # answers there have `detail` alone
                assert answer.json["code"] == "cross_site", rule.rule
    assert browser.get("/account").status_code == 200


# Removal -----------------------------------------------------------------------------------------


def test_who_is_removed_is_out_at_once_by_whatever_way(client, app):
    login = add_person(client, "Ada")
    browser = app.test_client()
    log_in(browser, "Ada")
    assert client.get("/stats", headers=login).status_code == 200
    client.delete(f"/accounts/{account_id(client, 'Ada')}", headers=OWNER)
    assert client.get("/stats", headers=login).status_code == 401
    assert browser.get("/stats").status_code == 401


def test_a_change_of_role_or_apps_holds_from_the_next_request(client):
    login = add_person(client, "Ada", "editor", ["desktop", "website"])
    path = f"/accounts/{account_id(client, 'Ada')}"
    assert client.get("/stats?app=desktop", headers=login).status_code == 200
    changed = client.patch(path, json={"role": "viewer", "apps": ["website"]}, headers=OWNER)
    assert changed.json["account"]["apps"] == ["website"]
    assert client.get("/stats?app=desktop", headers=login).status_code == 400
    assert client.patch("/apps/website", json={}, headers=login).status_code == 403


def test_what_is_revoked_in_one_worker_is_revoked_in_the_other(dsn, client):
    """Two processes' worth of state on one database."""
    login = add_person(client, "Ada")
    other = create_app(Config(run_jobs=False, ratelimit_enabled=False), dsn)
    there = other.test_client()
    log_in(there, "Ada")
    fresh = other.test_client()
    assert fresh.get("/stats", headers=login).status_code == 200, "and now remembered there"
    client.delete(f"/accounts/{account_id(client, 'Ada')}", headers=OWNER)
    assert fresh.get("/stats", headers=login).status_code == 401
    assert there.get("/stats").status_code == 401
    other.extensions["stories"].database.close()


# The command line --------------------------------------------------------------------------------


def test_people_are_made_changed_and_removed_from_the_command_line(app, client):
    run = app.test_cli_runner().invoke
    made = run(args=["users", "create", "Ada", "--role", "editor", "--app", "website"])
    assert made.exit_code == 0, made.output
    secret = made.output.partition("/invite#")[2].partition('"')[0]
    assert client.post("/invite", json={"secret": secret, "password": PASSWORD}).status_code == 200
    login = basic("Ada", PASSWORD)
    assert client.get("/account", headers=login).json["account"]["apps"] == ["website"]
    run(args=["users", "change", "Ada", "--role", "viewer", "--every-app"])
    account = client.get("/account", headers=login).json["account"]
    assert (account["role"], account["apps"]) == ("viewer", None)
    assert "/invite#" in run(args=["users", "invite", "Ada"]).output
    assert '"Ada"' in run(args=["users", "list"]).output
    assert run(args=["users", "remove", "Ada"]).exit_code == 0
    assert client.get("/account", headers=login).status_code == 401
    assert "there is no person" in run(args=["users", "remove", "Ada"]).output


def test_old_sessions_and_entries_go_with_the_daily_job(client, browser, database):
    from stories.accounts import audit

    add_person(client, "Ada")
    log_in(browser, "Ada")
    entries = value(database, "select count(*) from audit_log")
    assert entries > 0
    now = datetime.now(UTC)
    assert audit.expire(database, now) == {"entries": 0, "sessions": 0}
    later = audit.expire(database, now + timedelta(days=366))
    assert later == {"entries": entries, "sessions": 1}
