"""The numbers that an app has, by name: those that every app has (NUMBERS), and its key numbers. One way
to list them and to read one over some days, for whoever watches numbers without knowing each.

    list_numbers(tx, app)                                # [Number("crash_free_rate", …), …]
    read_number(tx, app, "crash_free_rate", days)        # Reading(99.1, [(date, 98.7), …], "rollups")

A built-in number is an entry of REPORTS, or a column of daily_stats, over the days asked. Numbers that
look back from today whatever the days are (growth, the last 7 days) are left out: ask for those days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from database import Transaction
from stories.catalogue import CRASH, EVENT, App
from stories.reports import answers, by_events, families, key_numbers, summary
from stories.reports.data import ReportData
from stories.reports.filters import NO_FILTER, Filter
from stories.reports.key_numbers import KeyNumber
from stories.reports.periods import Days
from stories.reports.question import Frame, Question, Span
from stories.reports.registry import CRASHLESS, REPORTS, Report, span
from stories.reports.rounding import exact_arithmetic

MOST_DAYS = 366
KEY = "key:"  # and the id of a key number are its name: its own may change
# Frames whose people are read from the events at once: each has two windows at most, of 50.
FRAMES = 24
QUERIED_FRAMES = 10  # of those that have statements of their own

Value = int | float | None


class UnknownNumber(KeyError):
    """The app has no number of this name."""


class NotTold(Exception):
    """A number cannot be told under the filter."""


@dataclass(frozen=True)
class BuiltIn:
    """unit: count, percent, seconds, hours, usd or ratio. better: more or less; None where it depends.
    of_recordings: only apps that record have it."""

    name: str
    title: str
    unit: str
    better: str | None
    report: Report
    of_recordings: bool = False


@dataclass(frozen=True)
class Number:
    """As BuiltIn. is_rolled_up: whether the rollups answer it without a filter. key_number_id: of a key
    number."""

    name: str
    title: str
    unit: str
    better: str | None
    is_rolled_up: bool
    key_number_id: int | None = None


@dataclass(frozen=True)
class Reading:
    """value: over all the days; days: of each of them. None where there is nothing to divide by.
    computed: "rollups" or "events"."""

    value: Value
    days: list[tuple[date, Value]]
    computed: str


def _report(path: str) -> Report:
    return next(report for report in REPORTS if report.path == path)


def _own(key: str, shape: Callable[[ReportData, Frame], Any], **needs: Any) -> Report:
    return Report("numbers", key, shape, **needs)


def _part(name: str) -> Callable[[ReportData, Frame], Any]:
    return lambda data, frame: families.processing_time_seconds(data, frame)[name]


LENGTHS = _report("usage.avg_session_seconds")
NUMBERS: tuple[BuiltIn, ...] = (
    BuiltIn(
        "active_users",
        "People",
        "count",
        "more",
        _own("active_users", summary.active_users, people=((EVENT, span),)),
    ),
    BuiltIn("new_users", "New people", "count", "more", _report("summary.new_users")),
    BuiltIn("events", "Events", "count", "more", _own("events", summary.events, days=(span,))),
    BuiltIn(
        "sessions",
        "Sessions",
        "count",
        "more",
        _own("sessions", families.sessions, queries=("sessions",), blind=LENGTHS.blind),
    ),
    BuiltIn("avg_session_seconds", "Session length", "seconds", None, LENGTHS),
    BuiltIn("crash_count", "Crashes", "count", "less", _report("summary.crash_count")),
    BuiltIn(
        "crashed_users",
        "People with a crash",
        "count",
        "less",
        _own("crashed_users", summary.crashed_users, people=((CRASH, span),), blind=CRASHLESS),
    ),
    BuiltIn(
        "crash_free_rate",
        "Crash-free people",
        "percent",
        "more",
        _report("summary.crash_free_rate"),
    ),
    BuiltIn("crash_rate", "Crashes per person", "ratio", "less", _report("summary.crash_rate")),
    BuiltIn(
        "avg_startup_seconds", "Startup time", "seconds", "less",
        _report("quality.avg_startup_seconds"), of_recordings=True,
    ),
    BuiltIn(
        "recordings", "Recordings", "count", "more", _report("summary.total_recordings"),
        of_recordings=True,
    ),
    BuiltIn(
        "recordings_per_user", "Recordings per person", "ratio", "more",
        _report("usage.recordings_per_user"), of_recordings=True,
    ),
    BuiltIn(
        "transcriptions", "Transcriptions", "count", "more",
        _report("summary.transcription_completed_count"), of_recordings=True,
    ),
    BuiltIn(
        "transcriptions_failed", "Failed transcriptions", "count", "less",
        _report("summary.transcription_failed_count"), of_recordings=True,
    ),
    BuiltIn(
        "success_rate", "Success rate", "percent", "more", _report("summary.success_rate"),
        of_recordings=True,
    ),
    BuiltIn(
        "hours_transcribed", "Hours transcribed", "hours", "more",
        _report("summary.total_hours_transcribed"), of_recordings=True,
    ),
    BuiltIn(
        "processing_time_p50", "Median processing time", "seconds", "less",
        _own("processing_time_p50", _part("p50"), queries=("numbers",)), of_recordings=True,
    ),
    BuiltIn(
        "processing_time_p95", "Processing time, 95 %", "seconds", "less",
        _own("processing_time_p95", _part("p95"), queries=("numbers",)), of_recordings=True,
    ),
    BuiltIn(
        "dictionary_rate", "Dictionary used", "percent", None, _report("adoption.dictionary_rate"),
        of_recordings=True,
    ),
    BuiltIn(
        "retry_rate", "People who retried", "percent", "less", _report("adoption.retry_rate"),
        of_recordings=True,
    ),
    BuiltIn(
        "cost_usd", "Cost", "usd", "less", _report("summary.total_cost_usd"), of_recordings=True
    ),
)  # fmt: skip
BY_NAME = {number.name: number for number in NUMBERS}
# Of key numbers by their measure; those of a property are in the property's own unit.
UNITS = {"events": "count", "people": "count", "share": "percent"}


def transcribes(tx: Transaction, app: App) -> bool:
    """Whether the numbers of recordings and transcriptions are shown: once there are any; of an app
    that takes nothing else, always."""
    takes_others = app.is_open or bool(app.events)
    return not takes_others or bool(tx.value("reports/dashboard_transcribes", app_id=app.app_id))


def list_numbers(tx: Transaction, app: App, today: date) -> list[Number]:
    """The built-in ones that the app has, then its key numbers in their order."""
    records = app.kind == "desktop" and transcribes(tx, app)
    month = Days(app, today - timedelta(days=29), today)
    return [
        Number(each.name, each.title, each.unit, each.better, is_rolled_up=True)
        for each in NUMBERS
        if records or not each.of_recordings
    ] + [
        Number(
            f"{KEY}{asked.number.key_number_id}",
            asked.number.name,
            UNITS.get(asked.number.measure, "number"),
            None,
            asked.is_rolled_up,
            asked.number.key_number_id,
        )
        for asked in key_numbers.questions(tx, app, month, "day", NO_FILTER)
    ]


def needs_events(
    tx: Transaction, app: App, name: str, days: Days, filter: Filter = NO_FILTER
) -> bool:
    """Whether `read_number` has to read the events, which may take long. Raises UnknownNumber."""
    if name not in BY_NAME:
        asked = _key_question(tx, app, name, days, filter)
        return not asked.is_rolled_up
    return _needs_events(tx, BY_NAME[name].report, _question(app, days, filter))


def read_number(
    tx: Transaction, app: App, name: str, days: Days, filter: Filter = NO_FILTER
) -> Reading:
    """days: MOST_DAYS at most. Raises UnknownNumber, or NotTold where it cannot be told under the
    filter."""
    with exact_arithmetic():
        if name not in BY_NAME:
            return _read_key_number(tx, _key_question(tx, app, name, days, filter))
        return _read_built_in(tx, BY_NAME[name].report, _question(app, days, filter))


# Key numbers


def _key_question(
    tx: Transaction, app: App, name: str, days: Days, filter: Filter
) -> key_numbers.Asked:
    number = next((each for each in key_numbers.read(tx, app) if _name(each) == name), None)
    if number is None:
        raise UnknownNumber(name)
    return key_numbers.question_of(tx, app, number, days, "day", filter)


def _name(number: KeyNumber) -> str:
    return f"{KEY}{number.key_number_id}"


def _read_key_number(tx: Transaction, asked: key_numbers.Asked) -> Reading:
    [answer] = key_numbers.answered(tx, [asked])
    rows = [(date.fromisoformat(row["date"]), row["amount"]) for row in answer["days"]]
    return Reading(answer["amount"], rows, answer["computed"])


# Built-in ones


def _question(app: App, days: Days, filter: Filter) -> Question:
    return Question(
        app=app,
        app_id=app.app_id,
        timezone=app.timezone,
        today=days.last,
        sections=(),
        period=None,
        first=days.first,
        last=days.last,
        filter=filter,
    )


def _needs_events(tx: Transaction, report: Report, question: Question) -> bool:
    """Also where the rollups have the filter's value, but not this number of it."""
    if question.filter.dimension is None or not report.honours(question.filter):
        return True
    return not answers.are_counted(tx, question, _whole(question), None)


