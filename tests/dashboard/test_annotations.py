"""Notes on charts: made in the dialog, drawn, told in the tooltip and in the table, taken out again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.dashboard.browser import Watched, ask, made_context
from tests.dashboard.hostile import HOSTILE
from tests.dashboard.test_access_pages import look

DIALOG = "#annotation-dialog"
CHARTED = ("", "/growth", "/usage", "/quality", "/stability", "/costs")


@pytest.fixture
def view(view, full):
    yield view
    for app in ("desktop", "website", "generator", "bot"):
        for note in ask(full, f"/annotations?app={app}")["annotations"]:
            ask(full, f"/annotations/{note['id']}", method="DELETE")


def note(server, text, days_ago=2, app="desktop"):
    at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
    path = f"/annotations?app={app}" if app else "/annotations"
    return ask(server, path, {"text": text, "at": at})["annotation"]


def as_table(page, card):
    page.click(f"[data-card='{card}'] [data-table]")
    return page.locator(f"[data-card='{card}'] table")


def marks(page, card):
    """How many pixels of a chart have the colour of notes."""
    return page.locator(f"[data-card='{card}'] canvas").evaluate(
        """canvas => {
            const style = getComputedStyle(document.documentElement);
            const name = style.getPropertyValue("--series-2").trim();
            const [r, g, b] = [1, 3, 5].map(i => Number.parseInt(name.slice(i, i + 2), 16));
            const { width, height } = canvas;
            const copy = new OffscreenCanvas(width, height).getContext("2d");
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, width, height);
            const isNote = i => data[i + 3] > 200
                && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 12;
            return data.filter((_, i) => i % 4 === 0 && isNote(i)).length;
        }"""
    )


def test_a_note_is_made_stands_in_charts_and_is_taken_out(view, full):
    page = view.go("/dashboard?app=desktop")
    assert marks(page, "people") == 0
    page.click("#annotations")
    dialog = page.locator(DIALOG)
    expect(dialog).to_contain_text("None in this period.")
    dialog.locator("[name=text]").fill("The newsletter went out")
    view.after(lambda: dialog.get_by_role("button", name="Add").click())
    expect(dialog.locator("li")).to_contain_text("The newsletter went out")
    expect(dialog.locator("[name=text]")).to_have_value("")
    look(page, "annotation-dialog")
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator("#annotations")).to_be_focused()
    assert marks(page, "people") > 20
    look(page, "annotation-chart")
    [made] = ask(full, "/annotations?app=desktop")["annotations"]
    assert made["text"] == "The newsletter went out"
    age = datetime.now(UTC) - datetime.fromisoformat(made["at"])
    assert timedelta(0) <= age < timedelta(minutes=5)
    table = as_table(page, "people")
    expect(table.locator("tbody tr").last).to_contain_text("The newsletter went out")
    page.click("[data-card='people'] [data-table]")

    page.click("#annotations")
    remove = dialog.get_by_role("button", name="Delete the note The newsletter went out")
    view.after(remove.click)
    bring_back = dialog.get_by_role("button", name="Bring back the note The newsletter went out")
    assert ask(full, "/annotations?app=desktop")["annotations"] == []
    view.after(bring_back.click)
    [again] = ask(full, "/annotations?app=desktop")["annotations"]
    assert (again["text"], again["at"]) == (made["text"], made["at"])
    view.after(remove.click)
    page.keyboard.press("Escape")
    assert marks(page, "people") == 0


def test_a_note_is_in_the_tooltip_of_its_day(view, full):
    note(full, "Prices went up", days_ago=0)
    page = view.go("/dashboard?app=desktop")
    canvas = page.locator("[data-card='people'] canvas")
    box = canvas.bounding_box()
    canvas.hover(position={"x": box["width"] - 4, "y": box["height"] / 2})
    expect(page.locator("[data-card='people'] .chart-note")).to_contain_text("Prices went up")
    look(page, "annotation-tooltip")
    canvas.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(page.locator("[data-card='people'] .chart-note")).to_have_count(0)


@pytest.mark.parametrize(
    ("query", "days_ago"),
    [("group_by=week", 9), ("group_by=month&period=90d", 40), ("period=today", 0)],
)
def test_a_note_stands_in_the_bucket_that_holds_it(view, full, query, days_ago):
    note(full, "Moved house", days_ago)
    page = view.go(f"/dashboard?app=desktop&{query}")
    table = as_table(page, "all")
    expect(table.locator("tbody tr", has_text="Moved house")).to_have_count(1)
    page.click("[data-card='all'] [data-table]")


def test_every_page_with_charts_has_notes_of_the_app_and_of_all(view, full):
    note(full, "Of this app")
    note(full, "Of every app", app=None)
    note(full, "Of another", app="website")
    for path in CHARTED:
        page = view.go(f"/dashboard{path}?app=desktop")
        page.locator("[data-card]:has(canvas) [data-table]").first.click()
        table = page.locator("[data-card] table", has_text="Notes").first
        expect(table).to_contain_text("Of this app")
        expect(table).to_contain_text("Of every app")
        expect(table).not_to_contain_text("Of another")
    page = view.go("/dashboard/explore?app=desktop&view=table")
    expect(page.locator("[data-card=answer] table")).to_contain_text("Of this app")


def test_notes_that_come_after_their_charts_are_drawn_too(view, full):
    note(full, "Late")
    page = view.page
    waiting = []
    page.route("**/annotations?**", lambda route: waiting.append(route))
    page.goto(f"{full.url}/dashboard?app=desktop", wait_until="commit")
    expect(page.locator("[data-card='people'] canvas")).to_be_visible()
    assert marks(page, "people") == 0
    waiting[0].continue_()
    view.ready()
    assert page.get_attribute("body", "data-ready") == "start"
    assert marks(page, "people") > 20


def test_notes_that_cannot_be_loaded_leave_the_page_whole_and_say_so(view):
    page = view.page
    away = {"status": 503, "content_type": "application/json", "body": '{"error": "It is away."}'}
    page.route("**/annotations?**", lambda route: route.fulfill(**away))
    view.go("/dashboard?app=desktop")
    expect(page.locator("[data-card='people'] canvas")).to_be_visible()
    page.click("#annotations")
    expect(page.locator(DIALOG)).to_contain_text("The notes could not be loaded: It is away.")
    view.troubles.clear()  # the browser tells of the 503


def test_hostile_notes_are_text_in_the_dialog_the_tooltip_and_the_table(view, full):
    note(full, HOSTILE, days_ago=0)
    page = view.go("/dashboard?app=desktop")
    page.click("#annotations")
    expect(page.locator(f"{DIALOG} li")).to_contain_text(HOSTILE)
    page.keyboard.press("Escape")
    canvas = page.locator("[data-card='people'] canvas")
    box = canvas.bounding_box()
    canvas.hover(position={"x": box["width"] - 4, "y": box["height"] / 2})
    expect(page.locator("[data-card='people'] .chart-note")).to_contain_text(HOSTILE)
    expect(as_table(page, "people")).to_contain_text(HOSTILE)
    page.click("[data-card='people'] [data-table]")
    assert page.evaluate("window.pwned") is None
    assert view.overflow() <= 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_dialog_fits_a_phone_and_works_by_keyboard(view, browser, full, theme):
    note(full, "A rather long note about what happened on this day, with all the reasons for it")
    context = made_context(browser, theme=theme, width=390)
    seen = Watched(context, full)
    page = seen.go("/dashboard?app=desktop")
    look(page, f"annotation-390-{theme}")
    page.focus("#annotations")
    page.keyboard.press("Enter")
    expect(page.locator(DIALOG)).to_be_visible()
    assert seen.nameless() == []
    assert seen.overflow() <= 0
    look(page, f"annotation-dialog-390-{theme}")
    page.locator(f"{DIALOG} [name=text]").focus()
    page.keyboard.type("By hand")
    page.keyboard.press("Enter")
    expect(page.locator(f"{DIALOG} li", has_text="By hand")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#annotations")).to_be_focused()
    context.close()
    assert seen.troubles == []


def test_a_shared_page_has_no_notes(view, full, browser):
    note(full, "Nobody else's business", days_ago=0)
    body = {"name": "board", "app": "desktop", "page": "overview", "period": "30d"}
    made = ask(full, "/links", body)
    context = browser.new_context()
    seen = Watched(context, full)
    asked = []
    seen.page.on("request", lambda request: asked.append(request.url))
    page = seen.go(made["path"])
    expect(page.locator("[data-card='people'] canvas")).to_be_visible()
    assert marks(page, "people") == 0
    assert page.locator("#annotations").count() == 0
    assert "business" not in page.content()
    assert [url for url in asked if re.search(r"/(annotations|alerts)\?", url)] == []
    context.close()
    ask(full, f"/links/{made['link']['id']}", method="DELETE")
