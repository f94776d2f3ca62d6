"""Answers of /stats: each is computed in one read-only snapshot with a handful of statements, and kept
until the next fold changes something. The rollups answer where they can, else the events."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from database import Database, Row, Transaction
from stories.catalogue import CRASH, EVENT
from stories.reports import by_events
from stories.reports.data import ReportData, RunningSums
from stories.reports.histogram import added_up
from stories.reports.queries import ARE_COUNTED, ARRIVALS, DAYS, PEOPLE, QUERIES, STATE
from stories.reports.question import Frame, Question, buckets
from stories.reports.registry import Report, reports_for, unfiltered
from stories.reports.rounding import exact_arithmetic

Answer = dict[str, Any]

KEPT = 200  # answers a worker keeps: about 30 KB each for 90 days, so a few MB
KEPT_BUCKETS = 400  # longer ones are not kept: ten years by day are three megabytes
READ_SECONDS = 30.0
LOOKS_BACK = 30  # days: people of the last month, and from today of the one before


class Answers:
    """The answers of one worker. Each is right for one generation of the fold; asking again costs
    the statement that reads it. The dictionaries are shared: do not change them."""

    def __init__(
        self,
        database: Database,
        kept: int = KEPT,
        asking: Callable[[], AbstractContextManager[Transaction]] | None = None,
    ) -> None:
        """asking: the snapshots in which events are read."""
        self._database = database
        self._kept = kept
        self._asking = asking or self._snapshot
        self._answers: OrderedDict[Question, tuple[int, Answer]] = OrderedDict()
        self._guard = threading.Lock()

    def to(self, question: Question) -> Answer:
        """{period, from, to, timezone, group_by, covers_from, unfiltered, computed: "rollups" or
        "events", samples} and each section of the question (with summary: `previous`, and `compared`,
        its days or None). Raises database.Unavailable, and what `asking` does."""
        return self.together([question])[0]

    def together(self, questions: list[Question]) -> list[Answer]:
        """As `to`, of several questions about one app under one filter, which share what is read."""
        answers = self._still(questions)
        missing = [question for question in dict.fromkeys(questions) if question not in answers]
        computed: dict[Question, tuple[int, Answer]] = {}
        if missing and missing[0].filter.dimension is not None:
            with self._snapshot() as tx, exact_arithmetic():
                rolled = zip(missing, compute_from_rollups(tx, missing), strict=True)
                computed = {question: each for question, each in rolled if each}
        rest = [question for question in missing if question not in computed]
        if rest:
            with self._asking() as tx, exact_arithmetic():
                computed |= zip(rest, compute_from_events(tx, rest), strict=True)
        for question, (generation, answer) in computed.items():
            self._keep(question, generation, answer)
            answers[question] = answer
        return [answers[question] for question in questions]

    def _still(self, questions: list[Question]) -> dict[Question, Answer]:
        """The kept answers, unless a fold has changed something since."""
        kept = {question: it for question in questions if (it := self._recall(question))}
        generation = self._generation() if kept else 0
        return {question: it[1] for question, it in kept.items() if it[0] == generation}

    def _snapshot(self) -> AbstractContextManager[Transaction]:
        return self._database.transaction(READ_SECONDS, isolation="REPEATABLE READ", read_only=True)

    def _generation(self) -> int:
        with self._database.transaction(READ_SECONDS, autocommit=True) as tx:
            return int(tx.value("reports/generation"))

    def _recall(self, question: Question) -> tuple[int, Answer] | None:
        with self._guard:
            kept = self._answers.get(question)
            if kept:
                self._answers.move_to_end(question)
            return kept

    def _keep(self, question: Question, generation: int, answer: Answer) -> None:
        if len(answer.get("daily_stats", ())) > KEPT_BUCKETS:
            return
        with self._guard:
            self._answers[question] = (generation, answer)
            self._answers.move_to_end(question)
            while len(self._answers) > self._kept:
                self._answers.popitem(last=False)


@dataclass(frozen=True)
class _Plan:
    """What is read for an answer and told in it. frame: of the question; before: what that is compared
    with, None for nothing."""

    data: ReportData
    reports: list[Report]
    frame: Frame
    before: Frame | None
    from_events: bool = False

    @property
    def wanted(self) -> by_events.Wanted:
        """What these reports need, each once."""
        needs = [(report, self.frame) for report in self.reports if report.section != "daily_stats"]
        if self.before:
            needs += [(each, self.before) for each in self.reports if each.section == "summary"]
        windows = {(kind, window(at)) for report, at in needs for kind, window in report.people}
        arrivals = {window(at) for report, at in needs for window in report.arrivals}
        needs += [(each, self.frame) for each in self.reports if each.section == "daily_stats"]
        sums = {window(at) for report, at in needs for window in report.days}
        queries = {name: None for report in self.reports for name in report.queries}
        return by_events.Wanted(
            self.data, self.frame, list(windows), list(arrivals), list(sums), list(queries)
        )


def compute(
    tx: Transaction, question: Question, from_events: bool = False
) -> tuple[int, Answer] | None:
    """The fold's generation that `tx` sees, and the answer as of it; None if the rollups cannot tell
    the filter's value apart on every day."""
    if from_events:
        return compute_from_events(tx, [question])[0]
    return compute_from_rollups(tx, [question])[0]


