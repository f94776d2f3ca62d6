"""Every frame that stays raw says why; and what is known of one without the library that reads maps."""

from __future__ import annotations

import sys

import pytest

from stories.symbols import maps
from tests.crashes.crash_rows import issues
from tests.rollup_tables import fold_all, run, values
from tests.symbols.source_maps import (
    DEBUG_ID,
    MESSAGE,
    RELEASE,
    URL,
    frames,
    map_all,
    report,
    stack,
    upload,
)


@pytest.mark.parametrize(
    ("changes", "of_upload", "why"),
    [
        (
            {"debug_ids": {URL: "0" * 32, "b.js": DEBUG_ID}},
            {"debug_id": DEBUG_ID},
            "No source map is there for the debug id 00000000-0000-0000-0000-000000000000.",
        ),
        (
            {"stack_trace": f"{MESSAGE}\n    at a ({URL}:1:99999)"},
            {},
            "The map app.js.map is of another build: line 1 of its script ends at column ",
        ),
        (
            {"stack_trace": f"{MESSAGE}\n    at a ({URL}:77:1)"},
            {},
            "The map app.js.map is of another build: its script ends at line 3.",
        ),
        (
            {"stack_trace": f"{MESSAGE}\n    at a ({URL}:1:3)"},
            {},
            "The map app.js.map says nothing of line 1, column 3: it may be of another build.",
        ),
        ({}, {"content": b"{"}, "The map app.js.map cannot be read: "),
    ],
)
def test_a_frame_that_stays_raw_says_why(services, post, bundle, changes, of_upload, why):
    upload(services, bundle, **of_upload)
    body = {**report(bundle), **changes}
    if "debug_ids" in changes:  # one of the other file is there
        body["stack_trace"] += "\n    at c (b.js:1:3)"
    post(body)
    map_all(services)
    fold_all(services)
    first = frames(services)[0]
    assert first["why"].startswith(why)
    assert first["function"] == "a"
    assert "raw" not in first
    assert len(issues(services, "number")) == 1
    if of_upload.get("debug_id") is None:
        troubles = values(services.database, "select trouble from artifacts where trouble <> ''")
        assert [trouble[: len(why)] for (trouble,) in troubles] == [why]


def test_a_release_without_the_file_or_without_its_map_is_named(services, post, bundle):
    upload(services, bundle)
    run(services.database, "delete from artifact_keys where key like '%%.map'")
    run(services.database, "delete from artifacts where kind = 'source_map'")
    text = f"{stack(bundle)}\n    at c (https://shop.example/assets/other.js:1:9)"
    post(report(bundle, stack_trace=text))
    map_all(services)
    assert [frame["why"] for frame in frames(services)] == [
        f"Release {RELEASE} has app.js, but no map called app.js.map.",
        f"Release {RELEASE} has app.js, but no map called app.js.map.",
        f"Release {RELEASE} has no map called other.js.map.",
    ]


def test_a_map_that_is_too_large_says_so(services, post, bundle, monkeypatch):
    monkeypatch.setattr(maps, "MAX_BYTES", 100)
    upload(services, bundle)
    post(report(bundle))
    map_all(services)
    assert frames(services)[0]["why"].startswith("The map app.js.map is too large: it has ")


def test_who_sends_debug_ids_that_are_none_is_told_in_the_notes(client, services, bundle):
    body = report(bundle, debug_ids={URL: "nonsense", "b.js": 7, "c.js": DEBUG_ID})
    assert client.post("/crash", json=body).status_code == 200
    body = report(bundle, 2, debug_ids=[URL])
    assert client.post("/crash", json=body).status_code == 200
    many = {f"{number}.js": DEBUG_ID for number in range(300)}
    assert client.post("/crash", json=report(bundle, 3, debug_ids=many)).status_code == 200
    notes = "select context -> '_notes' ->> 'debug_ids' from crashes order by received_at"
    assert [text for (text,) in values(services.database, notes)] == [
        "left out 2 that are none, or more than 100",
        "left out: debug_ids must be an object of texts",
        "left out 200 that are none, or more than 100",
    ]


def test_without_symbolic_positions_and_the_names_of_calls_are_known(
    services, post, bundle, monkeypatch
):
    monkeypatch.setitem(sys.modules, "symbolic.sourcemapcache", None)
    assert not maps.has_names()
    upload(services, bundle)
    post(report(bundle))
    map_all(services)
    first, second = frames(services)
    assert (first["function"], first["line"], first["column"]) == ("renderResult", 3, 22)
    assert first["context"][2] == '  return entry.words.join(" ");'
    assert (second.get("function"), second["line"]) == (None, 7)
