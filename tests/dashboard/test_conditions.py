"""Conditions are chosen, shown as chips, changed and removed; each page says what it does with them."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.browser import Watched, ask, compare, made_context

STATS = re.compile(r"/dashboard/api/stats\?")


def texts(page: Page) -> list[str]:
    """The conditions of the address."""
    return parse_qs(urlsplit(page.url).query).get("filter", [])


def chips(page: Page) -> list[str]:
    expect(page.locator(".chip-text").first).not_to_be_empty()
    return page.locator(".chip-text").all_inner_texts()


def opened(page: Page) -> Any:
    """The rows of the filter's menu, opened."""
    page.click("#filter-menu summary")
    rows = page.locator("#filter-editor .condition-row")
    expect(rows.first).to_be_visible()
    return rows


def test_conditions_are_chosen_and_all_of_them_hold(view, full):
    page = view.go("/dashboard?app=desktop&period=90d")
    rows = opened(page)
    rows.nth(0).get_by_label("Is", exact=True).select_option("gte")
    rows.nth(0).get_by_label("Value").fill("1.0.1")
    page.click("text=Add a condition")
    expect(page.locator(":focus")).to_have_js_property("ariaLabel", "Field")
    rows.nth(1).get_by_label("Field").select_option("platform_family")
    rows.nth(1).get_by_label("Value").fill("macos")  # in whatever letters
    expect(page.locator("datalist option[value=macOS]")).to_be_attached()
    view.after(lambda: page.click("#filter-form .primary"))
    assert texts(page) == ["version:gte:1.0.1", "platform_family:is:macOS"]
    assert chips(page) == ["Version ≥ 1.0.1", "System is macOS"]
    answer = ask(
        full,
        "/stats?app=desktop&period=90d&include=usage"
        "&filter=version:gte:1.0.1&filter=platform_family:is:macOS",
    )
    assert answer["summary"]["active_users_30d"] > 0
    assert compare(page, answer) > 5


def test_a_chip_is_changed_and_removed_by_keyboard(view):
    page = view.go("/dashboard?app=desktop&filter=version:is:1.1.0&filter=country:is:US")
    assert chips(page) == ["Version is 1.1.0", "Country is United States"]
    page.get_by_role("button", name="Change the filter Country is United States").press("Enter")
    value = page.get_by_label("Value").nth(1)
    expect(value).to_be_focused()
    expect(value).to_have_value("US")
    page.keyboard.press("Control+a")
    page.keyboard.type("germany")
    expect(page.locator("datalist option[value=DE]")).to_be_attached()
    view.after(lambda: page.keyboard.press("Enter"))
    assert texts(page) == ["version:is:1.1.0", "country:is:DE"]
    expect(page.locator("#filter-menu :focus")).to_have_count(1)
    remove = page.get_by_role("button", name="Remove the filter Version is 1.1.0")
    view.after(lambda: remove.press("Enter"))
    assert texts(page) == ["country:is:DE"]
    view.after(page.go_back)
    assert chips(page) == ["Version is 1.1.0", "Country is Germany"]
    view.after(lambda: page.get_by_role("button", name="Clear").press("Enter"))
    expect(page.locator("#chips")).to_be_hidden()
    assert "filter" not in page.url


def test_links_of_old_keep_what_they_said(view):
    page = view.go("/dashboard?app=desktop&app_version=1.1.0&country=us")
    assert sorted(chips(page)) == ["Country is United States", "Version is 1.1.0"]
    remove = page.get_by_role("button", name="Remove the filter Version is 1.1.0")
    view.after(remove.click)
    assert texts(page) == ["country:is:US"]
    assert "app_version" not in page.url


def test_a_property_is_named_and_its_values_suggested(view):
    page = view.go("/dashboard/events?app=desktop&period=all")
    rows = opened(page)
    rows.nth(0).get_by_label("Field").select_option("property")
    rows.nth(0).get_by_label("Name of the property").focus()
    expect(page.locator("datalist option[value=source]").first).to_be_attached()
    rows.nth(0).get_by_label("Name of the property").fill("source")
    rows.nth(0).get_by_label("Is", exact=True).select_option("in")
    rows.nth(0).get_by_label("Value").fill("widget, main_window")
    expect(page.locator("datalist option[value=widget]")).to_be_attached()
    view.after(lambda: page.keyboard.press("Enter"))
    assert texts(page) == ["prop.source:in:widget,main_window"]
    assert chips(page) == ["source is widget or main_window"]
    expect(page.locator("[data-card=list] tbody tr").first).to_contain_text("source")


