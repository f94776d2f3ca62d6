"""A drawing program, from nothing to a full overview, as docs/ANY_APP.md tells it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.dashboard.browser import ask, wait_for_fold
from tests.support import crash, event
from tools.server import Server

PEOPLE = ("550e8400-e29b-41d4-a716-446655440001", "550e8400-e29b-41d4-a716-446655440002")
DRAWINGS = (("png", 3), ("png", 5), ("svg", 12))


def make_app(page: Page) -> None:
    page.click("button:has-text('New app')")
    page.fill("#app-form [name=slug]", "easel")
    page.fill("#app-form [name=name]", "Easel")
    page.click("#app-form .primary")
    expect(page.locator("[data-card=apps]")).to_contain_text("Easel")


def draw(server: Server, key: str) -> None:
    """Two people draw; the first exports three drawings, and the program crashes once."""
    now = datetime.now(UTC) - timedelta(minutes=5)
    sent: list[dict[str, Any]] = [
        event(user_id=person, event="stroke drawn", session_id=f"s-{person}", properties=properties)
        for person, properties in zip(PEOPLE, ({"brush": "ink"}, {"brush": "oil"}), strict=True)
    ]
    sent += [
        event(
            user_id=PEOPLE[0],
            event="drawing exported",
            session_id=f"s-{PEOPLE[0]}",
            timestamp=(now + timedelta(seconds=10 * layers)).isoformat(),
            properties={"format": file_format, "layers": layers},
        )
        for file_format, layers in DRAWINGS
    ]
    headers = {"X-App-Key": key}
    assert ask(server, "/track", {"events": sent}, headers=headers)["events_stored"] == 5
    ask(server, "/crash", crash(user_id=PEOPLE[1]), headers=headers)
    wait_for_fold(server)


def keep_number(page: Page, name: str, **fields: str) -> None:
    page.click("[data-key=new-key-number]")
    for field, value in {"name": name, **fields}.items():
        control = page.locator(f"#key-number-dialog [name={field}]")
        if field == "measure":
            control.select_option(value)
        else:
            control.fill(value)
    page.click("#key-number-dialog .primary")


def keep_numbers(page: Page) -> None:
    dialog = page.locator("#key-number-dialog")
    keep_number(page, "Exports", event="drawing exported")
    expect(dialog).to_be_hidden()
    keep_number(page, "People who draw", measure="people", event="stroke drawn")
    expect(dialog).to_be_hidden()
    keep_number(page, "Layers", measure="median", event="drawing exported", property="layers")
    expect(dialog.locator(".bad")).to_contain_text("layers of drawing exported is not counted yet")
    page.click("#key-number-offer button")
    expect(dialog).to_be_hidden()
    keep_number(
        page, "As PNG", measure="share", event="drawing exported", property="format", value="png"
    )
    page.click("#key-number-offer button")
    expect(dialog).to_be_hidden()
    card = page.locator("[data-card=key-numbers]")
    expect(card).to_contain_text("Share of format = png, Drawing exported")
    page.click("[aria-label='Move As PNG up']")
    expect(card.locator("tbody tr").nth(2)).to_contain_text("As PNG")


def save_question(page: Page) -> None:
    page.fill("[name=event]", "drawing exported")
    page.select_option("[name=interval]", "none")
    by = page.locator("#question-form [name=by]")
    expect(by.locator("option[value='prop.format']")).to_be_attached()
    by.select_option("prop.format")
    answer = page.locator("[data-card=answer]")
    expect(answer.locator("h2")).to_have_text("Events, Drawing exported, by format")
    expect(answer.locator(".bar-item").first).to_contain_text("png")
    page.click("#save-open")
    page.fill("#save-dialog [name=name]", "Exports by format")
    page.check("#save-dialog [name=is_pinned]")
    page.click("#save-dialog .primary")
    page.click("#saved-menu summary")
    expect(page.locator("#saved-menu [aria-current=true]")).to_contain_text("Exports by format")


def number(page: Page, name: str) -> str:
    card = page.locator(".card.number", has_text=name).first
    return card.locator(".value").inner_text()


def wait_for_counts(server: Server) -> None:
    """The properties that were declared are counted back by a job."""
    deadline = time.monotonic() + 60
    while True:
        numbers = ask(server, "/stats/key_numbers?app=easel&period=7d")["key_numbers"]
        if all(each["amount"] for each in numbers):
            return
        assert time.monotonic() < deadline, numbers
        time.sleep(0.3)


def test_a_drawing_program_goes_from_nothing_to_a_full_overview(open_on, empty):
    view = open_on(empty)
    page = view.go("/dashboard/settings?app=desktop")
    make_app(page)
    apps = {app["slug"]: app for app in ask(empty, "/apps")["apps"]}
    key = apps["easel"]["ingest_key"]
    assert apps["easel"]["accepts"] == "open"

    view.go("/dashboard?app=easel")
    expect(page.locator("main")).to_contain_text(key)
    draw(empty, key)
    expect(page.locator("[data-card=names]")).to_contain_text("Drawing exported", timeout=15_000)

    view.go("/dashboard/settings?app=easel")
    keep_numbers(page)
    view.troubles.clear()  # the browser tells of both 409
    wait_for_counts(empty)

    view.go("/dashboard/explore?app=easel")
    save_question(page)

    view.go("/dashboard?app=easel")
    page.wait_for_selector("body[data-key-numbers=ready][data-pinned=ready]")
    names = ("Exports", "People who draw", "As PNG")
    assert [number(page, name) for name in names] == ["3", "2", "66.7 %"]
    assert 4.9 <= float(number(page, "Layers")) <= 5.1  # within 2 %
    for card, text in {
        "versions": "0.9.51",
        "platforms": "macOS",
        "countries": "United States",
        "names": "Stroke drawn",
    }.items():
        assert text in page.inner_text(f"[data-card={card}]"), card
    assert number(page, "Crash-free") == "50.0 %"
    assert number(page, "Session length") != "\u2014"
    pinned = page.locator("#pinned .card")
    expect(pinned).to_contain_text("png")
    assert pinned.locator("h2 a").get_attribute("href").startswith("/dashboard/explore?app=easel")
    assert "Recordings" not in page.inner_text("main")
    assert view.overflow() <= 0
