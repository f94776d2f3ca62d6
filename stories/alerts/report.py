"""What a report says: the numbers of some days beside as many before, what moved them, issues, releases
and what the disk will hold. Facts only; templates/mail and wording.py make texts of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from dateutil.parser import isoparse

from database import Row, Transaction
from stories.alerts import movers, wording
from stories.catalogue import App
from stories.crashes.reading import releases
from stories.crashes.reading.listing import issue_name
from stories.reports import numbers
from stories.reports.numbers import NotTold, Number
from stories.reports.periods import Days

NOTHING = "Nothing came in these days, nor in those before."
MOST_ISSUES = 10
MOST_RELEASES = 5
UNITS = {"percent": " %", "seconds": " s", "usd": " USD", "hours": " h"}
# What a chat is told of them, in this order: a message there is some lines.
IN_SHORT = ("active_users", "new_users", "events", "crash_count", "crash_free_rate", "cost_usd")


@dataclass(frozen=True)
class Period:
    """The days of a report. key: what makes it one, such as 2026-W48."""

    every: str
    days: Days
    before: Days
    key: str


def period_before(app: App, every: str, now: datetime) -> Period:
    """The day, week (Monday to Sunday) or month that ended last, in the app's timezone."""
    today = now.astimezone(app.zone).date()
    if every == "day":
        first = last = today - timedelta(days=1)
        key = f"{first:%Y-%m-%d}"
    elif every == "week":
        last = today - timedelta(days=today.weekday() + 1)
        first = last - timedelta(days=6)
        key = f"{first:%G-W%V}"
    else:
        last = today.replace(day=1) - timedelta(days=1)
        first = last.replace(day=1)
        key = f"{first:%Y-%m}"
    length = (last - first).days + 1
    ended = first - timedelta(days=1)
    began = ended.replace(day=1) if every == "month" else first - timedelta(days=length)
    return Period(every, Days(app, first, last), Days(app, began, ended), key)


def read(tx: Transaction, app: App, period: Period) -> dict[str, Any]:
    """{title, app, every, from, to, before: {from, to}, is_empty, numbers, movers, issues, more_issues,
    releases, link}; each number is what /stats and GET /numbers answer for these days. is_empty: nothing
    came in these days, nor in those before."""
    days, before = period.days, period.before
    listed = numbers.list_numbers(tx, app, days.last)
    of_app = [each for each in listed if each.is_rolled_up]
    # Its own key numbers first: that is what somebody chose to look at.
    of_app.sort(key=lambda number: number.key_number_id is None)
    read_numbers = [_number(tx, app, number, period) for number in of_app]
    told = [each for each in read_numbers if each["value"] or each["before"]]
    issues = tx.rows("alerts/report_issues", **days.moments, limit=MOST_ISSUES)
    return {
        "title": wording.plain(f"{app.name}: {_days_in_words(days.first, days.last)}"),
        "app": app.name,
        "every": period.every,
        "from": days.first.isoformat(),
        "to": days.last.isoformat(),
        "before": {"from": before.first.isoformat(), "to": before.last.isoformat()},
        "is_empty": not any(each["name"] in ("events", "crash_count") for each in told),
        "numbers": told,
        "movers": movers.read(tx, days, before),
        "issues": [_issue(app, row) for row in issues],
        "more_issues": (issues[0]["total"] if issues else 0) - len(issues),
        "releases": _releases(tx, days),
        "link": _page(app, "", **{"from": days.first, "to": days.last}),
    }


def _number(tx: Transaction, app: App, number: Number, period: Period) -> dict[str, Any]:
    values = []
    for days in (period.days, period.before):
        try:
            values.append(numbers.read_number(tx, app, number.name, days).value)
        except NotTold:
            values.append(None)
    value, before = values
    change = None
    if value is not None and before:
        change = round(100 * (float(value) - float(before)) / float(before), 1)
    return {
        "name": number.name,
        "title": number.title,
        "unit": number.unit,
        "better": number.better,
        "value": value,
        "before": before,
        "change": change,  # percent of what it was before
        "feeling": _feeling(number.better, change),
    }


def _feeling(better: str | None, change: float | None) -> str:
    """good, bad, or "": no change, or nobody can say."""
    if not change or better is None:
        return ""
    return "good" if (change > 0) is (better == "more") else "bad"


def _issue(app: App, row: Row) -> dict[str, Any]:
    return {
        "what": row["what"],
        "title": row["title"],
        "culprit": row["culprit"],
        "people": row["people"],
        "crashes": row["n"],
        "link": _page(app, "/issue", id=issue_name(app, row["number"])),
    }


def _releases(tx: Transaction, days: Days) -> list[dict[str, Any]]:
    """Those in use, the newest first. is_new: it came within these days."""
    names = ("version", "people", "crash_free_people", "verdict", "compared_to")
    return [
        {
            **{name: row[name] for name in names},
            "is_new": row["first_seen"] is not None
            and days.start <= isoparse(row["first_seen"]) < days.end,
            "link": _page(days.app, "/release", version=row["version"]),
        }
        for row in releases.list_releases(tx, days)[:MOST_RELEASES]
    ]


def _page(app: App, name: str, **params: Any) -> str:
    return f"/dashboard{name}?{urlencode({'app': app.slug, **params})}"


def _days_in_words(first: date, last: date) -> str:
    if first == last:
        return f"{first:%A} {first.day} {first:%B %Y}"
    if first.day == 1 and (last + timedelta(days=1)).day == 1:
        return f"{first:%B %Y}"
    return f"{first.day} {first:%b} to {last.day} {last:%b %Y}"


def shown(value: float | None, unit: str) -> str:
    if value is None:
        return "\u2014"
    if unit == "seconds" and value >= 120:
        return f"{int(value // 60):,} min {int(value % 60)} s"
    text = f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:,.2f}"
    if unit == "percent" and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text + UNITS.get(unit, "")


def people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def in_short(told: dict[str, Any]) -> list[str]:
    """Lines for a chat: the title, some numbers, what moved most, how many issues. A line may hold text
    of strangers."""
    if told["is_empty"]:
        return [told["title"], NOTHING]
    by_name = {number["name"]: number for number in told["numbers"]}
    lines = [told["title"]]
    lines += [_in_words(by_name[name]) for name in IN_SHORT if name in by_name]
    for mover in told["movers"]:
        [most, *_] = mover["parts"]
        lines.append(
            f"Most of the change in {mover['measure']}: {most['dim']} {most['name']} "
            f"({most['change']:+,})"
        )
    new = sum(issue["what"] == "new" for issue in told["issues"])
    back = len(told["issues"]) - new
    if told["issues"]:
        more = f", {told['more_issues']} more" if told["more_issues"] else ""
        lines.append(f"Issues: {new} new, {back} back{more}")
    return lines


def _in_words(number: dict[str, Any]) -> str:
    """A change in percent of a percentage would be read as points, so that is beside what it was."""
    if number["change"] is None:
        change = ""
    elif number["unit"] == "percent":
        change = f" (was {shown(number['before'], 'percent')})"
    else:
        change = f" ({number['change']:+,.1f} %)"
    return f"{number['title']}: {shown(number['value'], number['unit'])}{change}"
