"""How each kind of rule sees what it watches, from the rollups. What is not known yet is no reading."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from database import Row, Transaction
from stories.alerts.rules import (
    WINDOWS,
    DiskSettings,
    FoldSettings,
    IssueSettings,
    NumberSettings,
    RefusedSettings,
    SilenceSettings,
    SpikeSettings,
)
from stories.alerts.states import Reading
from stories.catalogue import App
from stories.config import Config
from stories.crashes.reading import releases
from stories.crashes.reading.listing import issue_name
from stories.reports import numbers, segments
from stories.reports.conditions import read_conditions
from stories.reports.filters import NO_FILTER, Filter
from stories.reports.periods import Days

MOST = 200  # subjects of a rule at a time
WEEKS = 4  # that "usually" looks back
USUAL_DAYS = 28
RELEASE_DAYS = 30
UNITS = {"percent": " %", "seconds": " s", "usd": " USD"}


@dataclass(frozen=True)
class Look:
    """What a reading works with. firing: subjects that fire now, to see whether they are over."""

    tx: Transaction
    rule: Row
    settings: Any
    app: App | None
    now: datetime
    config: Config
    firing: frozenset[str]

    @property
    def own_app(self) -> App:
        assert self.app is not None
        return self.app

    def page(self, name: str, **params: Any) -> str:
        """A path of the dashboard."""
        return f"/dashboard{name}?{urlencode({'app': self.own_app.slug, **params}, doseq=True)}"


def of_number(look: Look) -> list[Reading]:
    settings: NumberSettings = look.settings
    filter = _filter(look, settings)
    if filter is None:
        return []
    length, ago = WINDOWS[settings.window]
    last = Days.latest(look.own_app, 1, look.now).last - timedelta(days=ago)
    days = Days(look.own_app, last - timedelta(days=length - 1), last)
    if settings.least:
        people = numbers.read_number(look.tx, look.own_app, "active_users", days, filter).value
        if (people or 0) < settings.least:
            return []
    value = numbers.read_number(look.tx, look.own_app, settings.number, days, filter).value
    if value is None:
        return []
    is_above = settings.comparison == "above"
    clear = settings.threshold if settings.clear is None else settings.clear
    is_bad = value > settings.threshold if is_above else value < settings.threshold
    is_clear = value <= clear if is_above else value >= clear
    if not (is_bad or look.firing):
        return [Reading("", False, is_clear, "", "", float(value))]
    listed = numbers.list_numbers(look.tx, look.own_app, last)
    number = next(each for each in listed if each.name == settings.number)
    before = Days(
        look.own_app, days.first - timedelta(days=USUAL_DAYS), days.first - timedelta(days=1)
    )
    usual = numbers.read_number(look.tx, look.own_app, settings.number, before, filter).value
    if usual is not None and number.unit in ("count", "usd", "hours"):
        usual = usual * length / USUAL_DAYS
    unit = UNITS.get(number.unit, "")
    says = f"{number.title} {_in_words(settings.window)}: {_shown(value)}{unit}"
    bound = f"{'above' if is_above else 'below'} {_shown(settings.threshold)}{unit}"
    normally = "" if usual is None else f"; usually {_shown(usual)}{unit}"
    chosen = {"segment": settings.segment_id} if settings.segment_id else {}
    link = look.page("", **{"from": days.first, "to": days.last}, **chosen)
    text = f"{says}, {bound if is_bad else 'no longer ' + bound}{normally}"
    return [
        Reading(
            "", is_bad, is_clear, text, link, float(value), None if usual is None else float(usual)
        )
    ]


def _filter(look: Look, settings: NumberSettings) -> Filter | None:
    """None while a segment is not counted yet, or is gone."""
    if settings.segment_id is None:
        return NO_FILTER
    row = segments.find(look.tx, settings.segment_id)
    held = [each for each in look.own_app.segments if each.segment_id == settings.segment_id]
    if row is None or not held or not held[0].is_filled:
        return None
    return Filter(read_conditions(row["filter"]), segment=settings.segment_id)


def _in_words(window: str) -> str:
    return {"7d": "in 7 days", "30d": "in 30 days"}.get(window, window)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.4g}"


def of_new_issues(look: Look) -> list[Reading]:
    return _of_issues(look, "new", "New issue")


def of_regressed_issues(look: Look) -> list[Reading]:
    return _of_issues(look, "regressed", "Back after it was resolved")


def _of_issues(look: Look, because: str, says: str) -> list[Reading]:
    """An issue fires from the entry of its log on, and is over when somebody has looked at it: when it
    is no longer open for this reason."""
    settings: IssueSettings = look.settings
    rows = look.tx.rows(
        "alerts/issues",
        app_id=look.own_app.app_id,
        because=because,
        since=look.rule["created_at"],
        people=settings.people,
        limit=MOST,
    )
    readings = [
        Reading(
            str(row["issue_id"]),
            True,
            False,
            f"{says}: {row['title']}{_place(row)}, {row['people']:,} people",
            look.page("/issue", issue=issue_name(look.own_app, row["number"])),
            float(row["n"]),
        )
        for row in rows
    ]
    open_now = {each.subject for each in readings}
    return readings + [Reading(each, False, True, "", "") for each in look.firing - open_now]


def _place(row: Row) -> str:
    version = f" in {row['first_version']}" if row["first_version"] else ""
    return f" ({row['culprit']}){version}" if row["culprit"] else version


def of_spikes(look: Look) -> list[Reading]:
    """An issue's crashes that arrived in this hour, beside the same hour of the days before."""
    settings: SpikeSettings = look.settings
    hour = look.now.replace(minute=0, second=0, microsecond=0)
    rows = look.tx.rows(
        "alerts/spikes",
        app_id=look.own_app.app_id,
        hour=hour,
        hours=[hour - timedelta(days=n) for n in range(1, USUAL_DAYS + 1)],
        least=settings.least,
        limit=MOST,
    )
    readings = []
    for row in rows:
        usual = row["before"] / USUAL_DAYS
        is_bad = row["n"] >= settings.times * max(usual, 1)
        text = f"{row['n']:,} crashes in this hour, usually {_shown(usual)}: {row['title']}{_place(row)}"
        link = look.page("/issue", issue=issue_name(look.own_app, row["number"]))
        readings.append(
            Reading(str(row["issue_id"]), is_bad, not is_bad, text, link, float(row["n"]), usual)
        )
    seen = {each.subject for each in readings}
    # An hour that has just begun tells nothing of the one before: after ten minutes it does.
    if look.now - hour >= timedelta(minutes=10):
        readings += [Reading(each, False, True, "", "") for each in look.firing - seen]
    return readings


