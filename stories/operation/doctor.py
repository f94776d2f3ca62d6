"""The doctor: looks at settings, database, disk, clock, lag, drops, months and jobs, and says what to
do. It changes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from database import Database, Row, Unavailable
from stories.config import DEVELOPMENT_SECRET, Config
from stories.errors import SetupError
from stories.operation import citus, local_postgres, migrate
from stories.operation.replica import ReportsDatabase
from stories.rollups import schema

ASK_SECONDS = 20.0
DAYS = 7  # of drops and growth
CLOCK_WARN, CLOCK_FAIL = 2.0, 60.0  # seconds; a day ahead is where events are refused
LAG_WARN, LAG_FAIL = 60.0, 900.0
LATE_MESSAGES = 600  # seconds that one is due
LATE_UPLOADS = 600  # seconds that one waits
FREE_WARN, FREE_FAIL = 2 * 1024**3, 256 * 1024**2
DAILY_JOBS = ("partitions", "expire", "compact", "compress", "regroup", "thin")


@dataclass(frozen=True)
class Finding:
    """One line. advice: what to do, empty where all is well."""

    about: str
    state: Literal["ok", "warn", "fail"]
    found: str
    advice: str = ""


def examine(config: Config, now: datetime | None = None) -> list[Finding]:
    """now: the server's clock, for tests."""
    return list(_findings(config, now))


def _findings(config: Config, now: datetime | None) -> Iterator[Finding]:
    yield from _settings(config)
    try:
        database = Database(local_postgres.dsn(config), 2)
    except SetupError as error:
        yield Finding("database", "fail", str(error), "see docs/TROUBLESHOOTING.md")
        return
    try:
        yield from _of_database(database, config, now)
    except (Unavailable, SetupError) as error:
        yield Finding("database", "fail", f"{error}", "see docs/TROUBLESHOOTING.md")
    finally:
        database.close()
    yield from _folder(config)


def _settings(config: Config) -> Iterator[Finding]:
    open_to_all = config.host not in ("127.0.0.1", "::1", "localhost")
    weak = []
    if config.dashboard_password == Config().dashboard_password:
        weak.append("DASHBOARD_PASSWORD is the default")
    elif len(config.dashboard_password) < 10:
        weak.append("DASHBOARD_PASSWORD is shorter than 10 characters")
    if config.secret_key == DEVELOPMENT_SECRET or len(config.secret_key) < 32:
        weak.append("SECRET_KEY is the default or shorter than 32 characters")
    if open_to_all and not config.production:
        weak.append("FLASK_ENV is not production though HOST is open")
    if not config.ratelimit_enabled:
        weak.append("RATELIMIT_ENABLED is false")
    if weak:
        state: Literal["warn", "fail"] = "fail" if open_to_all and len(weak) > 1 else "warn"
        yield Finding("settings", state, "; ".join(weak), "set them before others can reach it")
    else:
        yield Finding("settings", "ok", "read and sound")


def _of_database(database: Database, config: Config, now: datetime | None) -> Iterator[Finding]:
    version = migrate.check_server(database)
    yield _database(database, version)
    done, known = migrate.applied(database), {path.stem for path in schema.files()}
    if newer := sorted(done - known):
        yield Finding("schema", "fail", f"made by a newer release ({newer[-1]})", "update this one")
        return
    if missing := sorted(known - done):
        yield Finding(
            "schema", "fail", f"{len(missing)} migrations are missing ({missing[0]} …)",
            "flask --app app migrate",
        )  # fmt: skip
        return
    yield Finding("schema", "ok", f"at {max(done)}")
    here = now or datetime.now(UTC)
    with database.transaction(ASK_SECONDS, read_only=True) as tx:
        [state] = tx.rows("operation/doctor_state", since=here.date() - timedelta(days=DAYS))
        jobs = {row["name"]: row for row in tx.rows("jobs/list")}
        [messages] = tx.rows("operation/doctor_messages")
        [artifacts] = tx.rows("operation/doctor_artifacts")
    yield from _rights(state)
    yield _clock(here if now else datetime.now(UTC), state["now"])
    yield _fold(state)
    yield _drops(state)
    yield _months(state)
    yield from _jobs(jobs, state["now"])
    yield _messages(messages)
    yield _artifacts(artifacts, config)
    yield _compression(config, state)
    yield _disk(config, state)
    yield from _replica(config, database)
    yield from _citus(database)


