"""The app under gunicorn with the users' command line: what tests, drills, benchmarks and demo start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from typing import IO, Any

from stories.config import ROOT
from tools import faked_clock

WORKERS = 2
STOP_SECONDS = 30.0

# Hands the socket over as systemd does: descriptor 3, and our own process id.
ACTIVATED = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); "
    "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); "
    "os.execv(sys.argv[2], sys.argv[2:])"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    """Processes whose parent it is."""
    pids = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # gone meanwhile
        if int(fields[1]) == pid:
            pids.append(int(status.parent.name))
    return pids


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def processor_seconds(pids: Iterable[int]) -> dict[int, float]:
    """What each process has used of the processor, with those of its children that have ended."""
    seconds = {}
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # gone meanwhile
        seconds[pid] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return seconds


class Server:
    """Two workers on `port`, as a process group of its own, started at once: `wait` for it, and `stop`
    it or use it as a context.

    root: the folder of another release. application, options: of gunicorn. listener: a socket that stays
    open while servers come and go. log: where its output goes; by default kept until it stops.
    supervised: if it ends while somebody waits, it is started again. settings: environment variables
    beside DATABASE_URL; nothing else of our environment but PATH reaches it.
    """

    def __init__(
        self,
        dsn: str,
        *,
        port: int | None = None,
        root: Path = ROOT,
        application: str = "app:app",
        options: Sequence[str] = (),
        listener: socket.socket | None = None,
        log: Path | None = None,
        supervised: bool = False,
        **settings: str,
    ) -> None:
        self.dsn = dsn
        self.port = port or (listener.getsockname()[1] if listener else free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        self.seconds_to_healthy = 0.0
        self._root, self._listener = root, listener
        self._gunicorn = [sys.executable, "-m", "gunicorn", application]
        self._options = [*("--workers", str(WORKERS), "--timeout", "60"), *options]
        self._log_path, self._supervised = log, supervised
        self._log: IO[Any] | None = None
        self._environ = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": dsn,
            "RATELIMIT_ENABLED": "false",
            "PYTHONDONTWRITEBYTECODE": "1",
            **faked_clock.inherited(),
            **settings,
        }
        self.start()

    def start(self) -> None:
        """Start it (again)."""
        bind, passed = ["--bind", f"127.0.0.1:{self.port}"], tuple[int, ...]()
        command = [*self._gunicorn, *bind, *self._options]
        if self._listener is not None:
            passed = (self._listener.fileno(),)
            command = [sys.executable, "-c", ACTIVATED, str(passed[0]), *self._gunicorn]
            command += self._options
        if self._log is not None:
            self._log.close()
        self._log = (
            self._log_path.open("a+b") if self._log_path else tempfile.TemporaryFile()  # noqa: SIM115
        )
        self._stopped, self._began = False, time.perf_counter()
        self.process = subprocess.Popen(
            command,
            cwd=self._root,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a greeting
            stderr=self._log,
            pass_fds=passed,
            start_new_session=True,
        )
        self.pid = self.process.pid  # of who serves; after a USR2 another than `process`

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait(self, seconds: float = 60) -> Server:
        """Until it is healthy. Raises AssertionError with the end of its log if it is not in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                if not self._supervised:
                    raise AssertionError(f"the server ended: {self.log_end()}")
                time.sleep(0.3)
                self.start()
            elif self.is_healthy() and self._has_workers():  # the dearer look comes last
                self.seconds_to_healthy = time.perf_counter() - self._began
                return self
            time.sleep(0.02)
        end = self.log_end()
        self.stop()  # whoever waits for it in vain has nothing to stop it by
        raise AssertionError(f"the server did not become healthy; its log ends: {end}")

    def is_healthy(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def workers(self) -> list[int]:
        return children(self.pid)

    def _has_workers(self) -> bool:
        """The port may be held by another server, or by workers of one that was killed."""
        return bool(self.workers()) or not Path("/proc/self").exists()

    def memory(self) -> dict[str, float]:
        """Megabytes of all its processes. pss shares out what they have in common; rss counts it once
        for each."""
        megabytes = {"pss": 0.0, "rss": 0.0}
        for pid in [self.process.pid, *children(self.process.pid)]:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name.lower() in megabytes:
                    megabytes[name.lower()] += int(rest.split()[0]) / 1024
        return megabytes

    def signal(self, which: Signals) -> None:
        os.kill(self.pid, which)

    def successor(self, seconds: float = 30) -> int:
        """After a USR2: the gunicorn that has taken over, once it has workers of its own."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for pid in self.workers():
                if children(pid):
                    return pid
            time.sleep(0.05)
        raise RuntimeError(f"no other server has taken over: {self.log_end()}")

    def kill(self) -> None:
        """SIGKILL to all of it at once."""
        os.killpg(self.process.pid, SIGKILL)
        self.process.wait()

    def kill_master(self) -> None:
        """Its workers notice within a second, and free the port."""
        self.process.kill()
        self.process.wait()

    def stop(self, how: Signals = SIGTERM) -> None:
        """As a supervisor stops it: a signal, and SIGKILL to what is left after half a minute."""
        if self._stopped:
            return
        self._stopped = True
        deadline = time.monotonic() + STOP_SECONDS
        with suppress(ProcessLookupError):
            if not self._is_gone():
                os.kill(self.pid, how)
            while not self._is_gone() and time.monotonic() < deadline:
                time.sleep(0.02)
            os.killpg(self.process.pid, SIGKILL)
        self.process.wait()
        if self._log is not None:
            self._log.close()

    def _is_gone(self) -> bool:
        """Whether the process that serves is: ours, or one that a USR2 has left in its place."""
        if self.pid == self.process.pid:
            return self.process.poll() is not None
        self.process.poll()
        return not Path(f"/proc/{self.pid}").exists()

    def has_ended(self) -> bool:
        """Whether it is gone though nobody stopped it."""
        return not self._stopped and self.pid == self.process.pid and self._is_gone()

    def output(self) -> str:
        """What it has logged since its last start, up to 16 MB; "" once it has been stopped."""
        if self._log is None or self._log.closed:
            return ""
        return os.pread(self._log.fileno(), 2**24, 0).decode(errors="replace")

    def log_end(self) -> str:
        return f"{self.output()[-800:]} (code {self.process.returncode})"
