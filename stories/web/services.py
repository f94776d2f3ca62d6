"""What a request handler works with, made once per worker by create_app()."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from flask import current_app, request

import metrics
from aggregator import Bench, Ticker
from append import Appender
from apps import Apps
from catalogue import App
from config import Config
from database import Database, Refused, Transaction, Unavailable
from errors import ApiError
from fold import fold_slice, pending
from images.uploader import Uploader
from ledger import Ledger
from people import PersonKey

log = logging.getLogger("stories.web")


@dataclass
class Services:
    config: Config
    database: Database
    apps: Apps
    key: PersonKey
    events: Appender
    crashes: Appender
    bot_events: Appender
    ledger: Ledger
    ticker: Ticker | None = None
    uploader: Uploader | None = None

    @classmethod
    def build(cls, config: Config, database: Database) -> Services:
        key = PersonKey(database, config.person_key)
        metrics.connections_limit.set(config.max_connections)
        return cls(
            config=config,
            database=database,
            apps=Apps(database, config.retention_days),
            key=key,
            events=Appender(database, key, "events"),
            crashes=Appender(database, key, "crashes"),
            bot_events=Appender(database, key, "bot"),
            ledger=Ledger(database),
        )

    def start_jobs(self) -> None:
        """Called in each worker once it serves. The ledger is written without jobs too: no cron
        sees what a worker has counted."""
        if self.ticker is not None:
            return
        bench = Bench(self.config, self.database, self.apps, self.key)
        self.ticker = Ticker(bench, extra=self.ledger.write, jobs=self.config.run_jobs)
        self.ticker.start()
        if self.config.run_jobs:
            self.uploader = Uploader(self.config, self.database)
            self.uploader.start()

    def stop_jobs(self) -> None:
        if self.uploader is not None:
            self.uploader.stop()
        if self.ticker is not None:
            self.ticker.stop()

    @contextmanager
    def reading(self, seconds: float = 30) -> Iterator[Transaction]:
        """A snapshot for one answer, with what was just written folded in."""
        self.freshen()
        with self.database.transaction(
            seconds, isolation="REPEATABLE READ", read_only=True
        ) as transaction:
            yield transaction

    def freshen(self) -> None:
        """Fold before a read that must see what was just written. If another worker is folding now,
        its result is a second away at most, and the read goes on with what there is."""
        with self.database.transaction(seconds=5, autocommit=True) as tx:
            if not pending(tx):
                return
        try:
            fold_slice(self.database, self.apps, self.key)
        except (Refused, Unavailable) as error:  # the answer is a little old then, and not refused
            log.warning("a fold before a read failed: %s", error)


def services() -> Services:
    return cast(Services, current_app.extensions["stories"])


def now() -> datetime:
    """The time of this request; tests put their own clock under app.config["NOW"]."""
    clock = current_app.config.get("NOW")
    return clock() if clock else datetime.now(UTC)


def app_key() -> str | None:
    """An app's secret key: X-App-Key, or `app_key` in the query (beacons cannot set headers)."""
    environ = request.environ  # a header that is missing costs ten times as much in request.headers
    return environ.get("HTTP_X_APP_KEY") or (
        request.args.get("app_key") if environ.get("QUERY_STRING") else None
    )


def sending_app(kind: str, any_kind: bool = False) -> App:
    """The app that an ingest request speaks for: by its key, or the default app of the kind.
    any_kind: a key of another kind will do."""
    key = app_key()
    if not key:
        app = services().apps.default(kind)
        if app is None:
            raise ApiError(
                401, "app_key_needed", f"there is no default {kind} app; send an app's X-App-Key"
            )
        return app
    app = services().apps.by_key(key)
    if app is None or (app.kind != kind and not any_kind):
        raise ApiError(401, "unknown_app_key", f"the app key is not that of a {kind} app")
    return app
