"""The page Live: what happens now, asked for every few seconds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.dashboard.browser import ask
from tests.support import event


@pytest.fixture
def key(empty):
    """Of an app of its own, with one event of yesterday: its page is no longer the one that says what to
    send."""
    slug = f"live-{datetime.now(UTC):%H%M%S%f}"
    app = ask(empty, "/apps", {"slug": slug, "kind": "desktop", "name": "Live"})["app"]
    headers = {"X-App-Key": app["ingest_key"]}
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    ask(empty, "/track", {"events": [event(timestamp=yesterday)]}, headers=headers)
    return slug, headers


def send(server: Any, key: Any, number: int, **changes: Any) -> None:
    person = f"550e8400-e29b-41d4-a716-{number:012d}"
    item = event(user_id=person, id=f"live-{number}", **changes)
    assert ask(server, "/track", {"events": [item]}, headers=key[1])["events_stored"] == 1


@pytest.fixture
def view(open_on, empty, key):
    """The page of the key's app, whose clock a test can put forward."""
    view = open_on(empty)
    view.page.clock.install()
    return view


def pass_a_turn(page: Page) -> None:
    """It asks every five seconds; who waits for that waits for minutes in all."""
    page.clock.run_for(6_500)


def number(page: Page, name: str) -> Any:
    return page.locator(f"[data-live={name}]")


def rows(page: Page) -> Any:
    return page.locator("[data-card='events'] tbody tr")


def test_what_arrives_is_there_seconds_later_and_nothing_moves(view, empty, key):
    send(empty, key, 1, app_version="1.0.0", country="DE")
    page = view.go(f"/dashboard/live?app={key[0]}")
    expect(number(page, "people_now")).to_have_text("1")
    expect(page.locator(".live-bars > div")).to_have_count(30)
    expect(page.locator("[data-card='versions']")).to_contain_text("1.0.0")
    expect(page.locator("[data-card='countries']")).to_contain_text("Germany")
    places = "[...document.querySelectorAll('.card')].map(c => Math.round(c.offsetTop))"
    before = page.evaluate(places)

    send(empty, key, 2, app_version="1.1.0", event="recording_started")
    pass_a_turn(page)
    expect(number(page, "people_now")).to_have_text("2", timeout=20_000)
    expect(number(page, "count")).to_have_text("2")
    expect(rows(page)).to_have_count(2)
    expect(rows(page).first).to_contain_text("Recording started")
    assert page.evaluate(places) == before


def test_an_event_is_shown_once_however_often_an_answer_has_it(view, empty, key):
    send(empty, key, 1)
    page = view.go(f"/dashboard/live?app={key[0]}")
    expect(rows(page)).to_have_count(1)
    with page.expect_response(lambda answer: "after=" in answer.url, timeout=20_000) as answer:
        pass_a_turn(page)
    assert len(answer.value.json()["events"]) == 1  # that of the last seconds comes again
    expect(rows(page)).to_have_count(1)


def test_it_pauses_and_goes_on(view, empty, key):
    send(empty, key, 1)
    page = view.go(f"/dashboard/live?app={key[0]}")
    page.click("#live-pause")
    expect(page.locator("#live-note")).to_contain_text("Paused")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    send(empty, key, 2)
    pass_a_turn(page)
    assert [url for url in asked if "/live?" in url] == []
    page.click("#live-pause")
    expect(number(page, "people_now")).to_have_text("2")
    expect(rows(page)).to_have_count(2)


def test_it_does_not_ask_while_nobody_sees_it(view, empty, key):
    send(empty, key, 1)
    page = view.go(f"/dashboard/live?app={key[0]}")
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    pass_a_turn(page)
    assert [url for url in asked if "/live?" in url] == []
    page.evaluate("Object.defineProperty(document, 'hidden', {value: false, configurable: true})")
    with page.expect_response(lambda answer: "/live?" in answer.url):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_debug_builds_are_shown_by_a_button_and_in_the_address(open_on, empty, key):
    send(empty, key, 1)
    send(empty, key, 2, channel="debug", app_version="9.9.9")
    view = open_on(empty)
    page = view.go(f"/dashboard/live?app={key[0]}")
    expect(rows(page)).to_have_count(1)
    view.after(lambda: page.click("#live-debug"))
    assert "filter=channel" in page.url
    expect(page.locator("#live-debug")).to_have_attribute("aria-pressed", "true")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("9.9.9")
    expect(number(page, "people_now")).to_have_text("1")
    view.after(lambda: page.click("#live-debug"))
    assert "filter=" not in page.url
    expect(rows(page)).not_to_contain_text("9.9.9")


def test_a_half_hour_without_events_says_so(open_on, empty, key):
    page = open_on(empty).go(f"/dashboard/live?app={key[0]}")
    expect(number(page, "people_now")).to_have_text("0")
    expect(page.locator("[data-card='minutes']")).to_contain_text(
        "No events in the last 30 minutes"
    )
    expect(page.locator("[data-card='events']")).to_contain_text("seconds after they are sent")


def test_a_failure_keeps_the_numbers_and_says_that_they_are_old(browser, empty, key):
    from tests.dashboard.browser import Watched, made_context

    send(empty, key, 1)
    context = made_context(browser)
    view = Watched(context, empty)
    view.page.clock.install()
    page = view.go(f"/dashboard/live?app={key[0]}")
    expect(number(page, "people_now")).to_have_text("1")
    body = json.dumps({"success": False, "error": "The database rests.", "code": "resting"})

    def refuse(route: Route) -> None:
        route.fulfill(status=503, body=body, content_type="application/json")

    page.route("**/live?*", refuse)
    pass_a_turn(page)
    expect(page.locator("#status")).to_contain_text("The database rests.", timeout=20_000)
    expect(number(page, "people_now")).to_have_text("1")
    page.unroute("**/live?*")
    pass_a_turn(page)
    expect(page.locator("#status")).to_contain_text("Updated", timeout=20_000)
    expect(page.locator("#status")).not_to_contain_text("rests", timeout=20_000)
    context.close()
    assert all("503" in trouble for trouble in view.troubles)