def test_a_condition_without_its_value_is_not_applied(view):
    page = view.go("/dashboard?app=desktop")
    rows = opened(page)
    rows.nth(0).get_by_label("Field").select_option("country")
    rows.nth(0).get_by_label("Field").press("Enter")
    page.click("#filter-form .primary")
    expect(page.locator("#filter-menu")).to_have_attribute("open", "")
    expect(page.locator(":focus")).to_have_js_property("ariaLabel", "Value")
    rows.nth(0).get_by_label("Is", exact=True).select_option("set:false")
    view.after(lambda: page.click("#filter-form .primary"))
    assert texts(page) == ["country:set:false"]
    assert chips(page) == ["Country is not set"]


def test_a_value_of_a_table_narrows_the_page_to_itself(view):
    page = view.go("/dashboard/events?app=desktop&period=all&filter=country:is:US")
    version = page.locator("tbody tr td:nth-child(4) .only").first
    text = version.inner_text()
    view.after(lambda: version.press("Enter"))
    assert texts(page) == ["country:is:US", f"version:is:{text}"]
    name = page.locator("tbody tr td:nth-child(2) .only").first
    view.after(name.click)
    assert texts(page)[-1].startswith("event:is:")
    shown = {cell.inner_text() for cell in page.locator("tbody tr td:nth-child(4)").all()}
    assert shown == {text}


def test_a_row_of_a_list_adds_a_condition_and_takes_it_away(view):
    page = view.go("/dashboard/usage?app=desktop&filter=country:is:US")
    row = page.locator("[data-card=names] .bar-item").first
    view.after(row.click)
    event = row.get_attribute("data-key")
    assert texts(page) == ["country:is:US", f"event:is:{event}"]
    expect(row).to_have_attribute("aria-pressed", "true")
    view.after(row.click)
    assert texts(page) == ["country:is:US"]


OVERVIEWS = (
    ("website", "filter=event:is:pageview", "/api/metrics?app=website&days=30&include=visits"),
    ("generator", "filter=prop.success:is:true", "/api/analytics?app=generator"),
    ("bot", "filter=event:is:user_message", "/api/analytics/stats?app=bot"),
)


@pytest.mark.parametrize(("app", "filter", "path"), OVERVIEWS)
def test_the_overview_of_every_kind_of_app_is_narrowed(view, full, app, filter, path):
    page = view.go(f"/dashboard?app={app}&{filter}")
    expect(page.locator("#filter-note")).to_be_hidden()
    expect(page.locator(".chip")).to_have_count(1)
    expect(page.locator(".chip-off")).to_have_count(0)
    narrowed = ask(full, f"{path}&{filter}")
    assert compare(page, narrowed, besides="range") > 3
    shown = page.locator("[data-number] .value").all_inner_texts()
    view.after(lambda: page.get_by_role("button", name="Clear").press("Enter"))
    assert compare(page, ask(full, path), besides="range") > 3
    assert page.locator("[data-number] .value").all_inner_texts() != shown


@pytest.mark.parametrize(
    ("app", "card", "field"),
    [
        ("website", "paths", "prop.path"),
        ("website", "devices", "prop.device"),
        ("bot", "names", "event"),
    ],
)
def test_a_row_of_an_overview_narrows_it(view, app, card, field):
    page = view.go(f"/dashboard?app={app}")
    row = page.locator(f"[data-card={card}] .bar-item").first
    key = row.get_attribute("data-key")
    view.after(row.click)
    assert texts(page) == [f"{field}:is:{key}"]
    expect(row).to_have_attribute("aria-pressed", "true")
    expect(page.locator(f"[data-card={card}] .card-error")).to_have_count(0)


@pytest.mark.parametrize("app", ["website", "generator", "bot"])
def test_an_overview_that_nothing_matches_says_so(view, app):
    page = view.go(f"/dashboard?app={app}&filter=prop.path:is:/nowhere")
    button = page.get_by_role("button", name="Remove the conditions").first
    expect(page.locator("#content")).to_contain_text("matches these conditions")
    view.after(lambda: button.press("Enter"))
    assert texts(page) == []


@pytest.mark.parametrize("name", ["issues", "crashes"])
def test_a_page_of_crashes_says_which_conditions_it_cannot_take(view, name):
    page = view.go(f"/dashboard/{name}?app=desktop&filter=event:is:app_opened")
    expect(page.locator("#filter-note")).to_contain_text("This page cannot be narrowed by event")
    expect(page.locator(".chip-off")).to_have_count(1)
    view.after(lambda: page.click(".tabs a:has-text('Usage')"))
    expect(page.locator("#filter-note")).to_be_hidden()
    assert texts(page) == ["event:is:app_opened"]


