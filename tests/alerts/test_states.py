"""A subject of a rule goes from ok over pending and firing to resolved; each firing is told once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stories.alerts.states import UNTIL_RESOLVED, Reading, State, step

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BAD, BETWEEN, CLEAR = (True, False), (False, False), (False, True)


def reading(kind: tuple[bool, bool]) -> Reading:
    return Reading("", kind[0], kind[1], "", "")


def walk(kinds, for_minutes=0, snoozed_until=None):
    """(name, what is said) after each reading, a minute apart."""
    state, seen = State("ok", NOON, snoozed_until=snoozed_until), []
    for minute, kind in enumerate(kinds):
        stepped = step(state, reading(kind), for_minutes, NOON + timedelta(minutes=minute))
        state = stepped.state
        seen.append((state.name, stepped.says))
    return seen


@pytest.mark.parametrize(
    ("kinds", "for_minutes", "expected"),
    [
        ([CLEAR, BETWEEN], 0, [("ok", None), ("ok", None)]),
        ([BAD, BAD], 0, [("firing", "firing"), ("firing", None)]),
        ([BAD, CLEAR, CLEAR], 0, [("firing", "firing"), ("resolved", "resolved"), ("resolved", None)]),
        ([BAD, BAD, BAD], 2, [("pending", None), ("pending", None), ("firing", "firing")]),
        ([BAD, BETWEEN, BAD, BAD], 2,
         [("pending", None), ("ok", None), ("pending", None), ("pending", None)]),
        # Hysteresis: between both thresholds nothing is over, and nothing begins.
        ([BAD, BETWEEN, BAD, BETWEEN], 0, [("firing", "firing")] + [("firing", None)] * 3),
        ([BAD, CLEAR, BETWEEN, BAD], 0,
         [("firing", "firing"), ("resolved", "resolved"), ("resolved", None), ("firing", "firing")]),
        ([BAD, CLEAR, BAD], 1, [("pending", None), ("ok", None), ("pending", None)]),
    ],
)  # fmt: skip
def test_a_subject_goes_through_its_states(kinds, for_minutes, expected):
    assert walk(kinds, for_minutes) == expected


def test_a_firing_is_since_it_began_to_be_bad():
    state = step(State("ok", NOON), reading(BAD), 5, NOON).state
    later = step(state, reading(BAD), 5, NOON + timedelta(minutes=5))
    assert (later.says, later.state.since) == ("firing", NOON)


@pytest.mark.parametrize(
    ("kinds", "snoozed", "expected"),
    [
        # It still goes on when the snooze ends, so it is said then.
        ([BAD, BAD, BAD], NOON + timedelta(minutes=2), [None, None, "firing"]),
        # It came and went while it was silent.
        ([BAD, CLEAR, CLEAR, CLEAR], NOON + timedelta(minutes=2), [None, None, None, None]),
        # Silent until it is over: then the next one is said.
        ([BAD, BAD, CLEAR, BAD], UNTIL_RESOLVED, [None, None, None, "firing"]),
        # A silence for a time outlasts an end.
        ([BAD, CLEAR, BAD, BAD], NOON + timedelta(minutes=3), [None, None, None, "firing"]),
    ],
)
def test_who_is_snoozed_says_nothing(kinds, snoozed, expected):
    assert [says for _, says in walk(kinds, snoozed_until=snoozed)] == expected


def test_what_was_told_and_snoozed_then_is_not_told_to_be_over():
    told = State("firing", NOON, is_told=True, snoozed_until=UNTIL_RESOLVED)
    stepped = step(told, reading(CLEAR), 0, NOON)
    assert stepped.says is None
    assert stepped.state == State("resolved", NOON)


KINDS = st.sampled_from([BAD, BETWEEN, CLEAR])
SNOOZES = st.sampled_from([None, None, None, 0, 3, "until resolved"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(KINDS, SNOOZES), max_size=60), st.integers(0, 4))
def test_each_firing_is_told_once_and_its_end_only_after_it(readings, for_minutes):
    """Whatever the readings are, and whenever somebody silences it."""
    state, is_told, bad_for = State("ok", NOON), False, 0
    for minute, (kind, snooze) in enumerate(readings):
        now = NOON + timedelta(minutes=minute)
        if snooze is not None:
            until = UNTIL_RESOLVED if isinstance(snooze, str) else now + timedelta(minutes=snooze)
            state = State(state.name, state.since, state.is_told, until)
        before = state
        stepped = step(before, reading(kind), for_minutes, now)
        state = stepped.state
        bad_for = bad_for + 1 if kind == BAD else 0
        if before.name != "firing" and state.name == "firing":
            assert bad_for > for_minutes
            is_told = False
        if stepped.says == "firing":
            assert state.name == "firing"
            assert not is_told
            assert not before.is_snoozed(now)
            is_told = True
        if stepped.says == "resolved":
            assert before.name == "firing"
            assert is_told
            assert kind == CLEAR
        if state.name == "firing":
            assert is_told or state.is_snoozed(now)
        assert (state.name == "resolved") <= (before.name in ("firing", "resolved"))
