"""A page says which filters narrow it, and never that nothing happened where it cannot tell."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.dashboard.browser import ask


def top(server: Any, name: str) -> str:
    """What most people have: a country, or a version or platform."""
    found = ask(server, "/dashboard/api/stats?app=desktop&page=overview&period=all")
    if name == "country":
        return str(found["answer"]["top_countries"][0]["country"])
    rows = found["page"]["versions" if name == "app_version" else "platforms"]
    return str(rows[0]["key"])


def altered(page: Page, change: Any) -> None:
    """The numbers' answer with a change."""

    def answer(route: Route) -> None:
        body = route.fetch().json()
        change(body)
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    page.route(re.compile(r"/dashboard/api/stats\?"), answer)


def test_a_card_that_a_filter_leaves_out_says_so(view, full):
    page = view.go(f"/dashboard/stability?app=desktop&platform={top(full, 'platform')}")
    left_out = "Not available with a platform filter."
    expect(page.locator("[data-card='by-version'] .none")).to_have_text(left_out)
    expect(page.locator("[data-card='by-os'] .bar-item")).not_to_have_count(0)
    left_out = "Not available with a country filter."
    country = f"country={top(full, 'country')}"
    page = view.go(f"/dashboard/stability?app=desktop&{country}")
    for card in ("crashes", "crashed", "types", "by-version", "by-os"):
        expect(page.locator(f"[data-card='{card}'] .none")).to_have_text(left_out)
    page = view.go(f"/dashboard?app=desktop&{country}")
    expect(page.locator("[data-card='crashes'] .none")).to_have_text(left_out)


def test_chips_show_what_narrows_the_page_and_what_does_not(view, full):
    country, version = f"country={top(full, 'country')}", f"app_version={top(full, 'app_version')}"
    page = view.go(f"/dashboard/settings?app=desktop&{country}")  # nothing to narrow
    expect(page.locator(".chip")).to_have_count(0)
    page = view.go(f"/dashboard/crashes?app=desktop&{country}&{version}")
    expect(page.locator(".chip")).to_have_count(2)
    expect(page.locator(".chip-off")).to_contain_text("Country is ")
    expect(page.locator("#filter-note")).to_contain_text("cannot be narrowed by country")
    page = view.go(f"/dashboard/events?app=desktop&{country}&{version}")
    expect(page.locator(".chip")).to_have_count(2)
    expect(page.locator(".chip-off")).to_have_count(0)
    expect(page.locator("#filter-note")).to_be_hidden()

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page = view.go(f"/dashboard?app=desktop&{country}&{version}")
    rows = [url for url in asked if re.search(r"/(events|api/stats)\?", url)]
    assert len(rows) == 2
    assert all(url.count("filter=") == 2 for url in rows)


def test_numbers_that_a_filter_leaves_out_are_named_with_the_reason(view, full):
    page = view.go(f"/dashboard?app=desktop&country={top(full, 'country')}")
    note = page.locator("#coverage")
    expect(note).to_contain_text(
        "Not filtered by country, so left out: "
        "Crash-free, Crashes, Crashes per person; crashes carry none."
    )
    expect(note).to_contain_text("so left out: Session length.")
    page = view.go("/dashboard?app=desktop")
    expect(note).not_to_contain_text("left out")


def test_what_is_unknown_is_no_link_that_narrows_to_nothing(view):
    altered(
        view.page,
        lambda body: body["page"]["versions"].append(
            {"key": "unknown", "count": 1, "percentage": 0.1}
        ),
    )
    page = view.go("/dashboard?app=desktop")
    rows = page.locator("[data-card='versions'] .bar-item")
    expect(rows.first).to_have_js_property("tagName", "BUTTON")
    expect(rows.filter(has_text="unknown")).to_have_js_property("tagName", "DIV")


def test_a_note_says_what_is_missing_without_naming_a_reason_it_does_not_know(view):
    def erased_today(body: dict[str, Any]) -> None:
        body["answer"].update({"from": "2026-10-01", "covers_from": "2026-11-02"})

    altered(view.page, erased_today)
    page = view.go("/dashboard/costs?app=desktop")
    expect(page.locator("#coverage")).to_contain_text(
        "Some people were deleted; counts before 2 Nov 2026 may be low."
    )


def test_an_address_written_by_hand_is_read_as_far_as_it_means_something(view):
    page = view.go('/dashboard?app=desktop&from=abc&to=2026-02-31&period=a"&group_by=x')
    expect(page.locator("[data-period-label]")).to_have_text("Last 30 days")
    expect(page.locator("[data-period='30d']")).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-period='7d']")).not_to_have_attribute("aria-current", "true")
    expect(page.locator("[data-card='people'] canvas")).to_have_count(1)
