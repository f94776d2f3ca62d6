"""What a report says: the numbers of some days beside as many before, what moved them, issues, releases
and what the disk will hold. Facts only; templates/mail and wording.py make texts of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from database import Transaction
from stories.catalogue import App
from stories.crashes.reading import releases
from stories.crashes.reading.listing import issue_name
from stories.reports import numbers
from stories.reports.numbers import NotTold, Number
from stories.reports.periods import Days

MOST_NUMBERS = 20
MOST_ISSUES = 10
MOST_RELEASES = 3
UNITS = {"percent": " %", "seconds": " s", "usd": " USD", "hours": " h"}
NAMES = {"day": "day", "week": "week", "month": "month"}


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
    """{title, app, from, to, before: {from, to}, numbers, movers, issues, releases, link, summary}; each
    number is what /stats and GET /numbers answer for these days."""
    days, before = period.days, period.before
    told = [
        _number(tx, app, number, period)
        for number in numbers.list_numbers(tx, app, days.last)
        if number.is_rolled_up
    ][:MOST_NUMBERS]
    told = [number for number in told if number["value"] is not None]
    named = _days_in_words(days.first, days.last)
    return {
        "title": f"{app.name}: {named}",
        "app": app.name,
        "every": period.every,
        "from": days.first.isoformat(),
        "to": days.last.isoformat(),
        "before": {"from": before.first.isoformat(), "to": before.last.isoformat()},
        "numbers": told,
        "movers": _movers(tx, app, period),
        "issues": _issues(tx, app, days),
        "releases": _releases(tx, days),
        "link": _page(app, "", **{"from": days.first, "to": days.last}),
        "summary": [f"{app.name}, {named}", *map(_in_words, told[:6])],
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


def _movers(tx: Transaction, app: App, period: Period) -> list[dict[str, Any]]:
    """Of each dimension the value whose events changed most, the greatest change first."""
    rows = tx.rows(
        "alerts/movers",
        app_id=app.app_id,
        first=period.days.first,
        last=period.days.last,
        before=period.before.first,
    )
    moved = [{**row, "change": row["n"] - row["before"]} for row in rows]
    return sorted(moved, key=lambda row: -abs(row["change"]))


def _issues(tx: Transaction, app: App, days: Days) -> list[dict[str, Any]]:
    rows = tx.rows("alerts/report_issues", **days.moments, limit=MOST_ISSUES)
    return [
        {
            "what": row["what"],
            "title": row["title"],
            "culprit": row["culprit"],
            "people": row["people"],
            "crashes": row["n"],
            "link": _page(app, "/issue", issue=issue_name(app, row["number"])),
        }
        for row in rows
    ]


def _releases(tx: Transaction, days: Days) -> list[dict[str, Any]]:
    rows = releases.list_releases(tx, days)[:MOST_RELEASES]
    names = ("version", "people", "crash_free_people", "verdict", "compared_to")
    return [
        {
            **{name: row.get(name) for name in names},
            "link": _page(days.app, "/release", version=row["version"]),
        }
        for row in rows
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
    text = f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:,.2f}"
    return text + UNITS.get(unit, "")


def _in_words(number: dict[str, Any]) -> str:
    change = "" if number["change"] is None else f" ({number['change']:+,.1f} %)"
    return f"{number['title']}: {shown(number['value'], number['unit'])}{change}"
