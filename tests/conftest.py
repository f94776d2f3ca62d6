"""What the tests share: a throw-away PostgreSQL, a database of its own for each test, the app on it.

DATABASE_URL of the environment is never used: tests work on a server that they start themselves.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Map, RuleFactory

from app import create_app
from database import Database
from stories.accounts import passwords
from stories.config import Config
from stories.operation import local_postgres, migrate
from stories.operation.local_postgres import account
from stories.storage import partitions
from stories.web.lean import LeanFlask
from stories.web.services import Services
from tests.clock import NOW, wait_for_room
from tests.support import basic, memory
from tools import faked_clock
from tools.server import Server


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    if config.getoption("dist") != "loadfile":
        return None
    from tests.order import LongestFirst  # where pytest-xdist is at work

    return LongestFirst(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    wait_for_room()


class SharedRoutes(Map):
    """The routes of every app that a test makes, which are the same: compiling them anew was two thirds
    of the making of an app, and thousands are made."""

    def __init__(self) -> None:
        super().__init__()
        self._added: set[tuple[Any, ...]] = set()

    def add(self, rulefactory: RuleFactory) -> None:
        for rule in rulefactory.get_rules(self):
            key = (rule.rule, rule.endpoint, frozenset(rule.methods or ()))
            if key not in self._added:
                self._added.add(key)
                super().add(rule)


_routes = SharedRoutes()
LeanFlask.url_map_class = staticmethod(lambda host_matching: _routes)  # type: ignore[assignment]


# A hash takes a tenth of a second of a core, by intention: tests/web/test_people.py holds what it costs.
passwords.MEMORY = 8

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The DSN of a throw-away server's maintenance database, with a migrated template in it."""
    account.KEPT += tuple(faked_clock.inherited())  # under `make test-dates` it has our clock
    with local_postgres.throwaway(FAST, place=memory()) as server:
        admin = server.dsn
        _run(admin, "create database template_stories")
        database = Database(_named(admin, "template_stories"), 2)
        migrate.migrate(database)
        partitions.ensure_all(database, 365)
        partitions.ensure(database, NOW, 365)
        database.close()
        yield admin


_numbers = itertools.count(1)


@contextmanager
def _own_database(postgres: str) -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _run(postgres, f"create database {name} template template_stories strategy file_copy")
    try:
        yield _named(postgres, name)
    finally:
        _run(postgres, f"drop database {name} with (force)")


@pytest.fixture
def fresh_dsn(postgres: str) -> Iterator[str]:
    """A migrated database of this test's own, for tests that change tables (a third of a second)."""
    with _own_database(postgres) as dsn:
        yield dsn


@pytest.fixture(scope="module")
def lasting_server(postgres: str) -> Iterator[Server]:
    """One server for a whole file, on a database of its own: its tests know their own data again."""
    with _own_database(postgres) as dsn:
        server = Server(dsn)
        try:
            yield server.wait()
        finally:
            server.stop()


@pytest.fixture(scope="module")
def lasting_app(postgres: str) -> Iterator[Flask]:
    """One app for a whole file, on a database of its own: for much traffic that tests only read."""
    with _own_database(postgres) as dsn:
        made = create_app(Config(ratelimit_enabled=False, run_jobs=False), dsn)
        made.testing = True
        made.config["PROPAGATE_EXCEPTIONS"] = False
        yield made
        made.extensions["stories"].database.close()


@pytest.fixture(scope="session")
def _shared(postgres: str) -> str:
    _run(postgres, "create database shared template template_stories strategy file_copy")
    dsn = _named(postgres, "shared")
    _run(dsn, MAKE_EMPTY)
    return dsn


@pytest.fixture(scope="session")
def _empty(_shared: str) -> Iterator[Callable[[], None]]:
    """Over one connection, which knows every partition: a new one looks at them all first."""
    kept: list[Any] = []

    def empty() -> None:
        while not kept or kept[0].closed:
            kept[:] = [psycopg2.connect(_shared)]
            kept[0].autocommit = True
        with kept[0].cursor() as cursor:
            cursor.execute("select pristine.empty()")

    yield empty
    for connection in kept:
        connection.close()


@pytest.fixture
def dsn(_shared: str, _empty: Callable[[], None]) -> Iterator[str]:
    """A migrated, empty database, emptied again after the test (a few milliseconds)."""
    yield _shared
    try:
        _empty()
    except psycopg2.OperationalError:  # the test has ended other people's connections
        _empty()


# Deleting from the tables that hold something is much faster than truncating thirty partitions; and a
# function's plans are kept by its connection, where a block's would be made anew after each test.
MAKE_EMPTY = """
create schema pristine;
create table pristine.apps as select * from public.apps;
do $do$
declare
    steps text;
begin
    select string_agg(
        format(
            'if exists (select from public.%1$I) then delete from public.%1$I; end if;', relname
        ),
        ' '
    )
    into steps
    from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname not in ('schema_migrations', 'fold_state', 'apps');
    execute format(
        'create function pristine.empty() returns void language plpgsql as %L',
        'begin ' || steps || ' delete from public.apps; '
        'insert into public.apps overriding system value select * from pristine.apps; end'
    );
end $do$
"""


def _named(dsn: str, name: str) -> str:
    return dsn.replace("/stories_analytics?", f"/{name}?")


def _run(dsn: str, statement: str) -> None:
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


@pytest.fixture
def database(dsn: str) -> Iterator[Database]:
    opened = Database(dsn, 10)
    yield opened
    opened.close()


@pytest.fixture
def config() -> Config:
    return Config(ratelimit_enabled=False, run_jobs=False)


@pytest.fixture(scope="session")
def _idle() -> Iterator[list[Any]]:
    """Connections that one app leaves to the next: a new one looks at every partition again."""
    connections: list[Any] = []
    yield connections
    for connection in connections:
        connection.close()


@pytest.fixture
def app(dsn: str, config: Config, _shared: str, _idle: list[Any]) -> Iterator[Flask]:
    """The app on this test's database; put a clock under app.config["NOW"] to move its time."""
    made = create_app(config, dsn)
    made.testing = True
    made.config["PROPAGATE_EXCEPTIONS"] = False
    database: Database = made.extensions["stories"].database
    if dsn == _shared:
        database._idle = _idle
    yield made
    while len(database._idle) > (2 if dsn == _shared else 0):
        database._idle.pop(0).close()


@pytest.fixture
def services(app: Flask) -> Services:
    shared: Services = app.extensions["stories"]
    return shared


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def auth() -> dict[str, str]:
    return basic("admin", "admin")


@pytest.fixture
def now(request: pytest.FixtureRequest) -> datetime:
    """The fixed time of tests.clock, at which the app of this test lives too; for a test with a real
    server, which has the machine's clock, the time of that."""
    if {"serve", "lasting_server"} & set(request.fixturenames):
        return datetime.now(UTC).replace(microsecond=0)
    if "app" in request.fixturenames:
        request.getfixturevalue("app").config["NOW"] = lambda: NOW
    return NOW


@pytest.fixture
def serve(dsn: str) -> Iterator[Callable[..., Server]]:
    """Starts servers on this test's database (or on `dsn`), with settings as keywords."""
    started: list[Server] = []

    def start(database_url: str = dsn, **settings: Any) -> Server:
        started.append(Server(database_url, **settings))
        return started[-1].wait()

    yield start
    for server in started:
        server.stop()
