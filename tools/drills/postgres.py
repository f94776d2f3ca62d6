"""A PostgreSQL of a drill's own, with the settings of production: what was answered is on the disk."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path

from stories.operation import local_postgres
from tools.benchmarks.place import query
from tools.server import children


class Postgres:
    """`folder` must be open to PostgreSQL's own user where root runs the drill."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder, self._settings = folder, settings
        folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            folder.chmod(0o711)
        self._share = local_postgres.start(folder, settings=settings)

    @property
    def dsn(self) -> str:
        return self._share.dsn

    @property
    def socket_dir(self) -> str:
        """The folder of the server's socket, as the `host` of a connection."""
        return str(query(self.dsn, "show unix_socket_directories")[0][0]).strip('"')

    @property
    def owner(self) -> int:
        """The user who runs the server."""
        return (self.folder / "postgres").stat().st_uid

    def start(self) -> None:
        """Start it again; one that runs is left alone."""
        self._share.leave()
        self._share = local_postgres.start(self.folder, settings=self._settings)

    def leave(self) -> None:
        """Let go of it: whoever else uses the folder stops it. `start` takes it back."""
        self._share.leave()

    def stop(self) -> None:
        self._share.stop()

    def kill(self) -> None:
        """SIGKILL to the postmaster; what it leaves behind ends by itself."""
        os.kill(self._pid(), signal.SIGKILL)

    def is_running(self) -> bool:
        try:
            os.kill(self._pid(), 0)
        except (ProcessLookupError, FileNotFoundError):
            return False
        return True

    def freeze(self) -> list[int]:
        """SIGSTOP to the postmaster and all its processes; returns whom to thaw."""
        stopped = [self._pid()]
        os.kill(stopped[0], signal.SIGSTOP)
        for pid in children(stopped[0]):
            os.kill(pid, signal.SIGSTOP)
            stopped.append(pid)
        return stopped

    def backends(self) -> list[int]:
        """Processes that serve the app's connections, the busiest first."""
        rows = query(
            self.dsn,
            "select pid from pg_stat_activity where application_name = 'stories' "
            "and backend_type = 'client backend' and pid <> pg_backend_pid() "
            "order by state_change desc",
        )
        return [pid for (pid,) in rows]

    def wait_until_answering(self, seconds: float = 60) -> None:
        """After one of its processes was killed the postmaster starts all of them anew."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                query(self.dsn, "select 1")
                return
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _pid(self) -> int:
        lines = (self.folder / "postgres" / "postmaster.pid").read_text().split("\n")
        return int(lines[0])