def of_silence(look: Look) -> list[Reading]:
    settings: SilenceSettings = look.settings
    span = timedelta(hours=settings.hours)
    row = look.tx.row(
        "alerts/silence",
        app_id=look.own_app.app_id,
        since=look.now - span,
        now=look.now,
        starts=[look.now - span - timedelta(weeks=n) for n in range(1, WEEKS + 1)],
        ends=[look.now - timedelta(weeks=n) for n in range(1, WEEKS + 1)],
    )
    assert row is not None
    is_silent = not row["has_events"]
    is_bad = is_silent and row["usual_weeks"] >= WEEKS - 1
    text = (
        f"No events for {settings.hours} hours; at this hour there were some in "
        f"{row['usual_weeks']} of the last {WEEKS} weeks"
        if is_silent
        else "Events come again"
    )
    return [Reading("", is_bad, not is_silent, text, look.page("/events"))]


def of_releases(look: Look) -> list[Reading]:
    """The newest release that has been compared with the one before it."""
    days = Days.latest(look.own_app, RELEASE_DAYS, look.now)
    readings = []
    for row in releases.list_releases(look.tx, days)[:5]:
        compared = row["comparison"]
        if compared is None:
            continue
        is_bad = row["verdict"] == "worse"
        text = (
            f"{row['version']} crashes for more people than {row['compared_to']}: crash-free "
            f"{compared['crash_free_people']} % beside {compared['crash_free_people_before']} %"
        )
        link = look.page("/release", version=row["version"])
        readings.append(
            Reading(row["version"], is_bad, row["verdict"] == "better", text, link,
                    compared["crash_free_people"], compared["crash_free_people_before"])
        )  # fmt: skip
    return readings


def of_refused(look: Look) -> list[Reading]:
    settings: RefusedSettings = look.settings
    row = look.tx.row("alerts/refused", app_id=look.own_app.app_id, day=look.now.date())
    assert row is not None
    came = row["stored"] + row["refused"]
    if came < settings.least:
        return []
    share = 100 * row["refused"] / came
    is_bad = share > settings.percent
    text = f"{_shown(share)} % of {came:,} items today were refused" + (
        f", most for {row['reason']}" if row["reason"] else ""
    )
    return [Reading("", is_bad, not is_bad, text, "/dashboard/settings", share)]


def of_disk(look: Look) -> list[Reading]:
    """From what the database grew by in the last days; its own disk is seen only where it is ours."""
    settings: DiskSettings = look.settings
    row = look.tx.row("alerts/growth", day=look.now.date() - timedelta(days=14))
    if look.config.database_url or row is None or not row["days"]:
        return []
    a_day = (row["last_bytes"] - row["first_bytes"]) / row["days"]
    free = shutil.disk_usage(look.config.data_path).free
    left = free / a_day if a_day > 0 else float("inf")
    is_bad = left < settings.days
    text = (
        f"{free / 1024**3:,.1f} GB are free; at {a_day / 1024**2:,.0f} MB a day the disk is full in "
        f"{_shown(min(left, 9999))} days"
    )
    return [Reading("", is_bad, left >= settings.days * 1.1, text, "/dashboard/settings",
                    min(left, 9999.0))]  # fmt: skip


def of_fold(look: Look) -> list[Reading]:
    settings: FoldSettings = look.settings
    late = float(look.tx.value("operation/fold_lag")) / 60
    is_bad = late >= settings.minutes
    text = f"Numbers are {_shown(late)} minutes late: events wait to be counted"
    return [Reading("", is_bad, late < settings.minutes / 2, text, "/dashboard/settings", late)]


def of_jobs(look: Look) -> list[Reading]:
    readings = []
    for row in look.tx.rows("jobs/list"):
        failed = row["error_at"] is not None and (
            row["started_at"] is None or row["error_at"] >= row["started_at"]
        )
        text = f"The job {row['name']} fails: {row['last_error']}" if failed else ""
        readings.append(Reading(row["name"], failed, not failed, text, "/dashboard/settings"))
    return readings


READERS: dict[str, Callable[[Look], list[Reading]]] = {
    "number": of_number,
    "new_issue": of_new_issues,
    "regressed_issue": of_regressed_issues,
    "issue_spike": of_spikes,
    "no_events": of_silence,
    "release_worse": of_releases,
    "refused": of_refused,
    "disk_full": of_disk,
    "fold_behind": of_fold,
    "job_failing": of_jobs,
}
