"""Every read call over HTTP, p50 and p95, with a cold answer cache: answers are kept per generation
of the fold, so the generation is raised before each call, as a fold that changed something does."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from http.client import HTTPConnection
from typing import Any

import psycopg2

from tools.benchmarks.server import LOGIN, OURS, serving
from tools.benchmarks.table import percentile
from tools.server import Server, parent, processor_seconds

# Not the one that asks.
BACKENDS = """
select pid from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and leader_pid is null
"""
PERIODS = ("7d", "30d", "90d", "all")
FAMILIES = ("growth", "usage", "adoption", "quality", "stability", "costs")
# The pages of numbers, as the dashboard asks for them.
PAGES = {
    "overview": "page=overview&include=usage",
    "growth": "include=growth",
    "usage": "include=usage",
    "adoption": "include=adoption",
    "quality": "include=quality",
    "stability": "page=stability&include=stability",
    "costs": "include=costs",
}
# Days of ranges that ended before today: how many days ago they began and ended.
PAST = ((45, 15), (120, 30), (300, 200))
REPEATS, WARM_UPS = 40, 3
REPEAT_SECONDS = 20.0  # seconds for one call's repeats: slow ones are asked less often

CALLS: tuple[str, ...] = (
    *(f"/stats?period={period}" for period in PERIODS),
    *(f"/stats/{family}?period={period}" for family in FAMILIES for period in PERIODS),
    f"/stats?period=30d&include={','.join(FAMILIES)}",
    f"/stats?period=all&include={','.join(FAMILIES)}",
    "/stats?period=90d&group_by=week",
    "/stats?period=all&group_by=week",
    "/stats?period=all&group_by=month",
    "/stats?period=30d&country=US",
    "/stats?period=all&country=US",
    "/stats?period=30d&app_version=1.2.0",
    "/stats?period=all&platform=darwin-24.6.0",
    "/events",
    "/events?limit=1000",
    "/events?event_type=retry_attempted",
    "/crashes",
)
PAGED = ("/events", "/events?event_type=retry_attempted")  # the page after the first one, too
TIMELINE = "a person's /events"
FLOOR = "an answer without a question"  # 401: HTTP, gunicorn and Flask alone


@dataclass
class Answered:
    """Milliseconds of one call; status other than 200: not measured. processor: of the server and of
    PostgreSQL, on average: that depends less on what else the machine does."""

    path: str
    status: int
    p50: float = 0.0
    p95: float = 0.0
    processor: float = 0.0
    kilobytes: float = 0.0
    times: int = 0


def ask_all(dsn: str, now: str, families: tuple[str, ...] = CALLS) -> list[dict[str, Any]]:
    """All calls against the database at `dsn`, whose newest event is of `now`."""
    calls, today = [], datetime.fromisoformat(now).date()
    with serving(OURS, dsn, BENCH_NOW=now, RUN_JOBS="false") as server:
        asker = Asker(server, dsn)
        calls.append(asker.measure("/stats", FLOOR, credentials=False))
        for path in families:
            calls.append(asker.measure(path))
        for path, name in _pages(today):
            calls.append(asker.measure(path, name))
        for path in PAGED:
            cursor = asker.json(path).get("next_cursor")
            if cursor:
                sign = "&" if "?" in path else "?"
                calls.append(asker.measure(f"{path}{sign}cursor={cursor}", f"{path}, next page"))
        rows = asker.json("/events").get("events")
        if rows:
            calls.append(asker.measure(f"/events?user_id={rows[0]['user_id']}", TIMELINE))
        asker.close()
    return [asdict(item) for item in calls]


def page(asked: str, more: str) -> str:
    return f"/dashboard/api/stats?app=desktop&{asked}&{more}"


def _pages(today: date) -> Iterator[tuple[str, str]]:
    """(path, name) of each page, over the periods and over days that have passed."""
    for name, asked in PAGES.items():
        for period in PERIODS:
            yield page(asked, f"period={period}"), f"page {name}, {period}"
        for began, ended in PAST:
            span = f"from={today - timedelta(days=began)}&to={today - timedelta(days=ended)}"
            yield page(asked, span), f"page {name}, {began} to {ended} days ago"
    for period in PERIODS:
        yield f"/releases?app=desktop&period={period}", f"/releases?period={period}"


class Asker:
    """Asks one server, alone: what its processes and the database's use meanwhile is the call's."""

    def __init__(self, server: Server, dsn: str) -> None:
        self._server = server
        self._http = HTTPConnection("127.0.0.1", server.port, timeout=120)
        self._database = psycopg2.connect(dsn)
        self._database.autocommit = True

    def close(self) -> None:
        self._http.close()
        self._database.close()

    def json(self, path: str) -> dict[str, Any]:
        return dict(json.loads(self._ask(path, LOGIN)[1]))

    def send(self, path: str, body: dict[str, Any]) -> None:
        """A change; one that was made by an earlier run is refused, which is as good."""
        headers = {**LOGIN, "Content-Type": "application/json"}
        self._http.request("POST", path, json.dumps(body), headers)
        self._http.getresponse().read()

    def _ask(self, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        self._http.request("GET", path, headers=headers)
        response = self._http.getresponse()
        return response.status, response.read()

    def measure(
        self,
        path: str,
        name: str = "",
        credentials: bool = True,
        seconds: float = REPEAT_SECONDS,
        least: int = 5,
    ) -> Answered:
        """Asked until `seconds` are over, but `least` times, and 40 times at most."""
        headers = LOGIN if credentials else {}
        call = Answered(name or path, 0)
        taken: list[float] = []
        began = time.perf_counter()
        warm_ups, used = WARM_UPS, 0.0
        for turn in range(REPEATS + WARM_UPS):
            self._cool()
            if turn == warm_ups:
                used = self._processor()
            at = time.perf_counter()
            status, body = self._ask(path, headers)
            if turn == 0 and time.perf_counter() - at > seconds / least:
                warm_ups = 1
            if turn >= warm_ups:
                taken.append((time.perf_counter() - at) * 1000)
            call.status, call.kilobytes = status, len(body) / 1024
            if status != (200 if credentials else 401):
                return call
            if len(taken) >= least and time.perf_counter() - began > seconds:
                break
        call.status, call.times = 200, len(taken)
        call.processor = (self._processor() - used) * 1000 / len(taken)
        call.p50, call.p95 = percentile(taken, 0.5), percentile(taken, 0.95)
        return call

    def _processor(self) -> float:
        """Seconds that the workers and the database's backends have used, its parallel ones among them,
        which end with their question: they are the postmaster's. The servers run no jobs."""
        with self._database.cursor() as cursor:
            cursor.execute(BACKENDS)
            backends = [pid for (pid,) in cursor.fetchall()]
        backends += {parent(pid) for pid in backends[:1]}
        return sum(processor_seconds([*self._server.workers(), *backends]).values())

    def _cool(self) -> None:
        with self._database.cursor() as cursor:
            cursor.execute("update fold_state set generation = generation + 1")
