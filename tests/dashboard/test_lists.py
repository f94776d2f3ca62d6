"""Lists that say how many there are, and CSVs that hold them all."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.dashboard.browser import ask
from tests.dashboard.test_filters import altered
from tests.dashboard.test_loads import arrived, held_back


def downloaded(page: Page, card: str) -> list[list[str]]:
    with page.expect_download() as download:
        page.click(f"[data-card='{card}'] [data-csv]")
    text = Path(download.value.path()).read_text("utf-8-sig")
    return list(csv.reader(text.splitlines()))


def test_a_list_that_ends_at_ten_says_so_and_shows_the_rest(view, full):
    def many(body: dict[str, Any]) -> None:
        body["page"]["versions"] = [
            {"key": f"1.{number}.0", "count": 100 - number, "percentage": 1.0}
            for number in range(43)
        ]

    altered(view.page, many)
    page = view.go("/dashboard?app=desktop")
    card = page.locator("[data-card='versions']")
    expect(card.locator(".more")).to_contain_text("10 of 43")
    assert len(downloaded(page, "versions")) == 44
    card.locator(".more button").click()
    expect(card.locator(".bar-item")).to_have_count(43)
    expect(card.locator(".more")).to_contain_text("43 of 43")
    expect(page.locator(":focus")).to_have_attribute("data-key", "more-versions")
    page.emulate_media(color_scheme="dark")  # drawn anew
    page.wait_for_selector("body[data-ready=draw]")
    expect(card.locator(".bar-item")).to_have_count(43)
    page.emulate_media(color_scheme="light")
    card.locator(".more button").click()
    expect(card.locator(".bar-item")).to_have_count(10)


def test_the_list_of_countries_goes_past_the_ten_of_stats(view, full):
    page = view.go("/dashboard?app=desktop&period=all")
    top = ask(full, "/stats?app=desktop&period=all")["top_countries"]
    rows = downloaded(page, "countries")[1:]
    assert len(top) == 10 < len(rows)
    shown = {code: int(count) for code, count, _ in rows}
    # /stats still counts whom another test has had deleted.
    assert all(0 <= row["users"] - shown[row["country"]] <= 1 for row in top)
    assert sum(row["users"] - shown[row["country"]] for row in top) <= 1


def test_a_csv_of_a_table_holds_every_row_and_not_those_that_were_loaded(view, full):
    page = view.go("/dashboard/users?app=desktop&sort.list=-events")
    expect(page.locator("tbody tr")).to_have_count(50)
    rows = downloaded(page, "list")
    people = ask(full, "/users?app=desktop&limit=1000")["users"]
    assert len(rows) - 1 == len(people) > 50
    column = rows[0].index("Events")
    counts = [int(row[column]) for row in rows[1:]]
    assert counts == sorted(counts, reverse=True)
    expect(page.locator("tbody tr")).to_have_count(50)  # the page stays as it was
    expect(page.locator("[data-card='list'] [data-csv]")).to_have_text("CSV")


def test_a_csv_has_the_pages_own_filter(view, full):
    page = view.go("/dashboard/events?app=desktop&period=all&event_type=app_opened")
    rows = downloaded(page, "list")
    count = 0
    cursor = ""
    while True:
        path = f"/events?app=desktop&event_type=app_opened&limit=1000&cursor={cursor}"
        body = ask(full, path)
        count += len(body["events"])
        cursor = body["next_cursor"]
        if not cursor:
            break
    assert len(rows) - 1 == count > 50
    assert {row[rows[0].index("Event")] for row in rows[1:]} == {"app_opened"}


def test_a_long_csv_is_stopped_by_a_second_click(view):
    page = view.go("/dashboard/events?app=desktop&period=all")
    waiting = held_back(page, re.compile(r"/events\?.*limit=1000"))
    first = {"success": True, "events": [], "count": 0, "next_cursor": "x"}
    button = page.locator("[data-card='list'] [data-csv]")
    button.click()
    arrived(page, waiting)
    waiting.pop(0).fulfill(status=200, content_type="application/json", body=json.dumps(first))
    expect(button).to_contain_text("0 rows")
    button.click()
    expect(button).to_have_text("CSV")
    expect(page.locator("#announce")).to_have_text("Stopped")


def test_a_csv_that_cannot_be_had_says_why(view):
    page = view.go("/dashboard/events?app=desktop&period=all")

    def refuse(route: Route) -> None:
        body = json.dumps({"error": "It is away."})
        route.fulfill(status=503, content_type="application/json", body=body)

    page.route(re.compile(r"/events\?.*limit=1000"), refuse)
    page.click("[data-card='list'] [data-csv]")
    expect(page.locator("#announce")).to_have_text("Not downloaded: It is away.")
    view.troubles.clear()  # the browser tells of the 503
