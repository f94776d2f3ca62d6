"""A server's jobs when a test says so, in this process: another would first load the server."""

from __future__ import annotations

import threading

import aggregator
from database import Database
from stories.alerts import sending
from stories.apps import Apps
from stories.config import Config
from stories.privacy.person_keys import PersonKey


def _send(context: aggregator.JobContext) -> None:
    """Without the job's signal handlers, which would be this process's."""
    sending.send_due(context.config, context.database, threading.Event())


JOBS = {job.name: job.run for job in aggregator.JOBS} | {"messages": _send}


def run_jobs(dsn: str, *names: str) -> None:
    config, database = Config(alert_private_targets=True), Database(dsn, 3)
    apps = Apps(database, config.retention_days, config.values_per_day)
    context = aggregator.JobContext(config, database, apps, PersonKey(database, ""))
    try:
        for name in names:
            JOBS[name](context)
    finally:
        database.close()
