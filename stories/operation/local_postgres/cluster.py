"""One data folder: create a database in it, start a server on it, stop that."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from stories.errors import SetupError
from stories.operation.local_postgres import account, locks
from stories.operation.local_postgres.account import Account, give, user_name
from stories.operation.local_postgres.sentences import failure, last_line

DATABASE = "stories_analytics"
PORT = 5432  # of the socket's file name; nothing listens on the network
START_SECONDS = 60.0  # crash recovery of 1 GB of WAL fits in
STOP_SECONDS = 30.0

_SOCKET_PATH_BYTES = 107  # sun_path, less its closing zero
_LOG_BYTES = 10 * 1024 * 1024
_POLL_SECONDS = 0.05

# Sized for the smallest rented machine (512 MB of memory, one core).
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "cluster_name": "stories-analytics",
    "max_connections": "60",
    # A person's rows may be in every month that is kept; each takes locks on a table and its indexes.
    "max_locks_per_transaction": "256",
    "shared_buffers": "128MB",
    "effective_cache_size": "384MB",
    "maintenance_work_mem": "64MB",
    "random_page_cost": "1.1",
    # A compiled plan pays from some seconds on; our reports take milliseconds.
    "jit": "off",
    # Ingest is one long stream of small commits: fewer, smoother checkpoints, smaller WAL. A crash
    # replays 1 GB at most. fsync and synchronous_commit stay on: an answered event is on the disk.
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # Statements and DETAIL lines hold people's data (psycopg2 puts values into the text), so the
    # log gets neither, and no slow statements. Routine notes would only make it grow.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}


@dataclass
class Cluster:
    """One data folder, the programs for it, and what its files tell about a server on it."""

    data_dir: Path
    binaries: Path
    settings: Mapping[str, str]
    path: Path = field(init=False)
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.path = self.data_dir / "postgres"
        self.log = self.data_dir / "postgres.log"

    def check_owner(self) -> None:
        if not self.path.exists() or os.geteuid() in (0, self.path.stat().st_uid):
            return
        owner = user_name(self.path.stat().st_uid)
        raise SetupError(
            f"The database in {self.path} belongs to {owner}: start as root or as the user who "
            "made it, or choose another DATA_DIR."
        )

    def ensure_created(self) -> None:
        """Create the cluster aside and rename it, so that there is a whole one or none."""
        if self.path.exists() and os.listdir(self.path):
            self._check_version()
            return
        if re.search(r'["$`\\]', str(self.binaries)):
            # initdb puts its own path into shell commands, between double quotes.
            raise SetupError(
                f'PostgreSQL cannot be set up from {self.binaries}, because of a ", $, ` or \\ in '
                "the path: move this folder, or set DATABASE_URL."
            )
        unfinished = self.data_dir / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        # Trust is safe: the folder, the socket in it included, is closed to every other user.
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--data-checksums"]
        if self.major_version() >= "17":
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        else:
            options += ["--locale=C.UTF-8"]
        if self.settings.get("fsync") == "off":
            options += ["--no-sync"]
        made = account.for_folders(self.binaries, unfinished).run(
            [self.binaries / "initdb", *options, "-D", unfinished], capture_output=True
        )
        if made.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise failure(self.path, "could not be created", made.stderr, self.log)
        unfinished.rename(self.path)

    def _check_version(self) -> None:
        try:
            made_by = (self.path / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise SetupError(
                f"{self.path} holds files but no database: move them away, or choose another "
                "DATA_DIR."
            ) from None
        if made_by != self.major_version():
            raise SetupError(
                f"The database in {self.path} was made by PostgreSQL {made_by} and this is "
                f"{self.major_version()}: bring it over with pg_dump, or move the folder away to "
                "start empty."
            )

    def major_version(self) -> str:
        said = Account().run([self.binaries / "postgres", "--version"], capture_output=True)
        found = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
        if not found:
            raise SetupError(
                f"The PostgreSQL programs in {self.binaries} do not run on this machine "
                f"({last_line(said.stderr)}): set DATABASE_URL to a PostgreSQL server instead."
            )
        return found[1]

    def ensure_running(self) -> Path:
        """Wait for a server that takes connections, starting one unless one is there.

        Answers the folder of its socket. Holds the start lock throughout.
        """
        deadline = time.monotonic() + START_SECONDS
        log_start = None
        while True:
            try:
                return self._connect()
            except psycopg2.Error as error:
                refusal = last_line(str(error))
                # No code: no connection. 57P: starting, or on its way down.
                if not (error.pgcode or "57P").startswith("57P"):
                    raise failure(self.path, "cannot be used", refusal, self.log) from error
            running = os.open(self.path, os.O_RDONLY)
            try:
                if locks.attempt(running, locks.EXCLUSIVE):
                    if log_start is not None:
                        raise failure(
                            self.path, "did not start", self._log_from(log_start), self.log
                        )
                    log_start = self._launch(running)
            finally:
                os.close(running)
            if time.monotonic() > deadline:
                # Left alone: it may be in the middle of crash recovery, and a stop would make the
                # next start begin that anew.
                raise SetupError(
                    f"PostgreSQL in {self.path} takes no connections after {START_SECONDS:.0f} "
                    f"seconds ({refusal}): see {self.log}, and start again in a minute."
                )
            time.sleep(_POLL_SECONDS)

    def _connect(self) -> Path:
        socket_dir = self._socket_dir()
        connection = psycopg2.connect(
            host=str(socket_dir),
            port=PORT,
            user="postgres",
            dbname="postgres",
            connect_timeout=int(START_SECONDS),
        )
        with contextlib.closing(connection), connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute("select 1 from pg_database where datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f"create database {DATABASE}")
        return socket_dir

    def _launch(self, running: int) -> int:
        """Start the server, which takes over the lock `running`. Answers the log's size before."""
        socket_dir = self._own_socket_dir()
        self._drop_stale_files(socket_dir)
        config = self._write_settings(socket_dir)
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > _LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.old"))
        with self.log.open("ab") as log:
            give(self.log, self.path.stat())
            before = log.tell()
            # The shell leaves the server to init: as our child it would be reaped, and its exit
            # code judged, by gunicorn's arbiter. pg_ctl does the same but breaks on quotes.
            server: list[str | Path] = [
                self.binaries / "postgres",
                "-D",
                self.path,
                "-c",
                f"config_file={config}",
            ]
            account.for_folders(self.binaries, self.path, socket_dir).run(
                ["/bin/sh", "-c", '"$@" &', "sh", *server],
                pass_fds=(running,),
                stdout=log,
                stderr=log,
            )
        return before

    def _write_settings(self, socket_dir: Path) -> Path:
        """The configuration file: ours on top of initdb's. An `alter system` goes above both.

        It lies beside the cluster's folder, because root must not write where another user could
        leave a symbolic link.
        """
        folders = '"' + str(socket_dir).replace('"', '""') + '"'
        lines = ["# Written anew at each start. To change something, use `alter system`."]
        lines.append(f"include {_quoted(str(self.path / 'postgresql.conf'))}")
        for name, value in {**self.settings, "unix_socket_directories": folders}.items():
            lines.append(f"{name} = {_quoted(value)}")
        config = self.data_dir / "postgres.conf"
        config.write_bytes(os.fsencode("\n".join(lines) + "\n"))
        config.chmod(0o644)
        return config

    def _drop_stale_files(self, socket_dir: Path) -> None:
        """After a machine crash, forget the old server's lock files.

        PostgreSQL refuses to start when any process of its user now has the pid they name, which
        in a container is likely. We hold the lock that says that none of ours is left; somebody
        may still have started one by hand.
        """
        found = self._pid_file()
        if found and self._uses(found[0]):
            raise SetupError(
                f"A PostgreSQL that was started by hand (process {found[0]}) uses {self.path} and "
                "does not answer: stop it first."
            )
        (self.path / "postmaster.pid").unlink(missing_ok=True)
        (socket_dir / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def shut_down(self) -> None:
        """Stop the server: clients are sent away, and if that takes too long, dropped."""
        for how, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0)):
            told = None
            deadline = time.monotonic() + seconds
            while not self._is_gone() and time.monotonic() < deadline:
                found = self._pid_file()  # not there yet if it has only just been started
                if found and found[0] != told:
                    told = found[0]
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(told, how)
                time.sleep(_POLL_SECONDS)
        if self._own_socket_dir() != self.path:
            with contextlib.suppress(OSError):
                self._own_socket_dir().rmdir()

    def _is_gone(self) -> bool:
        if not self.path.exists():
            return True
        running = os.open(self.path, os.O_RDONLY)
        try:
            if not locks.attempt(running, locks.EXCLUSIVE):
                return False
        finally:
            os.close(running)
        # One that was started by hand holds no lock.
        found = self._pid_file()
        return found is None or not self._uses(found[0])

    def _uses(self, pid: int) -> bool:
        """Whether the process is at work in the cluster's folder (as far as this system tells)."""
        try:
            return os.path.samefile(f"/proc/{pid}/cwd", self.path)
        except OSError:
            return False

    def _pid_file(self) -> tuple[int, Path] | None:
        """Process and socket folder by postmaster.pid, unless that came with a copied folder."""
        try:
            lines = os.fsdecode((self.path / "postmaster.pid").read_bytes()).split("\n")
            if os.path.samefile(lines[1], self.path):
                return int(lines[0]), Path(lines[4])
        except (OSError, ValueError, IndexError):
            pass
        return None

    def _socket_dir(self) -> Path:
        """Where the running server listens, which may have been started under another TMPDIR."""
        found = self._pid_file()
        return found[1] if found and found[1].name else self._own_socket_dir()

    def _own_socket_dir(self) -> Path:
        """The cluster's folder, or one under the temp folder where that makes no address."""
        if _fits_socket(self.path):
            return self.path
        name = "stories-" + hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / name
        if not _fits_socket(folder):
            folder = Path("/tmp") / name  # noqa: S108 - checked below
        owner = self.path.stat()
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            give(folder, owner)
        # Anybody may make folders there: take no other user's word for our database.
        found = folder.lstat()
        if found.st_uid != owner.st_uid or found.st_mode & 0o170777 != 0o040700:
            raise SetupError(f"{folder} is needed for the database's socket: remove it.")
        return folder

    def _log_from(self, offset: int) -> str:
        with self.log.open("rb") as log:
            log.seek(offset)
            return log.read().decode("utf-8", "replace")


def _fits_socket(folder: Path) -> bool:
    """Short enough, and without the comma and the control characters that split or end it."""
    address = os.fsencode(folder / f".s.PGSQL.{PORT}")
    return len(address) <= _SOCKET_PATH_BYTES and not re.search(rb"[,\x00-\x1f]", address)


def _quoted(value: str) -> str:
    """A string in PostgreSQL's configuration file."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n") + "'"
