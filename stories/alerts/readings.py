"""How each kind of rule sees what it watches, from the rollups. What is not known yet is no reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from database import Row, Transaction
from models import Refusal
from stories.alerts import storage
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
NEWEST_RELEASES = 5
NEWS_DAYS = 14  # that an issue is new, or back
LEAST_GROWTH_DAYS = 3  # of sizes that are known; fewer tell nothing
NEVER = 9999  # days until a disk that does not fill up is full
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
    _check_number(look, settings.number, days, filter)
    if settings.least and (_value(look, "active_users", days, filter) or 0) < settings.least:
        return []
    value = _value(look, settings.number, days, filter)
    if value is None:
        return []
    is_above = settings.comparison == "above"
    clear = settings.threshold if settings.clear is None else settings.clear
    is_bad = value > settings.threshold if is_above else value < settings.threshold
    is_clear = value <= clear if is_above else value >= clear
    if not (is_bad or look.firing):
        return [Reading("", False, is_clear, "", "", value)]
    listed = numbers.list_numbers(look.tx, look.own_app, last)
    number = next(each for each in listed if each.name == settings.number)
    usual = _usual(look, settings.number, days, filter)
    unit = UNITS.get(number.unit, "")
    says = f"{number.title} {_in_words(settings.window)}: {_shown(value)}{unit}"
    bound = f"{'above' if is_above else 'below'} {_shown(settings.threshold)}{unit}"
    normally = "" if usual is None else f"; usually {_shown(usual)}{unit}"
    chosen = {"segment": settings.segment_id} if settings.segment_id else {}
    link = look.page("", **{"from": days.first, "to": days.last}, **chosen)
    text = f"{says}, {bound if is_bad else 'no longer ' + bound}{normally}"
    return [Reading("", is_bad, is_clear, text, link, value, usual)]


def _check_number(look: Look, name: str, days: Days, filter: Filter) -> None:
    """Raises Refusal where the number is gone, or no longer answered by the rollups."""
    try:
        if numbers.needs_events(look.tx, look.own_app, name, days, filter):
            raise Refusal("needs_segment", f"{name} is no longer counted ahead: save a segment")
    except numbers.UnknownNumber:
        raise Refusal("unknown_number", f"the app has no number {name} any more") from None


def _value(look: Look, name: str, days: Days, filter: Filter) -> float | None:
    try:
        value = numbers.read_number(look.tx, look.own_app, name, days, filter).value
    except numbers.NotTold:
        raise Refusal("not_told", f"{name} cannot be told of a segment") from None
    return None if value is None else float(value)


def _usual(look: Look, name: str, days: Days, filter: Filter) -> float | None:
    """The mean of the same weekdays of the last four weeks, of a month that of the one before."""
    length = (days.last - days.first).days + 1
    shifts = [length] if length > 7 else [7 * n for n in range(1, WEEKS + 1)]
    before = [
        Days(look.own_app, days.first - timedelta(days=n), days.last - timedelta(days=n))
        for n in shifts
    ]
    values = [_value(look, name, each, filter) for each in before]
    counted = [value for value in values if value is not None]
    return sum(counted) / len(counted) if counted else None


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


def _people(n: int) -> str:
    return "1 person" if n == 1 else f"{n:,} people"


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.4g}"


def of_new_issues(look: Look) -> list[Reading]:
    return _of_issues(look, "new", "New issue")


def of_regressed_issues(look: Look) -> list[Reading]:
    return _of_issues(look, "regressed", "Back after it was resolved")


def _of_issues(look: Look, because: str, says: str) -> list[Reading]:
    """An issue fires when it is met by enough people, and is over when it is no longer open for this
    reason, or no news."""
    settings: IssueSettings = look.settings
    rows = look.tx.rows(
        "alerts/issues",
        app_id=look.own_app.app_id,
        because=because,
        since=max(look.rule["created_at"], look.now - timedelta(days=NEWS_DAYS)),
        people=settings.people,
        firing=sorted(look.firing),
        limit=MOST,
    )
    readings = [
        Reading(
            str(row["issue_id"]),
            True,
            False,
            f"{says}: {row['title']}{_place(row)}, {_people(row['people'])}",
            look.page("/issue", id=issue_name(look.own_app, row["number"])),
            float(row["n"]),
        )
        for row in rows
    ]
    if len(rows) == MOST:
        return readings  # of the others nothing is known now
    open_now = {each.subject for each in readings}
    return readings + [_over(each) for each in sorted(look.firing - open_now)]


def _over(subject: str) -> Reading:
    return Reading(subject, False, True, "", "")


def _place(row: Row) -> str:
    version = f" in {row['first_version']}" if row["first_version"] else ""
    return f" ({row['culprit']}){version}" if row["culprit"] else version


def of_spikes(look: Look) -> list[Reading]:
    """An issue's crashes that arrived in this hour, beside the same hour of the days before. It is over
    when neither this hour nor the whole one before is bad: each hour begins with no crash at all."""
    hour = look.now.replace(minute=0, second=0, microsecond=0)
    now, before = _spikes(look, hour), _spikes(look, hour - timedelta(hours=1))
    still_bad = {each.subject for each in before if each.is_bad}
    readings = [
        replace(each, is_clear=each.is_clear and each.subject not in still_bad) for each in now
    ]
    seen = {each.subject for each in readings}
    return readings + [_over(each) for each in sorted(look.firing - seen - still_bad)]


def _spikes(look: Look, hour: datetime) -> list[Reading]:
    settings: SpikeSettings = look.settings
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
        usual = row["before"] / max(1, min(row["days"], USUAL_DAYS))
        is_bad = row["n"] >= settings.times * max(usual, 1)
        text = (
            f"{row['n']:,} crashes in an hour, usually {_shown(usual)}: {row['title']}{_place(row)}"
        )
        link = look.page("/issue", id=issue_name(look.own_app, row["number"]))
        readings.append(
            Reading(str(row["issue_id"]), is_bad, not is_bad, text, link, float(row["n"]), usual)
        )
    return readings


def of_silence(look: Look) -> list[Reading]:
    """No events for some hours, where the same hours of the last weeks had some. An app of which less is
    held is never unusually silent."""
    settings: SilenceSettings = look.settings
    is_silent = not _has_events(look, settings.hours, 0)
    if not (is_silent or look.firing):
        return [Reading("", False, True, "", "")]
    usual = sum(_has_events(look, settings.hours, weeks) for weeks in range(1, WEEKS + 1))
    text = (
        f"No events for {settings.hours} hours; at this hour there were some in {usual} of the last "
        f"{WEEKS} weeks"
        if is_silent
        else "Events come again"
    )
    is_bad = is_silent and usual >= WEEKS - 1
    return [Reading("", is_bad, not is_silent, text, look.page("/events"))]


def _has_events(look: Look, hours: int, weeks_ago: int) -> bool:
    end = look.now - timedelta(weeks=weeks_ago)
    return bool(
        look.tx.value(
            "alerts/has_events",
            app_id=look.own_app.app_id,
            start=end - timedelta(hours=hours),
            end=end,
        )
    )


def of_releases(look: Look) -> list[Reading]:
    """The newest releases that were compared with the one before each. What is worse is over when it
    crashes for no more people than the one before, or is no longer among the newest."""
    days = Days.latest(look.own_app, RELEASE_DAYS, look.now)
    readings = []
    for row in releases.list_releases(look.tx, days)[:NEWEST_RELEASES]:
        compared = row["comparison"]
        if compared is None:
            continue
        share, before = compared["crash_free_people"], compared["crash_free_people_before"]
        text = (
            f"{row['version']} crashes for more people than {row['compared_to']}: crash-free "
            f"{share} % beside {before} %"
        )
        link = look.page("/release", version=row["version"])
        is_bad = row["verdict"] == "worse"
        is_clear = not is_bad and (share is None or before is None or share >= before)
        readings.append(Reading(row["version"], is_bad, is_clear, text, link, share, before))
    seen = {each.subject for each in readings}
    return readings + [_over(each) for each in sorted(look.firing - seen)]


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
    is_clear = share < settings.percent * 0.9
    return [Reading("", is_bad, is_clear, text, "/dashboard/settings", share)]


def of_disk(look: Look) -> list[Reading]:
    """From what the database grew by in the last days; its own disk is seen only where it is ours."""
    settings: DiskSettings = look.settings
    told = storage.forecast(look.tx, look.config, look.now.date())
    if told is None or told["free"] is None or told["days"] < LEAST_GROWTH_DAYS:
        return []
    left = NEVER if told["days_left"] is None else min(told["days_left"], NEVER)
    is_bad = left < settings.days
    is_clear = left >= settings.days * 1.1
    return [Reading("", is_bad, is_clear, storage.in_words(told), "/dashboard/settings", left)]


def of_fold(look: Look) -> list[Reading]:
    settings: FoldSettings = look.settings
    late = float(look.tx.value("operation/fold_lag")) / 60
    is_bad = late >= settings.minutes
    text = (
        f"Numbers are {_shown(round(late))} minutes late: events wait to be counted"
        if is_bad
        else "Numbers are no longer late"
    )
    return [Reading("", is_bad, late < settings.minutes / 2, text, "/dashboard/settings", late)]


def of_jobs(look: Look) -> list[Reading]:
    """How each job's last run ended, that of `alerts` among them: its failure is told by its next run
    that works."""
    readings = []
    for row in look.tx.rows("alerts/failing_jobs"):
        name, failed = row["name"], row["has_failed"]
        text = (
            f"The job {name} fails: {row['last_error'][:300]}"
            if failed
            else f"The job {name} works"
        )
        readings.append(Reading(name, failed, not failed, text, "/dashboard/settings"))
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
