"""The one module that speaks to PostgreSQL: connections, transactions, SQL by name, errors.

Every wait has a limit on our side. libpq's own timeouts cover connecting and dead peers, not a
server that accepts and then says nothing, so psycopg2 runs with a wait callback and each
transaction carries a deadline (`seconds`); past it the connection is closed and `Unavailable` says so.
(The price: COPY is not available through these connections.)
"""

from __future__ import annotations

import os
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import psycopg2
import psycopg2.extensions
import psycopg2.extras
from gevent import Timeout, monkey
from psycopg2 import sql as compose

from stories import prometheus
from stories.chunk_readers import rows_alone

SQL = Path(__file__).resolve().parent / "stories" / "sql"
CONNECT_SECONDS = 1.5  # with the rest of a request this keeps the promise of a 503 within two
CONNECTION_SECONDS = 3600  # how long one serves; what it keeps goes with it
MOST_PLANS = 150  # that a connection keeps; then it begins anew
PROBE_SECONDS, PROBE_ANSWER_SECONDS = 1.3, 0.4  # and so does giving up on a server that hangs

# A host by name: no path of a socket, no address, no list.
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9._-]+")

# Of a connection that works for longer than a request; 0s: for as long as it takes.
SET_LIMITS = (
    "select set_config('lock_timeout', %(lock)s, false), "
    "set_config('statement_timeout', %(statement)s, false)"
)

Row = dict[str, Any]


class Unavailable(Exception):
    """The database did not answer, or not in a way to rely on; nothing is known to be stored."""


class Conflict(Unavailable):
    """The transaction lost against another one (deadlock, serialization); a retry may succeed."""


class Stopped(Unavailable):
    """A statement took longer than it may and was stopped; part of the work may do."""


class Refused(Exception):
    """PostgreSQL refused a value; a retry would be refused too."""


class NoPartition(Refused):
    """A row is dated in a month that has no partition yet."""


# Of the running thread or greenlet: until when it waits, and what it does at a long silence.
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
_probe: ContextVar[Callable[[], None] | None] = ContextVar("probe", default=None)


def _wait(connection: Any) -> None:
    """psycopg2's wait callback: like its own, but not past `_deadline`; and where `transaction` was
    given a probe, it is called after a long silence."""
    deadline, probe = _deadline.get(), _probe.get()
    patience = None if probe is None else time.monotonic() + PROBE_SECONDS
    while True:
        state = connection.poll()
        if state == psycopg2.extensions.POLL_OK:
            return
        events = select.POLLIN if state == psycopg2.extensions.POLL_READ else select.POLLOUT
        ends = [end for end in (deadline, patience) if end is not None]
        left = max(0.0, min(ends) - time.monotonic()) * 1000 if ends else None
        if _poll(connection, events, left):
            continue
        if deadline is not None and time.monotonic() >= deadline:
            raise psycopg2.OperationalError("no answer within the time limit")
        if probe is not None:
            patience = None
            probe()


def _poll(connection: Any, events: int, milliseconds: float | None) -> bool:
    poller = select.poll()  # select() itself fails on descriptors past 1,024
    poller.register(connection.fileno(), events)
    return bool(poller.poll(milliseconds))


# For a look that does not wait: gevent's poll goes through its loop, which takes a quarter of the time
# of a small statement.
_poll_at_once = monkey.get_original("select", "poll")

