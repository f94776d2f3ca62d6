"""What becomes of what each SDK sends: errors, crashes, sessions, views; and what stays out."""

from __future__ import annotations

import json

import pytest

from tests.sdks.sdks import SDKS, ask, sdk, until

SENTRY = ["sentry_python", "sentry_node", "sentry_browser", "sentry_electron"]
POSTHOG = ["posthog_python", "posthog_node", "posthog_browser"]
# What the programs say of a person, of a machine or of a secret.
NEVER = ("jane@example.org", "Jane Doe", "unsaid", "127.0.0.1")


@pytest.mark.parametrize("name", [*SENTRY, *POSTHOG])
def test_a_caught_error_is_a_handled_error_of_an_issue(start, name):
    trial = start(sdk(name))
    trial.program.do("error", "the disk is full")
    trial.until(trial.receiver.handled)
    assert "the disk is full" in trial.receiver.handled()[0]
    assert trial.receiver.crashes() == []
    path = f"/issues?app={trial.receiver.slug}&handled=true"
    [issue] = until(lambda: ask(trial.receiver.url, path)["issues"], what="its issue")
    assert issue["handled"] is True


@pytest.mark.parametrize(
    ("name", "verb", "kind"),
    [
        ("sentry_python", "crash", "uncaught_error"),
        ("sentry_node", "crash", "uncaught_error"),
        ("sentry_browser", "crash", "uncaught_error"),
        ("sentry_browser", "rejection", "unhandled_rejection"),
        ("sentry_electron", "crash", "uncaught_error"),
        ("posthog_node", "rejection", "unhandled_rejection"),
        ("posthog_browser", "crash", "uncaught_error"),
    ],
)
def test_an_error_that_nobody_caught_is_a_crash(start, name, verb, kind):
    trial = start(sdk(name))
    trial.program.do(verb, "the disk is full")
    [crash] = trial.until(trial.receiver.crashes)
    assert "the disk is full" in crash["error_message"]
    assert crash["crash_type"] == kind
    if name.startswith("sentry"):
        assert crash["app_version"] == "1.2.3"


def test_a_process_that_ended_well_is_a_session_without_a_crash(start):
    trial = start(sdk("sentry_node"))
    assert trial.program.finish() == 0
    assert until(lambda: _sessions(trial), what="its session") == (1, 100.0)


def test_a_session_in_which_it_crashed_is_none_that_is_free_of_crashes(start):
    trial = start(sdk("sentry_python"))
    trial.program.do("session", "crashed")
    trial.program.do("session", "fine")
    trial.program.do("flush")
    trial.program.finish()
    assert until(lambda: _sessions(trial), what="its sessions") == (2, 50.0)


@pytest.mark.parametrize(
    ("name", "verb"),
    [("posthog_browser", None), ("segment_python", "screen"), ("segment_node", "screen")],
)
def test_a_view_of_a_page_or_a_screen_is_page_viewed(start, name, verb):
    trial = start(sdk(name))
    if verb:
        trial.program.do(verb, "Home")
    trial.until(lambda: trial.receiver.events("page_viewed"))
    assert len(trial.receiver.events("page_viewed")) == 1


@pytest.mark.parametrize("name", ["posthog_python", "segment_node", "aptabase_browser"])
def test_an_event_keeps_its_properties(start, name):
    trial = start(sdk(name))
    trial.program.do("event", "report opened")
    [event] = trial.until(lambda: trial.receiver.events("report opened"))
    assert event["properties"]["format"] == "png"
    assert event["properties"]["n"] == 3


def test_the_events_of_a_session_of_aptabase_have_its_id_and_no_person(start):
    trial = start(sdk("aptabase_electron"))
    trial.program.do("event", "report opened")
    trial.program.do("event", "report saved")
    until(lambda: len(trial.receiver.events()) == 2)
    first, second = trial.receiver.events()
    assert first["session_id"] == second["session_id"] is not None
    assert first["user_id"].startswith("ffffffff-ffff-ffff-")


@pytest.mark.parametrize("each", SDKS, ids=lambda each: each.name)
def test_nothing_of_a_person_is_kept(start, each):
    trial = start(each)
    trial.probe("report opened")
    trial.until(lambda: trial.arrived("report opened"))
    kept = json.dumps(trial.receiver.everything(), default=str)
    assert [text for text in NEVER if text in kept] == []


def _sessions(trial):
    """(sessions, percent of them that did not crash) once there are any."""
    path = f"/stats/stability?app={trial.receiver.slug}&period=7d"
    numbers = ask(trial.receiver.url, path)["stability"]
    return numbers["sessions"] and (numbers["sessions"], numbers["crash_free_sessions"])
