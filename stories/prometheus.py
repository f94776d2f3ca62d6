"""The metrics for Prometheus: counted in each worker's memory-mapped files, added up at GET /metrics.

gunicorn.conf.py names the folder for the files before anything is counted; without it (tests,
commands) a process counts for itself. No label ever comes from what a client sends.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
_own = CollectorRegistry()

_requests = Histogram(
    "stories_request_seconds",
    "Requests and how long they took to answer",
    ("route", "method", "status"),
    buckets=(0.005, 0.025, 0.1, 0.5, 2.5),
    registry=_own,
)
_items = Counter(
    "stories_items",
    "Events and crashes received, by outcome: stored, duplicate, or why not",
    ("kind", "outcome"),
    registry=_own,
)
append_rows = Histogram(
    "stories_append_rows",
    "Rows that went into one commit",
    buckets=(1, 10, 100, 1000, 5000),
    registry=_own,
)
append_seconds = Histogram(
    "stories_append_seconds",
    "Seconds that a commit took, retries included",
    buckets=(0.002, 0.01, 0.05, 0.25, 1, 5),
    registry=_own,
)
refused_busy = Counter(
    "stories_refused_busy", "Posts refused because a worker had too many", registry=_own
)
connections_in_use = Gauge(
    "stories_connections_in_use",
    "Database connections taken from the pools",
    registry=_own,
    multiprocess_mode="livesum",
)
connections_limit = Gauge(
    "stories_connections_limit",
    "Database connections that the pools may hold",
    registry=_own,
    multiprocess_mode="livesum",
)
connections_refused = Counter(
    "stories_connections_refused", "Times that a pool had no connection in time", registry=_own
)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@lru_cache(maxsize=2048)  # looking a label up costs as much as counting
def _request(route: str, method: str, status: int) -> Histogram:
    return _requests.labels(route, method if method in METHODS else "other", str(status))


@lru_cache(maxsize=1024)
def _item(kind: str, outcome: str) -> Counter:
    return _items.labels(kind, outcome)


def request(route: str, method: str, status: int, seconds: float) -> None:
    """route: the rule that matched, not the path."""
    _request(route, method, status).observe(seconds)


def items(kind: str, outcomes: Mapping[str, int]) -> None:
    """outcomes: codes of ours and how many items met them."""
    for outcome, n in outcomes.items():
        if n:
            _item(kind, outcome).inc(n)


def text(database: Iterable[Metric]) -> bytes:
    """All metrics in Prometheus' text format. database: those that were read for this answer."""
    registry = _own
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    given = CollectorRegistry()
    given.register(_Given(database))
    return generate_latest(registry) + generate_latest(given)


def gauge(name: str, help: str, values: Mapping[str, Any], label: str = "") -> Metric:
    """values: by the label's value; {"": value} without a label. None is left out."""
    family = GaugeMetricFamily(f"stories_{name}", help, labels=[label] if label else [])
    for value, amount in values.items():
        if amount is not None:
            family.add_metric([value] if label else [], float(amount))
    return family


class _Given:
    """A collector of metrics that are there already."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics
