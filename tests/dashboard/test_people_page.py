"""The page People: searches, and cohorts of them; a release beside another version."""

from __future__ import annotations

import re
from urllib.parse import quote

from playwright.sync_api import expect

from tests.dashboard.browser import Watched, ask, made_context
from tests.dashboard.test_loads import arrived, held_back


def test_people_are_found_by_what_they_are_and_did(view, full):
    meant = ask(
        full,
        "/users?app=desktop&limit=1000&platform_family=macOS&did=recording_completed&times=3&days=90",
    )["users"]
    everybody = ask(full, "/users?app=desktop&limit=1000")["users"]
    assert 0 < len(meant) < len(everybody)
    page = view.go("/dashboard/users?app=desktop")
    expect(page.locator("[name=times]")).to_be_hidden()
    view.after(lambda: page.select_option("[name=person_system]", "macOS"))
    view.after(lambda: page.select_option("[name=did]", "recording_completed"))
    page.fill("[name=times]", "3")
    page.fill("[name=days]", "90")
    view.after(lambda: page.keyboard.press("Enter"))
    assert "did=recording_completed&times=3&days=90" in page.url
    expect(page.locator("#chips")).to_be_hidden()
    first = page.locator("[data-card='list'] tbody tr").first
    expect(first.locator("a")).to_have_attribute("href", re.compile(f"id={meant[0]['user_id']}"))
    view.after(lambda: page.click("#row-filter [type=reset]"))
    assert "did=" not in page.url
    expect(page.locator("[name=did]")).to_have_value("")


def test_an_id_is_searched_for_once_it_has_four_characters(view, full):
    person = ask(full, "/users?app=desktop&limit=60")["users"][59]["user_id"]
    page = view.go("/dashboard/users?app=desktop")
    field = page.locator("[name=q]")
    view.after(lambda: field.press_sequentially(person[:3]))
    expect(page.locator("[data-card='list'] tbody tr")).to_have_count(50)
    view.after(lambda: field.press_sequentially(person[3:9]))
    row = page.locator("[data-card='list'] tbody tr")
    expect(row).to_have_count(1)
    expect(row.locator("a").first).to_have_attribute("href", re.compile(f"id={person}"))
    expect(page.locator("#cohort-save")).to_be_hidden()  # a cohort names nobody
    field.fill("zzzzzz")
    expect(page.locator("[data-card='list']")).to_contain_text("Nobody is like that.")


def test_a_search_becomes_a_cohort_with_numbers_and_is_renamed_and_deleted(view, full):
    page = view.go("/dashboard/users?app=desktop&seen=30&person_system=Windows")
    listed = page.locator("[data-card='list'] tbody tr a").first.get_attribute("href")
    page.click("#cohort-save")
    expect(page.locator("#cohort-dialog")).to_contain_text(
        "System Windows, last seen in the last 30 days."
    )
    page.fill("#cohort-dialog [name=name]", "People on Windows")
    view.after(lambda: page.click("#cohort-dialog .primary"))
    [cohort] = [
        row
        for row in ask(full, "/cohorts?app=desktop")["cohorts"]
        if row["name"] == "People on Windows"
    ]
    assert cohort["definition"] == {"platform_family": "Windows", "last_seen_days": 30}
    assert page.url.endswith(f"cohort={cohort['id']}")
    expect(page.locator("#chips")).to_contain_text("Cohort: People on Windows")
    expect(page.locator("#cohort-save")).to_be_hidden()
    assert page.locator("[data-card='list'] tbody tr a").first.get_attribute("href") == listed

    numbers = page.locator("#cohort-numbers").get_attribute("href")
    assert numbers == f"/dashboard?app=desktop&cohort={cohort['id']}"

    page = view.go("/dashboard/settings?app=desktop")
    card = page.locator("[data-card='cohorts']")
    expect(card).to_contain_text("System Windows, last seen in the last 30 days")
    page.click("[aria-label='Rename People on Windows']")
    page.fill("#cohort-dialog [name=name]", "Windows people")
    page.click("#cohort-dialog .primary")
    expect(card.locator("tbody")).to_contain_text("Windows people")
    page.click("[aria-label='Delete Windows people']")
    page.click("#confirm-dialog .danger")
    expect(card).not_to_contain_text("Windows people")
    assert cohort["id"] not in [row["id"] for row in ask(full, "/cohorts?app=desktop")["cohorts"]]


