"""The mail of a report and the page that ends it, in Chromium: narrow and wide, light and dark."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest

from database import Database
from stories.alerts import mail, report, schedule
from stories.apps import Apps
from stories.config import Config
from stories.privacy.person_keys import PersonKey
from tests.dashboard.browser import LOGIN, OVERFLOW, ask, wait_for_fold
from tests.dashboard.hostile import HOSTILE, TAG
from tests.support import crash, event

CONTRAST = """[...document.querySelectorAll('td, a, span')].filter(e => e.innerText.trim()).map(e => {
    const rgb = text => text.match(/[\\d.]+/g).slice(0, 3).map(n => n / 255);
    const light = text => {
        const [r, g, b] = rgb(text).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const card = getComputedStyle(document.querySelector('.card')).backgroundColor;
    const [a, b] = [light(getComputedStyle(e).color), light(card)].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.innerText];
}).filter(([ratio]) => ratio < 4.5)"""


@pytest.fixture
def opened(browser):
    contexts = []

    def open_page(url, width, scheme):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, extra_http_headers=LOGIN
        )
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("dialog", lambda dialog: page.said.append(dialog.message))
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


def look(page, name):
    """A picture for people to look at, where SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [600, 375])
def test_the_mail_fits_and_can_be_read(full, opened, width, scheme):
    page = opened(f"{full.url}/reports/preview?app=desktop&every=week", width, scheme)
    assert page.evaluate(OVERFLOW) == 0
    text = page.inner_text("body")
    for words in ("Crash-free people", "Cost", "What moved events", "Issues", "Releases"):
        assert words in text
    assert page.evaluate(CONTRAST) == []
    assert page.asked == [page.url], "it loads nothing"
    look(page, f"report-{width}-{scheme}")


def test_text_of_strangers_runs_nothing_and_breaks_nothing(full, opened):
    """The app's name is hostile too."""
    [key] = [
        app["ingest_key"] for app in ask(full, "/apps")["apps"] if app["slug"] == "bad-desktop"
    ]
    for number in range(3):
        names = event(event=HOSTILE[:50], platform=HOSTILE[:50], properties={HOSTILE: HOSTILE})
        ask(
            full,
            "/track",
            {"events": [names, event(id=f"mail-{number}")]},
            headers={"X-App-Key": key},
        )
    sent = crash(
        error_message=f"Mail: {TAG}", stack_trace=f"{HOSTILE}\n    at {HOSTILE} (a.js:1:2)"
    )
    ask(full, "/crash", sent, headers={"X-App-Key": key})
    wait_for_fold(full)
    page = opened(f"{full.url}/reports/preview?app=bad-desktop&every=day", 375, "light")
    assert page.evaluate(OVERFLOW) == 0
    page.set_content(_tomorrow(full), wait_until="load")  # without the preview's own policy
    for width in (375, 600):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(OVERFLOW) == 0
        look(page, f"report-hostile-{width}")
    assert page.evaluate("window.pwned") is None
    assert page.said == []
    assert page.locator("img, script, svg").count() == 0
    assert "<img src=x onerror=" in page.inner_text("body")


def _tomorrow(server):
    """The mail of a day with hostile text in all of it, as it would be sent."""
    database = Database(server.dsn, 2)
    try:
        config = Config(base_url="https://stats.example.com")
        app = Apps(database, 365, 500, PersonKey(database, "")).by_slug("bad-desktop")
        assert app is not None
        period = report.period_before(app, "day", datetime.now(UTC) + timedelta(days=1))
        with database.transaction(30, read_only=True) as tx:
            content = schedule.content(tx, config, app, period, False)
        return mail.render("report", "html", mail.shown_report(content, config))
    finally:
        database.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_that_ends_a_report_asks_first(full, opened, scheme):
    body = {
        "name": f"{HOSTILE[:40]} {scheme}",
        "kind": "webhook",
        "address": "https://example.com/x",
    }
    destination = ask(full, "/destinations", body)["destination"]["id"]
    made = ask(full, "/reports?app=desktop", {"destination": destination})["report"]
    path = f"/unsubscribe/{_key(full, made['id'])}"
    page = opened(full.url + path, 375, scheme)
    assert page.evaluate(OVERFLOW) == 0
    assert "A report of each week goes to" in page.inner_text("main")
    look(page, f"unsubscribe-{scheme}")
    page.click("button")
    assert "not sent any more" in page.inner_text("main")
    assert made["id"] not in [row["id"] for row in ask(full, "/reports?app=desktop")["reports"]]
    ask(full, f"/destinations/{destination}", method="DELETE")


def _key(server, report_id):
    with psycopg2.connect(server.dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select unsubscribe_key from report_subscriptions where subscription_id = %s",
            [report_id],
        )
        [(key,)] = cursor.fetchall()
        return key
