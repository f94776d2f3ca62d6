"""The dashboard as people use it: clicked through, and by keyboard alone."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect

from tests.dashboard.browser import Watched, ask, compare, made_context


def test_period_grouping_and_filters_are_links(view, full):
    page = view.go("/dashboard?app=desktop")
    page.click("#period-menu summary")
    view.after(lambda: page.click("[data-period='7d']"))
    assert "period=7d" in page.url
    compare(page, ask(full, "/stats?app=desktop&period=7d&include=usage"))

    page.click("#group-menu summary")
    view.after(lambda: page.click("[data-group='week']"))
    assert "group_by=week" in page.url

    row = page.locator("[data-card='countries'] .bar-item").first
    code = row.get_attribute("data-key")
    view.after(row.click)
    assert f"filter=country%3Ais%3A{code}" in page.url
    expect(page.locator(".chip")).to_contain_text("Country is ")
    compare(page, ask(full, f"/stats?app=desktop&period=7d&country={code}"))
    address = page.url

    view.after(lambda: page.click(".chip-remove"))
    assert "country" not in page.url
    view.after(page.go_back)
    assert page.url == address


def test_a_custom_range_is_taken_either_way_round(view, full):
    page = view.go("/dashboard?app=desktop")
    today = date.fromisoformat(page.get_attribute("body", "data-today") or "")
    first, last = today - timedelta(days=20), today - timedelta(days=4)
    page.click("#period-menu summary")
    page.fill("#range-form [name=from]", last.isoformat())
    page.fill("#range-form [name=to]", first.isoformat())
    view.after(lambda: page.click("#range-form button"))
    assert f"from={first}&to={last}" in page.url
    expect(page.locator("[data-period-label]")).to_contain_text("\u2013")
    compare(page, ask(full, f"/stats?app=desktop&from={first}&to={last}&include=usage"))
    page.reload()
    view.ready()
    assert page.input_value("#range-form [name=from]") == first.isoformat()


def test_conditions_go_along_to_other_pages(view):
    page = view.go("/dashboard?app=desktop&filter=country:is:US&filter=version:gte:1.0")
    page.click(".tabs a:has-text('Quality')")
    page.wait_for_url("**/quality*")
    view.ready()
    expect(page.locator(".chip")).to_have_count(2)


def test_the_page_is_worked_by_keyboard_alone(view):
    page = view.go("/dashboard?app=desktop")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_class("skip")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_id("content")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Notes")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Choose key numbers")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_class("define")
    definition = page.locator(".tip", has_text="7 days up to today").first
    expect(definition).to_be_visible()

    row = page.locator("[data-card='versions'] .bar-item").first
    version = row.get_attribute("data-key")
    row.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    view.after(lambda: page.keyboard.press("Space"))
    assert f"filter=version%3Ais%3A{version}" in page.url
    expect(page.locator(":focus")).to_have_attribute("data-key", version)  # redrawn under the focus
    view.after(lambda: page.keyboard.press("Enter"))
    assert "version" not in page.url

    page.focus("#period-menu summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    view.after(lambda: page.keyboard.press("Enter"))
    assert "period=today" in page.url
    expect(page.locator("#period-menu :focus")).to_have_count(1)


def test_colours_are_chosen_and_kept(browser, full):
    context = made_context(browser, width=360)
    view = Watched(context, full)
    page = view.go("/dashboard?app=desktop")
    page.click(".app-menu summary")
    page.click("#theme-line")
    page.click("#theme-line")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    view.ready()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 19, 22)"
    context.close()
    assert view.troubles == []


def test_the_app_switcher_leads_to_the_other_kinds(view, full):
    page = view.go("/dashboard?app=desktop&period=7d")
    page.click(".app-menu summary")
    page.click(".app-menu a:has-text('Website')")
    page.wait_for_url("**app=website*")
    view.ready()
    assert "app=website" in page.url
    assert "period=7d" in page.url
    assert page.get_attribute("body", "data-kind") == "website"
    page.goto(f"{full.url}/analytics")
    view.ready()
    assert page.get_attribute("body", "data-kind") == "bot"


def test_a_card_downloads_what_it_shows(view, full):
    page = view.go("/dashboard?app=desktop")
    with page.expect_download() as download:
        page.click("[data-card='countries'] [data-csv]")
    text = Path(download.value.path()).read_text("utf-8-sig")
    first = ask(full, "/stats?app=desktop")["top_countries"][0]
    assert text.splitlines()[0] == "Country,People,Percent"
    assert text.splitlines()[1] == f"{first['country']},{first['users']},{first['percentage']}"


def test_csv_cells_start_no_formula(view, full):
    page = view.go("/dashboard?app=desktop")
    cells = page.evaluate(
        "async (values) => values.map((await import('/static/dashboard/csv.js')).cell)",
        ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "a,b", 'say "x"', -5, None, "\r=1"],
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


def test_a_chart_has_a_table_behind_it_and_menus_close_by_keyboard(view, full):
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
    expect(page.locator("#period-menu :focus")).to_have_count(1)


def test_it_refreshes_by_itself_without_losing_its_place(view, full):
    view.page.clock.install()
    page = view.go("/dashboard?app=desktop")
    page.evaluate("window.scrollTo(0, 600)")
    with page.expect_response(re.compile(r"/stats\?")):
        page.clock.run_for(32_000)
    page.wait_for_selector("body[data-ready=refresh]")
    assert page.evaluate("window.scrollY") == 600


def test_a_failure_is_said_in_the_card_with_a_retry(view, full):
    view.page.route(
        re.compile(r"/stats\?"),
        lambda route: route.fulfill(
            status=503,
            content_type="application/json",
            body=json.dumps({"error": "It is away."}),
        ),
    )
    page = view.go("/dashboard?app=desktop")
    view.troubles.clear()  # the browser tells of the 503
    expect(page.locator("[data-card='people'] .card-error")).to_contain_text("It is away.")
    page.unroute(re.compile(r"/stats\?"))
    view.after(lambda: page.click("[data-card='people'] .card-error button"))
    expect(page.locator("[data-card='people'] canvas")).to_have_count(1)


def test_a_person_is_found_exported_and_erased_after_asking(view, full):
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


def test_a_person_of_the_bot_is_reached_from_its_events(view, full):
    page = view.go("/dashboard/events?app=bot")
    page.locator("tbody .person a").first.click()
    page.wait_for_url("**/dashboard/person*")
    view.ready()
    known = {one["external_id"] for one in ask(full, "/users?app=bot&limit=100")["users"]}
    assert page.inner_text("#person-id") in known
    assert page.locator(".chat li").count() > 3


def test_a_first_visit_of_the_overview_is_small(browser, full):
    context = made_context(browser)
    view = Watched(context, full)
    session = context.new_cdp_session(view.page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    view.go("/dashboard?app=desktop")
    view.page.wait_for_load_state("networkidle")
    context.close()
    assert 10 < len(sizes) <= 40
    assert sum(sizes) < 195_000
