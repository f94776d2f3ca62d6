"""The page Explore: a question in its address, its answer as a line, bars, a ranking or a table."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.browser import Watched, ask

EXPLORE = "/dashboard/explore?app=desktop"


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.evaluate("location.href")).query)  # page.url hears of it later


def test_the_form_is_the_address_and_the_answer_its_own(view: Watched, full) -> None:
    page = view.go(EXPLORE)
    answer = page.locator("[data-card=answer]")
    expect(answer.locator("h2")).to_have_text("Events")
    page.select_option("[name=measure]", "people")
    page.select_option("[name=by]", "version")
    page.select_option("[name=interval]", "none")
    expect(answer.locator("h2")).to_have_text("People, by version")
    assert query(page) == {
        "app": ["desktop"], "measure": ["people"], "by": ["version"], "interval": ["none"],
    }  # fmt: skip
    told = ask(full, "/explore?app=desktop&measure=people&by=version")
    expect(answer.locator(".bar-item")).to_have_count(len(told["rows"]))
    first = told["rows"][0]
    expect(answer.locator(".bar-item").first).to_contain_text(first["key"])
    expect(answer.locator(".bar-item").first).to_contain_text(f"{first['value']:,}")
    page.go_back()
    expect(answer.locator("h2")).to_have_text("People, by version")
    expect(page.locator("[name=interval]")).to_have_value("")


def test_a_number_is_needed_before_its_median_is_asked_for(view: Watched) -> None:
    page = view.go(f"{EXPLORE}&measure=median")
    answer = page.locator("[data-card=answer]")
    expect(answer).to_contain_text("Choose the number")
    page.fill("[name=property]", "processing_time_seconds")
    page.press("[name=property]", "Enter")
    expect(answer.locator("canvas")).to_be_visible()
    expect(answer).to_contain_text("events that have it")


def test_a_table_has_a_column_for_each_key_and_its_csv_the_same(view: Watched) -> None:
    page = view.go(f"{EXPLORE}&measure=people&by=country&interval=week&view=table")
    table = page.locator("[data-card=answer] table")
    heads = table.locator("th").all_inner_texts()
    assert heads[0] == "Date"
    assert heads[-1] == "Other"
    assert len(heads) == 12
    with page.expect_download() as download:
        page.click("[data-card=answer] [data-csv]")
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0].split(",") == heads
    assert len(lines) == 1 + table.locator("tbody tr").count()


def test_hours_of_many_days_are_refused_in_the_card(view: Watched) -> None:
    page = view.page
    page.goto(f"{view.server.url}{EXPLORE}&interval=hour")
    page.wait_for_selector("body[data-ready=failed]")
    expect(page.locator("[data-card=answer]")).to_contain_text("hour takes at most 7 days")
    view.troubles.clear()  # the browser tells of the 400
    page.click("#period-menu summary")
    page.click("[data-period='7d']")
    expect(page.locator("[data-card=answer] canvas")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_question_is_saved_found_renamed_and_forgotten(view: Watched, full, width) -> None:
    name = f"Crashes of old versions {width}"
    view.page.set_viewport_size({"width": width, "height": 800})
    page = view.go(f"{EXPLORE}&by=version&filter=country%3Ais%3ADE")
    page.click("#save-open")
    page.fill("#save-dialog [name=name]", name)
    page.click("#save-dialog .primary")
    expect(page.locator("#save-dialog")).to_be_hidden()
    view.go(EXPLORE)
    page.click("#saved-menu summary")
    page.click(f"#saved-menu a:has-text('{name}')")
    expect(page.locator("[name=by]")).to_have_value("version")
    expect(page.locator("#chips")).to_contain_text("Germany")
    assert query(page)["filter"] == ["country:is:DE"]
    view.go("/dashboard/settings?app=desktop")
    page.click(f"[aria-label='Rename {name}']")
    page.fill("#saved-dialog [name=name]", f"{name}, again")
    page.click("#saved-dialog .primary")
    card = page.locator("[data-card=saved]")
    expect(card).to_contain_text(f"{name}, again")
    page.click(f"[aria-label='Delete {name}, again']")
    page.click("#confirm-dialog .danger")
    expect(card).not_to_contain_text(name)
    assert view.overflow() <= 0
