"""What people do to an issue: resolve, mute, open, merge, unmerge, note, and take the last of it back.

Each takes the fold's lock for the rest of the transaction, so that no crash is counted meanwhile, and
writes an entry of `issue_log` that holds what undo needs. What the fold decides is in
sql/crashes/regressed.sql and back.sql.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from database import Row, Transaction
from stories.crashes.history import is_undoable
from stories.rollups.fold import wait_for_lock

OF_A_STATE = frozenset({"resolved", "muted", "seen", "reopened", "unmuted"})
NO_MUTE = dict.fromkeys(("mute", "mute_value", "mute_until", "mute_from"))
NOT_FIXED = dict.fromkeys(("fixed", "fixed_version"))


@dataclass
class StateError(Exception):
    """The issue's state does not allow it. code: stable, in snake_case; sentence: for people."""

    code: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def resolve(
    tx: Transaction,
    issue_id: int,
    who: str,
    *,
    in_version: str | None = None,
    in_next_release: bool = False,
) -> None:
    """It is fixed: now, in a version, or in whatever comes after the newest version that people use."""
    issue = _issue(tx, issue_id)
    fixed, version = "now", None
    if in_version is not None:
        fixed, version = "in", in_version
    elif in_next_release:
        fixed, version = "after", tx.value("crashes/newest_version", app_id=issue["app_id"])
        if version is None:
            raise StateError(
                "no_release",
                "no version of this app is known yet: resolve the issue now, or in a version",
            )
    _set(
        tx, issue, "resolved", "resolved", issue["because"], who, fixed=fixed, fixed_version=version
    )


def mute(
    tx: Transaction,
    issue_id: int,
    who: str,
    *,
    until: datetime | None = None,
    until_crashes: int | None = None,
    per_hour: int | None = None,
    until_people: int | None = None,
) -> None:
    """Not now: for ever, or until a time, so many more crashes or people, or so many in one hour. At
    most one of them."""
    issue = _issue(tx, issue_id)
    if issue["state"] == "resolved":
        raise StateError("resolved", "a resolved issue cannot be muted: reopen it first")
    ways = {
        "until": (until, None),
        "crashes": (until_crashes, issue["n"]),
        "per_hour": (per_hour, issue["this_hour"]),
        "people": (until_people, issue["people"]),
    }
    given = [name for name, (value, _) in ways.items() if value is not None]
    if len(given) > 1:
        raise StateError("two_ways", "an issue is muted until one thing happens, not two")
    way = given[0] if given else "forever"
    value, start = ways.get(way, (None, None))
    _set(
        tx,
        issue,
        "muted",
        "muted",
        issue["because"],
        who,
        mute=way,
        mute_value=value if way != "until" else None,
        mute_until=value if way == "until" else None,
        mute_from=start,
    )


def open_issue(tx: Transaction, issue_id: int, who: str) -> None:
    """A resolved issue is reopened, a muted one unmuted, and an open one seen."""
    issue = _issue(tx, issue_id)
    if (issue["state"], issue["because"]) == ("open", "seen"):
        return
    what, because = {
        "resolved": ("reopened", "reopened"),
        "muted": ("unmuted", "seen"),
        "open": ("seen", "seen"),
    }[issue["state"]]
    _set(tx, issue, what, "open", because, who)


def write_note(tx: Transaction, issue_id: int, text: str, who: str) -> None:
    """The one note that an issue has; an empty text deletes it."""
    issue = _issue(tx, issue_id)
    if text != issue["note"]:
        tx.run("crashes/set_note", issue_id=issue_id, note=text)
        _log(tx, issue_id, "note", who, before={"note": issue["note"]})


def merge(tx: Transaction, into: int, others: list[int], who: str) -> None:
    """The groups of `others` become groups of `into`, which keeps its state, title and number."""
    issue = _issue(tx, into)
    others = [each for each in dict.fromkeys(others) if each != into]
    if not others:
        raise StateError("nothing_to_merge", "an issue cannot be merged with itself")
    merged = [_issue(tx, each) for each in others]
    if any(each["app_id"] != issue["app_id"] for each in merged):
        raise StateError("other_app", "issues of different apps cannot be merged")
    groups = _groups(tx, others)
    for group in groups:
        _move(tx, issue, group, into, group["home_id"])
    _count_again(tx, others, into)
    _log(
        tx,
        into,
        "merged",
        who,
        issues=[each["number"] for each in merged],
        groups=[_moved(group, group["issue_id"]) for group in groups],
    )


