"""What a request handler works with, made once per worker by create_app()."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import cast

from flask import current_app, request

from database import Database, Refused, Transaction, Unavailable
from stories import prometheus
from stories.accounts.directory import Directory
from stories.apps import Apps
from stories.catalogue import App
from stories.config import Config
from stories.errors import ApiError
from stories.operation.replica import ReportsDatabase
from stories.privacy.person_keys import PersonKey
from stories.privacy.person_links import PersonLinks
from stories.rollups.fold import ENOUGH, fold_slice
from stories.storage.append import Appender
from stories.storage.drop_ledger import Ledger
from stories.storage.event_names import EventNames
from stories.storage.group_names import GroupNames
from stories.storage.storms import Storms
from stories.web.health import HealthProbe
from stories.web.work import WorkBudget

log = logging.getLogger("stories.web")

FOLD_WAIT = 1.0  # seconds that a read waits for a fold of a few events by another worker
FOLD_LOOKS = 0.02  # seconds between two looks whether it has ended


@dataclass
class Services:
    config: Config
    database: Database
    apps: Apps
    accounts: Directory
    key: PersonKey
    events: Appender
    crashes: Appender
    bot_events: Appender
    handled_errors: Appender
    feedback: Appender
    sdk_sessions: Appender
    event_names: EventNames
    group_names: GroupNames
    person_links: PersonLinks
    storms: Storms
    ledger: Ledger
    work: WorkBudget
    health: HealthProbe
    replica: ReportsDatabase | None

    @classmethod
    def build(cls, config: Config, database: Database) -> Services:
        key = PersonKey(database, config.person_key)
        replica = None
        if config.reports_database_url:
            replica = ReportsDatabase(
                config.reports_database_url, config.max_connections, primary=database
            )
        prometheus.connections_limit.set(config.max_connections * (2 if replica else 1))
        return cls(
            config=config,
            database=database,
            apps=Apps(database, config.retention_days, config.values_per_day, key),
            accounts=Directory(database, config),
            key=key,
            events=Appender(database, key, "events"),
            crashes=Appender(database, key, "crashes"),
            bot_events=Appender(database, key, "bot"),
            handled_errors=Appender(database, key, "handled"),
            feedback=Appender(database, key, "feedback"),
            sdk_sessions=Appender(database, key, "sessions"),
            event_names=EventNames(database),
            group_names=GroupNames(database),
            person_links=PersonLinks(database),
            storms=Storms(),
            ledger=Ledger(database),
            work=WorkBudget(),
            health=HealthProbe(database, replica),
            replica=replica,
        )

    @property
    def reports(self) -> Database:
        """What reports are read from: the replica, where REPORTS_DATABASE_URL names one."""
        return self.replica or self.database

    @contextmanager
    def reading(self, seconds: float = 30) -> Iterator[Transaction]:
        """A snapshot for one answer, with what was just written folded in."""
        self.freshen()
        with self.reports.transaction(
            seconds, isolation="REPEATABLE READ", read_only=True
        ) as transaction:
            yield transaction

    def freshen(self) -> None:
        """Fold before a read that must see what was just written. If another worker is folding a few
        events now, wait for it, FOLD_WAIT seconds at most; where many events wait its result is a
        second away, and the read goes on with what there is."""
        until = monotonic() + FOLD_WAIT
        while waiting := self._waiting():
            try:
                if fold_slice(self.database, self.apps, self.key):
                    return
            except (Refused, Unavailable) as error:  # a little old then, and not refused
                log.warning("a fold before a read failed: %s", error)
                return
            if waiting >= ENOUGH or monotonic() >= until:
                return
            sleep(FOLD_LOOKS)

    def _waiting(self) -> int:
        with self.database.transaction(seconds=5, autocommit=True) as tx:
            return int(tx.value("rollups/waiting", most=ENOUGH))


def services() -> Services:
    return cast(Services, current_app.extensions["stories"])


def now() -> datetime:
    """The time of this request; tests put their own clock under app.config["NOW"]."""
    clock = current_app.config.get("NOW")
    return clock() if clock else datetime.now(UTC)


def server_address() -> str:
    """Where an SDK reaches the server: BASE_URL, such as https://analytics.example.com, or else where
    this request did. Behind proxies that is what they say, as far as TRUSTED_PROXIES believes them."""
    return services().config.base_url.rstrip("/") or f"{request.scheme}://{request.host}"


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
        if (secret := bearer()) is not None:
            return _app_of_token(secret, kind, any_kind)
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


def bearer() -> str | None:
    """The API token of `Authorization: Bearer`."""
    header = request.environ.get("HTTP_AUTHORIZATION", "")
    return header[7:].strip() if header[:7].lower() == "bearer " else None


def _app_of_token(secret: str, kind: str, any_kind: bool) -> App:
    """A token of scope ingest works as a key: of its own app, or of the kind's default."""
    caller = services().accounts.tokens.find(secret, now())
    if caller is None or "ingest" not in (caller.scopes or ()):
        raise ApiError(401, "unknown_token", "the token is not known, or not of scope ingest")
    apps = caller.own(services().apps.all())
    fitting = [app for app in apps if app.kind == kind or (any_kind and len(apps) == 1)]
    if not fitting:
        raise ApiError(401, "unknown_token", f"the token is not that of a {kind} app")
    return next((app for app in fitting if app.is_default), fitting[0])
