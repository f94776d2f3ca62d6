"""One issue, as GET /issues/{id} answers it, and the crashes of it that are stored."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from database import Row, Transaction
from stories.catalogue import App
from stories.crashes.history import is_undoable
from stories.crashes.reading.listing import describe, iso, issue_name
from stories.crashes.reading.narrowed import Narrowed
from stories.crashes.reading.stored import count_kept
from stories.reports.periods import Days

MAX_GROUPS, MAX_MERGED, MAX_LOG = 100, 100, 200
MAX_VALUES = 20  # versions and systems that have a name of their own; "other" are the rest
MAX_DAY_VERSIONS = 8  # of the chart
COUNTRY_PEOPLE = 1_000
OTHER = "other"
NO_CRASHES = {"crashes": 0, "people": 0}  # match; it was first and last seen when it was


def find(tx: Transaction, app: App, number: int) -> Row | None:
    """The row of crashes/find_issue: of a merged issue that of the issue which has its groups."""
    return tx.row("crashes/find_issue", app_id=app.app_id, number=number)


def narrow(tx: Transaction, row: Row, narrowed: Narrowed) -> Row:
    """The row of an issue with the numbers of its matching crashes."""
    counts = narrowed.counts(tx, issue_id=row["issue_id"])
    return {**row, **(counts[0] if counts else NO_CRASHES)}


def describe_whole(
    tx: Transaction,
    app: App,
    row: Row,
    days: Days,
    now: datetime,
    narrowed: Narrowed | None = None,
) -> dict[str, Any]:
    """All that an issue's page shows. days: of its chart and of versions and systems. narrowed: so is
    the row, and its days, versions, systems and countries are those of the matching crashes."""
    issue_id = row["issue_id"]
    if narrowed is None:
        values = tx.rows(
            "crashes/issue_values", issue_id=issue_id, first=days.first, last=days.last
        )
        hit = tx.rows("crashes/latest_people", issue_id=issue_id, limit=COUNTRY_PEOPLE)
    else:
        values = narrowed.values(tx, [issue_id], days)
        hit = narrowed.latest_people(tx, issue_id, COUNTRY_PEOPLE)
    [shown] = describe(tx, app, [row], now, narrowed)
    merged = tx.rows("crashes/issue_merged", app_id=app.app_id, issue_id=issue_id, limit=MAX_MERGED)
    return {
        **shown,
        "last_days": shown["days"],
        "fixed": row["fixed"],
        "fixed_version": row["fixed_version"],
        "mute": row["mute"],
        "mute_value": row["mute_value"],
        "mute_until": row["mute_until"] and iso(row["mute_until"]),
        "note": row["note"],
        "merged": [issue_name(app, each["number"]) for each in merged],
        "kept": count_kept(tx, issue_id),
        "groups": [
            _group(each)
            for each in tx.rows("crashes/issue_groups", issue_id=issue_id, limit=MAX_GROUPS)
        ],
        "log": _log(app, tx.rows("crashes/issue_log", issue_id=issue_id, limit=MAX_LOG)),
        "from": days.first.isoformat(),
        "to": days.last.isoformat(),
        "days": _daily(values),
        "versions": _ranking(values, "version"),
        "systems": _ranking(values, "platform"),
        "countries": _countries(tx, app, [each["user_id"] for each in hit]),
    }


def first_day(row: Row, app: App) -> date:
    """When an issue began, as its app's calendar has it."""
    return row["first_seen"].astimezone(app.zone).date()  # type: ignore[no-any-return]


def names(tx: Transaction, app: App, issue_ids: list[int]) -> list[str]:
    """What issues are called, in the order of the ids."""
    numbers = {
        row["issue_id"]: row["number"]
        for row in tx.rows("crashes/issue_numbers", issue_ids=issue_ids)
    }
    return [issue_name(app, numbers[issue_id]) for issue_id in dict.fromkeys(issue_ids)]


def _countries(tx: Transaction, app: App, ids: list[Any]) -> list[dict[str, Any]]:
    """[{value, people}] of those whom it hit last, most first; '' stands for none."""
    counts = {
        each["country"]: each["people"]
        for each in tx.rows("crashes/countries_of", app_id=app.app_id, user_ids=ids)
    }
    unknown = len(ids) - sum(counts.values())
    if unknown:
        counts[""] = unknown
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"value": value, "people": count} for value, count in ordered]


def _group(row: Row) -> dict[str, Any]:
    return {
        "fingerprint": bytes(row["fingerprint"]).hex(),
        "title": row["title"],
        "culprit": row["culprit"],
        "why": row["why"],
        "raw": row["raw"],
        "handled": row["handled"],
        "is_home": row["is_home"],
        "crashes": row["crashes"],
        "people": row["people"],
        "first_seen": iso(row["first_seen"]),
        "last_seen": iso(row["last_seen"]),
    }


def _daily(values: list[Row]) -> list[dict[str, Any]]:
    """[{date, crashes, versions}] of the days with crashes, oldest first. The versions with most
    crashes go by name."""
    named = {each["value"] for each in _ranking(values, "version", MAX_DAY_VERSIONS)}
    totals: dict[date, int] = {}
    versions: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in values:
        if row["dim"] == "none":
            totals[row["day"]] = row["crashes"]
        elif row["dim"] == "version":
            name = row["value"] if row["value"] in named else OTHER
            versions[row["day"]][name] += row["crashes"]
    return [
        {"date": day.isoformat(), "crashes": crashes, "versions": dict(versions[day])}
        for day, crashes in sorted(totals.items())
    ]


def _ranking(values: list[Row], dim: str, most: int = MAX_VALUES) -> list[dict[str, Any]]:
    """[{value, crashes}], most first; beyond `most` all the others together."""
    sums: dict[str, int] = defaultdict(int)
    for row in values:
        if row["dim"] == dim:
            sums[row["value"]] += row["crashes"]
    ordered = sorted(sums.items(), key=lambda pair: (pair[0] == OTHER, -pair[1], pair[0]))
    named: list[dict[str, Any]] = [
        {"value": value, "crashes": crashes} for value, crashes in ordered[:most]
    ]
    rest = sum(crashes for _, crashes in ordered[most:])
    if not rest:
        return named
    if named[-1]["value"] == OTHER:
        rest += named.pop()["crashes"]
    return [*named, {"value": OTHER, "crashes": rest}]


def _log(app: App, entries: list[Row]) -> list[dict[str, Any]]:
    """Latest first. Only the latest that was not undone can be, and only if somebody did it."""
    latest = next((e for e in entries if not e["undone"] and e["what"] != "undone"), None)
    return [
        {
            "entry_id": entry["entry_id"],
            "at": iso(entry["at"]),
            "what": entry["what"],
            "who": entry["who"],
            "detail": _detail(app, entry["detail"]),
            "undone": entry["undone"],
            "undoable": entry is latest and is_undoable(entry["detail"]),
        }
        for entry in entries
    ]


def _detail(app: App, detail: dict[str, Any]) -> dict[str, Any]:
    """What an entry says; without what only undo needs, and issues by their names."""
    shown = {name: value for name, value in detail.items() if name != "before"}
    if "groups" in shown:
        shown["groups"] = [group["fingerprint"] for group in shown["groups"]]
    if "issues" in shown:
        shown["issues"] = [issue_name(app, number) for number in shown["issues"]]
    if "origin" in shown:
        shown["origin"] = issue_name(app, shown["origin"])
    return shown