def unmerge(tx: Transaction, issue_id: int, fingerprints: list[bytes], who: str) -> list[int]:
    """Send groups back to the issues they were born into; one that is at home gets an issue of its
    own. Returns the issues they went to, in order of `fingerprints`."""
    issue = _issue(tx, issue_id)
    held = {bytes(group["fingerprint"]): group for group in _groups(tx, [issue_id])}
    leaving = list(dict.fromkeys(fingerprints))
    if not all(each in held for each in leaving):
        raise StateError("unknown_group", "one of these groups is not of this issue")
    if not leaving or len(leaving) == len(held):
        raise StateError("nothing_left", "at least one group must leave and one must stay")
    went, groups = [], []
    for fingerprint in leaving:
        group = held[fingerprint]
        home: int = group["home_id"]
        if home == issue_id or not group["home_exists"]:
            home = tx.value(
                "crashes/issue_of_group", app_id=issue["app_id"], fingerprint=fingerprint
            )
            _log(tx, home, "unmerged", who, origin=issue["number"])
        _move(tx, issue, group, home, home)
        groups.append(_moved(group, home))
        went.append(home)
    _count_again(tx, went, issue_id)
    _log(tx, issue_id, "unmerged", who, groups=groups)
    return went


def undo(tx: Transaction, issue_id: int, who: str) -> None:
    """Take back the last thing that somebody did to an issue, unless a crash has changed it since."""
    issue = _issue(tx, issue_id)
    entry = tx.row("crashes/last_change", issue_id=issue_id)
    if entry is None or not is_undoable(entry["detail"]):
        raise StateError("nothing_to_undo", "nothing was done to this issue that can be undone")
    what, detail = entry["what"], entry["detail"]
    if what in OF_A_STATE:
        before = msgspec.json.encode(detail["before"]).decode()
        tx.run("crashes/restore_state", issue_id=issue_id, before=before)
    elif what == "note":
        tx.run("crashes/set_note", issue_id=issue_id, note=detail["before"]["note"])
    else:
        _undo_moves(tx, issue, issue_id, what, detail["groups"])
    tx.run("crashes/mark_undone", entry_id=entry["entry_id"])
    _log(tx, issue_id, "undone", who, undone=what)


def _undo_moves(
    tx: Transaction, issue: Row, issue_id: int, what: str, moves: list[dict[str, Any]]
) -> None:
    """Of a merge, groups go back to where they were; of an unmerge, they come back. Those that were
    moved elsewhere since stay there."""
    others = list(dict.fromkeys(move["issue"] for move in moves))
    held = {bytes(g["fingerprint"]): g for g in _groups(tx, [*others, issue_id])}
    for move in moves:
        group = held.get(bytes.fromhex(move["fingerprint"]))
        place = issue_id if what == "merged" else move["issue"]
        if group is not None and group["issue_id"] == place:
            there = move["issue"] if what == "merged" else issue_id
            _move(tx, issue, group, there, move["home"])
    _count_again(tx, others, issue_id)


def _moved(group: Row, other: int) -> dict[str, Any]:
    """A group in the log: the other issue of the move, and where its home was before."""
    return {
        "fingerprint": bytes(group["fingerprint"]).hex(),
        "issue": other,
        "home": group["home_id"],
    }


def _issue(tx: Transaction, issue_id: int) -> Row:
    """The issue, under the fold's lock. Raises StateError if it is gone or another has its groups."""
    wait_for_lock(tx)
    issue = tx.row("crashes/issue_state", issue_id=issue_id)
    if issue is None:
        raise StateError("unknown_issue", "there is no such issue any more")
    if issue["merged_into"] is not None:
        raise StateError("merged", "this issue is merged into another: change that one")
    return issue


def _set(
    tx: Transaction, issue: Row, what: str, state: str, because: str, who: str, **columns: Any
) -> None:
    """Give the issue a state, and log `what` with what was before."""
    values = {**NOT_FIXED, **NO_MUTE, **columns}
    tx.run("crashes/set_state", issue_id=issue["issue_id"], state=state, because=because, **values)
    _log(tx, issue["issue_id"], what, who, before=issue["before"], **columns)


def _log(tx: Transaction, issue_id: int, what: str, who: str, **detail: Any) -> None:
    text = msgspec.json.encode(detail).decode()
    tx.run("crashes/log_change", issue_id=issue_id, what=what, who=who, detail=text)


def _groups(tx: Transaction, issue_ids: list[int]) -> list[Row]:
    return tx.rows("crashes/issue_groups_held", issue_ids=issue_ids)


def _move(tx: Transaction, issue: Row, group: Row, there: int, home: int) -> None:
    tx.run(
        "crashes/move_group",
        app_id=issue["app_id"],
        fingerprint=group["fingerprint"],
        issue_id=there,
        home_id=home,
    )


def _count_again(tx: Transaction, others: list[int], issue_id: int) -> None:
    """After groups moved between `issue_id` and `others`."""
    tx.run("crashes/mark_merged", issue_ids=others, into_id=issue_id)
    tx.run("crashes/issue_totals", issue_ids=[*others, issue_id])