@pytest.mark.parametrize("name", ["", "/events"])
def test_conditions_that_nothing_matches_are_removed_by_a_button(view, name):
    page = view.go(f"/dashboard{name}?app=desktop&filter=version:is:77.0")
    box = page.locator("#content")
    expect(box).to_contain_text("Nothing in this period matches these conditions.")
    button = box.get_by_role("button", name="Remove the conditions").first
    view.after(lambda: button.press("Enter"))
    assert texts(page) == []
    expect(box).not_to_contain_text("Nothing in this period matches these conditions.")


def test_debug_builds_are_shown_apart(view):
    page = view.go("/dashboard?app=desktop")
    opened(page)
    page.check("#filter-form [name=debug]")
    view.after(lambda: page.click("#filter-form .primary"))
    assert texts(page) == ["channel:is:debug"]
    assert chips(page) == ["Debug builds"]
    expect(page.locator("#filter-note")).to_contain_text("Only debug builds are shown.")
    opened(page)
    expect(page.locator("#filter-form [name=debug]")).to_be_checked()
    expect(page.locator("#filter-editor .condition-row")).to_have_count(1)  # and that is blank


def test_a_condition_that_is_none_is_named(view):
    page = view.go("/dashboard?app=desktop&filter=size:is:3")
    view.troubles.clear()  # the browser tells of the 400
    expect(page.locator("[data-card=people] .card-error")).to_contain_text("size:is:3")
    assert chips(page) == ["size:is:3"]


def slow(page: Page, seconds: float) -> None:
    page.add_init_script(
        f"""const fetching = window.fetch;
        window.fetch = async (url, options) => {{
            if (String(url).includes("/dashboard/api/stats"))
                await new Promise((done, fail) => {{
                    const timer = setTimeout(done, {seconds * 1000});
                    options.signal?.addEventListener("abort", () => {{
                        clearTimeout(timer);
                        fail(new DOMException("", "AbortError"));
                    }});
                }});
            return fetching(url, options);
        }};"""
    )


def test_a_long_question_says_how_long_it_takes_and_is_cancelled(view):
    slow(view.page, 60)
    page = view.page
    page.goto(f"{view.server.url}/dashboard?app=desktop&filter=version:gte:1.0")
    busy = page.locator(".busy")
    expect(busy).to_contain_text("Reading the events")
    expect(busy.locator(".seconds")).to_have_text(re.compile(r"[3-9] s"))
    with page.expect_request(lambda request: request.method == "DELETE") as ended:
        busy.get_by_role("button", name="Cancel").press("Enter")
    assert re.search(r"/questions/[0-9a-f-]{36}$", ended.value.url)
    expect(page.locator("[data-card=people] .card-error")).to_contain_text("You cancelled this.")
    expect(busy).to_have_count(0)
    view.troubles.clear()  # the server does not know the question: it was held here


def test_a_quick_question_says_nothing_of_it(view):
    page = view.go("/dashboard?app=desktop&filter=version:gte:1.0")
    expect(page.locator(".busy")).to_have_count(0)
    expect(page.locator("[data-card=people] canvas")).to_be_visible()


def test_what_is_too_slow_can_be_saved_as_a_segment(view):
    sentence = "this took longer than 20 s: ask for fewer days, or save the filter as a segment"
    body = json.dumps({"success": False, "error": sentence, "code": "too_slow"})
    view.page.route(
        STATS, lambda route: route.fulfill(status=503, content_type="application/json", body=body)
    )
    page = view.go("/dashboard?app=desktop&filter=version:gte:1.0&filter=country:is:US")
    view.troubles.clear()  # the browser tells of the 503
    card = page.locator("[data-card=people] .card-error")
    expect(card).to_contain_text(sentence)
    card.get_by_role("button", name="Save it as a segment").press("Enter")
    dialog = page.locator("#segment-dialog")
    expect(dialog.locator(".condition-row")).to_have_count(2)
    expect(page.locator(":focus")).to_have_js_property("name", "name")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_has_the_menu_and_the_chips(browser, full, theme):
    context = made_context(browser, theme, width=390)
    view = Watched(context, full)
    filters = "filter=version:gte:1.0&filter=prop.source:in:widget,main_window&filter=country:is:US"
    page = view.go(f"/dashboard?app=desktop&{filters}")
    assert view.overflow() <= 0
    rows = opened(page)
    expect(rows).to_have_count(3)
    box = page.locator(".filter-list").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    for field in page.locator("#filter-form :is(input, select, button):visible").all():
        inside = field.bounding_box()
        assert inside is not None
        assert inside["x"] + inside["width"] <= 390
    assert view.overflow() <= 0
    assert view.nameless() == []
    context.close()
    assert view.troubles == []


