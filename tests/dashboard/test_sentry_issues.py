"""What Sentry's SDKs send with an error, on the page of its issue: what came before it, its context,
and what people wrote about it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.dashboard.browser import ask, wait_for_fold
from tests.dashboard.envelopes import send_envelope
from tests.support import PERSON, event

ERROR = "5d167e7d21004858ae9dfba46d370377"


@pytest.fixture(scope="module")
def issue(empty):
    """The address of an issue of an app of its own; its error came two seconds ago."""
    app = ask(empty, "/apps", {"slug": "sentry", "kind": "desktop", "name": "Sentry"})["app"]
    at = time.time() - 2

    def crumb(seconds: float, category: str, **more: Any) -> dict[str, Any]:
        return {"timestamp": at - seconds, "category": category, **more}

    opened = event(timestamp=(at - 25) * 1000, event="app_opened")
    ask(empty, "/track", {"events": [opened]}, headers={"X-App-Key": app["ingest_key"]})
    error = {
        "event_id": ERROR,
        "timestamp": at,
        "platform": "node",
        "release": "sentry@1.4.2",
        "environment": "production",
        "user": {"id": PERSON},
        "tags": {"plan": "pro"},
        "contexts": {"os": {"name": "macOS", "version": "14.5"}, "runtime": {"name": "node"}},
        "exception": {
            "values": [
                {
                    "type": "TypeError",
                    "value": "the story is lost",
                    "mechanism": {"type": "generic", "handled": False},
                    "stacktrace": {"frames": [{"filename": "app:///main.js", "function": "drain"}]},
                }
            ]
        },
        "breadcrumbs": [
            crumb(40, "navigation", data={"from": "/", "to": "/stories/5"}),
            crumb(10, "ui.click", message="button#save"),
            crumb(3, "http", level="error", data={"method": "PUT", "url": "/stories/5"}),
        ],
    }
    said = {"message": "It broke when\nI pressed save.", "associated_event_id": ERROR}
    words = {"event_id": "0" * 32, "timestamp": at + 1, "contexts": {"feedback": said}}
    send_envelope(empty, app, ("event", error), ("feedback", words))
    wait_for_fold(empty)
    [shown] = ask(empty, "/issues?app=sentry")["issues"]
    return f"/dashboard/issue?app=sentry&id={shown['id']}"


def test_breadcrumbs_stand_among_the_persons_events_by_time(open_on, empty, issue):
    page = open_on(empty).go(issue)
    lines = page.locator("[data-card=before] .timeline li")
    expect(lines).to_have_count(4)
    assert lines.locator("b").all_inner_texts() == ["http", "ui.click", "App opened", "navigation"]
    assert "/stories/5" in lines.nth(0).inner_text()
    assert "button#save" in lines.nth(1).inner_text()


def test_tags_and_contexts_are_read_as_names_and_values(open_on, empty, issue):
    page = open_on(empty).go(issue)
    facts = page.locator("[data-card=crash] .facts")
    expect(facts).to_contain_text("plan pro")
    expect(facts).to_contain_text("production")
    expect(facts).to_contain_text("name macOS")
    assert "{" not in facts.inner_text()
    assert "breadcrumbs" not in facts.inner_text()


def test_what_people_wrote_stands_with_the_crash(open_on, empty, issue):
    page = open_on(empty).go(issue)
    expect(page.locator("[data-card=crash] .feedback q")).to_have_text(
        "It broke when\nI pressed save."
    )
