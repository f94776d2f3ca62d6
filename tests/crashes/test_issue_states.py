"""What people do to issues: each change, what it leaves in the log, and that undo takes it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from stories.crashes import states
from stories.crashes.states import StateError
from tests.crashes.crash_rows import crash, fingerprint, issue, issue_id, issues, log_of
from tests.rollup_tables import fold_all, midday, run, values

TABLES = {
    "issues": "merged_into, app_id, number, title, state, because, since, fixed, fixed_version, mute, "
    "mute_value, mute_until, mute_from, first_seen, last_seen, first_version, last_version, n, people",
    "groups": "encode(fingerprint, 'hex'), issue_id, home_id, n, people_gone",
}


def act(services, action: Any, title: str, *args: Any, **options: Any) -> Any:
    number = issue_id(services, title)
    with services.database.transaction() as tx:
        return action(tx, number, *args, "ann", **options)


def snapshot(services) -> dict[str, list[Any]]:
    """All that merging could change, but not the log."""
    return {
        table: sorted(map(str, values(services.database, f"select {columns} from {table}")))
        for table, columns in TABLES.items()
    }


@pytest.fixture
def three(services, now):
    """Issues cart (2 crashes of 2 people), door (1 of 1, who is in cart too) and lamp."""
    crash(services, "cart", midday(now, 9), who=1, version="1.0")
    crash(services, "cart", midday(now, 2), who=2, version="1.1")
    crash(services, "door", midday(now, 5), who=2, version="1.2")
    crash(services, "lamp", midday(now, 1), who=3, version="1.3")
    fold_all(services)
    return services


ACTIONS: dict[str, tuple[Any, dict[str, Any]]] = {
    "resolved": (states.resolve, {}),
    "resolved in a version": (states.resolve, {"in_version": "2.0"}),
    "resolved in the next release": (states.resolve, {"in_next_release": True}),
    "muted": (states.mute, {}),
    "muted until 5 more": (states.mute, {"until_crashes": 5}),
    "muted until 5 people more": (states.mute, {"until_people": 5}),
    "muted until 5 an hour": (states.mute, {"per_hour": 5}),
    "seen": (states.open_issue, {}),
}
STATES = {
    "resolved": ("resolved", "now", None, None, None, None),
    "resolved in a version": ("resolved", "in", "2.0", None, None, None),
    "resolved in the next release": ("resolved", "after", "1.3", None, None, None),
    "muted": ("muted", None, None, "forever", None, None),
    "muted until 5 more": ("muted", None, None, "crashes", 5, 2),
    "muted until 5 people more": ("muted", None, None, "people", 5, 2),
    "muted until 5 an hour": ("muted", None, None, "per_hour", 5, 0),
    "seen": ("open", None, None, None, None, None),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_sets_the_state_and_undo_puts_everything_back(three, name):
    action, options = ACTIONS[name]
    before = snapshot(three)
    act(three, action, "cart", **options)
    columns = ("state", "fixed", "fixed_version", "mute", "mute_value", "mute_from")
    assert issue(three, "cart", *columns) == STATES[name]
    assert log_of(three, "cart")[-1] == (name.split()[0], "ann")
    act(three, states.undo, "cart")
    assert snapshot(three) == before
    assert log_of(three, "cart")[-1] == ("undone", "ann")
    with pytest.raises(StateError, match="nothing was done"):
        act(three, states.undo, "cart")


def test_open_reopens_what_is_resolved_and_unmutes_what_is_muted(three):
    act(three, states.resolve, "cart", in_version="2.0")
    act(three, states.open_issue, "cart")
    assert issue(three, "cart", "state", "because", "fixed_version") == ("open", "reopened", None)
    act(three, states.mute, "cart", until_crashes=3)
    act(three, states.open_issue, "cart")
    assert issue(three, "cart", "state", "because", "mute", "mute_from") == (
        "open",
        "seen",
        None,
        None,
    )
    act(three, states.open_issue, "cart")
    assert [what for what, _ in log_of(three, "cart")] == [
        "new",
        "resolved",
        "reopened",
        "muted",
        "unmuted",
    ]


def test_a_resolved_issue_is_not_muted_and_a_muted_one_is_resolved(three, now):
    act(three, states.mute, "cart", until=now + timedelta(days=1))
    act(three, states.resolve, "cart")
    assert issue(three, "cart", "state", "mute", "mute_until") == ("resolved", None, None)
    with pytest.raises(StateError, match="reopen it first"):
        act(three, states.mute, "cart")


def test_the_next_release_needs_a_version_that_people_use(three, services, now):
    run(services.database, "delete from kept_values")
    with pytest.raises(StateError, match="no version of this app is known"):
        act(three, states.resolve, "cart", in_next_release=True)


def test_the_newest_version_is_not_a_build_that_one_tester_runs(three, services, now):
    run(
        services.database,
        "update kept_values set n = 200 where property = 'version' and value = '1.3'",
    )
    crash(services, "cart", midday(now, 1), version="999.9.9")
    fold_all(services)
    act(three, states.resolve, "cart", in_next_release=True)
    assert issue(three, "cart", "fixed_version") == "1.3"


def test_a_note_is_kept_and_undone(three):
    act(three, states.write_note, "cart", "first")
    act(three, states.write_note, "cart", "second")
    act(three, states.undo, "cart")
    assert issue(three, "cart", "note") == "first"
    act(three, states.undo, "cart")
    assert issue(three, "cart", "note") == ""


def test_merging_adds_up_and_unmerging_takes_apart_again(three):
    before = snapshot(three)
    cart, door, lamp = (issue_id(three, title) for title in ("cart", "door", "lamp"))
    act(three, states.merge, "cart", [door, lamp])
    columns = ("n", "people", "first_version", "last_version", "merged_into")
    assert issue(three, "cart", *columns) == (4, 3, "1.0", "1.3", None)
    assert issue(three, "door", "n", "people", "merged_into") == (0, 0, cart)
    groups = [fingerprint("lamp"), fingerprint("door")]
    assert act(three, states.unmerge, "cart", groups) == [lamp, door]
    assert snapshot(three) == before
    act(three, states.undo, "cart")
    assert issue(three, "cart", "n", "people") == (4, 3)
    act(three, states.undo, "cart")
    assert snapshot(three) == before


def test_crashes_follow_a_merged_group_and_go_with_it_when_it_leaves(three, services, now):
    door = issue_id(three, "door")
    act(three, states.merge, "cart", [door])
    crash(services, "door", midday(now, 0), who=4, version="1.4")
    fold_all(services)
    assert issue(three, "cart", "n", "people", "last_version") == (4, 3, "1.4")
    act(three, states.undo, "cart")
    assert issue(three, "cart", "n", "people", "last_version") == (2, 2, "1.1")
    assert issue(three, "door", "n", "people", "last_version") == (2, 2, "1.4")


def test_a_group_that_leaves_its_first_issue_gets_one_of_its_own_and_stays_there(
    three, services, now
):
    door = issue_id(three, "door")
    act(three, states.merge, "cart", [door])
    [new] = act(three, states.unmerge, "cart", [fingerprint("cart")])
    titles = values(
        services.database, "select number, title, n, people from issues order by number"
    )
    assert titles == [(1, "cart", 1, 1), (2, "door", 0, 0), (3, "lamp", 1, 1), (4, "cart", 2, 2)]
    crash(services, "cart", midday(now, 0), who=4)
    fold_all(services)
    assert values(services.database, "select n from issues where issue_id = %(new)s", new=new) == [
        (3,)
    ]
    [old] = values(services.database, "select issue_id from issues where number = 1")
    with services.database.transaction() as tx:
        states.undo(tx, old[0], "ann")
    assert issues(services, "number", "n", "merged_into") == [
        (1, 4, None),
        (2, 0, old[0]),
        (3, 1, None),
        (4, 0, old[0]),
    ]


def test_a_mute_waits_for_as_many_more_after_a_merge_as_before(three):
    act(three, states.mute, "cart", until_crashes=5)
    act(three, states.merge, "cart", [issue_id(three, "door")])
    assert issue(three, "cart", "n", "mute_from") == (3, 3)
    act(three, states.undo, "cart")
    assert issue(three, "cart", "n", "mute_from") == (2, 2)


def test_what_cannot_be_merged_or_unmerged_is_refused_and_changes_nothing(three, services, now):
    crash(services, "elsewhere", midday(now, 1), app_id=2)
    fold_all(services)
    before = snapshot(three)
    cart, door = issue_id(three, "cart"), issue_id(three, "door")
    for action, args, sentence in (
        (states.merge, [[cart]], "with itself"),
        (states.merge, [[issue_id(three, "elsewhere")]], "different apps"),
        (states.merge, [[4_711]], "no such issue"),
        (states.unmerge, [[fingerprint("door")]], "not of this issue"),
        (states.unmerge, [[fingerprint("cart")]], "must stay"),
        (states.unmerge, [[]], "must leave"),
    ):
        with pytest.raises(StateError, match=sentence):
            act(three, action, "cart", *args)
        assert snapshot(three) == before
    act(three, states.merge, "cart", [door])
    refused: list[tuple[Any, list[Any]]] = [
        (states.resolve, []),
        (states.undo, []),
        (states.merge, [[cart]]),
    ]
    for change, args in refused:
        with pytest.raises(StateError, match="merged into another"):
            act(three, change, "door", *args)
