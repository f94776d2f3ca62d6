"""Crashes get the names of the maker's own source, whatever came first, the crash or the map."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from stories.crashes.grouping import CATCH_ALL
from stories.storage import group_names, storms
from stories.symbols import mapping, maps
from tests.crashes.crash_rows import issues, log_of
from tests.rollup_tables import differences, fold_all, person, run, value, values
from tests.symbols.source_maps import (
    DEBUG_ID,
    RELEASE,
    URL,
    frames,
    map_all,
    report,
    shop,
    stack,
    upload,
)

TITLE = 'TypeError: Cannot read property "join" of undefined'


def held(services):
    return value(services.database, "select count(*) from outbox where held_until is not null")


def culprits(services):
    return issues(services, "number", "culprit", "raw", "n", "people")


def test_with_the_map_there_first_the_only_issue_has_real_names(services, post, bundle):
    upload(services, bundle, debug_id=DEBUG_ID)
    post(report(bundle), debug_ids={URL: DEBUG_ID})
    assert held(services) == 1
    assert fold_all(services) == 0  # it waits
    assert map_all(services) == {"held": 1, "stored": 0}
    assert held(services) == 0
    fold_all(services)
    assert culprits(services) == [(1, "history.js:renderResult", False, 1, 1)]
    first, second = frames(services)
    assert first["raw"] == {
        "function": "a",
        "file": URL,
        "line": 1,
        "column": bundle.at["throw"],
    }
    del first["raw"], second["raw"]
    assert first == {
        "function": "renderResult",
        "file": "src/history.js",
        "line": 3,
        "column": 22,
        "context": [
            "// What was said, the last first.",
            "export function renderResult(entry) {",
            '  return entry.words.join(" ");',
            "}",
            "",
            "export function openHistory(store) {",
        ],
        "context_start": 1,
    }
    assert (second["function"], second["line"]) == ("openHistory", 7)
    assert value(services.database, "select stack_trace from crashes") == stack(bundle)
    assert differences(services) == {}


def test_a_raw_issue_keeps_its_number_and_gets_the_names_when_the_map_comes(services, post, bundle):
    for number in range(3):
        post(report(bundle, number))
    assert held(services) == 0
    fold_all(services)
    [(number, culprit, raw, *counts)] = culprits(services)
    assert (number, raw, counts) == (1, True, [3, 3])
    assert "renderResult" not in culprit
    assert upload(services, bundle) == 3
    assert map_all(services) == {"held": 0, "stored": 3}
    assert culprits(services) == [(1, "history.js:renderResult", False, 3, 3)]
    assert value(services.database, "select count(*) from remap_queue") == 0
    assert value(services.database, "select count(*) from groups") == 2  # the raw one stays in it
    assert differences(services) == {}
    post(report(bundle, 9))
    map_all(services)
    fold_all(services)
    assert culprits(services) == [(1, "history.js:renderResult", False, 4, 4)]
    assert differences(services) == {}


@pytest.mark.parametrize(
    "url",
    ["~/assets/app.js", URL, "https://cdn.example/assets/app.js", "app.js", "~/v2/assets/app.js"],
)
def test_without_debug_ids_release_and_address_say_which_map(services, post, bundle, url):
    upload(services, bundle, url=url)
    post(report(bundle))
    map_all(services)
    fold_all(services)
    assert culprits(services) == [(1, "history.js:renderResult", False, 1, 1)]


def test_of_two_files_of_one_name_the_nearer_address_is_taken(services, post, bundle):
    other = shop(700)
    upload(services, other, url="~/admin/app.js")
    upload(services, bundle, url="~/assets/app.js")
    upload(services, other, url="~/app.js")
    post(report(bundle))
    map_all(services)
    assert frames(services)[0]["function"] == "renderResult"


def test_a_map_alone_names_frames_too(services, post, bundle):
    upload(services, bundle, script=False)
    post(report(bundle))
    assert held(services) == 1
    map_all(services)
    assert [frame["file"] for frame in frames(services)] == ["src/history.js"] * 2
    assert [frame["line"] for frame in frames(services)] == [3, 7]


def test_frames_that_are_sent_are_named_as_those_of_a_text(services, post, bundle):
    sent = [
        {"function": "a", "file": URL, "line": 1, "column": bundle.at["throw"], "build": DEBUG_ID},
        {"function": "b", "file": URL, "line": 1, "column": bundle.at["call"], "build": DEBUG_ID},
    ]
    upload(services, bundle, debug_id=DEBUG_ID)
    post(report(bundle), stack_trace=None, frames=sent)
    map_all(services)
    fold_all(services)
    assert culprits(services) == [(1, "history.js:renderResult", False, 1, 1)]


def test_a_handled_error_is_named_as_a_crash_is(services, post, bundle):
    upload(services, bundle, debug_id=DEBUG_ID)
    post(report(bundle), debug_ids={URL: DEBUG_ID}, handled=True)
    assert held(services) == 1
    assert fold_all(services) == 0
    map_all(services)
    fold_all(services)
    assert culprits(services) == [(1, "history.js:renderResult", False, 1, 1)]
    assert frames(services)[0]["function"] == "renderResult"
    assert differences(services) == {}


def test_a_stored_handled_error_keeps_its_issue(services, post, bundle):
    post(report(bundle), handled=True)
    fold_all(services)
    assert culprits(services)[0][2] is True
    assert upload(services, bundle) == 1
    map_all(services)
    assert culprits(services) == [(1, "history.js:renderResult", False, 1, 1)]
    assert differences(services) == {}


def test_the_second_fault_behind_one_raw_group_becomes_an_issue_of_its_own(
    services, post, bundle, now
):
    """Both are `a` in app.js: the names say so only later."""
    post(report(bundle, 1))
    later = (now + timedelta(minutes=1)).isoformat()
    post(report(bundle, 2, stack_trace=stack(bundle, first="match")), timestamp=later)
    fold_all(services)
    assert [row[0] for row in culprits(services)] == [1]
    assert upload(services, bundle) == 2
    map_all(services)
    assert [(row[1], row[3]) for row in culprits(services)] == [
        ("history.js:renderResult", 1),
        ("search.js:showMatch", 1),
    ]
    assert differences(services) == {}


def test_a_raw_crash_that_comes_late_joins_the_issue_of_its_groups_heir(services, post, bundle):
    upload(services, bundle)
    post(report(bundle, 1))
    map_all(services)
    fold_all(services)
    run(services.database, "delete from artifact_keys")
    post(report(bundle, 2))
    assert held(services) == 0
    fold_all(services)
    assert culprits(services) == [(1, "history.js:renderResult", False, 2, 2)]
    assert differences(services) == {}


def test_thin_crashes_go_where_those_of_their_group_go(services, post, bundle, monkeypatch):
    monkeypatch.setattr(storms, "FIRST", 1)
    monkeypatch.setattr(storms, "OF_A_VERSION", 1)
    monkeypatch.setattr(storms, "WHOLE_OF_A_GROUP", 1)
    upload(services, bundle)
    for number in range(4):
        post(report(bundle, number), handled=number == 3)
    kept = (
        "select count(*) filter (where follows), count(*) from outbox where held_until is not null"
    )
    assert values(services.database, kept) == [(3, 4)]
    map_all(services)
    assert held(services) == 0
    post(report(bundle, 9))  # its group has an heir by now
    assert held(services) == 0
    fold_all(services)
    assert culprits(services) == [(1, "history.js:renderResult", False, 5, 5)]
    assert value(services.database, "select count(distinct fingerprint) from crashes") == 1
    assert differences(services) == {}


def test_thin_crashes_are_let_go_when_nothing_waits_that_could_name_them(
    services, post, bundle, monkeypatch
):
    monkeypatch.setattr(storms, "FIRST", 1)
    monkeypatch.setattr(storms, "OF_A_VERSION", 1)
    monkeypatch.setattr(storms, "WHOLE_OF_A_GROUP", 1)
    upload(services, bundle)
    for number in range(3):
        post(report(bundle, number))
    run(services.database, "update outbox set held_until = null where not follows")
    map_all(services)
    assert held(services) == 0
    fold_all(services)
    assert [row[3:] for row in culprits(services)] == [(3, 3)]
    assert differences(services) == {}


def test_without_uploads_nothing_waits(services, post, bundle):
    post(report(bundle), debug_ids={URL: DEBUG_ID})
    upload(services, bundle, release="9.9.9")
    post(report(bundle, 2))
    assert held(services) == 0
    wants = values(services.database, "select wants from error_details order by wants")
    assert wants == [([f"debug:{DEBUG_ID}"],), ([f"file:{RELEASE}:app.js"],)]


def test_what_a_map_says_is_scrubbed(services, post, bundle):
    bundle.sources[0] = "/Users/jane/shop/src/history.js"
    bundle.contents[0] = bundle.contents[0].replace("What was said", "Ask jane@example.com")
    upload(services, bundle)
    post(report(bundle))
    map_all(services)
    text = json.dumps(frames(services))
    assert "jane" not in text
    assert "~/shop/src/history.js" in text
    assert "[email]" in text


def test_a_crash_of_the_catch_all_group_waits_there_for_its_own(
    services, post, bundle, monkeypatch
):
    monkeypatch.setattr(group_names, "NEW_AN_HOUR", 0)
    upload(services, bundle)
    post(report(bundle))
    map_all(services)
    fold_all(services)
    [(fingerprint, also)] = values(services.database, "select fingerprint, also from crashes")
    assert bytes(fingerprint) == CATCH_ALL
    named = "select culprit from group_names where fingerprint = %(first)s"
    assert value(services.database, named, first=also[0]) == "history.js:renderResult"
    assert differences(services) == {}


def test_past_the_new_groups_of_an_hour_a_crash_keeps_its_raw_group_and_shows_names(
    services, post, bundle, monkeypatch
):
    upload(services, bundle)
    post(report(bundle))
    monkeypatch.setattr(group_names, "NEW_AN_HOUR", 0)
    map_all(services)
    fold_all(services)
    assert [row[2] for row in culprits(services)] == [True]
    assert frames(services)[0]["function"] == "renderResult"
    assert differences(services) == {}


def test_an_app_with_a_fingerprint_of_its_own_keeps_it(services, post, bundle):
    upload(services, bundle)
    post(report(bundle), fingerprint=["mine"])
    before = value(services.database, "select fingerprint from crashes")
    map_all(services)
    assert value(services.database, "select fingerprint from crashes") == before
    assert frames(services)[0]["function"] == "renderResult"
    post(report(bundle, 2), fingerprint=["mine", "{{ default }}"])
    map_all(services)
    fold_all(services)
    assert culprits(services)[1][1] == "history.js:renderResult"


def test_a_map_is_opened_once(services, post, bundle, monkeypatch):
    opened = []
    real = maps.SourceMap

    def open_map(*given):
        opened.append(given)
        return real(*given)

    monkeypatch.setattr(mapping, "SourceMap", open_map)
    upload(services, bundle)
    for number in range(5):
        post(report(bundle, number))
    assert map_all(services)["held"] == 5
    assert len(opened) == 1
    assert value(services.database, "select sum(uses) from artifacts") == 10


def test_nothing_is_mapped_twice(services, post, bundle, monkeypatch):
    upload(services, bundle)
    post(report(bundle))
    map_all(services)
    fold_all(services)
    monkeypatch.setattr(mapping.Mapper, "name", lambda *given: pytest.fail("mapped again"))
    assert map_all(services) == {"held": 0, "stored": 0}


def test_the_log_of_an_issue_tells_of_nothing_when_its_names_come(services, post, bundle):
    post(report(bundle))
    fold_all(services)
    upload(services, bundle)
    map_all(services)
    [title] = issues(services, "title")
    assert [what for what, _ in log_of(services, title)] == ["new"]


def test_people_of_a_named_issue_are_counted_once(services, post, bundle):
    for number in (1, 2):
        post(report(bundle, number, user_id=str(person(7))))
        fold_all(services)
    upload(services, bundle)
    map_all(services)
    assert [row[3:] for row in culprits(services)] == [(2, 1)]
    assert differences(services) == {}
