"""Releases of an app: who uses them, what crashes in them, whether one is worse than that before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from math import erfc, sqrt
from typing import Any

from database import Row, Transaction
from stories.catalogue import App
from stories.crashes.reading.listing import describe, iso
from stories.crashes.reading.release_numbers import Numbers
from stories.crashes.reading.release_sources import Source, every_day, source_of, unfiltered
from stories.privacy import labels
from stories.reports.filters import NO_FILTER, Filter
from stories.reports.periods import Days
from stories.reports.rounding import percentage, ratio, rounded
from stories.reports.sdk_sessions import NOT_SENT, Sessions

MAX_RELEASES = 5_000  # of an app; the fold adds no more either
MAX_ISSUES = 100  # of each kind, on the page of a release
SIGNIFICANT = 0.05
LEAST_EXPECTED = 5  # people, in each of the four cells of the test
ISSUES_UNTOLD: dict[str, Any] = dict.fromkeys(("new", "regressed", "fixed"))
TRAFFIC = 50  # a version with less than a fiftieth of the busiest one's people is no release


@dataclass
class Release:
    """A version. people, crashed: how many used it, and how many it crashed, in the range."""

    version: str
    key: str | None = None
    first_seen: datetime | None = None
    released_at: datetime | None = None
    url: str | None = None
    is_archived: bool = False
    people: int = 0
    crashed: int = 0
    crashes: int = 0
    issues: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def began(self) -> datetime | None:
        return self.released_at or self.first_seen

    @property
    def place(self) -> tuple[bool, str, float, str]:
        """Sorts releases, the oldest first: by their numbers; those without behind, by their time."""
        began = self.began.timestamp() if self.began else 0.0
        return (self.key is None, self.key or "", began if self.key is None else 0.0, self.version)


@dataclass(frozen=True)
class Comparison:
    """A release beside the one before it, over the days since it came: over more days the one before
    would have had more chances to crash. people, crashed: how many used it, and crashed in it."""

    before: str
    since: date
    people: int
    crashed: int
    people_before: int
    crashed_before: int

    @property
    def p(self) -> float | None:
        return two_proportions(self.crashed, self.people, self.crashed_before, self.people_before)

    @property
    def verdict(self) -> str:
        """worse, better, or unknown: too few people to tell, or no difference to be seen."""
        if self.p is None or self.p >= SIGNIFICANT:
            return "unknown"
        share, share_before = self.crashed / self.people, self.crashed_before / self.people_before
        return "worse" if share > share_before else "better"

    def shown(self) -> dict[str, Any]:
        return {
            "since": self.since.isoformat(),
            "people": self.people,
            "crashed_people": self.crashed,
            "crash_free_people": crash_free(self.crashed, self.people),
            "people_before": self.people_before,
            "crashed_people_before": self.crashed_before,
            "crash_free_people_before": crash_free(self.crashed_before, self.people_before),
        }


def two_proportions(x1: int, n1: int, x2: int, n2: int) -> float | None:
    """The two-sided p of the hypothesis that x1 of n1 and x2 of n2 come from one proportion, by the
    pooled z-test: z = (x1/n1 - x2/n2) / sqrt(q (1 - q) (1/n1 + 1/n2)), q = (x1 + x2) / (n1 + n2),
    p = erfc(|z| / sqrt 2) (NIST/SEMATECH e-Handbook of Statistical Methods, 7.3.3). None where the
    normal distribution is no good neighbour: fewer than LEAST_EXPECTED people expected in one of the
    four cells. Somebody who used both versions is in both samples, which the test does not know."""
    if not n1 or not n2:
        return None
    q = (x1 + x2) / (n1 + n2)
    if min(n1, n2) * min(q, 1 - q) < LEAST_EXPECTED:
        return None
    z = (x1 / n1 - x2 / n2) / sqrt(q * (1 - q) * (1 / n1 + 1 / n2))
    return erfc(abs(z) / sqrt(2))


def crash_free(crashed: int, people: int) -> float | None:
    """Percent of people without a crash, with two decimals: 99.9 and 99.95 are apart."""
    return ratio(100 * (people - crashed), people, 2)


def list_releases(tx: Transaction, days: Days, filter: Filter = NO_FILTER) -> list[dict[str, Any]]:
    """The releases with people or sessions of an SDK in these days, and those that began in them,
    newest first; under a filter those with matching people."""
    source = source_of(tx, days, filter)
    releases = read(tx, days, source)
    shown = [
        release
        for release in releases
        if not release.is_archived and _is_shown(release, days, filter, source.sessions)
    ]
    compared = compare(shown, before_each(releases), source, days)
    numbers = source.numbers([release.version for release in shown])
    return [
        row(release, compared.get(release.version), source, numbers[release.version])
        for release in reversed(shown)
    ]


def show_release(
    tx: Transaction, days: Days, version: str, now: datetime, filter: Filter = NO_FILTER
) -> dict[str, Any] | None:
    """One release with its days, its issues and the row of the release before; None for none. Under
    a filter without its issues, which begin and end for everybody."""
    source = source_of(tx, days, filter, version)
    releases = read(tx, days, source)
    release = next((each for each in releases if each.version == version), None)
    if release is None:
        return None
    others = before_each(releases)
    before = others.get(version)
    both = [each for each in (release, before) if each]
    compared = compare(both, others, source, days)
    issues = ISSUES_UNTOLD if filter else _issues(tx, days.app, releases, release, now)
    numbers = source.numbers([each.version for each in both])
    return {
        **row(release, compared.get(version), source, numbers[version]),
        "from": days.first.isoformat(),
        "to": days.last.isoformat(),
        "days": every_day(source, days),
        **issues,
        "before": before
        and row(before, compared.get(before.version), source, numbers[before.version]),
    }


def first_seen(tx: Transaction, app: App) -> dict[str, datetime]:
    """Version -> the moment of its first event, of those that have one."""
    rows = tx.rows("crashes/list_releases", app_id=app.app_id, limit=MAX_RELEASES)
    return {row["version"]: row["first_seen"] for row in rows if row["first_seen"]}


def mark(
    tx: Transaction,
    app: App,
    version: str,
    released_at: datetime | None,
    url: str | None,
    *,
    sets_url: bool,
    is_archived: bool | None = None,
) -> dict[str, Any] | None:
    """Marks a version as released, or only as known without a time; None where the app has
    MAX_RELEASES of them. is_archived: None as it is."""
    marked = tx.row(
        "crashes/mark_release",
        app_id=app.app_id,
        version=version,
        released_at=released_at,
        url=url,
        sets_url=sets_url,
        is_archived=is_archived,
        limit=MAX_RELEASES,
    )
    return marked and _times(marked["version"], marked)


def marks(tx: Transaction, app: App) -> list[Row]:
    """{version, version_key, first_seen, released_at, url, is_archived} of all, lately seen first."""
    return tx.rows("crashes/list_releases", app_id=app.app_id, limit=MAX_RELEASES)


def unmark(tx: Transaction, app: App, version: str) -> None:
    """Forgets what was said of a release; what was seen of it stays."""
    tx.run("crashes/unmark_release", app_id=app.app_id, version=version)
    tx.run("crashes/forget_release", app_id=app.app_id, version=version)


def read(tx: Transaction, days: Days, source: Source) -> list[Release]:
    """Every release of an app, the oldest first, with its numbers of these days."""
    releases = {
        each["version"]: Release(
            each["version"],
            each["version_key"],
            each["first_seen"],
            each["released_at"],
            each["url"],
            each["is_archived"],
        )
        for each in tx.rows("crashes/list_releases", app_id=days.app.app_id, limit=MAX_RELEASES)
    }

    def of(version: str) -> Release:
        return releases.setdefault(version, Release(version))

    for each in source.people:
        release = of(each["version"])
        release.people, release.crashed = each["people"], each["crashed"]
    for version in source.sessions:
        if version not in ("", labels.OTHER):
            of(version)
    for version, crashes in source.crashes.items():
        if version in releases:
            releases[version].crashes += crashes
    ordered = sorted(releases.values(), key=lambda release: release.place)
    if not source.filter:
        _count_issues(tx, days.app, ordered)
    return ordered


def before_each(releases: list[Release]) -> dict[str, Release]:
    """Version -> what it is compared with: the nearest before that has people, and that has numbers if
    this one has. None for one without people, or not seen. releases: the oldest first."""
    busiest = max((release.people for release in releases), default=0)
    found: dict[str, Release] = {}
    nearest: dict[bool, Release] = {}  # by whether it has numbers
    for release in releases:
        has_numbers = release.key is not None
        if release.people and release.first_seen and has_numbers in nearest:
            found[release.version] = nearest[has_numbers]
        if release.people and release.people * TRAFFIC >= busiest:
            nearest[has_numbers] = release
    return found


def compare(
    shown: list[Release], before: dict[str, Release], source: Source, days: Days
) -> dict[str, Comparison]:
    """By version, those of them that something can be compared with. Nobody used a release before it
    was seen, so all its people are people since then. before: as before_each has it."""
    pairs = [
        (release, before[release.version], max(days.first, _day(release.first_seen, days.app)))
        for release in shown
        if release.version in before and release.first_seen
    ]
    counted = source.since([(other.version, day) for _, other, day in pairs])
    return {
        release.version: Comparison(
            other.version, day, release.people, release.crashed, *counted[other.version, day]
        )
        for release, other, day in pairs
    }


def _day(moment: datetime, app: App) -> date:
    return moment.astimezone(app.zone).date()


def row(
    release: Release, compared: Comparison | None, source: Source, numbers: Numbers
) -> dict[str, Any]:
    """What the source's filter leaves untold is null, and its verdict unknown."""
    untold = unfiltered(source.filter)
    told = _row(release, compared, source.active, numbers)
    if sessions := source.sessions.get(release.version):
        told |= sessions.shown()
    if "p" in untold:
        told["verdict"] = "unknown"
    return told | dict.fromkeys(untold)