def _database(database: Database, version: int) -> Finding:
    if database.ping("operation/is_standby", ASK_SECONDS):
        return Finding(
            "database", "warn", f"PostgreSQL {version} answers, and is a standby",
            "servers and jobs need the primary: promote this one, or change DATABASE_URL",
        )  # fmt: skip
    return Finding("database", "ok", f"PostgreSQL {version} answers")


def _rights(state: Row) -> Iterator[Finding]:
    if state["may_create"] and state["owns"]:
        return
    yield Finding(
        "rights", "fail", "the role may not make the months' tables",
        "make the server's role the owner of the database and its tables",
    )  # fmt: skip


def _clock(here: datetime, there: datetime) -> Finding:
    apart = abs((here - there).total_seconds())
    if apart < CLOCK_WARN:
        return Finding("clock", "ok", "agrees with the database's")
    state: Literal["warn", "fail"] = "fail" if apart >= CLOCK_FAIL else "warn"
    return Finding(
        "clock", state, f"{apart:.0f} seconds apart from the database's", "set both by NTP"
    )


def _fold(state: Row) -> Finding:
    lag, aside = state["lag"], state["set_aside"]
    if lag > LAG_WARN:
        return Finding(
            "fold", "fail" if lag > LAG_FAIL else "warn", f"{lag:.0f} seconds behind",
            "is a server running with RUN_JOBS, or cron? flask --app app fold, and read the log",
        )  # fmt: skip
    if aside:
        return Finding(
            "fold", "warn", f"{aside} events broke it and were set aside",
            "read the log, then flask --app app rebuild tries them again",
        )  # fmt: skip
    return Finding("fold", "ok", f"{lag:.0f} seconds behind")


def _drops(state: Row) -> Finding:
    stored, dropped = state["stored"], state["dropped"]
    found = f"{dropped:,} of {stored + dropped:,} items in {DAYS} days"
    if dropped > 20 and dropped * 10 > stored:
        top = ", ".join(state["reasons"])
        return Finding("drops", "warn", f"{found}, most for {top}", "GET /drops says since when")
    return Finding("drops", "ok", found)


def _months(state: Row) -> Finding:
    if state["missing"]:
        return Finding(
            "months", "fail", f"{', '.join(state['missing'])} not there",
            "flask --app app partitions, and see why the daily job did not",
        )  # fmt: skip
    return Finding("months", "ok", "this and the next are there")


def _jobs(jobs: dict[str, Row], now: datetime) -> Iterator[Finding]:
    wrong = []
    for name, job in jobs.items():
        if job["error_at"] is not None and job["error_at"] >= (
            job["started_at"] or job["error_at"]
        ):
            wrong.append(f"{name} failed: {job['last_error']}")
        elif (
            name in DAILY_JOBS and job["started_at"] and now - job["started_at"] > timedelta(days=2)
        ):
            wrong.append(f"{name} last ran {(now - job['started_at']).days} days ago")
    if wrong:
        yield Finding("jobs", "warn", "; ".join(wrong), "read the log; RUN_JOBS, or cron")
    elif not set(DAILY_JOBS) <= set(jobs):
        yield Finding("jobs", "warn", "some never ran", "start a server, or set up cron")
    else:
        yield Finding("jobs", "ok", "; ".join(["all ran", *_progress(jobs)]))


