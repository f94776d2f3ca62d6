"""What the dashboard shows beside METRICS.md's numbers, and what those were a period earlier.

PAGES has a function a page; each runs in the snapshot it is given. Rollups only, but for the lists
of images and conversions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from database import Row, Transaction
from stories.catalogue import App
from stories.reports import bot as bots
from stories.reports import generations as generators
from stories.reports import website as websites
from stories.reports.answers import Answer, Answers
from stories.reports.counts import Counts, counts_of
from stories.reports.filters import NO_FILTER, Filter
from stories.reports.histogram import bucket_of, buckets_of, middle
from stories.reports.periods import Days
from stories.reports.question import Question, Span
from stories.reports.rounding import Ranking, percentage, ranking, rounded
from stories.reports.versions import most_used

MOST_IMAGES = 24
MOST_PEOPLE = 8
MOST_VERSIONS = 200
PATHS = ("pageview", "path")
TIMES = ("generation", "processing_time")
ROLLING_DAYS = 30
# Numbers that look back from today whatever the period is -> how many days earlier they are shown
# against: one window, so that the two do not overlap.
LOOKING_BACK = {
    "summary.active_users_7d": 7,
    "summary.active_users_30d": 30,
    "growth.new_users_7d": 7,
    "growth.new_users_30d": 30,
    "growth.growth_rate_wow": 7,
    "growth.churn_rate_30d": 30,
    "costs.cost_7d": 7,
    "costs.cost_30d": 30,
    "costs.cost_per_user_30d": 30,
    "costs.engagement": 7,
}
# What the days of people say of a filter's dimension.
OF_PEOPLE = ("version", "platform", "country")
# What else of an answer is shown against the period before: no lists, which cost what they cost again.
COMPARED = (
    "daily_stats",
    "usage.recordings_per_user",
    "usage.avg_session_seconds",
    "adoption.auto_paste_rate",
    "adoption.dictionary_rate",
    "adoption.retry_rate",
    "quality.success_rate",
    "quality.processing_time_seconds",
    "quality.avg_startup_seconds",
    "stability.crash_free_rate",
    "stability.crash_rate",
    "stability.crash_free_sessions",
    "stability.sessions",
    "stability.errored_sessions",
    "stability.time_to_first_crash",
    "costs.total_cost_usd",
)


def with_before(answers: Answers, question: Question) -> tuple[Answer, Answer]:
    """(the answer, {from, to, daily_stats, and what COMPARED names of the question's families} of the
    days that it is compared with, if there are any). In the second also each number that looks back
    from today, as it was one window earlier."""
    compared_with, back = _whole_before(question), _back_questions(question)
    churned = _question_of_churned(question)
    asked = [question, *(each for each in (compared_with, churned, *back.values()) if each)]
    told = dict(zip(asked, answers.together(asked), strict=True))
    earlier: Answer = {}
    if compared_with:
        whole = told[compared_with]
        names = ("from", "to", *compared_with.sections)
        earlier = {name: whole[name] for name in names if name in whole}
    for back_question in back.values():
        for path in back_question.only:
            section, key = path.split(".")
            then = told[back_question].get(section, {}).get(key)
            earlier[section] = {**earlier.get(section, {}), key: then}
    if "growth" in question.sections:
        earlier["growth"] |= {
            "churned_30d": churned and _churned_before(told[churned]["previous"]),
            "retention_7d": None,  # nobody's last day is kept as it was then
            "retention_30d": None,
        }
    return told[question], earlier


def _whole_before(question: Question) -> Question | None:
    span = compared(question)
    if span is None:
        return None
    of = [path for path in COMPARED if path.split(".")[0] in question.sections]
    return replace(
        question,
        sections=tuple(dict.fromkeys(path.split(".")[0] for path in of)),
        only=tuple(of),
        period=None,
        first=span.first,
        last=span.last,
        compare="none",
        against=None,
    )


def _back_questions(question: Question) -> dict[int, Question]:
    """So many days earlier -> the question for the numbers that are shown as they were then."""
    questions = {}
    for days in sorted(set(LOOKING_BACK.values())):
        paths = [
            path
            for path, back in LOOKING_BACK.items()
            if back == days and path.split(".")[0] in question.sections
        ]
        if paths:
            questions[days] = replace(
                question,
                sections=tuple(dict.fromkeys(path.split(".")[0] for path in paths)),
                only=tuple(paths),
                period="7d",
                first=None,
                last=None,
                today=question.today - timedelta(days=days),
                compare="none",
                against=None,
            )
    return questions


def compared(question: Question) -> Span | None:
    """The days that an answer to the question is compared with."""
    frame = question.previous(question.frame(None))
    return frame.span if frame else None


def _question_of_churned(question: Question) -> Question | None:
    """Whose `previous` says who had not been seen in the 30 days before the last 30: lifetimes knows
    them as they are now only."""
    if question.filter or "growth" not in question.sections:
        return None
    return replace(
        question,
        sections=("summary",),
        only=("summary.total_users", "summary.active_users_30d"),
        period="30d",
        first=None,
        last=None,
        compare="previous",
        against=None,
    )


def _churned_before(then: Answer) -> int:
    return int(then["total_users"] - then["active_users_30d"])


@dataclass(frozen=True)
class PageQuestion:
    """What a page of an app is about. days: of the period; before: those it is compared with, None
    for none."""

    app: App
    now: datetime
    days: Days
    before: Days | None
    filter: Filter = NO_FILTER


def overview(tx: Transaction, question: PageQuestion) -> Answer:
    """{"versions", "platforms", "countries": rankings} of the people active in the range, and "rolling"
    as rolling() has it."""
    dim, value = question.filter.dimension or ("", None)
    if dim == "none":
        is_past = question.days.last < Days.latest(question.app, 1, question.now).last
        rows = tx.rows(
            f"reports/dashboard_labels_{'past' if is_past else 'now'}", **question.days.days
        )
    elif dim in OF_PEOPLE:
        filters = {name: value if name == dim else None for name in OF_PEOPLE}
        rows = tx.rows("reports/dashboard_labels_of_people", **question.days.days, **filters)
    elif dim:
        rows = tx.rows(
            "reports/dashboard_labels_of_facet", **question.days.days, dim=dim, value=value
        )
    else:
        rows = tx.rows(
            "reports/facts_labels_of_people",
            **question.days.moments,
            matches=question.filter.of_events(),
        )
    return {
        "versions": _ranking(rows, "version", "people"),
        "platforms": _ranking(rows, "platform", "people"),
        "countries": _ranking(rows, "country", "people"),
        "rolling": rolling(tx, question),
    }


def rolling(tx: Transaction, question: PageQuestion) -> list[Answer]:
    """[{day, wau, mau}] of the 30 days up to today, whatever the period is: what stands behind the
    people active in the last 7 and 30 days. Empty under a filter."""
    if question.filter:
        return []
    last = Days.latest(question.app, ROLLING_DAYS, question.now)
    rows = tx.rows("reports/stats_rolling_people", **last.days, facet=0)
    return [{"day": row["day"], "wau": int(row["wau"]), "mau": int(row["mau"])} for row in rows]


def stability(tx: Transaction, question: PageQuestion) -> Answer:
    """{"versions": [{version, people, crashed, rate}] or None}, most people first: people with an event
    or a crash of it, those with a crash of it, and their share in percent; who used two versions is in
    both. None under a filter by anything but a version: a person's day does not tell them together."""
    dim, value = question.filter.dimension or ("", "")
    if dim not in ("none", "version"):
        return {"versions": None}
    rows = most_used(tx, question.days, MOST_VERSIONS)
    return {
        "versions": [
            {**row, "rate": percentage(row["crashed"], row["people"])}
            for row in sorted(rows, key=lambda row: (-row["people"], row["version"]))
            if value in ("", row["version"])
        ]
    }


def website(tx: Transaction, question: PageQuestion) -> Answer:
    """{"now": as GET /api/metrics, "before": its metrics or None, "paths", "devices", "browsers":
    rankings}; under a filter also {"visits": as there, "visits_before": their numbers or None}."""
    days, before, filter = question.days, question.before, question.filter
    counts = counts_of(tx, filter, [days, *([before] if before else [])], [PATHS])
    visits = websites.Visits(tx, days, before, filter) if filter else None
    kinds = websites.session_kinds(tx, days) if visits is None else visits.kinds()
    paths = counts.labels(days, *PATHS)
    lists = {
        "now": websites.summary(tx, counts, days, filter, kinds),
        "before": before and {"metrics": websites.metrics(counts, before)["metrics"]},
        "paths": ranking([{"key": key, "count": count} for key, count in paths.items()]),
        "devices": _ranking(kinds, "device"),
        "browsers": _ranking(kinds, "browser"),
    }
    if visits:
        lists["visits"] = visits.shape()
        lists["visits_before"] = before and visits.numbers(before=True)
    return lists


def generator(tx: Transaction, question: PageQuestion) -> Answer:
    """{"now": {today, total, last_7_days, range}, "before": {today, total, range}, "made": [{day,
    "true", "false"}], "events": [{day, event: count…}], "times": [{day, n, avg}]}."""
    app, days, windows = question.app, question.days, generators.windows(question.app, question.now)
    past = Days.until(app, question.before.last) if question.before else None
    shown = [each for each in (days, question.before, past) if each]
    counts = counts_of(tx, question.filter, [*windows, *shown], [generators.SUCCESS, TIMES])
    spec = generators.analytics_of(counts, app, question.now)
    earlier: Answer = {"today": spec["last_7_days"][-2]}
    if question.before and past:
        earlier["total"] = generators.total(counts, past)
        earlier["range"] = _generated(counts, question.before)
    times = counts.number_days(days, *TIMES)
    return {
        "now": {**spec, "range": _generated(counts, days)},
        "before": earlier,
        "made": _pivot(counts.label_days(days, *generators.SUCCESS), "key", question),
        "events": _pivot(counts.event_days(days), "event", question),
        "times": [
            {"day": row["day"], "n": row["n"], "avg": float(row["total"] / row["n"])}
            for row in times
        ],
    }


def _generated(counts: Counts, days: Days) -> Answer:
    """{success_rate, avg, p50, p95}: percent and seconds."""
    made = counts.labels(days, *generators.SUCCESS)
    good, bad = made.get("true", 0), made.get("false", 0)
    rows = counts.number_days(days, *TIMES)
    histogram: dict[int, int] = defaultdict(int)
    for row in rows:
        for bucket, count in buckets_of(row["histogram"]):
            histogram[bucket] += count
    n, total = sum(row["n"] for row in rows), sum((row["total"] for row in rows), Decimal(0))
    return {
        "success_rate": percentage(good, good + bad),
        "avg": float(total / n) if n else None,
        "p50": _percentile(histogram, 50),
        "p95": _percentile(histogram, 95),
    }


def bot(tx: Transaction, question: PageQuestion) -> Answer:
    """{"now": as GET /api/analytics/stats, "before": its numbers, "events": [{day, event: count…}],
    "rolling" as rolling() has it, "people" under a filter as bots.latest_matching has them, "images":
    [{image_id, timestamp, state, image_url, reason, client_id}], latest first; times are datetimes."""
    app, filter = question.app, question.filter
    today = Days.latest(app, 1, question.now).last
    earlier_windows = []
    for n in bots.SPANS:
        last = today - timedelta(days=n)
        earlier_windows.append(Days(app, last - timedelta(days=n - 1), last))
    if question.before:
        earlier_windows.append(Days.until(app, question.before.last))
    windows = [*bots.windows(app, question.now), question.days, *earlier_windows]
    counts = counts_of(tx, filter, windows, [bots.PERSONA])
    stats = bots.stats_of(counts, app, question.now)
    people = bots.people(counts, *earlier_windows)
    earlier: Answer = dict(
        zip(
            ("active_users_1d", "active_users_7d", "active_users_30d", "users"),
            people,
            strict=False,
        )
    )
    if question.before:
        earlier |= bots.said_and_drawn(counts, earlier_windows[-1])
    return {
        "now": stats,
        "before": earlier,
        "events": _pivot(counts.event_days(question.days), "event", question),
        "rolling": rolling(tx, question),
        "people": bots.latest_matching(tx, app, filter, MOST_PEOPLE) if filter else None,
        "images": tx.rows(
            "reports/dashboard_images",
            app_id=app.app_id,
            limit=MOST_IMAGES,
            narrowed=bool(filter),
            matches=filter.of_events(),
        ),
    }


PAGES: dict[str, Callable[[Transaction, PageQuestion], Answer]] = {
    "overview": overview,
    "stability": stability,
    "website": website,
    "generations": generator,
    "bot": bot,
}
# Pages whose lists the rollups tell without a filter only.
FROM_EVENTS = ("website", "generations", "bot")


def _ranking(rows: list[Row], what: str | None = None, count: str = "count") -> Ranking:
    """The ranking of those rows whose `what` is this; '' is told as unknown."""
    return ranking(
        [
            {"key": row["key"] or "unknown", "count": row[count]}
            for row in rows
            if what is None or row["what"] == what
        ]
    )


def _pivot(rows: list[Row], column: str, question: PageQuestion) -> list[Row]:
    """One row a day, none left out: {"day", name: count…}."""
    days: dict[date, Row] = {day: {} for day in Span(question.days.first, question.days.last)}
    for row in rows:
        days[row["day"]][row[column]] = row["count"]
    return [{"day": day, **counts} for day, counts in days.items()]


def _percentile(histogram: dict[int, int], percent: int) -> float | None:
    bucket = bucket_of(histogram, percent)
    if bucket is None:
        return None
    return rounded(middle(bucket), 4) if bucket else 0.001
