"""From a question to its answer: one read-only snapshot, a handful of statements, kept until the
next fold changes something."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from database import Database, Row, Transaction
from stories.catalogue import CRASH, EVENT
from stories.reports.found import Found
from stories.reports.queries import ARRIVALS, DAYS, FILTERED, PEOPLE, QUERIES, STATE
from stories.reports.question import Frame, Question, Span, buckets
from stories.reports.registry import Report, reports_for, unfiltered
from stories.reports.rounding import exact_arithmetic

Answer = dict[str, Any]

KEPT = 200  # answers a worker keeps: about 30 KB each for 90 days, so a few MB
KEPT_BUCKETS = 400  # longer ones are not kept: ten years by day are three megabytes
READ_SECONDS = 30.0


class Answers:
    """The answers of one worker. Each is right for one generation of the fold; asking again costs
    the statement that reads it. The dictionaries are shared: do not change them."""

    def __init__(self, database: Database, kept: int = KEPT) -> None:
        self._database = database
        self._kept = kept
        self._answers: OrderedDict[Question, tuple[int, Answer]] = OrderedDict()
        self._guard = threading.Lock()

    def to(self, question: Question) -> Answer:
        """{period, from, to, timezone, group_by, covers_from, unfiltered} and each asked section
        (and `previous`, with summary). Raises database.Unavailable."""
        known = self._recall(question)
        if known and known[0] == self._generation():
            return known[1]
        snapshot = self._database.transaction(
            READ_SECONDS, isolation="REPEATABLE READ", read_only=True
        )
        with snapshot as tx, exact_arithmetic():
            generation, answer = compute(tx, question)
        self._keep(question, generation, answer)
        return answer

    def _generation(self) -> int:
        with self._database.transaction(READ_SECONDS, autocommit=True) as tx:
            return int(tx.value("reports/generation"))

    def _recall(self, question: Question) -> tuple[int, Answer] | None:
        with self._guard:
            known = self._answers.get(question)
            if known:
                self._answers.move_to_end(question)
            return known

    def _keep(self, question: Question, generation: int, answer: Answer) -> None:
        if len(answer.get("daily_stats", ())) > KEPT_BUCKETS:
            return
        with self._guard:
            self._answers[question] = (generation, answer)
            self._answers.move_to_end(question)
            while len(self._answers) > self._kept:
                self._answers.popitem(last=False)


def compute(tx: Transaction, question: Question) -> tuple[int, Answer]:
    """The fold's generation that `tx` sees, and the answer as of it."""
    state = tx.row(STATE, app_id=question.app_id, since=question.since, last=question.until)
    assert state is not None  # fold_state always has its row
    frame = question.frame(state["first_day"])
    before = question.previous(frame) if "summary" in question.sections else None
    name = question.filter[0] if question.filter else None
    reports = reports_for(question.sections, name)
    found = _read(tx, question, reports, frame, before)
    answer: Answer = {
        "period": question.period,
        "from": frame.span.first.isoformat(),
        "to": frame.span.last.isoformat(),
        "timezone": question.timezone,
        "group_by": question.group_by,
        "covers_from": _covers_from(state["last_sealed"]),
        "unfiltered": unfiltered(question.sections, name),
    }
    for report in reports:
        _place(answer, report, found, frame)
    if "daily_stats" in question.sections:
        answer["daily_stats"] = _daily_stats(reports, found, frame)
    if before:
        answer["previous"] = {
            report.key: report.shape(found, before)
            for report in reports
            if report.section == "summary"
        }
    return int(state["generation"]), answer


def _place(answer: Answer, report: Report, found: Found, frame: Frame) -> None:
    if report.section == "daily_stats":
        return
    value = report.shape(found, frame)
    if report.key:
        answer.setdefault(report.section, {})[report.key] = value
    else:
        answer[report.section] = value


def _daily_stats(reports: list[Report], found: Found, frame: Frame) -> list[Answer]:
    columns = [(report.key, report.shape) for report in reports if report.section == "daily_stats"]
    rows = []
    for first, days in buckets(frame.span, found.question.group_by):
        part = Frame(days, frame.as_of)
        row: Answer = {"date": first.isoformat()}
        for key, shape in columns:
            row[key] = shape(found, part)
        rows.append(row)
    return rows


