"""What an app says of its own files, through POST /crash: crashes join, and no known issue is split."""

from __future__ import annotations

import pytest

from stories.crashes import regrouping
from stories.crashes.grouping import CATCH_ALL_TITLE
from stories.storage import group_names
from tests.crashes.crash_rows import issues
from tests.rollup_tables import differences, fold_all, midday, value
from tests.views import crash_reports
from tests.views.crash_reports import change, get

WITHOUT_VENDOR = {"not_in_app": ["vendor/*"]}


@pytest.fixture
def send(client, services, now):
    """Sends a crash of `save` that a vendored function or another threw, and folds it."""
    sent = []

    def one(function: str = "check", place: str = "vendor/x", handled: bool = False) -> str:
        frames = f"    at {function} (/app/{place}.js:3:1)\n    at save (/app/main/store.js:9:1)"
        sent.append(function)
        crash_id = crash_reports.send(
            client,
            function,
            midday(now, 9 - len(sent)),
            error_message="Error: bad",
            stack_trace=f"Error: bad\n{frames}",
            handled=handled,
        )
        fold_all(services)
        return crash_id

    return one


@pytest.fixture
def group_by(client):
    def set_patterns(**patterns):
        return change(client, "/apps/desktop", grouping=patterns)["app"]["grouping"]

    return set_patterns


def counts(services):
    return issues(services, "n")


@pytest.mark.parametrize("handled", [False, True])
def test_stacks_that_differ_only_in_a_vendored_frame_join_once_the_app_says_so(
    send, group_by, services, handled
):
    send("check", handled=handled)
    send("assert", handled=handled)
    assert counts(services) == [1, 1]
    group_by(**WITHOUT_VENDOR)
    send("check", handled=handled)  # joins the issue that its fault had
    send("assert", handled=handled)
    send("verify", handled=handled)
    assert counts(services) == [4, 1]
    assert differences(services) == {}


def test_without_a_known_issue_patterns_make_one_of_what_would_be_two(send, group_by, services):
    group_by(**WITHOUT_VENDOR)
    send("check")
    send("assert")
    assert counts(services) == [2]


def test_an_issue_keeps_its_crashes_through_changes_of_the_patterns_and_without_them(
    send, group_by, services
):
    group_by(**WITHOUT_VENDOR)
    send()
    group_by(not_in_app=["main/*"])
    send()
    group_by(in_app=["main/*"], not_in_app=[])
    send()
    group_by(in_app=[])
    send()
    assert counts(services) == [4]
    assert value(services.database, "select count(*) from groups") == 3


def test_another_fault_in_a_file_of_the_app_is_still_an_issue_of_its_own(send, group_by, services):
    send("check")
    group_by(**WITHOUT_VENDOR)
    send("check")
    send("check", place="main/check")
    assert counts(services) == [2, 1]


def test_a_crash_of_a_storm_joins_the_issue_that_it_had_when_it_gets_its_group(
    send, group_by, services, monkeypatch
):
    for handled in (False, True):
        send("check", handled=handled)
    group_by(**WITHOUT_VENDOR)
    monkeypatch.setattr(group_names, "NEW_AN_HOUR", 1)
    for handled in (False, True):
        send("check", handled=handled)
    assert issues(services, "title", "n") == [("Error: bad", 2), (CATCH_ALL_TITLE, 2)]
    regrouping.regroup(services.database, services.apps, services.key, lambda note: None)
    assert issues(services, "title", "n") == [("Error: bad", 4), (CATCH_ALL_TITLE, 0)]
    assert differences(services) == {}


def test_crashes_of_before_there_were_groups_are_grouped_by_the_patterns(send, group_by, services):
    group_by(**WITHOUT_VENDOR)
    send("check")
    with services.database.transaction() as tx:
        tx.script("update crashes set fingerprint = null; truncate groups, issues cascade")
    regrouping.regroup(services.database, services.apps, services.key, lambda note: None)
    send("assert")
    assert counts(services) == [2]


def test_the_frames_that_are_shown_follow_the_patterns_of_today(send, group_by, client):
    send("check")
    [issue] = get(client, "/issues")["issues"]

    def shown():
        [crash] = get(client, f"/issues/{issue['id']}/crashes")["crashes"]
        return [frame["in_app"] for frame in crash["chain"][0]["frames"]]

    assert shown() == [True, True]
    group_by(**WITHOUT_VENDOR)
    assert shown() == [False, True]
    group_by(in_app=["vendor/x.js"], not_in_app=["main/*"])
    assert shown() == [True, False]