def _row(
    release: Release, compared: Comparison | None, active: int, numbers: Numbers
) -> dict[str, Any]:
    """active: how many people there were in these days."""
    people, crashed = release.people, release.crashed
    p = compared.p if compared else None
    return {
        **_times(release.version, vars(release)),
        "people": people,
        "adoption": percentage(min(people, active), active),
        "crashes": release.crashes,
        "crashed_people": crashed,
        "crash_free_people": crash_free(crashed, people),
        "crashes_per_person": ratio(release.crashes, people),
        **NOT_SENT,
        **numbers.shown(people),
        "new_issues": release.issues["new"],
        "regressed_issues": release.issues["regressed"],
        "fixed_issues": release.issues["fixed"],
        "compared_to": compared.before if compared else None,
        "verdict": compared.verdict if compared else "unknown",
        "p": None if p is None else rounded(p, 4),
        "comparison": compared.shown() if compared else None,
    }


def _times(version: str, times: Row) -> dict[str, Any]:
    return {
        "version": version,
        "first_seen": times["first_seen"] and iso(times["first_seen"]),
        "released_at": times["released_at"] and iso(times["released_at"]),
        "url": times["url"],
    }


def _is_shown(
    release: Release, days: Days, filter: Filter, sessions: Mapping[str, Sessions]
) -> bool:
    if release.people or filter:
        return release.people > 0
    if release.version in sessions:
        return True
    return release.began is not None and days.start <= release.began < days.end


