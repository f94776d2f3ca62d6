"""The jobs: work that no request waits for. `python aggregator.py JOB` runs one from cron; in a worker
Ticker and the images' Uploader do.

Several servers and cron may run at once: the fold's lock lets one fold, and a daily job belongs to
whoever claims its row first. The row says last start, duration and last error.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import msgspec

from database import Database, Refused, Unavailable
from stories import config as settings
from stories import logs
from stories.accounts import audit
from stories.alerts import evaluation, schedule, sending
from stories.alerts.messages import Queue
from stories.apps import Apps
from stories.config import Config
from stories.crashes import regrouping, thinning
from stories.errors import SetupError
from stories.images.uploader import Uploader, Worker
from stories.operation import job_options, local_postgres, migrate
from stories.privacy.person_keys import PersonKey
from stories.rollups import count_back, fold, recount, schema, segments
from stories.storage import compaction, compression, expiry, partitions
from stories.symbols import dumps, holding, taking_in, uploads, waiting

log = logging.getLogger("stories.jobs")

TICK_SECONDS = 1.0
SHORT_PAUSE = 0.05
FEW_SECONDS = 5.0  # how long less than fold.ENOUGH waits for a fold
LOOK_SECONDS = 60.0  # how often a worker looks whether a daily job is due
ALERTS_SECONDS = 10.0  # how often it looks whether rules are to be looked at
ASKED_SECONDS = 3.0  # how often it looks whether something is to be counted back
MESSAGE_SECONDS = 5.0  # how often it looks whether a message is to be sent
ARTIFACTS_SECONDS = 3.0  # how often it looks whether an upload is to be taken in
SYMBOLS_SECONDS = 3.0  # how often it looks whether a crash waits for names
RETRY_HOURS = 0.25


@dataclass(frozen=True)
class JobContext:
    """What a job works with."""

    config: Config
    database: Database
    apps: Apps
    key: PersonKey


@dataclass(frozen=True)
class Job:
    """every: hours between two runs by the server itself; 0: not by itself (the fold has
    Ticker)."""

    name: str
    help: str
    every: float
    run: Callable[..., Any]


def _fold(context: JobContext, **_: Any) -> dict[str, int]:
    return {"folded": fold.fold(context.database, context.apps, context.key)}


def _rebuild(
    context: JobContext,
    since: date | None = None,
    until: date | None = None,
    people: bool = False,
    fresh_values: bool = False,
) -> dict[str, Any]:
    fold.return_set_aside(context.database)
    fold.fold(context.database, context.apps, context.key)
    return recount.rebuild(context.database, context.apps, since, until, people, fresh_values)


def _check(
    context: JobContext, since: date | None = None, until: date | None = None, **_: Any
) -> dict[str, Any]:
    return recount.check(context.database, context.apps, since, until)


def _count_back(context: JobContext, **_: Any) -> dict[str, int]:
    counts = count_back.count_back(context.database, context.apps, context.key)
    filled = segments.fill(context.database, context.apps, context.key)
    return {**counts, "segment_days": filled["days"]}


def _expire(context: JobContext, **_: Any) -> dict[str, Any]:
    expiry.check_clock(context.database)
    expired = expiry.expire(context.database, context.apps, context.key, datetime.now(UTC))
    return {**expired, **uploads.expire(context.database)}


def _partitions(context: JobContext, **_: Any) -> dict[str, int]:
    return {"made": partitions.ensure_all(context.database, context.config.retention_days)}


def _compact(context: JobContext, **_: Any) -> dict[str, int]:
    months = partitions.compact(context.database, datetime.now(UTC))
    return {"months": months, "rollups": compaction.compact(context.database)}


def _compress(context: JobContext, **_: Any) -> dict[str, int]:
    expiry.check_clock(context.database)
    days, now = context.config.compress_after_days, datetime.now(UTC)
    done = compression.compress(context.database, context.apps, context.key, now, days)
    return asdict(done)


def _decompress(
    context: JobContext, since: date | None = None, until: date | None = None, **_: Any
) -> dict[str, int]:
    return asdict(compression.decompress(context.database, since, until))


def _accounts(context: JobContext, **_: Any) -> dict[str, int]:
    return audit.expire(context.database, datetime.now(UTC))


def _regroup(context: JobContext, **_: Any) -> dict[str, int]:
    def report(note: str) -> None:
        with context.database.transaction(seconds=5) as tx:
            tx.run("jobs/note_progress", job="regroup", note=note)

    return regrouping.regroup(context.database, context.apps, context.key, report)


def _thin(context: JobContext, **_: Any) -> dict[str, int]:
    return {"thinned": thinning.thin(context.database, context.apps)}


def _alerts(context: JobContext, **_: Any) -> dict[str, int]:
    now = datetime.now(UTC)
    counts = evaluation.evaluate(context.config, context.database, context.apps, now)
    reports = schedule.queue_due(context.config, context.database, context.apps, now)
    return {**counts, "reports": reports}


def _messages(context: JobContext, **_: Any) -> dict[str, int]:
    return sending.send_until_stopped(context.config, context.database)


def _symbols(context: JobContext, **_: Any) -> dict[str, int]:
    return holding.map_until_idle(context.database, context.apps, context.key)


def _artifacts(context: JobContext, **_: Any) -> dict[str, int]:
    return taking_in.take_in_until_idle(context.config, context.database)


def _dumps(context: JobContext, **_: Any) -> dict[str, int]:
    return {"deleted": dumps.expire(context.database, datetime.now(UTC))}


def _images(context: JobContext, **_: Any) -> Any:
    return Worker(context.config, context.database).work_off()


COUNT_BACK = Job(
    "count-back", "count what has been declared in the events still held", 0, _count_back
)
ALERTS = Job("alerts", "look at every rule, and queue what is to be said", 1 / 60, _alerts)
MESSAGES = Job("messages", "send what alerts and reports have to say", 0, _messages)
SYMBOLS = Job("symbols", "give the frames of crashes their real names", 0, _symbols)
ARTIFACTS = Job("artifacts", "take in source maps and symbols that were sent", 0, _artifacts)
JOBS = (
    Job("fold", "add what is pending to the rollups", 0, _fold),
    Job("partitions", "make the months to come", 24, _partitions),
    Job("expire", "delete what is past its app's retention", 24, _expire),
    Job("compact", "rebuild months that are over, and rollups that have grown", 24, _compact),
    Job("compress", "pack the events of old days into chunks", 24, _compress),
    Job("regroup", "give crashes without a group of their own theirs", 1, _regroup),
    Job("thin", "keep a hundred whole crashes of a group", 24, _thin),
    Job("accounts", "delete old entries of the audit log and ended sessions", 24, _accounts),
    Job("dumps", "delete the minidumps that are a day old", 1 / 4, _dumps),
    ALERTS,
    MESSAGES,
    ARTIFACTS,
    SYMBOLS,
    Job("images", "store and delete the images that are due", 0, _images),
    COUNT_BACK,
    Job("decompress", "make rows of compressed events again", 0, _decompress),
    Job("check", "compare the rollups with a recount; exit 1 if they differ", 0, _check),
    Job("rebuild", "replace the rollups by a recount", 0, _rebuild),
)


def run(job: Job, context: JobContext, **options: Any) -> Any:
    """Run a job and record how it went in `jobs`; returns its result, raises its error."""
    began = time.monotonic()
    try:
        result = job.run(context, **options)
    except Exception as failure:
        _record(job, context, began, f"{type(failure).__name__}: {failure}")
        raise
    _record(job, context, began, None)
    return result


def _record(job: Job, context: JobContext, began: float, error: str | None) -> None:
    with suppress(Unavailable), context.database.transaction(seconds=5) as tx:
        tx.run("jobs/record_run", job=job.name, seconds=time.monotonic() - began, error=error)


def run_due(context: JobContext, job: Job) -> None:
    """Run a job if it is due and nobody else has claimed it; one that failed is due again soon. Raises
    NewerSchema: whose it is then are the newer workers."""
    with context.database.transaction(seconds=5) as tx:
        schema.check(tx)
        mine = tx.row("jobs/claim", job=job.name, hours=job.every, again=RETRY_HOURS)
    if mine:
        run(job, context)


class Ticker(threading.Thread):
    """Folds about once a second, a few events after five, and looks for daily jobs, in every worker;
    stops with it."""

    def __init__(
        self, context: JobContext, extra: Callable[[], None] = lambda: None, jobs: bool = True
    ) -> None:
        """extra: what else is done at every tick and at the end, such as writing counts; jobs:
        False where cron runs them, and extra is all there is."""
        super().__init__(name="ticker", daemon=True)
        self._context = context
        self._extra = extra
        self._jobs = jobs
        self._stopped = threading.Event()
        self._failing: set[str] = set()

    def run(self) -> None:
        if self._jobs:
            threading.Thread(target=self._look, name="daily", daemon=True).start()
            threading.Thread(target=self._look_back, name="count-back", daemon=True).start()
            threading.Thread(target=self._look_at_rules, name="alerts", daemon=True).start()
            threading.Thread(target=self._look_at_messages, name="messages", daemon=True).start()
            threading.Thread(target=self._look_at_uploads, name="artifacts", daemon=True).start()
            threading.Thread(target=self._look_at_symbols, name="symbols", daemon=True).start()
        pause = TICK_SECONDS
        while not self._stopped.wait(pause):
            began = time.monotonic()
            if self._jobs:
                self._guarded("fold", self._tick)
            self._guarded("extra", self._extra)
            # From beginning to beginning: a fold that takes longer is behind, and goes on at once.
            pause = max(SHORT_PAUSE, TICK_SECONDS - (time.monotonic() - began))

    def _look(self) -> None:
        """The daily jobs, beside the fold: some take minutes."""
        pause = 0.1 * LOOK_SECONDS  # not while the others still start
        while not self._stopped.wait(pause):
            pause = LOOK_SECONDS
            for job in JOBS:
                if job.every and job is not ALERTS:
                    self._guarded(job.name, partial(run_due, self._context, job))

    def _look_back(self) -> None:
        """Counting back, beside all others: who has declared something waits for it."""
        while not self._stopped.wait(ASKED_SECONDS):
            self._guarded(COUNT_BACK.name, self._count_back)

    def _count_back(self) -> None:
        database = self._context.database
        if count_back.is_asked_for(database) or segments.is_asked_for(database):
            run(COUNT_BACK, self._context)

    def _look_at_rules(self) -> None:
        """Each minute, however long a daily job takes."""
        while not self._stopped.wait(ALERTS_SECONDS):
            self._guarded(ALERTS.name, partial(run_due, self._context, ALERTS))

    def _look_at_messages(self) -> None:
        """A process of its own sends them (stories/alerts/sending.py says why), one of a worker at a
        time."""
        queue = Queue(self._context.database)
        while not self._stopped.wait(MESSAGE_SECONDS):
            self._guarded(MESSAGES.name, partial(self._send, queue))

    def _send(self, queue: Queue) -> None:
        if not sending.PROCESS.is_running() and queue.is_due():
            sending.start(self._context.config, self._context.database.dsn)

    def _look_at_uploads(self) -> None:
        """As with messages. Who sends one starts the process at once; this is for what a process that
        died has left."""
        start = partial(taking_in.start, self._context.config, self._context.database)
        while not self._stopped.wait(ARTIFACTS_SECONDS):
            self._guarded(ARTIFACTS.name, start)

    def _look_at_symbols(self) -> None:
        """At once when a crash has arrived that may wait; the intake says so."""
        start = partial(waiting.start, self._context.database)
        while not self._stopped.is_set():
            waiting.wait(SYMBOLS_SECONDS)
            self._guarded(SYMBOLS.name, start)

    def _tick(self) -> None:
        """Fold as run() does, but record nothing when another worker was folding."""
        with self._context.database.transaction(seconds=5, autocommit=True) as tx:
            if not tx.value("rollups/due", seconds=FEW_SECONDS, enough=fold.ENOUGH):
                return
        began, job = time.monotonic(), JOBS[0]
        try:
            folded = job.run(self._context)["folded"]
        except schema.NewerSchema:
            raise  # the row is that of the workers that fold
        except Exception as failure:
            _record(job, self._context, began, f"{type(failure).__name__}: {failure}")
            raise
        if folded:
            _record(job, self._context, began, None)

    def _guarded(self, name: str, work: Callable[[], None]) -> None:
        """Run work; a failure is logged once, not every second, and the work is tried again."""
        try:
            work()
            self._failing.discard(name)
        except Exception as error:
            about = "schema" if isinstance(error, schema.NewerSchema) else name  # all jobs alike
            if about not in self._failing:
                log.error("%s failed and will be tried again: %s", name, error)
            self._failing.add(about)

    def stop(self) -> None:
        self._stopped.set()
        self._guarded("extra", self._extra)


class WorkerJobs:
    """The jobs of one gunicorn worker: the ticker and, where jobs run here, the images' uploader.

    Without RUN_JOBS the ticker only calls `every_tick` (writing the drop ledger: no cron sees what a
    worker has counted)."""

    def __init__(self, context: JobContext, every_tick: Callable[[], None]) -> None:
        self.ticker = Ticker(context, extra=every_tick, jobs=context.config.run_jobs)
        self.uploader: Uploader | None = None
        self.ticker.start()
        if context.config.run_jobs:
            self.uploader = Uploader(context.config, context.database)
            self.uploader.start()

    def stop(self) -> None:
        if self.uploader is not None:
            self.uploader.stop()
        self.ticker.stop()
        sending.PROCESS.stop()
        taking_in.PROCESS.stop()
        waiting.PROCESS.stop()


def main(arguments: list[str] | None = None) -> int:
    options = job_options.parse(((job.name, job.help) for job in JOBS), arguments)
    name = options.pop("job")
    job = next(job for job in JOBS if job.name == name)
    try:
        config = settings.load()
        logs.configure(config.log_level, config.log_format)
        database = Database(local_postgres.dsn(config), 3)
        migrate.migrate(database)
        context = JobContext(
            config,
            database,
            Apps(database, config.retention_days, config.values_per_day),
            PersonKey(database, config.person_key),
        )
        result = run(job, context, **options)
        database.close()
    except (SetupError, Unavailable, Refused) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    finally:
        local_postgres.stop()
    print(msgspec.json.format(msgspec.json.encode(result), indent=2).decode())
    return 1 if job.name == "check" and any(result["differences"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
