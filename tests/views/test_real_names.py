"""Real names in the answers about crashes, issues and releases, and why there are none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.rollup_tables import fold_all, new_app, person
from tests.support import crash
from tests.symbols import recorder
from tests.symbols.source_maps import DEBUG_ID, RELEASE, URL, map_all, report, shop, upload
from tests.views.crash_reports import AUTH, get
from tests.web.accounts import add_person
from tools.minidumps import BOUNDARY, form

RAW = {"function": "a", "file": URL, "line": 1}


@pytest.fixture
def bundle():
    return shop()


@pytest.fixture
def post(client, now):
    def send(bundle, number=1, **changes):
        at = (now - timedelta(minutes=number)).isoformat()
        answer = client.post("/crash", json=report(bundle, number, timestamp=at, **changes))
        assert answer.status_code == 200, answer.json
        return answer.json["crash_id"]

    return send


@pytest.fixture
def crashes(client, services):
    """Of the only issue, the newest first."""

    def read():
        fold_all(services)
        [issue] = get(client, "/issues")["issues"]
        return get(client, f"/issues/{issue['id']}/crashes")["crashes"]

    return read


def test_frames_have_their_own_names_source_and_what_was_sent(services, post, bundle, crashes):
    upload(services, bundle)
    post(bundle)
    map_all(services)
    [row] = crashes()
    assert row["mapped"]
    frame = row["frames"][0]
    assert frame == {
        "function": "renderResult",
        "file": "src/history.js",
        "line": 3,
        "column": 22,
        "module": None,
        "address": None,
        "in_app": True,
        "context": frame["context"],
        "context_start": 1,
        "raw": {**RAW, "column": bundle.at["throw"]},
        "why": None,
        "trust": None,
    }
    assert frame["context"][2] == '  return entry.words.join(" ");'
    assert row["frames"][1]["function"] == "openHistory"
    assert row["chain"][0]["frames"][0].items() >= frame.items()


def test_a_frame_without_names_says_what_is_missing(services, post, bundle, crashes):
    post(bundle)
    [row] = crashes()
    assert not row["mapped"]
    for frame in row["frames"]:
        assert frame["why"] == f"Release {RELEASE} has no map called app.js.map."
        assert frame["raw"] is None


def test_a_frame_with_a_debug_id_that_nobody_uploaded_names_it(services, post, bundle, crashes):
    post(bundle, debug_ids={URL: DEBUG_ID})
    [row] = crashes()
    assert row["frames"][0]["why"] == f"No source map is there for the debug id {DEBUG_ID}."


def test_a_crash_says_that_it_waits_while_it_does(services, post, bundle, crashes):
    post(bundle, 1)
    crashes()
    upload(services, bundle)
    [row] = crashes()
    assert {frame["why"] for frame in row["frames"]} == {"It waits for its names."}
    map_all(services)
    [row] = crashes()
    assert {frame["why"] for frame in row["frames"]} == {None}
    assert row["frames"][0]["function"] == "renderResult"


def test_readable_names_need_no_reason_where_nothing_is_uploaded(client, services, now, crashes):
    client.post("/crash", json=crash(timestamp=now.isoformat()))
    [row] = crashes()
    assert {frame["why"] for frame in row["frames"]} == {None}


def test_a_walked_stack_says_what_is_a_guess_and_which_symbols_it_lacks(client, services, crashes):
    body = form(recorder.dump().pack(), _version="1.4.2", guid=str(person(1)))
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    assert client.post("/api/minidump", data=body, content_type=kind).status_code == 200
    map_all(services)
    [row] = crashes()
    debug_id = recorder.built_of("so").debug_id
    first, *others = row["frames"]
    assert (first["function"], first["module"], first["address"]) == (None, "recorder.so", "0x1030")
    assert first["why"] == f"No symbols are there for the debug id {debug_id}."
    assert [frame["trust"] for frame in row["frames"]] == [None, *["scan" for _ in others]]
    assert row["dump"]["modules"] == [{"name": "recorder.so", "debug_id": debug_id}]


def test_one_crash_is_answered_as_in_its_issue(client, services, post, bundle, crashes):
    upload(services, bundle)
    post(bundle)
    map_all(services)
    [row] = crashes()
    key = {"user_id": row["user_id"], "timestamp": row["timestamp"]}
    answer = get(client, f"/crashes/{row['crash_id']}", app="desktop", **key)
    assert answer["crash"] == row
    assert answer["issue"] == {
        "id": "desktop-1",
        "number": 1,
        "title": answer["issue"]["title"],
        "state": "open",
    }


def test_a_crash_that_is_not_counted_yet_has_no_issue(client, post, bundle, now):
    crash_id = post(bundle)
    key = {"user_id": str(person(1)), "timestamp": (now - timedelta(minutes=1)).isoformat()}
    answer = get(client, f"/crashes/{crash_id}", **key)
    assert (answer["crash"]["crash_id"], answer["issue"]) == (crash_id, None)


@pytest.mark.parametrize(
    ("crash_id", "changes", "status", "code"),
    [
        (None, {"timestamp": "2026-11-01"}, 404, "unknown_crash"),
        ("0" * 16, {}, 404, "unknown_crash"),
        ("what", {}, 404, "unknown_crash"),
        (None, {"user_id": None}, 400, "invalid_parameter"),
        (None, {"timestamp": None}, 400, "invalid_parameter"),
        (None, {"app": "nobody"}, 400, "invalid_parameter"),
        (None, {"limit": "2"}, 400, "invalid_parameter"),
    ],
)
def test_a_crash_is_asked_for_by_its_whole_key(
    client, post, bundle, now, crash_id, changes, status, code
):
    sent = post(bundle)
    key = {"user_id": str(person(1)), "timestamp": (now - timedelta(minutes=1)).isoformat()}
    query = {name: value for name, value in {**key, **changes}.items() if value is not None}
    answer = client.get(f"/crashes/{crash_id or sent}", query_string=query, headers=AUTH)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_who_does_not_have_the_app_does_not_have_its_crash(client, services, post, bundle, now):
    new_app(services, "shop")
    crash_id = post(bundle)
    ada = add_person(client, "Ada", "viewer", ["shop"])
    key = {"user_id": str(person(1)), "timestamp": (now - timedelta(minutes=1)).isoformat()}
    for app, status in (("desktop", 400), ("shop", 404)):
        query = {"app": app, **key}
        answer = client.get(f"/crashes/{crash_id}", query_string=query, headers=ada)
        assert answer.status_code == status, answer.json


def test_a_release_says_what_it_has_and_what_its_crashes_miss(
    client, services, post, bundle, crashes
):
    post(bundle, 1)
    post(bundle, 2, app_version="1.2.4")
    crashes()
    upload(services, bundle)
    map_all(services)

    def symbols(version):
        return get(client, f"/releases/{version}", app="desktop", period="all")["release"][
            "symbols"
        ]

    assert symbols(RELEASE) == {"artifacts": 1, "missing": 0}
    assert symbols("1.2.4") == {"artifacts": 0, "missing": 1}
    [lacking] = get(client, "/artifacts", app="desktop")["missing"]
    assert (lacking["what"], lacking["release"], lacking["raw"]) == ("app.js", "1.2.4", True)


def test_a_release_has_maps_that_only_its_debug_ids_name(client, services, post, bundle, crashes):
    post(bundle, 1, debug_ids={URL: DEBUG_ID})
    crashes()
    upload(services, bundle, debug_id=DEBUG_ID)
    map_all(services)
    answer = get(client, f"/releases/{RELEASE}", app="desktop", period="all")
    assert answer["release"]["symbols"] == {"artifacts": 1, "missing": 0}