def _following(releases: list[Release]) -> dict[str, Release]:
    """Version -> the release behind it."""
    return {
        release.version: behind
        for release, behind in pairwise(releases)
        if (release.key is None) == (behind.key is None)
    }


def _count_issues(tx: Transaction, app: App, releases: list[Release]) -> None:
    by_version = {release.version: release for release in releases}
    following = _following(releases)
    for each in tx.rows("crashes/release_issue_counts", app_id=app.app_id):
        what = each["what"]
        places = following if what == "after" else by_version
        release = places.get(each["version"])
        if release is not None:
            release.issues["fixed" if what in ("in", "after") else what] += each["issues"]


def _issues(
    tx: Transaction, app: App, releases: list[Release], release: Release, now: datetime
) -> dict[str, list[dict[str, Any]]]:
    """{new, regressed, fixed}: issues as in lists of issues."""
    afters = [before for before, behind in _following(releases).items() if behind is release]
    rows = tx.rows(
        "crashes/release_issues",
        app_id=app.app_id,
        version=release.version,
        afters=afters,
        limit=MAX_ISSUES,
    )
    shown = describe(tx, app, rows, now)
    return {
        what: [issue for row, issue in zip(rows, shown, strict=True) if row["what"] == what]
        for what in ("new", "regressed", "fixed")
    }
