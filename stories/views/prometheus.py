"""GET /metrics for Prometheus (docs/MONITORING.md)."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response
from prometheus_client.core import Metric

from database import Row, Unavailable
from stories import prometheus
from stories.crashes.reading.listing import STATES
from stories.prometheus import gauge
from stories.views.pages import VERSION
from stories.web import parameters
from stories.web.services import services

ASK_SECONDS = 2.0

blueprint = Blueprint("prometheus", __name__)


@blueprint.get("/metrics")
def show_counts() -> Response:
    """With the database away what the workers count is still told, and `stories_database_up 0`."""
    parameters.known()
    return Response(prometheus.text(list(_families())), content_type=prometheus.MEDIA)


def _families() -> Iterator[Metric]:
    yield gauge("build_info", "The release", {VERSION: 1}, "version")
    try:
        with services().database.transaction(ASK_SECONDS, read_only=True) as tx:
            [state] = tx.rows("operation/prometheus_gauges")
            jobs, tables = tx.rows("jobs/list"), tx.rows("operation/table_sizes")
            issues = tx.rows("operation/issue_states")
    except Unavailable:
        yield gauge("database_up", "Whether the database answers", {"": 0})
        return
    yield gauge("database_up", "Whether the database answers", {"": 1})
    yield from _state(state)
    yield from _replica()
    yield from _jobs(jobs)
    states = {**dict.fromkeys(STATES, 0), **{row["state"]: row["issues"] for row in issues}}
    yield gauge("issues", "Issues of all apps by state", states, "state")
    sizes = {table["name"]: table["bytes"] for table in tables}
    yield gauge("table_bytes", "Size with indexes and partitions", sizes, "table")


def _state(state: Row) -> Iterator[Metric]:
    for name, help in (
        ("fold_lag_seconds", "Age of the oldest event that is not in the rollups yet"),
        ("outbox_events", "Events and crashes that are not in the rollups yet"),
        ("set_aside_events", "Events that the fold failed on and set aside"),
        ("images_waiting", "Images of bots that are not stored yet"),
        ("database_bytes", "Size of the whole database"),
    ):
        yield gauge(name, help, {"": state[name]})


def _replica() -> Iterator[Metric]:
    """Nothing where none is set; no lag while it is gone."""
    replica = services().replica
    if replica is None:
        return
    try:
        lag = replica.lag()
    except Unavailable:  # the primary has gone since
        return
    yield gauge("replica_up", "Whether reports can be read from the replica", {"": lag is not None})
    yield gauge("replica_lag_seconds", "How far the replica is behind", {"": lag})


def _jobs(jobs: list[Row]) -> Iterator[Metric]:
    began = {job["name"]: job["started_at"] and job["started_at"].timestamp() for job in jobs}
    yield gauge("job_started_timestamp_seconds", "When the job last began", began, "job")
    took = {job["name"]: job["seconds"] for job in jobs}
    yield gauge("job_seconds", "How long its last run took", took, "job")
    failed = {
        job["name"]: job["error_at"] is not None and job["error_at"] >= job["started_at"]
        for job in jobs
    }
    yield gauge("job_failed", "Whether its last run failed", failed, "job")