MACS = "filter=platform_family:is:macOS"


def test_issues_show_the_numbers_of_matching_crashes_and_lead_to_them(view, full):
    page = view.go(f"/dashboard/issues?app=desktop&period=all&{MACS}")
    assert chips(page) == ["System is macOS"]
    expect(page.locator("#filter-note")).to_be_hidden()
    shown = ask(full, f"/issues?app=desktop&state=open&handled=false&period=all&{MACS}")
    rows = page.locator("[data-card=list] tbody tr")
    expect(rows).to_have_count(min(50, len(shown["issues"])))
    expect(rows.first.locator(".crashes-cell")).to_have_text(str(shown["issues"][0]["crashes"]))
    expect(page.locator("[data-count=handled]")).to_have_text("\u2014")
    everybody = ask(full, "/issues?app=desktop&period=all&state=open&handled=false")
    assert shown["issues"] != everybody["issues"]
    view.after(lambda: page.click("[data-tab=handled]"))
    expect(page.locator("[data-card=list]")).to_contain_text("cannot be narrowed")
    page.go_back()
    expect(rows.first).to_be_visible()
    rows.first.locator("a").first.click()
    page.wait_for_url("**/dashboard/issue?**")
    assert texts(page) == ["platform_family:is:macOS"]
    issue = ask(full, f"/issues/{shown['issues'][0]['id']}?period=all&{MACS}")["issue"]
    expect(page.locator("#figures")).to_contain_text(f"{issue['crashes']}that match")
    expect(page.locator("[data-card=systems] .bar-item")).to_have_count(len(issue["systems"]))
    expect(page.locator("[data-card=crash] .facts")).to_contain_text("macOS")


def test_a_list_sorted_by_what_a_filter_leaves_out_takes_its_own_order(view):
    page = view.go(f"/dashboard/issues?app=desktop&period=all&sort.list=-rise&{MACS}")
    expect(page.locator("[data-card=list] tbody tr").first).to_be_visible()
    assert "rise" not in page.url


def test_releases_show_those_who_match_and_name_what_is_left_out(view, full):
    query = f"app=desktop&period=90d&{MACS}"
    page = view.go(f"/dashboard/releases?{query}")
    shown = ask(full, f"/releases?{query}")["releases"]
    expect(page.locator("[data-card=list] tbody tr")).to_have_count(len(shown))
    expect(page.locator("#coverage")).to_have_text(
        "Not filtered by system, so left out: New, Regressed, Fixed."
    )
    expect(page.locator("[data-card=list] thead")).not_to_contain_text("Regressed")
    expect(page.locator(".adoption span[title]").first).to_have_attribute(
        "title", f"{shown[0]['people']:,} people"
    )
    page.locator("[data-card=list] tbody a").first.click()
    page.wait_for_url("**/dashboard/release?**")
    assert texts(page) == ["platform_family:is:macOS"]
    version = shown[0]["version"]
    release = ask(full, f"/releases/{version}?{query}")["release"]
    exact = page.locator("[data-number='release.people'] .exact")
    expect(exact).to_have_text(f"{release['people']:,}")
    expect(page.locator("[data-card=new] .none")).to_have_text(
        "Not available with a system filter."
    )


def test_a_release_under_a_condition_that_crashes_have_not_says_so(view, full):
    query = "app=desktop&period=90d&filter=country:not:ZZ"
    page = view.go(f"/dashboard/releases?{query}")
    expect(page.locator("#coverage")).to_contain_text("Crash-free people, Crashes per person")
    version = ask(full, f"/releases?{query}")["releases"][0]["version"]
    page = view.go(f"/dashboard/release?{query}&version={version}")
    expect(page.locator("[data-number='release.crash_free_people'] .value")).to_have_text("\u2014")
    expect(page.locator("[data-card=crashes] .none")).to_have_text(
        "Not available with a country filter."
    )
    page = view.go(f"/dashboard/releases?{query}&filter=version:is:77")
    expect(page.locator("[data-card=list]")).to_contain_text("matches these conditions")
