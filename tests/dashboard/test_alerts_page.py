"""The page of alerts, clicked: rules, their states, destinations, reports."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.dashboard.browser import Watched, ask, database_of_its_own, made_context
from tests.dashboard.hostile import HOSTILE, TAG
from tests.dashboard.jobs import run_jobs
from tests.dashboard.test_access_pages import look
from tests.support import crash, event
from tools.server import Server

PAGE = "/dashboard/alerts?app=desktop"


class Hook(ThreadingHTTPServer):
    """A webhook on this machine that keeps what it is sent, and answers with `status`."""

    def __init__(self) -> None:
        self.status, self.bodies = 200, list[dict[str, Any]]()
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}/hook"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(json.loads(body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def send_event(server: Server) -> None:
    ask(server, "/track", {"events": [event(user_id=str(uuid4()))]})


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def dsn(postgres):
    return database_of_its_own(postgres, "alerts")


@pytest.fixture(scope="module")
def server(dsn, tmp_path_factory) -> Iterator[Server]:
    """Its jobs run when a test says so."""
    folder = str(tmp_path_factory.mktemp("alerts"))
    running = Server(dsn, DATA_DIR=folder, RUN_JOBS="false", ALERT_PRIVATE_TARGETS="true")
    with running.wait() as server:
        yield server


@pytest.fixture
def view(open_on, server, dsn):
    """A page of a server without rules, with four events of today."""
    midnight = (
        f"{datetime.now(UTC):%F}T00:00:00Z"  # the same four again are stored on another day alone
    )
    today = [event(id=f"{number}", timestamp=midnight) for number in range(4)]
    if ask(server, "/track", {"events": today})["events_stored"]:
        run_jobs(dsn, "fold")
    for path in ("/alerts?app=desktop", "/alerts"):
        for alert in ask(server, path)["alerts"]:
            ask(server, f"/alerts/{alert['id']}", method="DELETE")
    for destination in ask(server, "/destinations")["destinations"]:
        ask(server, f"/destinations/{destination['id']}", method="DELETE")
    return open_on(server)


def rule(page, name):
    return page.locator(".rule", has_text=name)


def add_hook(server, hook, name="Ops"):
    body = {"name": name, "kind": "webhook", "address": hook.url}
    return ask(server, "/destinations", body)["destination"]["id"]


def many_events(server, destination=None, **settings):
    """A rule that fires with the events that are there."""
    body = {
        "name": "Many events",
        "kind": "number",
        "settings": {"number": "events", "comparison": "above", "threshold": 3, **settings},
        "destinations": [destination] if destination else [],
    }
    return ask(server, "/alerts?app=desktop", body)["alert"]["id"]


def test_a_rule_is_made_fires_is_silenced_and_is_over(view, server, dsn, hook):
    destination = add_hook(server, hook)
    page = view.go(PAGE)
    expect(page.locator("[data-card=rules]")).to_contain_text("None yet.")
    page.click("[data-key=new-rules]")
    dialog = page.locator("#rule-dialog")
    expect(dialog.locator("[name=template]")).to_contain_text("Crash-free below 98 %")
    dialog.locator("[name=kind]").select_option("number")
    dialog.locator("[name=number]").select_option("events")
    dialog.locator("[name=comparison]").select_option("above")
    dialog.locator("[name=threshold]").fill("3")
    dialog.locator("[name=for_minutes]").fill("0")
    expect(dialog.locator("[name=name]")).to_have_value("Events above 3 today")
    expect(dialog.get_by_label("Ops", exact=True)).to_be_checked()
    look(page, "alert-dialog")
    dialog.get_by_role("button", name="Save").click()
    line = rule(page, "Events above 3 today")
    expect(line).to_have_attribute("data-state", "new")
    expect(line).to_contain_text("Tells Ops")

    run_jobs(dsn, "alerts", "messages")
    view.go(PAGE)
    expect(line).to_have_attribute("data-state", "firing")
    expect(line).to_contain_text("Events today: 4, above 3")
    expect(line).to_contain_text("Since")
    expect(line.get_by_role("link")).to_have_attribute("href", re.compile("^/dashboard"))
    expect(page.locator("[data-card=history] tbody tr")).to_contain_text("Firing")
    assert [body["kind"] for body in hook.bodies] == ["firing"]
    look(page, "alerts-firing")

    line.locator("summary").click()
    line.get_by_role("button", name="For an hour").click()
    expect(line).to_contain_text("Silent until")
    expect(page.locator("#toasts")).to_contain_text("is silent for an hour")
    line.locator("summary").click()
    line.get_by_role("button", name="No longer").click()
    expect(line).not_to_contain_text("Silent until")
    line.locator("summary").click()
    line.get_by_role("button", name="Until it is over").click()
    expect(line).to_contain_text("Silent until it is over")

    line.get_by_role("button", name="Change").click()
    expect(dialog.locator("[name=template]")).to_be_hidden()
    expect(dialog.locator("[name=threshold]")).to_have_value("3")
    dialog.locator("[name=name]").fill("Many events")
    dialog.get_by_role("button", name="Save").click()
    line = rule(page, "Many events")
    expect(line).to_have_attribute("data-state", "firing")  # another name begins nothing anew

    page.get_by_role("button", name="Turn Many events off").click()
    expect(line).to_have_attribute("data-state", "off")
    page.get_by_role("button", name="Turn Many events on").click()
    expect(line).to_have_attribute("data-state", "firing")
    assert destination in ask(server, "/alerts?app=desktop")["alerts"][0]["destinations"]
    page.get_by_role("button", name="Delete Many events").click()
    page.click("#confirm-dialog .danger")
    expect(page.locator("[data-card=rules]")).to_contain_text("None yet.")
    expect(page.locator("[data-card=history] tbody tr").first).to_contain_text("Deleted")


def test_an_alert_that_is_well_shows_its_value(view, server, dsn):
    number = many_events(server)
    run_jobs(dsn, "alerts")
    settings = {"number": "events", "comparison": "above", "threshold": 3, "clear": 3}
    page = view.go(PAGE)
    expect(rule(page, "Many events")).to_have_attribute("data-state", "firing")
    # Other settings begin anew.
    changed = {"settings": {**settings, "threshold": 1000, "clear": 1000}}
    ask(server, f"/alerts/{number}", changed, method="PATCH")
    run_jobs(dsn, "alerts")
    view.go(PAGE)
    line = rule(page, "Many events")
    expect(line).to_have_attribute("data-state", "ok")
    expect(line).to_contain_text("Events above 1,000 today")
    expect(line.locator(".rule-main > .small").first).to_have_text("4")
    with page.expect_download() as download:
        page.get_by_role("button", name="What happened in Desktop app as CSV").click()
    assert "firing" in download.value.path().read_text()


def test_the_log_goes_on_after_its_first_page(view, server, dsn):
    for _ in range(2):
        many_events(server)
    run_jobs(dsn, "alerts")
    page = view.page
    page.route(
        "**/alerts/log?**",
        lambda route: route.continue_(url=route.request.url.replace("limit=50", "limit=1")),
    )
    view.go(PAGE)
    rows = page.locator("[data-card=history] tbody tr")
    expect(rows).to_have_count(1)
    page.click("[data-card=history] [data-key=more]")
    expect(rows).to_have_count(2)


def test_each_template_makes_a_rule_that_the_server_takes(view, server):
    page = view.go(PAGE)
    titles = []
    page.click("[data-key=new-rules]")
    count = page.locator("#rule-dialog [name=template] option").count() - 1
    page.click("#rule-dialog [data-cancel]")
    for index in range(count):
        page.click("[data-key=new-rules]")
        page.select_option("#rule-dialog [name=template]", str(index))
        titles.append(page.input_value("#rule-dialog [name=name]"))
        page.click("#rule-dialog .primary")
        expect(page.locator("#rule-dialog")).to_be_hidden()
        expect(page.locator("[data-card=rules] .rule")).to_have_count(index + 1)
    assert {"Crash-free below 98 %", "No events", "New issue", "Cost over $10 a day"} <= set(titles)
    assert {alert["name"] for alert in ask(server, "/alerts?app=desktop")["alerts"]} == set(titles)
    look(page, "alerts-templates")


def test_every_kind_has_a_form_that_the_server_takes(view, server):
    kinds = ask(server, "/alerts/kinds")["kinds"]
    page = view.go(PAGE)
    for card, of_server in (("rules", False), ("server", True)):
        page.click(f"[data-key=new-{card}]")
        offered = page.locator("#rule-dialog [name=kind] option").evaluate_all(
            "options => options.map(option => option.value)"
        )
        page.click("#rule-dialog [data-cancel]")
        assert set(offered) == {each["kind"] for each in kinds if each["of_server"] is of_server}
        for index, kind in enumerate(offered):
            page.click(f"[data-key=new-{card}]")
            page.select_option("#rule-dialog [name=kind]", kind)
            if kind == "number":
                page.fill("#rule-dialog [name=threshold]", "5")
                page.select_option("#rule-dialog [name=window]", "yesterday")
            page.click("#rule-dialog .primary")
            expect(page.locator("#rule-dialog")).to_be_hidden()
            expect(page.locator(f"[data-card={card}] .rule")).to_have_count(index + 1)
        shown = ask(server, "/alerts" if of_server else "/alerts?app=desktop")["alerts"]
        assert {alert["kind"] for alert in shown} == set(offered)


def test_what_the_server_refuses_stands_in_the_dialog(view):
    page = view.go(PAGE)
    page.click("[data-key=new-rules]")
    page.select_option("#rule-dialog [name=kind]", "number")
    page.select_option("#rule-dialog [name=number]", "events")
    page.fill("#rule-dialog [name=threshold]", "5")
    page.click("#rule-dialog .primary")
    expect(page.locator("#rule-dialog [role=alert]")).to_contain_text("settings.window")
    page.keyboard.press("Escape")
    expect(page.locator("#rule-dialog")).to_be_hidden()
    view.troubles.clear()  # the browser tells of the 400


def test_a_destination_is_added_tried_changed_and_deleted(view, server, hook):
    page = view.go(PAGE)
    card = page.locator("[data-card=destinations]")
    expect(page.locator("#missing")).to_contain_text("SMTP_URL is not set")
    expect(page.locator("#missing")).to_contain_text("BASE_URL")
    page.click("[data-key=new-destination]")
    dialog = page.locator("#destination-dialog")
    expect(dialog).to_contain_text("team@example.com")
    dialog.locator("[name=kind]").select_option("webhook")
    expect(dialog).to_contain_text("https://")
    dialog.locator("[name=name]").fill("Ops")
    dialog.locator("[name=address]").fill(hook.url)
    look(page, "destination-dialog")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#secret-dialog")).to_contain_text("not shown again")
    secret = page.inner_text("#secret-value")
    assert len(secret) > 20
    page.click("#secret-close")
    row = card.locator("tbody tr", has_text="Ops")
    expect(row).to_contain_text("Webhook")
    expect(row).to_contain_text("Nothing yet")

    row.get_by_role("button", name="Send a test to Ops").click()
    expect(row.locator(".tried")).to_contain_text("Test sent", timeout=60_000)
    assert len(hook.bodies) == 1
    expect(row).not_to_contain_text("Nothing yet")
    hook.status = 500
    row.get_by_role("button", name="Send a test to Ops").click()
    expect(row.locator(".tried")).to_contain_text("Test not sent", timeout=60_000)
    expect(row.locator(".tried")).to_contain_text("500")
    expect(row).not_to_contain_text("waiting")  # who tries it sees the answer at once
    look(page, "destinations")

    row.get_by_role("button", name="Change").click()
    expect(dialog.get_by_label("New address")).to_have_value("")
    dialog.locator("[name=name]").fill("Night shift")
    dialog.get_by_role("button", name="Save").click()
    expect(card).to_contain_text("Night shift")
    page.reload()
    assert hook.url not in page.content()
    assert secret not in page.content()
    card.get_by_role("button", name="Delete Night shift").click()
    page.click("#confirm-dialog .danger")
    expect(card).to_contain_text("None yet.")


def test_a_report_has_its_next_time_and_a_preview_and_is_ended(view, server, hook):
    page = view.go(PAGE)
    card = page.locator("[data-card=reports]")
    expect(card).to_contain_text("A report needs a destination first.")
    add_hook(server, hook, "Team")
    view.go(PAGE)
    page.click("[data-key=new-report]")
    page.select_option("#report-dialog [name=every]", "month")
    page.click("#report-dialog .primary")
    row = card.locator("tbody tr", has_text="Team")
    expect(row).to_contain_text("Every month")
    expect(row).to_contain_text("08:00")
    address = card.get_by_role("link", name="Preview of the week's report").get_attribute("href")
    assert page.request.get(server.url + address).status == 200
    row.get_by_role("button", name="End the report to Team").click()
    page.click("#confirm-dialog .danger")
    expect(card).to_contain_text("Nobody gets one yet.")


def test_a_viewer_sees_the_page_and_changes_nothing(view, browser, server, hook):
    many_events(server, add_hook(server, hook))
    password = "correct horse battery"
    for role in ("viewer", "editor"):
        made = ask(server, "/accounts", {"name": role, "role": role})
        ask(server, "/invite", {"secret": made["invite"], "password": password})
        context = browser.new_context()
        context.request.post(f"{server.url}/login", form={"name": role, "password": password})
        seen = Watched(context, server)
        page = seen.go(PAGE)
        assert page.get_attribute("body", "data-role") == role
        expect(rule(page, "Many events")).to_be_visible()
        expect(page.locator("[data-card=destinations]")).to_contain_text("Ops")
        assert page.locator("[data-card=server]").count() == 0
        assert page.locator("[data-key=new-destination]").count() == 0
        assert page.locator("[data-key=new-rules]").count() == (role == "editor")
        assert rule(page, "Many events").locator("button").count() == (0 if role == "viewer" else 6)
        assert seen.troubles == []
        context.close()


def test_a_part_that_fails_says_so_in_its_card(view, server):
    many_events(server)
    page = view.page
    away = {"status": 503, "content_type": "application/json", "body": '{"error": "It is away."}'}
    page.route("**/reports?**", lambda route: route.fulfill(**away))
    view.go(PAGE)
    expect(rule(page, "Many events")).to_be_visible()
    expect(page.locator("[data-card=reports] .card-error")).to_contain_text("It is away.")
    page.unroute("**/reports?**")
    page.click("[data-card=reports] .card-error button")
    expect(page.locator("[data-card=reports]")).to_contain_text("Nobody gets one yet.")
    page.route(re.compile(r"\d/alerts\?"), lambda route: route.fulfill(**away))
    view.after(page.reload)
    expect(page.locator("[data-card=rules] .card-error")).to_contain_text("It is away.")
    view.troubles.clear()  # the browser tells of the 503s


def test_a_silence_is_set_by_the_keyboard_alone(view, server, dsn):
    many_events(server)
    run_jobs(dsn, "alerts")
    page = view.go(PAGE)
    summary = rule(page, "Many events").locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="For an hour")).to_be_focused()
    page.keyboard.press("Enter")
    expect(rule(page, "Many events")).to_contain_text("Silent until")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_the_page_without_scrolling_sideways(view, browser, server, dsn, hook, theme):
    destination = add_hook(server, hook, "A destination with quite a long name for a phone")
    many_events(server, destination)
    ask(server, f"/destinations/{destination}", {"name": TAG}, method="PATCH")
    ask(server, "/alerts", {"name": HOSTILE[:60].strip(), "kind": "disk_full"})
    ask(server, "/reports?app=desktop", {"destination": destination})
    run_jobs(dsn, "alerts")
    context = made_context(browser, theme=theme, width=390)
    seen = Watched(context, server)
    page = seen.go(PAGE)
    expect(page.locator("[data-card=rules] .rule")).to_have_count(1)
    assert seen.overflow() <= 0
    assert seen.nameless() == []
    look(page, f"alerts-390-{theme}")
    page.click("[data-key=new-rules]")
    look(page, f"alert-dialog-390-{theme}")
    assert seen.overflow() <= 0
    context.close()
    assert seen.troubles == []


def test_a_shared_link_never_shows_the_page(server):
    for page in ("alerts", "settings"):
        with pytest.raises(HTTPError, match="400"):
            ask(server, "/links", {"name": page, "app": "desktop", "page": page, "period": "7d"})


def test_what_is_over_is_told_and_stands_in_the_log(view, server, dsn, hook):
    settings = {"number": "crash_free_rate", "comparison": "below", "threshold": 60, "clear": 70}
    body = {"name": "Crashes", "kind": "number", "settings": settings}
    told = {"destinations": [add_hook(server, hook)]}
    ask(server, "/alerts?app=desktop", {**body, **told})
    ask(server, "/crash", crash())
    run_jobs(dsn, "fold", "alerts", "messages")
    page = view.go(PAGE)
    line = rule(page, "Crashes")
    expect(line).to_have_attribute("data-state", "firing")
    expect(line).to_contain_text("Crash-free people today: 0 %, below 60 %")
    for _ in range(3):
        send_event(server)
    run_jobs(dsn, "fold", "alerts", "messages")
    view.go(PAGE)
    expect(line).to_have_attribute("data-state", "ok")
    expect(line).to_contain_text("75.0 %")
    rows = page.locator("[data-card=history] tbody tr", has_text="Crashes")
    expect(rows.locator(".tag")).to_have_text(["Over", "Firing"])
    assert [body["kind"] for body in hook.bodies] == ["firing", "resolved"]