def _whole(question: Question) -> Frame:
    assert question.first is not None
    return Frame(Span(question.first, question.until), question.until)


def _read_built_in(tx: Transaction, report: Report, question: Question) -> Reading:
    whole = _whole(question)
    frames = [whole, *(Frame(Span(day, day), day) for day in whole.span)]
    from_events = _needs_events(tx, report, question)
    if not report.honours(question.filter, from_events):
        raise NotTold(report.path)
    [told] = answers.coverage(tx, [question])
    values: list[Value] = []
    for some in _together(frames, report, from_events):
        read = [_wanted(report, question, told, each, from_events) for each in some]
        if from_events:
            by_events.read(tx, read)
        else:
            answers.read(tx, read)
        values += [
            report.shape(wanted.data, frame)
            for wanted, each in zip(read, some, strict=True)
            for frame in each
        ]
    first, *rest = values
    return Reading(
        first, list(zip(whole.span, rest, strict=True)), "events" if from_events else "rollups"
    )


def _together(
    frames: list[Frame], report: Report, from_events: bool
) -> Iterator[list[list[Frame]]]:
    """Frames that are read at once: those of a list share what is read. A report with statements of its
    own has them run of each frame."""
    if report.queries:
        for several in _batches(frames, QUERIED_FRAMES):
            yield [[frame] for frame in several]
    elif from_events:
        for several in _batches(frames, FRAMES):
            yield [several]
    else:
        yield [frames]


def _batches(frames: list[Frame], size: int) -> Iterator[list[Frame]]:
    for start in range(0, len(frames), size):
        yield frames[start : start + size]


def _wanted(
    report: Report, question: Question, told: Any, frames: list[Frame], from_events: bool
) -> by_events.Wanted:
    data = ReportData(question, "none" if from_events else question.dim, told)
    windows = {(kind, window(frame)) for frame in frames for kind, window in report.people}
    arrivals = {window(frame) for frame in frames for window in report.arrivals}
    sums = {window(frame) for frame in frames for window in report.days}
    return by_events.Wanted(
        data, frames[0], list(windows), list(arrivals), list(sums), list(report.queries)
    )
