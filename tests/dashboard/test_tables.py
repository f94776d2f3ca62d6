"""Tables: sorted by their heads, paged by cursor, searched on the server."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from stories.views.dashboard_rows import CRASH_ORDERS, USER_ORDERS
from tests.dashboard.browser import ask


def cells(page: Page, card: str, column: int) -> list[str]:
    found: list[str] = page.locator(f"[data-card='{card}'] tbody tr").evaluate_all(
        "(rows, column) => rows.map(row => row.cells[column].innerText.trim())", column
    )
    return found


def numbers(texts: list[str]) -> list[float]:
    return [float(re.sub(r"[^\d.]", "", text)) for text in texts]


def test_people_are_sorted_by_a_click_on_a_head(view, full):
    page = view.go("/dashboard/users?app=desktop")
    head = page.locator("th", has_text="Events")
    expect(page.locator("th", has_text="Last active")).to_have_attribute("aria-sort", "descending")
    expect(head).to_have_attribute("aria-sort", "none")
    view.after(lambda: head.locator("button").click())
    assert "sort.list=-events" in page.url
    expect(head).to_have_attribute("aria-sort", "descending")
    most = ask(full, "/users?app=desktop&limit=1000")["users"]
    shown = numbers(cells(page, "list", 3))
    assert shown == sorted((one["events"] for one in most), reverse=True)[: len(shown)]

    page.click("[data-key=more]")  # the next page goes on in this order
    expect(page.locator("tbody tr")).to_have_count(min(100, len(most)))
    people = cells(page, "list", 0)
    assert (
        numbers(cells(page, "list", 3))
        == sorted((one["events"] for one in most), reverse=True)[:100]
    )
    assert len(people) == min(100, len(most))


def test_a_head_is_worked_by_keyboard_and_the_order_is_a_link(view):
    page = view.go("/dashboard/users?app=desktop")
    page.focus("[data-key='sort-first_seen']")
    view.after(lambda: page.keyboard.press("Enter"))
    expect(page.locator(":focus")).to_have_attribute("data-key", "sort-first_seen")
    first = cells(page, "list", 0)
    view.after(lambda: page.keyboard.press("Space"))
    assert "sort.list=first_seen" in page.url
    expect(page.locator("th", has_text="First seen")).to_have_attribute("aria-sort", "ascending")
    turned = cells(page, "list", 0)
    assert turned != first
    page.reload()
    view.ready()
    assert cells(page, "list", 0) == turned
    view.after(page.go_back)
    assert cells(page, "list", 0) == first


@pytest.mark.parametrize(
    ("path", "card", "head", "column"),
    [
        ("/dashboard/settings?app=desktop", "storage", "Share", 2),
        ("/dashboard?app=bot", "personas", "Chosen", 1),
        ("/dashboard?app=generator", "week", "Visits", 2),
    ],
)
def test_a_table_that_is_all_there_is_sorted_in_place(view, path, card, head, column):
    page = view.go(path)
    button = page.locator(f"[data-card='{card}'] th button", has_text=head)
    view.after(button.click)
    shown = numbers(cells(page, card, column))
    assert shown == sorted(shown, reverse=True)
    view.after(button.click)
    shown = numbers(cells(page, card, column))  # read anew: tables grow meanwhile
    assert shown == sorted(shown)


def test_crashes_are_sorted_by_version_as_versions_are(view):
    page = view.go("/dashboard/crashes?app=desktop&period=all")
    head = page.locator("th", has_text="Version").locator("button")
    view.after(head.click)
    view.after(head.click)
    shown = [
        tuple(map(int, text.split("."))) for text in cells(page, "list", 3) if text != "\u2014"
    ]
    assert len(shown) > 1
    assert shown == sorted(shown)


def pages(server: Any, path: str, rows: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = ask(server, f"{path}&limit=30{cursor}")
        found += answer[rows]
        if answer["next_cursor"] is None:
            return found
        assert answer[rows] or answer.get("searched_to")
        cursor = f"&cursor={quote(answer['next_cursor'])}"


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("order", USER_ORDERS)
def test_every_order_of_people_has_each_once(full, order, sign):
    found = pages(full, f"/dashboard/api/users?app=desktop&sort={sign}{order}", "users")
    whole = ask(full, "/users?app=desktop&limit=1000")["users"]
    assert sorted(one["user_id"] for one in found) == sorted(one["user_id"] for one in whole)
    if order in ("events", "crashes", "last_active"):
        values = [one[order] for one in found]
        assert values == sorted(values, reverse=sign == "-")


@pytest.mark.parametrize("order", CRASH_ORDERS)
def test_every_order_of_crashes_has_each_once(full, order):
    whole = ask(full, "/crashes?app=desktop&limit=1000")["crashes"]
    up = pages(full, f"/dashboard/api/crashes?app=desktop&sort={order}", "crashes")
    down = pages(full, f"/dashboard/api/crashes?app=desktop&sort=-{order}", "crashes")
    ids = sorted(one["crash_id"] for one in whole)
    assert sorted(one["crash_id"] for one in up) == sorted(one["crash_id"] for one in down) == ids
    if order == "time":
        assert down == whole


def test_a_search_finds_what_no_loaded_row_holds(view, full):
    whole = pages(full, "/events?app=desktop", "events")
    lengths = [(event["properties"] or {}).get("audio_duration_seconds") for event in whole]
    length = str(  # long enough to be in no id, time or version by chance
        next(
            each
            for each in reversed(lengths)
            if each and each % 1 and len(str(each)) > 4 and lengths.index(each) > 100
        )
    )
    page = view.go("/dashboard/events?app=desktop&period=all")
    assert length not in page.inner_text("[data-card='list'] tbody")
    page.locator("[name=search]").press_sequentially(length)
    view.after(lambda: page.keyboard.press("Enter"))
    assert f"search={length}" in page.url
    rows = page.locator("[data-card='list'] tbody tr")
    expect(rows.last).to_contain_text(length)
    expect(page.locator(".pager")).to_contain_text("end of the list")
    expected = [
        event
        for event in whole
        if length in str(event["properties"]) + event["user_id"] + str(event["session_id"])
    ]
    assert rows.count() == min(50, len(expected))

    view.after(lambda: page.click("button[type=reset]"))
    assert "search" not in page.url
    assert page.input_value("[name=search]") == ""


def test_a_whole_id_is_looked_up_and_filters_stand_beside_a_search(view, full):
    person = ask(full, "/users?app=desktop&limit=1")["users"][0]["user_id"]
    page = view.go("/dashboard/events?app=desktop&period=all")
    page.fill("[name=search]", person)
    view.after(lambda: page.keyboard.press("Enter"))
    assert f"user_id={person}" in page.url
    assert page.input_value("[name=search]") == ""
    page.fill("[name=search]", "APP opened")
    view.after(lambda: page.keyboard.press("Enter"))
    assert set(cells(page, "list", 1)) == {"App opened"}
    assert set(cells(page, "list", 6)) == {f"{person[:8]}\nCopy"} or person[:8] in page.inner_text(
        "tbody"
    )
