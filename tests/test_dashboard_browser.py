"""The dashboard as people use it: every page, in both themes and on a phone, clicked through."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from demo.fill import fill
from tests.dashboard_browser import (
    PAGES,
    addresses,
    ask,
    database_of_its_own,
    wait_for_fold,
    watched,
)
from tests.dashboard_hostile import HOSTILE, hostile_apps
from tests.support import PERSON, Server, event, require


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = require("chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def full(postgres: str) -> Iterator[Server]:
    """A server with a small demo, folded, and an image folder of nobody."""
    server = Server(database_of_its_own(postgres, "full"), DATA_DIR=os.devnull + ".d").wait()
    for kind in PAGES:  # before filling: another worker notices a new app after some seconds
        ask(server, "/apps", {"slug": f"bad-{kind}", "kind": kind, "name": HOSTILE[:100]})
    totals = fill(server.url, "admin:admin", datetime.now(UTC), share=0.06)
    assert totals.refused == totals.unsent == 0
    wait_for_fold(server)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def empty(postgres: str) -> Iterator[Server]:
    server = Server(database_of_its_own(postgres, "empty")).wait()
    ask(server, "/apps", {"slug": "fresh", "kind": "desktop", "name": "Fresh"})
    yield server
    server.stop()


def test_every_page_on_demo_data_is_clean_and_fits(browser, full):
    with watched(browser, full) as view:
        for path in addresses(full):
            page = view.go(path)
            assert page.get_attribute("body", "data-ready") == "start", path
            assert view.nameless() == [], path
            assert page.locator(".card-error").count() == 0, path
            for look in view.looks():
                assert view.overflow() <= 0, (path, look)
        assert view.troubles == []


def test_every_page_of_an_empty_database_says_what_to_send(browser, empty):
    keys = {app["slug"]: app["ingest_key"] for app in ask(empty, "/apps")["apps"]}
    with watched(browser, empty) as view:
        for path in addresses(empty):
            page = view.go(path)
            slug = path.rpartition("app=")[2]
            if "/settings" not in path:
                assert keys[slug] in page.inner_text("#curl"), path
            assert view.nameless() == [], path
            for look in view.looks():
                assert view.overflow() <= 0, (path, look)
        assert view.troubles == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_opened_on_a_phone_fits(browser, full, theme):
    with watched(browser, full, theme, 360) as view:
        for path in (
            "/dashboard?app=desktop",
            "/dashboard?app=website",
            "/dashboard/growth?app=desktop",
        ):
            view.go(path)
            assert view.overflow() <= 0, path
        assert view.troubles == []


def test_an_empty_app_turns_into_the_dashboard_by_itself(browser, empty):
    made = next(app for app in ask(empty, "/apps")["apps"] if app["slug"] == "fresh")
    with watched(browser, empty) as view:
        page = view.go("/dashboard?app=fresh")
        expect(page.locator("h2", has_text="Nothing has arrived from Fresh yet")).to_be_visible()
        ask(empty, "/track", {"events": [event()]}, headers={"X-App-Key": made["ingest_key"]})
        page.wait_for_selector(
            "[data-number='summary.total_users'] .value:text-is('1')", timeout=15_000
        )
        assert view.troubles == []


def shown(page: Page, path: str) -> float | None:
    text = page.locator(f"[data-number='{path}'] .exact").text_content() or ""
    digits = re.sub(r"[$,%hs ]", "", text)
    return float(digits) if re.fullmatch(r"-?[\d.]+", digits) else None


def compare(page: Page, answer: dict[str, Any]) -> int:
    """Every number card of the page against the answer of /stats; returns how many there were."""
    cards = [card.get_attribute("data-number") for card in page.locator("[data-number]").all()]
    for card in cards:
        value: Any = answer
        assert card is not None
        for name in card.split("."):
            value = value.get(name) if value is not None else None
        assert shown(page, card) == (None if value is None else pytest.approx(value, rel=1e-4)), (
            card
        )
    return len(cards)


@pytest.mark.parametrize(
    "family", ["", "growth", "usage", "adoption", "quality", "stability", "costs"]
)
def test_the_numbers_shown_are_those_of_stats(browser, full, family):
    with watched(browser, full) as view:
        page = view.go(f"/dashboard{'/' + family if family else ''}?app=desktop&period=90d")
        answer = ask(full, f"/stats?app=desktop&period=90d{'&include=' + family if family else ''}")
        assert compare(page, answer) >= 3


def test_period_grouping_and_filters_are_links(browser, full):
    with watched(browser, full) as view:
        page = view.go("/dashboard?app=desktop")
        page.click("#period-menu summary")
        view.after(lambda: page.click("[data-period='7d']"))
        assert "period=7d" in page.url
        compare(page, ask(full, "/stats?app=desktop&period=7d"))

        page.click("#group-menu summary")
        view.after(lambda: page.click("[data-group='week']"))
        assert "group_by=week" in page.url

        row = page.locator("[data-card='countries'] .bar-item").first
        code = row.get_attribute("data-key")
        view.after(row.click)
        assert f"country={code}" in page.url
        expect(page.locator(".chip")).to_contain_text("Country")
        compare(page, ask(full, f"/stats?app=desktop&period=7d&country={code}"))
        address = page.url

        view.after(lambda: page.click(".chip button"))
        assert "country" not in page.url
        view.after(page.go_back)
        assert page.url == address

        page.click("#period-menu summary")
        page.fill("#range-form [name=from]", "2020-01-01")
        today = page.get_attribute("body", "data-today") or ""
        page.fill("#range-form [name=from]", today)
        view.after(lambda: page.click("#range-form button"))
        assert f"from={today}" in page.url
        assert view.troubles == []


def test_the_app_switcher_leads_to_the_other_kinds(browser, full):
    with watched(browser, full) as view:
        page = view.go("/dashboard?app=desktop&period=7d")
        page.click(".app-menu summary")
        page.click(".app-menu a:has-text('Website')")
        view.ready()
        assert "app=website" in page.url
        assert "period=7d" in page.url
        assert page.get_attribute("body", "data-kind") == "website"
        page.goto(f"{full.url}/analytics")
        view.ready()
        assert page.get_attribute("body", "data-kind") == "bot"


def test_a_card_downloads_what_it_shows(browser, full):
    with watched(browser, full) as view:
        page = view.go("/dashboard?app=desktop")
        with page.expect_download() as download:
            page.click("[data-card='countries'] [data-csv]")
        text = Path(download.value.path()).read_text("utf-8-sig")
        first = ask(full, "/stats?app=desktop")["top_countries"][0]
        assert text.splitlines()[0] == "Country,People,Percent"
        assert text.splitlines()[1] == f"{first['country']},{first['users']},{first['percentage']}"


def test_csv_cells_start_no_formula(browser, full):
    with watched(browser, full) as view:
        page = view.go("/dashboard?app=desktop")
        module = (page.get_attribute("script[type=module]", "src") or "").replace(
            "main.js", "csv.js"
        )
        cells = page.evaluate(
            "async ([path, values]) => values.map((await import(path)).cell)",
            [module, ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "a,b", 'say "x"', -5, None, "\r=1"]],
        )
        assert cells == [
            "'=1+1",
            "'+1",
            "'-1",
            "'@x",
            "'\t=1",
            "' =1",
            '"a,b"',
            '"say ""x"""',
            "-5",
            "",
            '"\'\r=1"',
        ]