def compute_from_rollups(
    tx: Transaction, questions: list[Question]
) -> list[tuple[int, Answer] | None]:
    """As `compute`, of questions about one app under one filter, which share what is read."""
    plans = _plans(tx, questions)
    counted = [are_counted(tx, plan.data.question, plan.frame, plan.before) for plan in plans]
    read(tx, [plan.wanted for plan, can in zip(plans, counted, strict=True) if can])
    return [_answered(plan) if can else None for plan, can in zip(plans, counted, strict=True)]


def compute_from_events(tx: Transaction, questions: list[Question]) -> list[tuple[int, Answer]]:
    """As `compute`, of questions about one app under one filter: their events are read once."""
    plans = _plans(tx, questions, from_events=True)
    by_events.read(tx, [plan.wanted for plan in plans])
    return [_answered(plan) for plan in plans]


def _plans(tx: Transaction, questions: list[Question], from_events: bool = False) -> list[_Plan]:
    told = zip(questions, coverage(tx, questions), strict=True)
    return [_plan(question, state, from_events) for question, state in told]


def _plan(question: Question, state: Row, from_events: bool) -> _Plan:
    frame = question.frame(state["first_day"])
    before = question.previous(frame) if "summary" in question.sections else None
    reports = [
        report
        for report in reports_for(question.sections, question.filter, from_events)
        if not question.only or report.path in question.only or report.section in question.only
    ]
    data = ReportData(question, "none" if from_events else question.dim, state)
    return _Plan(data, reports, frame, before, from_events)


def coverage(tx: Transaction, questions: list[Question]) -> list[Row]:
    """The row of reports/stats_coverage of each, about one app under one filter."""
    return tx.rows(
        STATE,
        app_id=questions[0].app_id,
        dim=questions[0].dim,
        value=questions[0].value,
        sinces=[question.since for question in questions],
        lasts=[question.until for question in questions],
    )


def _answered(plan: _Plan) -> tuple[int, Answer]:
    data, reports, frame, before = plan.data, plan.reports, plan.frame, plan.before
    question, from_events = data.question, plan.from_events
    answer: Answer = {
        "period": question.period,
        "from": frame.span.first.isoformat(),
        "to": frame.span.last.isoformat(),
        "timezone": question.timezone,
        "group_by": question.group_by,
        "covers_from": _covers_from(data.told["last_sealed"]),
        "unfiltered": unfiltered(question.sections, question.filter, from_events),
        "computed": "events" if from_events else "rollups",
    }
    if "summary" in question.sections:
        answer["compared"] = before and before.span.dates
    for report in reports:
        _place(answer, report, data, frame)
    if "daily_stats" in question.sections:
        answer["daily_stats"] = _daily_stats(reports, data, frame)
    if before:
        answer["previous"] = {
            report.key: report.shape(data, before)
            for report in reports
            if report.section == "summary"
        }
    answer["samples"] = {
        report.path: report.sample(data, frame) for report in reports if report.sample
    }
    return int(data.told["generation"]), answer


