"""Loads that are slow, fail or meet: none under way is lost, and what failed is not called new."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.dashboard.browser import ask

STATS = re.compile(r"/dashboard/api/stats\?")
AWAY: dict[str, Any] = {
    "status": 503,
    "content_type": "application/json",
    "body": json.dumps({"error": "It is away."}),
}


def held_back(page: Page, address: Any) -> list[Route]:
    """Requests to an address wait here until they are told to go on."""
    waiting: list[Route] = []
    page.route(address, lambda route: waiting.append(route))
    return waiting


def arrived(page: Page, waiting: list[Route], count: int = 1) -> None:
    for _ in range(100):
        if len(waiting) >= count:
            return
        page.wait_for_timeout(50)
    raise AssertionError("no request came")


def test_a_redraw_or_a_refresh_does_not_end_a_load_under_way(view):
    page = view.page
    page.clock.install()
    waiting = held_back(page, STATS)
    page.goto(f"{view.server.url}/dashboard?app=desktop", wait_until="commit")
    arrived(page, waiting)
    page.emulate_media(color_scheme="dark")
    page.clock.run_for(40_000)
    assert len(waiting) == 1
    waiting[0].continue_()
    view.ready()
    assert page.get_attribute("body", "data-ready") == "start"
    expect(page.locator(".skeleton:visible")).to_have_count(0)
    expect(page.locator("[data-card='people'] canvas")).to_have_count(1)
    page.emulate_media(color_scheme="light")


def test_after_a_failure_the_refresh_loads_the_whole_page(view, full):
    crash = ask(full, "/crashes?limit=1&app=desktop")["crashes"][0]
    page = view.page
    page.clock.install()
    rows = re.compile(r"/crashes/")
    page.route(rows, lambda route: route.fulfill(**AWAY))
    view.go(
        f"/dashboard/crash?app=desktop&id={crash['crash_id']}"
        f"&user={crash['user_id']}&at={crash['timestamp'].replace('+', '%2B')}"
    )
    expect(page.locator("[data-card='what'] .card-error")).to_contain_text("It is away.")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("[data-card='what'] .card-error")).to_contain_text("It is away.")
    page.unroute(rows)
    page.clock.run_for(32_000)
    expect(page.locator("[data-card='what'] .facts")).to_be_visible()
    expect(page.locator("#status")).not_to_contain_text("It is away.")
    page.emulate_media(color_scheme="light")
    view.troubles.clear()  # the browser tells of the 503


def test_more_rows_that_are_under_way_outlive_a_refresh(view):
    page = view.page
    page.clock.install()
    view.go("/dashboard/events?app=desktop&period=all")
    waiting = held_back(page, re.compile(r"/events\?.*cursor="))
    page.click("[data-key=more]")
    arrived(page, waiting)
    with page.expect_response(re.compile(r"/health")):
        page.clock.run_for(32_000)
    expect(page.locator("[data-key=more]")).to_be_disabled()
    waiting[0].continue_()
    expect(page.locator("tbody tr")).to_have_count(100)
    expect(page.locator("[data-key=more]")).to_be_enabled()


def test_a_person_shows_every_crash_however_many(view, full):
    person = ask(full, "/dashboard/api/users?app=desktop&sort=-crashes&limit=1")["users"][0]
    held = ask(full, f"/users/{person['user_id']}/export")
    count = len(held["crashes"])
    assert count > 1
    page = view.page
    page.route(
        re.compile(r"/crashes\?"),
        lambda route: route.continue_(url=route.request.url.replace("limit=100", "limit=1")),
    )
    view.go(f"/dashboard/person?app=desktop&id={person['user_id']}")
    expect(page.locator("#person-summary")).to_contain_text("or more events")
    lines, more = page.locator(".timeline li"), page.locator("[data-key=more]")
    before = lines.count()
    for _ in range(count + len(held["events"]) // 200 + 1):
        if more.count() == 0:
            break
        with page.expect_response(re.compile(r"/(crashes|events)\?")):
            more.click()
        expect(page.locator("[data-key=more]:disabled")).to_have_count(0)
    assert before < lines.count() == len(held["events"]) + count
    assert page.locator(".timeline .crash").count() == count
    expect(page.locator("#person-summary")).not_to_contain_text("or more")


def test_after_a_failed_change_no_number_of_the_old_period_stands_under_the_new_one(view):
    page = view.page
    view.go("/dashboard?app=desktop&period=30d")
    recordings = page.locator("[data-number='summary.total_recordings']")
    old = recordings.locator(".value").inner_text()
    waiting = held_back(page, STATS)
    page.evaluate("delete document.body.dataset.ready")
    page.click("#period-menu summary")
    page.click("[data-period='7d']")
    arrived(page, waiting)
    dimmed = "element => getComputedStyle(element).opacity"
    assert float(recordings.locator(".value").evaluate(dimmed)) < 0.5  # it is on its way
    expect(page.locator("#content")).to_have_attribute("aria-busy", "true")
    waiting[0].fulfill(**AWAY)
    page.wait_for_selector("body[data-ready=failed]")
    expect(page.locator("[data-period-label]")).to_have_text("Last 7 days")
    for card in page.locator("[data-number]").all():
        assert card.locator(".value").inner_text() == "\u2014"
        assert card.locator(".change").inner_text() == "Not loaded"
    expect(page.locator(".spark svg")).to_have_count(0)
    expect(page.locator("#status")).to_contain_text("It is away. Not loaded")
    expect(page.locator("#status")).not_to_contain_text("just now")
    page.unroute(STATS)
    view.after(page.go_back)
    expect(recordings.locator(".value")).to_have_text(old)
    view.troubles.clear()  # the browser tells of the 503


def test_after_a_failed_refresh_the_page_shows_what_it_did_and_how_old_it_is(view):
    page = view.page
    page.clock.install()
    view.go("/dashboard?app=desktop&period=30d")
    recordings = page.locator("[data-number='summary.total_recordings'] .value")
    old = recordings.inner_text()
    page.route(STATS, lambda route: route.fulfill(**AWAY))
    with page.expect_response(STATS):
        page.clock.run_for(32_000)
    expect(page.locator("#status")).to_contain_text("It is away. Updated 3")
    expect(recordings).to_have_text(old)
    expect(page.locator("[data-card='people'] canvas")).to_have_count(1)
    view.troubles.clear()  # the browser tells of the 503
