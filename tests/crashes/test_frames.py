"""The field `frames` of a crash: what is read, what is left out, and what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stories.crashes.frames import Frame, Link, read_frames


def test_a_list_of_frames_is_one_exception_the_newest_call_first():
    sent = [
        {
            "function": "save",
            "file": "a.js",
            "line": 3,
            "column": 9,
            "module": "m",
            "in_app": False,
        },
        {"function": "run", "address": "0x1f", "build": "AB12", "in_app": True},
    ]
    assert read_frames(sent) == [
        Link(
            frames=[
                Frame(function="save", file="a.js", line=3, column=9, module="m", in_app=False),
                Frame(function="run", address="0x1f", build="AB12"),
            ]
        )
    ]


def test_lists_of_frames_are_the_thrown_exception_and_its_causes():
    links = read_frames([[{"function": "a"}], [{"function": "b"}], []])
    assert [[frame.function for frame in link.frames] for link in links] == [["a"], ["b"], []]


def test_exceptions_have_their_types_and_messages():
    sent = [
        {"type": "RuntimeError", "message": "no story", "frames": [{"function": "a"}]},
        {"type": "KeyError", "message": "'x'"},
        {"frames": [{"function": "c"}], "type": 3, "message": None},
        {},
        {"type": "Fifth"},
    ]
    assert read_frames(sent) == [
        Link("RuntimeError", "no story", [Frame(function="a")]),
        Link("KeyError", "'x'"),
        Link(frames=[Frame(function="c")]),
        Link(),
    ]


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ([{"frames": 3}], "frames[0].frames"),
        ([{"frames": []}, 3], "frames[1]"),
        ([{"frames": [3]}], "frames[0].frames[0]"),
        ([{"frames": []}, {"frames": {}}], "frames[1].frames"),
    ],
)
def test_what_is_no_list_of_exceptions_is_named(sent, named):
    with pytest.raises(ValueError, match=re.escape(named)):
        read_frames(sent)


def test_source_around_a_call_has_the_number_of_its_first_line():
    sent = [
        {"line": 10, "context": ["a", "b", "c"]},
        {"line": 10, "context": ["a", "b"], "context_start": 10},
        {"line": 1, "context": ["a", "b", "c"]},
        {"line": 10, "context": "b"},
        {"context": ["a"]},
    ]
    [link] = read_frames(sent)
    starts = [(frame.context, frame.context_start) for frame in link.frames]
    assert starts == [
        (["a", "b", "c"], 9),
        (["a", "b"], 10),
        (["a", "b", "c"], 1),
        (["b"], 10),
        (["a"], None),
    ]


@pytest.mark.parametrize(
    "frame",
    [
        {"function": 5, "file": ["a"], "module": {}, "address": 1, "build": None},
        {"line": "3", "column": 1.5},
        {"line": -1, "column": 10**12},
        {"line": True, "column": None},
        {"context": [1], "in_app": "no"},
        {"context": []},
        {"function": "", "unknown": 1},
    ],
)
def test_a_member_of_the_wrong_type_is_left_out(frame):
    assert read_frames([frame]) == [Link(frames=[Frame()])]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("at f", "frames must be a list of objects, or a list of such lists"),
        ({"function": "f"}, "frames must be a list of objects, or a list of such lists"),
        (None, "frames must be a list of objects, or a list of such lists"),
        ([1], "frames[0] must be an object"),
        ([{}, "f"], "frames[1] must be an object"),
        ([[{}], {}], "frames[1] must be a list, as frames[0] is"),
        ([[{}], [{}, None]], "frames[1][1] must be an object"),
    ],
)
def test_what_is_no_list_of_objects_is_refused_by_name(value, sentence):
    with pytest.raises(ValueError, match=rf"\A{re.escape(sentence)}\Z"):
        read_frames(value)


def test_frames_have_bounds():
    frame = {"function": "f" * 999, "file": "a" * 999, "context": ["x" * 999] * 99, "line": 50}
    [link] = read_frames([frame] * 500)
    assert len(link.frames) == 100
    first, last = link.frames[0], link.frames[-1]
    assert (len(first.function or ""), len(first.file or "")) == (300, 400)
    assert first.context == ["x" * 200] * 7
    assert last.context is None
    chain = read_frames([[frame] * 500] * 9)
    assert [len(link.frames) for link in chain] == [55, 15, 15, 15]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["function", "file", "line", "context", "in_app"]), inner)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_read_or_refused(value):
    try:
        links = read_frames(value)
    except ValueError:
        return
    assert sum(len(link.frames) for link in links) <= 100