def test_on_a_phone_the_fields_of_a_search_wait_behind_a_button(browser, full):
    context = made_context(browser, width=390)
    view = Watched(context, full)
    page = view.go("/dashboard/users?app=desktop")
    expect(page.locator("[name=seen]")).to_be_hidden()
    page.click("#more-filters")
    expect(page.locator("#more-filters")).to_have_attribute("aria-expanded", "true")
    view.after(lambda: page.select_option("[name=seen]", "30"))
    assert view.overflow() <= 0
    context.close()
    assert view.troubles == []


def test_two_versions_stand_side_by_side(view, full):
    newest, other, *_ = [
        row for row in ask(full, "/releases?app=desktop&period=all")["releases"] if row["people"]
    ]
    path = (
        f"/releases/{quote(newest['version'])}?app=desktop&compare={quote(other['version'])}&days=7"
    )
    shown = ask(full, path)["comparison"]
    page = view.go(
        f"/dashboard/release?app=desktop&version={newest['version']}"
        f"&beside={other['version']}&first_days=7"
    )
    card = page.locator("[data-card='beside']")
    for number, version in enumerate(shown["versions"]):
        expect(card.locator("thead th").nth(number + 1)).to_have_text(version["version"])
        cell = card.locator("tbody tr", has_text="People").first.locator("td").nth(number + 1)
        expect(cell).to_have_text(f"{version['people']:,}")
    expect(card).to_contain_text(f"first {shown['days']} days of each")
    expect(card.locator(".verdict").first).to_be_visible()
    view.after(lambda: page.fill("[name=first_days]", "2") or page.keyboard.press("Enter"))
    assert "first_days=2" in page.url
    expect(card).to_contain_text("first 2 days of each")


def test_a_search_that_takes_long_says_so_and_can_be_ended(view):
    page = view.page
    waiting = held_back(page, re.compile(r":\d+/users\?.*did="))
    page.goto(f"{view.server.url}/dashboard/users?app=desktop&did=app_opened", wait_until="commit")
    arrived(page, waiting)
    assert "question_id=" in waiting[0].request.url
    with page.expect_request(lambda request: request.method == "DELETE") as ended:
        page.locator(".busy button").click()
    assert "/questions/" in ended.value.url
    expect(page.locator("[data-card='list']")).to_contain_text("You cancelled this.")


def test_people_are_found_by_conditions_on_what_they_did(view, full):
    page = view.go("/dashboard/users?app=desktop&did=recording_completed")
    where = page.locator("details.did-only")
    where.locator("summary").click()
    where.get_by_label("Field").select_option("property")
    where.get_by_label("Name of the property").fill("source")
    where.get_by_label("Value").fill("widget")
    view.after(lambda: page.keyboard.press("Tab"))
    assert "did_where=prop.source%3Ais%3Awidget" in page.url
    expect(where.locator("summary")).to_have_text("Where (1)")
    query = "/users?app=desktop&limit=1000&did=recording_completed%3Bprop.source%3Ais%3Awidget"
    meant = ask(full, query)["users"]
    everybody = ask(full, "/users?app=desktop&limit=1000&did=recording_completed")["users"]
    assert 0 < len(meant) < len(everybody)
    expect(page.locator("[data-card='list'] tbody tr")).to_have_count(min(50, len(meant)))
    page.click("#cohort-save")
    expect(page.locator(".cohort-definition")).to_contain_text(
        "Did “Recording completed, where source is widget”"
    )
    page.click("#cohort-dialog [data-cancel]")
    view.after(lambda: page.click("#row-filter [type=reset]"))
    assert "did" not in page.url
