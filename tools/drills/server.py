"""The app under gunicorn with the users' command line, as a process group that can be killed."""

from __future__ import annotations

import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tools.benchmarks.place import ROOT
from tools.benchmarks.server import Server as Measured
from tools.benchmarks.server import children

LOGIN = {"Authorization": "Basic " + base64.b64encode(b"admin:admin").decode()}

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


class Server:
    """Two workers on `port`. root: another release's folder. listener: a socket that stays open
    while servers come and go. environ: settings beside DATABASE_URL."""

    def __init__(
        self,
        dsn: str,
        log: Path,
        *,
        port: int | None = None,
        root: Path = ROOT,
        listener: socket.socket | None = None,
        **environ: str,
    ) -> None:
        self.port = port or (listener.getsockname()[1] if listener else free_port())
        self._log, self._root, self._listener = log, root, listener
        self._environ = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": dsn,
            "RATELIMIT_ENABLED": "false",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LOG_LEVEL": "warning",
            **environ,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.pid = 0  # of the gunicorn that serves; after a USR2 another one than `process`

    def start(self) -> None:
        command: Sequence[str] = [
            *(sys.executable, "-m", "gunicorn", "app:app"),
            *("--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--timeout", "60"),
        ]
        passed: tuple[int, ...] = ()
        if self._listener is not None:
            passed = (self._listener.fileno(),)
            command = [sys.executable, "-c", ACTIVATED, str(passed[0]), *command[:4], *command[6:]]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self._root,
                env=self._environ,
                stdout=log,
                stderr=log,
                pass_fds=passed,
                start_new_session=True,
            )
        self.pid = self.process.pid

    def wait(self, seconds: float = 60) -> Server:
        """Until it is healthy, by workers of its own. One that ends is started again, as a supervisor
        does: the port may still be held by workers of one that was killed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.workers() and self.is_healthy():
                return self
            if self.process is not None and self.process.poll() is not None:
                time.sleep(0.3)
                self.start()
            time.sleep(0.05)
        raise RuntimeError(f"the server did not become healthy; its log ends: {self.log_end()}")

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

    def memory(self) -> float:
        """Megabytes of all its processes, what they share counted once."""
        assert self.process is not None
        return Measured(self.port, self.process, 0.0).memory()["pss"]

    def signal(self, which: signal.Signals) -> None:
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
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_master(self) -> None:
        """Its workers notice within a second, and free the port."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """As a supervisor stops it: SIGTERM, and SIGKILL to what is left after half a minute."""
        if self.process is None:
            return
        try:
            os.kill(self.pid, signal.SIGTERM)
            deadline = time.monotonic() + 30
            while Path(f"/proc/{self.pid}").exists() and time.monotonic() < deadline:
                if self.process.poll() is not None and self.pid == self.process.pid:
                    break
                time.sleep(0.05)
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.process = None

    def has_ended(self) -> bool:
        """Whether it is gone though nobody stopped it."""
        if self.process is None or self.pid != self.process.pid:
            return False
        return self.process.poll() is not None

    def log_end(self) -> str:
        code = self.process.returncode if self.process is not None else None
        return f"{self._log.read_text(errors='replace')[-800:]} (code {code})"