def test_a_chart_has_a_table_behind_it_and_menus_close_by_keyboard(browser, full):
    with watched(browser, full) as view:
        page = view.go("/dashboard?app=desktop&period=7d")
        page.focus("[data-card='people'] [data-table]")
        page.keyboard.press("Enter")
        expect(page.locator("[data-card='people'] tbody tr")).to_have_count(7)
        page.keyboard.press("Enter")
        expect(page.locator("[data-card='people'] canvas")).to_have_count(1)
        page.focus("#period-menu summary")
        page.keyboard.press("Enter")
        expect(page.locator("#period-menu")).to_have_attribute("open", "")
        page.keyboard.press("Escape")
        expect(page.locator("#period-menu")).not_to_have_attribute("open", "")
        assert page.evaluate("document.activeElement.closest('#period-menu') !== null")


def test_it_refreshes_by_itself_without_losing_its_place(browser, full):
    with watched(browser, full) as view:
        view.page.clock.install()
        page = view.go("/dashboard?app=desktop")
        page.evaluate("window.scrollTo(0, 600)")
        with page.expect_response(re.compile(r"/stats\?")):
            page.clock.run_for(32_000)
        page.wait_for_selector("body[data-ready=refresh]")
        assert page.evaluate("window.scrollY") == 600
        assert view.troubles == []


def test_a_failure_is_said_in_the_card_with_a_retry(browser, full):
    with watched(browser, full) as view:
        view.page.route(
            re.compile(r"/stats\?"),
            lambda route: route.fulfill(
                status=503,
                content_type="application/json",
                body=json.dumps({"error": "It is away."}),
            ),
        )
        page = view.go("/dashboard?app=desktop")
        expect(page.locator("[data-card='people'] .card-error")).to_contain_text("It is away.")
        page.unroute(re.compile(r"/stats\?"))
        view.after(lambda: page.click("[data-card='people'] .card-error button"))
        expect(page.locator("[data-card='people'] canvas")).to_have_count(1)


def test_a_person_is_found_exported_and_erased_after_asking(browser, full):
    with watched(browser, full) as view:
        page = view.go("/dashboard/users?app=desktop")
        page.locator("tr.opens a").nth(3).click()
        page.wait_for_url("**/dashboard/person*")
        view.ready()
        person = page.inner_text("#person-id")
        events = page.locator(".timeline li")
        held = ask(full, f"/users/{person}/export")
        assert events.count() == min(len(held["events"]), 200) + len(held["crashes"])
        with page.expect_download() as download:
            page.click("#export")
        assert json.loads(Path(download.value.path()).read_text())["user_id"] == person

        page.click("#erase")
        page.click("#erase-no")
        assert ask(full, f"/users/{person}/export")["events"]
        page.click("#erase")
        page.click("#erase-yes")
        expect(page.locator("#tool-result")).to_contain_text("Erased")
        with pytest.raises(HTTPError, match="404"):
            ask(full, f"/users/{person}/export")
        assert view.troubles == []


def test_a_first_visit_of_the_overview_is_small(browser, full):
    with watched(browser, full) as view:
        session = view.page.context.new_cdp_session(view.page)
        session.send("Network.enable")
        sizes: list[float] = []
        session.on(
            "Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"])
        )
        view.go("/dashboard?app=desktop")
        assert len(sizes) > 10
        assert sum(sizes) < 300_000


def test_hostile_text_is_shown_on_every_page_and_executes_nowhere(browser, full):
    paths = addresses(full, hostile_apps(full))
    assert any(PERSON in path for path in paths)
    literal = 0
    with watched(browser, full) as view:
        for path in paths:
            page = view.go(path)
            assert page.evaluate("window.pwned") is None, path
            assert page.locator("img[src='x'], main script, svg[onload]").count() == 0, path
            page.evaluate("document.querySelectorAll('[data-table]').forEach(one => one.click())")
            assert page.evaluate("window.pwned") is None, path
            literal += "<img src=x onerror" in page.inner_text("body")
            assert view.overflow() <= 0, path
        assert literal >= len(paths) - 2
        assert view.troubles == []
