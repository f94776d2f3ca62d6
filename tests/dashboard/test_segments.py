"""Conditions are saved under a name, used as a filter, and changed in Settings."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.browser import ask, compare

SETTINGS = "/dashboard/settings?app=desktop"
FILTER = ["version:gte:1.0", "country:is:US"]


def segments(server: Any) -> dict[str, Any]:
    return {each["name"]: each for each in ask(server, "/segments?app=desktop")["segments"]}


@pytest.fixture
def made(full):
    """Makes a segment on the demo; all are deleted afterwards."""

    def make(name: str) -> int:
        body = {"name": name, "filter": FILTER}
        number: int = ask(full, "/segments?app=desktop", body)["segment"]["id"]
        return number

    yield make
    for each in segments(full).values():
        ask(full, f"/segments/{each['id']}", method="DELETE")


def segment_of(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query)["segment"][0]


def test_conditions_become_a_segment_that_the_page_then_shows(view, full, made):
    page = view.go("/dashboard?app=desktop&filter=version:gte:1.0&filter=country:is:US")
    page.locator("#chips").get_by_role("button", name="Save as segment…").press("Enter")
    dialog = page.locator("#segment-dialog")
    expect(dialog.locator("[name=name]")).to_be_focused()
    expect(dialog.locator(".condition-row")).to_have_count(2)
    page.keyboard.type("New in the US")
    view.after(lambda: page.keyboard.press("Enter"))
    kept = segments(full)["New in the US"]
    assert kept["filter"] == FILTER
    assert segment_of(page) == str(kept["id"])
    assert "filter=" not in page.url
    expect(page.locator(".chip-text")).to_have_text("Segment: New in the US")
    compare(page, ask(full, f"/stats?app=desktop&include=usage&segment={kept['id']}"))
    view.after(lambda: page.click(".chip-remove"))
    assert "segment" not in page.url


def test_a_name_that_is_taken_is_said_in_the_dialog(view, made):
    made("Twice")
    page = view.go("/dashboard?app=desktop&filter=version:gte:1.0")
    page.locator("#chips").get_by_role("button", name="Save as segment…").click()
    expect(page.locator("#segment-dialog [name=name]")).to_be_focused()
    page.keyboard.type("Twice")
    page.keyboard.press("Enter")
    expect(page.locator("#segment-dialog [role=alert]")).to_contain_text("Twice")
    view.troubles.clear()  # the browser tells of the 409
    page.keyboard.press("Escape")


def test_a_segment_is_chosen_in_the_filter_beside_conditions(view, made):
    number = made("Chosen")
    page = view.go("/dashboard?app=desktop")
    page.click("#filter-menu summary")
    page.select_option("#filter-form [name=segment]", label="Chosen")
    page.locator("#filter-editor").get_by_label("Value").fill("1.1.0")
    view.after(lambda: page.click("#filter-form .primary"))
    assert segment_of(page) == str(number)
    expect(page.locator(".chip-text")).to_have_text(["Segment: Chosen", "Version is 1.1.0"])
    page.click(".tabs a:has-text('Usage')")
    page.wait_for_url("**/usage*")
    view.ready()
    assert segment_of(page) == str(number)


def test_segments_are_listed_in_words_changed_and_deleted(view, full, made):
    made("Listed")
    page = view.go(SETTINGS)
    row = page.locator("[data-card=segments] tbody tr")
    expect(row).to_contain_text("Version ≥ 1.0 and Country is United States")

    row.get_by_role("button", name="Change Listed").press("Enter")
    dialog = page.locator("#segment-dialog")
    dialog.locator("[name=name]").fill("Renamed")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Renamed")
    assert segments(full)["Renamed"]["filter"] == FILTER

    row.get_by_role("button", name="Change Renamed").press("Enter")
    dialog.get_by_role("button", name="Remove this condition").first.click()
    dialog.locator(".primary").click()
    expect(row).not_to_contain_text("Version")
    assert segments(full)["Renamed"]["filter"] == FILTER[1:]

    row.get_by_role("button", name="Delete Renamed").press("Enter")
    page.click("#confirm-dialog .danger")
    expect(row).to_have_count(0)
    assert segments(full) == {}


def test_a_segment_is_made_in_settings_on_a_phone_without_json(view, full, made):
    page = view.page
    page.set_viewport_size({"width": 390, "height": 800})
    view.go(SETTINGS)
    page.get_by_role("button", name="New segment").click()
    dialog = page.locator("#segment-dialog")
    dialog.locator("[name=name]").fill("Macs")
    dialog.locator(".primary").click()
    expect(dialog.locator("[role=alert]")).to_have_text("A segment has at least one condition.")
    dialog.get_by_label("Field").select_option("platform_family")
    dialog.get_by_label("Value").fill("macOS")
    dialog.locator(".primary").click()
    expect(page.locator("[data-card=segments] tbody tr")).to_contain_text("System is macOS")
    assert segments(full)["Macs"]["filter"] == ["platform_family:is:macOS"]
    assert view.overflow() <= 0


def test_a_segment_that_is_being_counted_says_how_far_until_it_is_ready(view, made):
    made("Counting")
    counted = {"days": 90, "filled": 31}

    def answer(route: Any) -> None:
        body = route.fetch().json()
        for each in body["segments"]:
            each.update(ready=counted["filled"] == 90, progress=counted)
        route.fulfill(json=body)

    view.page.route(re.compile(r"/segments\?"), answer)
    page = view.go(SETTINGS)
    state = page.locator("[data-card=segments] tbody td:nth-child(3)")
    expect(state).to_have_text("Counted 31 of 90 days, 34 %")
    counted["filled"] = 90
    expect(state).to_have_text("Ready", timeout=20_000)