def _place(answer: Answer, report: Report, data: ReportData, frame: Frame) -> None:
    if report.section == "daily_stats":
        return
    value = report.shape(data, frame)
    if report.key:
        answer.setdefault(report.section, {})[report.key] = value
    else:
        answer[report.section] = value


def _daily_stats(reports: list[Report], data: ReportData, frame: Frame) -> list[Answer]:
    columns = [(report.key, report.shape) for report in reports if report.section == "daily_stats"]
    rows = []
    for first, days in buckets(frame.span, data.question.group_by):
        part = Frame(days, frame.as_of)
        row: Answer = {"date": first.isoformat()}
        for key, shape in columns:
            row[key] = shape(data, part)
        rows.append(row)
    return rows


def _covers_from(last_sealed: date | None) -> str | None:
    """The first day after the last one of the range that has lost people to expiry or erasure; that
    may be the day after the range."""
    return (last_sealed + timedelta(days=1)).isoformat() if last_sealed else None


def are_counted(tx: Transaction, question: Question, frame: Frame, before: Frame | None) -> bool:
    """Of all days that the question may look at: also a month before those that it names."""
    if question.dim == "none":
        return True
    spans = [frame.span, before.span] if before else [frame.span]
    return bool(
        tx.value(
            ARE_COUNTED,
            app_id=question.app_id,
            dim=question.dim,
            value=question.value,
            first=min(
                *(span.first - timedelta(days=LOOKS_BACK) for span in spans),
                question.today - timedelta(days=2 * LOOKS_BACK),
            ),
            last=max(*(span.last for span in spans), question.today),
        )
    )


def read(tx: Transaction, answers: list[by_events.Wanted]) -> None:
    """Fills the `data` of each from the rollups, of one app under one filter. People, arrivals and sums
    are read at once for all of them: days between two ranges cost less than a statement more."""
    _read_people(tx, answers)
    _read_arrivals(tx, answers)
    _read_sums(tx, answers)
    for wanted in answers:
        data = wanted.data
        for name in wanted.queries:
            query = QUERIES[name]
            parameters = query.parameters(data.question, wanted.frame, data.told)
            data.rows[name] = tx.rows(query.file(data.question), **parameters)
        for row in data.rows.get("numbers", ()):
            row["histogram"] = added_up(row.pop("histograms"))
        if "buckets" in data.rows:
            data.add_buckets(wanted.span, data.rows["buckets"], EVENT, CRASH)


def _read_people(tx: Transaction, answers: list[by_events.Wanted]) -> None:
    windows = list(dict.fromkeys(window for wanted in answers for window in wanted.windows))
    if not windows:
        return
    data = answers[0].data
    rows = tx.rows(
        PEOPLE,
        app_id=data.question.app_id,
        facet=data.told["facet"],
        kinds=[kind for kind, _ in windows],
        firsts=[span.first for _, span in windows],
        lasts=[span.last for _, span in windows],
    )
    for wanted in answers:
        for (kind, span), row in zip(windows, rows, strict=True):
            wanted.data.add_people(kind, span, row["people"])


def _read_arrivals(tx: Transaction, answers: list[by_events.Wanted]) -> None:
    spans = list(dict.fromkeys(span for wanted in answers for span in wanted.arrivals))
    if not spans:
        return
    data = answers[0].data
    rows = tx.rows(
        ARRIVALS,
        app_id=data.question.app_id,
        facet=data.told["facet"],
        firsts=[span.first for span in spans],
        lasts=[span.last for span in spans],
    )
    for wanted in answers:
        for span, row in zip(spans, rows, strict=True):
            wanted.data.add_arrivals(span, row["people"])


def _read_sums(tx: Transaction, answers: list[by_events.Wanted]) -> None:
    spans = [span for wanted in answers for span in wanted.sums]
    if not spans:
        return
    question = answers[0].data.question
    rows = tx.rows(
        DAYS,
        app_id=question.app_id,
        dim=question.dim,
        value=question.value,
        days_first=min(span.first for span in spans),
        days_last=max(span.last for span in spans),
    )
    sums = RunningSums(rows)
    for wanted in answers:
        wanted.data.sums = sums