psycopg2.extensions.set_wait_callback(_wait)
psycopg2.extras.register_default_json(loads=msgspec.json.decode)
psycopg2.extras.register_default_jsonb(loads=msgspec.json.decode)
psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Statements within the block must be answered in `seconds`; None: no limit. An outer limit that
    ends sooner wins."""
    before = _deadline.get()
    mine = None if seconds is None else time.monotonic() + seconds
    _deadline.set(mine if before is None or mine is None else min(before, mine))
    try:
        yield
    finally:
        _deadline.set(before)


_has_citus = False


def on_citus(has_citus: bool) -> None:
    """From now on this process reads rows alone there (stories/chunk_readers.py), or rows and chunks."""
    global _has_citus
    if _has_citus != has_citus:
        _has_citus = has_citus
        sql.cache_clear()


def has_citus() -> bool:
    return _has_citus


@cache
def sql(name: str) -> str:
    """The statement in sql/<name>.sql, with its name where the server's logs show it.

    Header comments stay out: they would cost bytes on every call and `%` in prose breaks parameters.
    """
    lines = (SQL / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    body = [line for line in lines if not line.lstrip().startswith("--")]
    statement = f"/* {name} */ " + "\n".join(body)
    return rows_alone(statement) if _has_citus else statement


class Inline(str):
    """A statement given as text where a name is expected, for tests and for the few that cannot be
    a file, such as `lock table`. It begins with a comment that names the caller."""


class Expression:
    """A boolean expression of SQL as the parameter of a statement: `where %(matches)s`. Its own values
    are quoted by psycopg2 when the statement is sent."""

    def __init__(self, text: str, values: dict[str, Any] | None = None) -> None:
        self.text = text
        self.values = values or {}
        self._connection: Any = None

    def __conform__(self, protocol: Any) -> Expression | None:
        return self if protocol is psycopg2.extensions.ISQLQuote else None

    def prepare(self, connection: Any) -> None:
        self._connection = connection

    def getquoted(self) -> bytes:
        with self._connection.cursor() as cursor:
            quoted: bytes = cursor.mogrify(f"({self.text})", self.values)
            return quoted


def _text(statement: str) -> str:
    return statement if isinstance(statement, Inline) else sql(statement)


def _plan_name(statement: str, text: bytes) -> str:
    return f"{statement} {blake2b(text, digest_size=12).hexdigest()}"


class Connection(psycopg2.extensions.connection):
    """A connection that knows since when it is open, and whether it keeps plans (run_kept)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opened_at = time.monotonic()
        self.keeps_plans = False


