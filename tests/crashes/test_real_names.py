"""Frames with the names of symbols, and why the others have none: pure functions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from stories.crashes.frames import Frame
from stories.crashes.reading import real_names
from stories.crashes.reading.real_names import Uploads, explain, named, why_raw
from tests.views.crash_reports import person

ID = "12345678-9abc-def0-1234-56789abcdef0"
SCRIPT = {"function": "t", "file": "app:///dist/index.js?v=2", "line": 1, "column": 9000}
NATIVE = {"module": "/opt/stories/libfoo.so", "address": "0x1253"}
WHEN = datetime(2026, 11, 21, 10, tzinfo=UTC)
DEFAULT_APP = type("App", (), {"grouping": {}})()


@pytest.mark.parametrize(
    ("frame", "release", "uploaded", "waits", "why"),
    [
        (
            SCRIPT | {"build": ID},
            "1.2.3",
            (),
            False,
            f"No source map is there for the debug id {ID}.",
        ),
        (
            SCRIPT | {"build": ID.replace("-", "").upper()},
            None,
            (),
            False,
            f"No source map is there for the debug id {ID}.",
        ),
        (SCRIPT, "1.2.3", (), False, "Release 1.2.3 has no map called index.js.map."),
        (
            SCRIPT,
            "1.2.3",
            ("file:1.2.4:index.js",),
            False,
            "Release 1.2.3 has no map called index.js.map.",
        ),
        (SCRIPT, None, (), False, "The crash names neither a release nor a debug id for it."),
        (SCRIPT, "1.2.3", ("file:1.2.3:index.js",), True, "It waits for its names."),
        (
            SCRIPT,
            "1.2.3",
            ("file:1.2.3:index.js",),
            False,
            "What names it was uploaded later, and only the newest crashes of a fault are mapped anew.",
        ),
        (
            NATIVE | {"build": ID},
            None,
            (),
            False,
            f"No symbols are there for libfoo.so with the debug id {ID}.",
        ),
        (NATIVE, "1.2.3", (), False, "The crash names no debug id of libfoo.so."),
        ({"address": "0x12"}, None, (), False, "The crash names no debug id of its module."),
        (NATIVE | {"build": ID}, None, (f"debug:{ID}",), True, "It waits for its names."),
        # Nothing could name these: no place in a script, no place in a module.
        ({"function": "save", "file": "app/store.py", "line": 3}, "1.2.3", (), False, None),
        ({"function": "t", "file": "index.js"}, "1.2.3", (), False, None),
        (
            {"function": "f", "file": "node:events", "line": 1, "column": 2},
            "1.2.3",
            (),
            False,
            None,
        ),
        ({"function": "raise", "module": "libc.so.6"}, None, (), False, None),
    ],
)
def test_a_frame_says_why_it_has_no_other_names(frame, release, uploaded, waits, why):
    assert why_raw(Frame(**frame), release, frozenset(uploaded), waits=waits) == why


def row(*, frames=(), symbols=None, **changes):
    """As crashes/group_crashes has it."""
    detail: dict[str, Any] = {
        "chain": [{"type": "TypeError", "message": "boo", "frames": list(frames)}]
    }
    if symbols:
        detail["symbols"] = {"at": WHEN.isoformat(), "chain": symbols}
    return {
        "timestamp": WHEN,
        "user_id": person(1),
        "dedupe_key": 7,
        "crash_type": "uncaught_error",
        "error_message": "TypeError: boo",
        "stack_trace": None,
        "app_version": "1.2.3",
        "detail": detail,
        **changes,
    }


MAPPED = {
    "function": "renderResult",
    "file": "src/history.ts",
    "line": 42,
    "column": 3,
    "context": ["a", "b", "c"],
    "context_start": 41,
    "raw": {"function": "t", "file": "index.js", "line": 1, "column": 9000},
}


def test_frames_have_the_names_of_symbols_and_keep_their_own_as_raw():
    crash = named(DEFAULT_APP, row(frames=[SCRIPT], symbols=[[MAPPED]]))
    assert crash.mapped
    assert not crash.is_raw
    assert (crash.chain[0].type, crash.chain[0].message) == ("TypeError", "boo")
    [frame] = real_names.frames_shown(crash)
    assert frame == {
        **dict.fromkeys(("module", "address", "why", "trust")),
        "in_app": True,
        **MAPPED,
    }


def test_whose_a_mapped_frame_is_goes_by_its_own_file():
    library = {**MAPPED, "file": "node_modules/vue/dist/vue.ts"}
    crash = named(DEFAULT_APP, row(frames=[SCRIPT, SCRIPT], symbols=[[library, MAPPED]]))
    assert [frame.in_app for frame in crash.frames()] == [False, True]


def test_calls_that_were_inlined_are_frames_of_their_own():
    inlined = {**MAPPED, "function": "trim"}
    crash = named(DEFAULT_APP, row(frames=[SCRIPT], symbols=[[inlined, MAPPED]]))
    assert [frame.function for frame in crash.frames()] == ["trim", "renderResult"]


def test_frames_of_a_text_are_mapped_as_those_that_were_sent():
    stack = "TypeError: boo\n    at t (app:///dist/index.js:1:9000)"
    told = row(symbols=[[MAPPED]], stack_trace=stack)
    del told["detail"]["chain"]
    crash = named(DEFAULT_APP, told)
    assert [frame.function for frame in crash.chain[0].frames] == ["renderResult"]


def test_readable_names_need_no_reason_until_something_was_uploaded():
    readable = SCRIPT | {"function": "renderResult", "column": 12}
    told = row(frames=[readable])
    crash = named(DEFAULT_APP, told)
    explain(crash, told, Uploads())
    assert [frame.why for frame in crash.frames()] == [None]
    explain(crash, told, Uploads(has_any=True))
    [frame] = crash.frames()
    assert frame.why == "Release 1.2.3 has no map called index.js.map."


def test_a_stored_reason_stands_and_named_frames_need_none():
    stored = {**SCRIPT, "why": "The map app.js.map is of another build."}
    told = row(frames=[SCRIPT] * 3, symbols=[[MAPPED, stored, SCRIPT]])
    crash = named(DEFAULT_APP, told)
    explain(crash, told, Uploads(has_any=True))
    assert [frame.why for frame in crash.frames()] == [
        None,
        "The map app.js.map is of another build.",
        "Release 1.2.3 has no map called index.js.map.",
    ]


def test_a_crash_that_is_mapped_in_a_moment_says_so_at_each_of_its_frames():
    told = row(frames=[SCRIPT, SCRIPT | {"build": ID}])
    key = (person(1), WHEN, 7)
    crash = named(DEFAULT_APP, told)
    explain(crash, told, Uploads(frozenset({"file:1.2.3:index.js"}), True, frozenset({key})))
    assert [frame.why for frame in crash.frames()] == [
        "It waits for its names.",
        f"No source map is there for the debug id {ID}.",
    ]


def test_a_chain_is_printed_as_a_stack():
    guess = {"module": "libfoo.so", "address": "0x12", "trust": "scan"}
    told = row(frames=[SCRIPT], symbols=[[MAPPED, guess]])
    told["detail"]["chain"].append({"type": "Error", "message": "low\nmore", "frames": [SCRIPT]})
    assert real_names.text_of(named(DEFAULT_APP, told)) == (
        "TypeError: boo\n"
        "    at renderResult (src/history.ts:42:3)\n"
        "    at 0x12 in libfoo.so\n"
        "Caused by: Error: low\n"
        "    at t (app:///dist/index.js?v=2:1:9000)"
    )
