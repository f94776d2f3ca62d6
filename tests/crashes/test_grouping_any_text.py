"""Any text has a group within bounds, hostile text too; of long stacks what matters is kept."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stories.crashes import patterns
from stories.crashes.grouping import Frame, Grouping, Link, group
from stories.crashes.patterns import Patterns

PIECES = st.sampled_from(
    [
        *(
            "at f (a.js:1:2)\n",
            "    at ",
            "f@a.js:1:2\n",
            '  File "a.py", line 1, in f\n',
            "Error: x\n",
        ),
        *(
            "Caused by: ",
            "  [cause]: A: b\n",
            " ---> A: b\n",
            " 0  m + 0x1\n",
            " 0  m!f(int) [a : 1]\n",
        ),
        *(
            "#0 0x1 in f (a+0x1)\n",
            "goroutine 1 [x]:\n",
            "f()\n\t/a.go:1\n",
            "  | ",
            "+---------------- 1 -",
        ),
        *(
            "(",
            ")",
            "<",
            ">",
            "@",
            "!",
            ":",
            "'",
            '"',
            "[",
            "]",
            "\n",
            "\r\n",
            "\t",
            " ",
            "0x",
            "::",
            "operator",
        ),
        *(
            "Traceback (most recent call last):\n",
            "During handling of the above exception\n",
            "eval at f (",
        ),
        *(
            "is not a function",
            "exit code -",
            "code --",
            "ENOENT",
            "_ZN3",
            "é",
            "\0",
            "\ud800",
            "\u2028",
        ),
    ]
)
TEXTS = st.one_of(
    st.text(max_size=300), st.lists(PIECES | st.text(max_size=5), max_size=60).map("".join)
)


def check_bounds(grouping: Grouping) -> None:
    assert len(grouping.fingerprint) == 16
    assert len(grouping.title) <= 200
    assert "\n" not in grouping.title
    assert len(grouping.culprit) <= 200
    assert len(grouping.keys) <= 30
    assert all(0 < len(key) <= 200 for key in grouping.keys)
    assert len(grouping.why) <= 40
    assert all(len(part) <= 400 for part in grouping.why)
    assert 1 <= len(grouping.chain) <= 4
    assert sum(len(link.frames) for link in grouping.chain) <= 100


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS, st.none() | st.lists(TEXTS, max_size=3))
def test_any_text_has_a_group_within_bounds(message, stack, fingerprint):
    grouping = group("uncaught_error", message, stack, client_fingerprint=fingerprint)
    check_bounds(grouping)
    assert grouping == group("uncaught_error", message, stack, client_fingerprint=fingerprint)


def python_stack(unit: str) -> str:
    return "".join(f'  File "/srv/{unit}{n}.py", line {n}, in {unit}\n' for n in range(900))


def lines_of(form: str) -> Callable[[str], str]:
    return lambda unit: "\n".join(form.replace("{}", unit * 12) for _ in range(2_000))


FORMS: dict[str, Callable[[str], str]] = {
    "one line": lambda unit: unit * 64_000,
    "v8": lines_of("    at {} ({}:1:2)"),
    "gecko": lines_of("{}@https://x.example/{}.js:1:2"),
    "native": lines_of(" 0  app!{}(int) [{} : 3]"),
    "python": python_stack,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "unit", ["(", "<", "a@", "1:", "'", '"a', "a.", "../", "é", "a b", "::", "{"]
)
def test_hostile_text_is_grouped_within_bounds(form, unit):
    text = FORMS[form](unit)[:64_000]
    check_bounds(group("uncaught_error", text[:4_000], text))


HOSTILE_PATTERNS = {
    "many stars": lambda n: "a*" * 98 + f"b{n}",
    "the end differs": lambda n: "*" + "a" * 196 + f"{n}",
    "the middle differs": lambda n: "*" + "a" * 97 + f"{n}" + "a" * 97,
    "folders": lambda n: "/" * 97 + f"{n}" + "/" * 97,
}


class Search:
    """A compiled piece of a pattern that counts how often it is looked for, and in how much."""

    def __init__(self, piece: re.Pattern[str], work: list[int]) -> None:
        self._piece, self._work = piece, work

    def search(self, text: str, place: int) -> re.Match[str] | None:
        match = self._piece.search(text, place)
        self._work.append((match.end() if match else len(text)) - place)
        return match


@pytest.mark.parametrize("kind", HOSTILE_PATTERNS)
@pytest.mark.parametrize("letter", ["a", "/"])
def test_hostile_patterns_are_searched_for_a_bounded_number_of_times(kind, letter, monkeypatch):
    work: list[int] = []
    pieces = patterns._pieces
    monkeypatch.setattr(
        patterns, "_pieces", lambda text: tuple(Search(piece, work) for piece in pieces(text))
    )
    hostile = [HOSTILE_PATTERNS[kind](n) for n in range(10, 30)]
    frames = "\n".join(f" {n}  {letter * 190}{n}!f [{letter * 390} : 3]" for n in range(400))
    stack = frames[:64_000]
    own = Patterns(hostile, [f"{pattern}"[1:] for pattern in hostile])
    check_bounds(group("uncaught_error", "Error: x", stack, patterns=own))
    of_one_frame = 40 * 100 * 2  # pieces in a file and a module
    assert 0 < len(work) <= patterns.MAX_SEARCHES + of_one_frame
    # Each pattern passes a character of a text once: 40 patterns, 4,000 searches and more for a frame.
    assert sum(work) <= 401 * (patterns.MAX_SEARCHES + 80)


def test_a_piece_of_a_pattern_is_searched_for_as_plain_text():
    [piece] = patterns._pieces("a.c(d+)[e]$")
    assert piece.search("/a.c(d+)[e]$")
    assert not piece.search("/abc(dd)e")


def test_frames_past_the_searches_of_a_crash_follow_the_rules_alone():
    own = Patterns([], [*(f"none/{n:03}" for n in range(119)), "lib/*"])
    frames = [Frame(function=f"f{n}", file="lib/a.js") for n in range(100)]
    chain = [Link("Error", "", frames)]
    [link] = group("uncaught_error", "x", None, chain=chain, patterns=own).chain
    judged = [frame.in_app for frame in link.frames]
    assert judged == [False] * 42 + [True] * 58  # 42 of 120 searches are 5,040


def test_the_newest_calls_of_a_deep_recursion_of_python_are_the_ones_kept():
    deep = "".join(f'  File "/srv/bot/walk.py", line 3, in f{n}\n' for n in range(900))
    stack = "Traceback (most recent call last):\n" + deep + "ValueError: bad"
    [link] = group("uncaught_error", "ValueError: bad", stack).chain
    assert len(link.frames) == 100
    assert link.frames[0].function == "f899"


def test_a_chain_keeps_most_frames_of_what_was_thrown():
    frames = [Frame(function=f"f{n}", file="a.js") for n in range(300)]
    chain = [Link("Error", "bad", frames) for _ in range(9)]
    grouping = group("uncaught_error", "Error: bad", None, chain=chain)
    assert [len(link.frames) for link in grouping.chain] == [55, 15, 15, 15]