class Transaction:
    """Statements on one connection. `name` is that of a file in stories/sql, or an Inline."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def _execute(self, name: str, params: Row) -> Any:
        cursor = self.connection.cursor()
        cursor.execute(_text(name), params)
        return cursor

    def rows(self, name: str, /, **params: Any) -> list[Row]:
        """All rows, as dictionaries by column."""
        with self._execute(name, params) as cursor:
            names = [column.name for column in cursor.description]
            return [dict(zip(names, values, strict=True)) for values in cursor]

    def row(self, name: str, /, **params: Any) -> Row | None:
        """The first row; None if there is none."""
        rows = self.rows(name, **params)
        return rows[0] if rows else None

    def value(self, name: str, /, **params: Any) -> Any:
        """The first column of the first row; None if there is no row."""
        with self._execute(name, params) as cursor:
            row = cursor.fetchone()
            return row[0] if row else None

    def run(self, name: str, /, **params: Any) -> int:
        """Returns how many rows the statement touched."""
        with self._execute(name, params) as cursor:
            return int(cursor.rowcount)

    def run_all(self, names: Sequence[str], /, **params: Any) -> None:
        """Several statements in one round trip: in a busy worker each answer of the database waits until
        the event loop comes back to this greenlet."""
        with self.connection.cursor() as cursor:
            cursor.execute(";\n".join(map(sql, names)), params)

    def run_kept(self, names: Sequence[str], /, **params: Any) -> None:
        """As run_all, with plans that the connection keeps, for statements that are run again and again
        with the same parameters. Each is prepared under a name that ends in a hash of its text with
        its parameters. Which there are is asked every time: behind PgBouncer the next transaction may
        meet another connection. Forty plans take 14 MB of PostgreSQL's memory."""
        self.connection.keeps_plans = True
        with self.connection.cursor() as cursor:
            wanted = [
                (_plan_name(name, text), text)
                for name in names
                for text in (cursor.mogrify(part, params) for part in sql(name).split(";\n"))
            ]
            cursor.execute("select name from pg_prepared_statements")
            held, steps = {name for (name,) in cursor}, []
            if len(held) > MOST_PLANS:
                held, steps = set(), [b"deallocate all"]
            for name, text in dict(wanted).items():
                if name not in held:
                    steps.append(f'prepare "{name}" as '.encode() + text)
            steps += [f'execute "{name}"'.encode() for name, _ in wanted]
            cursor.execute(b";\n".join(steps))

    def set_local(self, **settings: str) -> None:
        """Change settings of PostgreSQL's to the end of the transaction: lock_timeout="5s"."""
        for setting, value in settings.items():
            self.run("operation/set_local", setting=setting, value=value)

    def script_named(self, name: str) -> None:
        """Several statements from sql/<name>.sql."""
        self.script(sql(name))

    def script(self, text: str) -> None:
        """A file of several statements, sent as it is: no parameters, `%` is literal."""
        with self.connection.cursor() as cursor:
            cursor.execute(text)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What fails within is undone, and the transaction goes on. Raises as `transaction` does."""
        with self.connection.cursor() as cursor:
            cursor.execute("savepoint attempt")
            try:
                yield
            except psycopg2.Error as error:
                if not self.connection.closed:
                    cursor.execute("rollback to savepoint attempt; release savepoint attempt")
                raise translate(error) from error
            cursor.execute("release savepoint attempt")

    def stream(self, name: str, /, batch: int = 2000, **params: Any) -> Iterator[tuple[Any, ...]]:
        """Rows in constant memory through a server-side cursor, the column names first."""
        with self.connection.cursor("stream") as cursor:
            cursor.itersize = batch
            cursor.execute(_text(name), params)
            first = cursor.fetchmany(1)
            yield tuple(column.name for column in cursor.description)
            yield from first
            yield from cursor


class Database:
    """A small pool. psycopg2's own pool raises when it is empty instead of waiting, and keeps dead
    connections; SQLAlchemy's does both right and would cost 20 MB in every worker."""

    def __init__(self, dsn: str, size: int = 10) -> None:
        self.dsn = dsn
        self._size = size
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._idle: list[Any] = []
        self._slots = threading.BoundedSemaphore(self._size)

    def connect(self, seconds: float = CONNECT_SECONDS) -> Any:
        """A connection of the caller's own, outside the pool, in autocommit mode."""
        try:
            with time_limit(seconds):
                given = {"application_name": "stories", "connect_timeout": "2"}
                given |= _addresses(self.dsn, seconds)
                connection = psycopg2.connect(
                    psycopg2.extensions.make_dsn(self.dsn, **given), connection_factory=Connection
                )
        except psycopg2.Error as error:
            raise Unavailable(first_line(error)) from error
        connection.autocommit = True
        return connection

    @contextmanager
    def transaction(
        self,
        seconds: float | None = 30,
        *,
        isolation: str | None = None,
        read_only: bool = False,
        autocommit: bool = False,
        probe: bool = False,
        keeps_plans: bool = False,
    ) -> Iterator[Transaction]:
        """One transaction, committed at the end, rolled back on any error.

        autocommit: each statement is its own transaction, which saves two round trips where one
        statement does it all. isolation: e.g. "REPEATABLE READ". probe: a statement that takes long
        goes on only while the server answers others. keeps_plans: on a connection that keeps some
        already, if one is free. Raises Unavailable, Conflict,
        Refused or NoPartition; never a psycopg2 error.
        """
        if os.getpid() != self._pid:
            self._reset()  # a forked worker must not share its parent's sockets
        with time_limit(seconds):
            connection = self._take(keeps_plans)
            _probe.set(self._probe if probe else None)
            try:
                if not autocommit:
                    connection.set_session(
                        isolation_level=isolation or "READ COMMITTED",
                        readonly=read_only,
                        autocommit=False,
                    )
                yield Transaction(connection)
                if not autocommit:
                    connection.commit()
            except psycopg2.Error as error:
                raise translate(error) from error
            finally:
                _probe.set(None)
                self._give_back(connection)

    def _probe(self) -> None:
        """Raises OperationalError if the server does not answer a fresh connection either."""
        _probe.set(None)  # the probe's own waits have none
        try:
            self.ping("operation/ping", PROBE_ANSWER_SECONDS)
        except Unavailable as error:
            raise psycopg2.OperationalError("the database does not answer") from error

    def _take(self, keeps_plans: bool) -> Any:
        if not self._slots.acquire(timeout=CONNECT_SECONDS):
            prometheus.connections_refused.inc()
            raise Unavailable("all database connections of this worker are busy")
        try:
            while self._idle:
                connection = self._idle.pop(0 if keeps_plans else -1)  # as _give_back left them
                if not _has_hung_up(connection):
                    prometheus.connections_in_use.inc()
                    return connection
                _close(connection)
            connection = self.connect()
            prometheus.connections_in_use.inc()
            return connection
        except BaseException:
            self._slots.release()
            raise

    def _give_back(self, connection: Any) -> None:
        try:
            if not connection.closed:
                connection.rollback()  # no round trip when no transaction is open
                connection.autocommit = True
                if (
                    connection.info.transaction_status
                    != psycopg2.extensions.TRANSACTION_STATUS_IDLE
                ):
                    with connection.cursor() as cursor:  # a script's own `begin` that failed
                        cursor.execute("rollback")
        except psycopg2.Error:
            _close(connection)
        if not connection.closed:
            self._idle.insert(0 if connection.keeps_plans else len(self._idle), connection)
        self._close_old()
        prometheus.connections_in_use.dec()
        self._slots.release()

    def _close_old(self) -> None:
        """Also those that nobody takes: PostgreSQL has to remember all transactions since a connection
        made the tables that it keeps."""
        limit = time.monotonic() - CONNECTION_SECONDS
        for connection in [each for each in self._idle if each.opened_at < limit]:
            with suppress(ValueError):  # somebody else has just taken it
                self._idle.remove(connection)
                _close(connection)

    def rebuild_indexes(self, table: str, lock_seconds: float = 0) -> bool:
        """REINDEX … CONCURRENTLY of a table, on a connection of its own, and a note on the table that
        it was done. What an interrupted run left behind goes first. It waits for open transactions:
        at most `lock_seconds` for each, then it raises Unavailable; 0: without end. False: the table
        is empty, and nothing was done (asked of the rows: on Citus the tables that the coordinator sees
        have no size)."""
        name = compose.Identifier(table)
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(compose.SQL("select exists (select 1 from {})").format(name))
                if not cursor.fetchone()[0]:
                    return False
                cursor.execute(SET_LIMITS, {"lock": f"{lock_seconds}s", "statement": "0s"})
                cursor.execute(
                    sql("storage/invalid_indexes"), {"table_name": name.as_string(connection)}
                )
                for leftover in cursor.fetchall():
                    cursor.execute(
                        compose.SQL("drop index concurrently {}").format(
                            compose.Identifier(*leftover)
                        )
                    )
                cursor.execute(compose.SQL("reindex table concurrently {}").format(name))
                cursor.execute(compose.SQL("comment on table {} is 'compacted'").format(name))
                return True
        except psycopg2.Error as error:
            raise translate(error) from error
        finally:
            _close(connection)

    def shrink(self, table: str, seconds: float = 0, lock_seconds: float = 0.3) -> None:
        """VACUUM FULL of a table, on a connection of its own; the statement never waits longer than
        `lock_seconds` for the table. Raises Unavailable where it is in use, Stopped where it takes
        longer than `seconds` (0: it may)."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(SET_LIMITS, {"lock": f"{lock_seconds}s", "statement": f"{seconds}s"})
                cursor.execute(
                    compose.SQL("vacuum (full, analyze) {}").format(compose.Identifier(table))
                )
        except psycopg2.Error as error:
            raise translate(error) from error
        finally:
            _close(connection)

    def ping(self, name: str, seconds: float, /, **params: Any) -> Any:
        """One value on a fresh connection, as a sign of life. Raises Unavailable."""
        with time_limit(seconds):
            connection = self.connect(seconds)
            try:
                return Transaction(connection).value(name, **params)
            except psycopg2.Error as error:
                raise translate(error) from error
            finally:
                _close(connection)

    def close(self) -> None:
        while self._idle:
            _close(self._idle.pop())


def _addresses(dsn: str, seconds: float) -> dict[str, str]:
    """The addresses of the DSN's host, for libpq. It would look the name up itself, and while a name
    server is silent every greenlet of the worker would wait. Empty outside gevent, and where the DSN
    names no single host. Raises OperationalError."""
    given = psycopg2.extensions.parse_dsn(dsn)
    host = given.get("host", "")
    if not monkey.is_module_patched("socket") or "hostaddr" in given or not _NAME.fullmatch(host):
        return {}
    try:
        with Timeout(seconds):
            infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, Timeout) as error:
        raise psycopg2.OperationalError(f"the address of {host} could not be found") from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in infos))
    return {"host": ",".join([host] * len(addresses)), "hostaddr": ",".join(addresses)}


def _has_hung_up(connection: Any) -> bool:
    """An idle connection has nothing to say: if its socket is readable, the server closed it."""
    if connection.closed:
        return True
    poller = _poll_at_once()
    poller.register(connection.fileno(), select.POLLIN)
    return bool(poller.poll(0))


def _close(connection: Any) -> None:
    try:
        connection.close()
    except psycopg2.Error:
        pass  # it is gone either way


def first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def translate(error: psycopg2.Error) -> Exception:
    """psycopg2's many errors as the four that callers act on, by SQLSTATE (PostgreSQL, appendix A)."""
    code = error.pgcode or ""
    text = first_line(error)
    if code == "23514" and "no partition" in text:
        return NoPartition(text)
    if code.startswith("40"):
        return Conflict(text)
    if code == "53100":
        return Unavailable("the database's disk is full")
    if code in ("42P01", "42703", "42883"):
        return Unavailable(f"the database's schema is not this release's ({text})")
    if code == "57014":
        return Stopped("the question took too long and was stopped")
    # Data, constraints, a row that meets itself, a row past a limit, a function's own complaint.
    if code.startswith(("22", "23", "21", "54", "P0")):
        return Refused(text)
    return Unavailable(text)