def _covers_from(last_sealed: date | None) -> str | None:
    """The first day after the last one of the range that has lost people to expiry or erasure; that
    may be the day after the range."""
    return (last_sealed + timedelta(days=1)).isoformat() if last_sealed else None


def _read(
    tx: Transaction, question: Question, reports: list[Report], frame: Frame, before: Frame | None
) -> Found:
    """Runs what these reports need, each statement once."""
    found = Found(question)
    asked = [(report, frame) for report in reports if report.section != "daily_stats"]
    if before:
        asked += [(report, before) for report in reports if report.section == "summary"]
    windows = {(kind, window(at)) for report, at in asked for kind, window in report.people}
    arrivals = {window(at) for report, at in asked for window in report.arrivals}
    asked += [(report, frame) for report in reports if report.section == "daily_stats"]
    spans = {window(at) for report, at in asked for window in report.days}
    names = dict.fromkeys(name for report in reports for name in report.queries)
    if question.filter:
        _read_filtered(tx, found, frame, list(windows), names)
    else:
        _read_people(tx, found, list(windows))
    _read_arrivals(tx, found, list(arrivals))
    if spans:
        first, last = min(span.first for span in spans), max(span.last for span in spans)
        found.add_days(
            tx.rows(
                DAYS,
                app_id=question.app_id,
                dim=question.dim,
                value=question.value,
                days_first=first,
                days_last=last,
            )
        )
    for name in names:
        if name in found.rows:
            continue
        query = QUERIES[name]
        found.rows[name] = tx.rows(query.file(question), **query.parameters(question, frame))
    if "buckets" in found.rows:
        found.add_buckets(frame.span, found.rows["buckets"], EVENT, CRASH)
    return found


def _read_people(tx: Transaction, found: Found, windows: list[tuple[int, Span]]) -> None:
    if not windows:
        return
    rows = tx.rows(PEOPLE, app_id=found.question.app_id, **_asked(windows))
    _add_people(found, windows, rows)


def _read_filtered(
    tx: Transaction,
    found: Found,
    frame: Frame,
    windows: list[tuple[int, Span]],
    names: Collection[str],
) -> None:
    """The people of these windows and, of these queries, "buckets" and "states"."""
    # People are counted one by one, in memory; "moving" would sort their days on disk.
    tx.set_local(work_mem="32MB")
    parts = {"buckets": "bucket", "states": "state"}
    wanted = {name: name in names for name in parts}
    spans = [span for _, span in windows] + ([frame.span] if any(wanted.values()) else [])
    if not spans:
        return
    rows = tx.rows(
        FILTERED.file(found.question),
        **FILTERED.parameters(found.question, frame),
        **_asked(windows),
        **wanted,
        earliest=min(span.first for span in spans),
        latest=max(span.last for span in spans),
    )
    _add_people(found, windows, [row for row in rows if row["found"] == "window"])
    for name, part in parts.items():
        if wanted[name]:
            found.rows[name] = [row for row in rows if row["found"] == part]


def _asked(windows: list[tuple[int, Span]]) -> dict[str, Any]:
    return {
        "kinds": [kind for kind, _ in windows],
        "firsts": [span.first for _, span in windows],
        "lasts": [span.last for _, span in windows],
    }


def _add_people(found: Found, windows: list[tuple[int, Span]], rows: list[Row]) -> None:
    for (kind, span), row in zip(windows, rows, strict=True):
        found.add_people(kind, span, row["people"])


def _read_arrivals(tx: Transaction, found: Found, spans: list[Span]) -> None:
    if not spans:
        return
    rows = tx.rows(
        ARRIVALS,
        app_id=found.question.app_id,
        firsts=[span.first for span in spans],
        lasts=[span.last for span in spans],
    )
    for span, row in zip(spans, rows, strict=True):
        found.add_arrivals(span, row["people"])