def _messages(state: Row) -> Finding:
    if state["failed"]:
        return Finding(
            "messages", "warn",
            f"{state['failed']} of the last day failed: to {state['destination']}, "
            f"{state['last_error']}",
            "mend the destination on the page Alerts, and try it there",
        )  # fmt: skip
    if state["late"] > LATE_MESSAGES:
        return Finding(
            "messages", "warn", f"one waits for {state['late'] / 60:.0f} minutes to be sent",
            "read the log; RUN_JOBS, or cron: flask --app app messages",
        )  # fmt: skip
    return Finding("messages", "ok", "none of the last day failed")


def _artifacts(state: Row, config: Config) -> Finding:
    megabytes = -(-state["bytes"] // 2**20)
    told = f"{megabytes} of {config.artifacts_mb} MB that ARTIFACTS_MB allows"
    if state["late"] > LATE_UPLOADS:
        return Finding(
            "symbols", "warn", f"an upload waits for {state['late'] / 60:.0f} minutes; {told}",
            "read the log; RUN_JOBS, or cron: flask --app app artifacts",
        )  # fmt: skip
    if state["failed"]:
        return Finding(
            "symbols", "warn",
            f"{state['failed']} uploads of the last day failed, {state['name']}: {state['detail']}",
            "Settings, Symbols lists them with the reason of each",
        )  # fmt: skip
    return Finding("symbols", "ok", told)


def _progress(jobs: dict[str, Row]) -> list[str]:
    return [f"{name}: {job['note']}" for name, job in jobs.items() if job["note"]]


def _compression(config: Config, state: Row) -> Finding:
    events, size = state["compressed"], state["compressed_bytes"]
    found = "nothing is compressed"
    if events:
        each = f"{size / events:.0f} bytes each"
        found = f"{events:,} events take {size / 1024**2:,.0f} MB in chunks, {each}"
    if not config.compress_after_days:
        found += "; COMPRESS_AFTER_DAYS is 0"
    return Finding("compression", "ok", found)


def _disk(config: Config, state: Row) -> Finding:
    size = f"the database takes {state['bytes'] / 1024**2:,.0f} MB"
    if config.database_url:
        return Finding("disk", "ok", f"{size}; its disk cannot be seen from here")
    free = shutil.disk_usage(_existing(config.data_path)).free
    found = f"{size}, {free / 1024**3:,.1f} GB are free"
    if free < FREE_WARN:
        state_of: Literal["warn", "fail"] = "fail" if free < FREE_FAIL else "warn"
        return Finding("disk", state_of, found, "make room, or shorten retention and clean up")
    return Finding("disk", "ok", found)


def _replica(config: Config, database: Database) -> Iterator[Finding]:
    if not config.reports_database_url:
        return
    lag = ReportsDatabase(config.reports_database_url, 1, database).lag()
    if lag is None:
        yield Finding(
            "replica", "warn", "does not answer, or is no standby: reports come from the primary",
            "start it, or correct REPORTS_DATABASE_URL",
        )  # fmt: skip
    elif lag > LAG_WARN:
        yield Finding(
            "replica", "warn", f"{lag:.0f} seconds behind: reports come from the primary",
            "see pg_stat_replication on the primary, and the replica's log",
        )  # fmt: skip
    else:
        yield Finding("replica", "ok", f"{lag:.1f} seconds behind")


def _citus(database: Database) -> Iterator[Finding]:
    names = citus.distributed(database)
    if names is None:
        return
    missing = [name for name in citus.DISTRIBUTED if name not in names]
    if not missing:
        yield Finding("citus", "ok", f"{len(names)} tables are distributed")
    elif names:
        yield Finding(
            "citus", "fail", f"{', '.join(missing)} not distributed, the others are",
            "flask --app app distribute, with the servers stopped",
        )  # fmt: skip
    else:
        yield Finding(
            "citus", "warn", "installed, and no table is distributed",
            "docs/GROWING.md, or drop the extension",
        )  # fmt: skip


def _folder(config: Config) -> Iterator[Finding]:
    if config.cloudflare_api_token:
        return
    if os.access(_existing(config.data_path), os.W_OK):
        return
    yield Finding(
        "images", "fail", f"{config.data_dir} cannot be written", "give it to the server's user"
    )


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)
