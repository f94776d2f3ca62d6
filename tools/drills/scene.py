"""What a drill works with. Whatever was started in it is stopped at its end, and the folder removed."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from stories.config import ROOT
from tools.drills.load import Load, Memory
from tools.drills.packing import Packing
from tools.drills.postgres import Postgres
from tools.drills.tally import Tally, count
from tools.server import Server


class CannotRun(Exception):
    """This machine lacks what the drill needs. One plain sentence."""


class Scene:
    """One drill's folder, processes and tally. The same seed draws the same numbers again."""

    def __init__(self, name: str, seed: int) -> None:
        self.rng = random.Random(f"{name} {seed}")
        self.tally = Tally(name)
        self.folder = Path(tempfile.mkdtemp(prefix="stories-drill-"))
        self._stack = ExitStack()
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._load: Load | None = None
        self._servers: list[Server] = []

    def __enter__(self) -> Scene:
        if os.geteuid() == 0:
            self.folder.chmod(0o711)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def at_end(self, work: Callable[[], object]) -> None:
        self._stack.callback(work)

    def postgres(
        self, folder: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> Postgres:
        made = Postgres(folder or self.folder / "data", settings)
        self.at_end(made.stop)
        return made

    def server(
        self,
        dsn: str,
        *,
        port: int | None = None,
        root: Path = ROOT,
        listener: socket.socket | None = None,
        **environ: str,
    ) -> Server:
        """A server on its way up: `wait` for it."""
        environ.setdefault("DATA_DIR", str(self.folder / "files"))
        environ.setdefault("LOG_LEVEL", "warning")
        made = Server(
            dsn,
            log=self.folder / "server.log",
            port=port,
            root=root,
            listener=listener,
            supervised=True,
            **environ,
        )
        self._servers.append(made)
        self.at_end(made.stop)
        return made

    def program(self, command: Sequence[str], user: int | None = None) -> subprocess.Popen[bytes]:
        with (self.folder / "program.log").open("ab") as log:
            made = subprocess.Popen(command, stdout=log, stderr=log, user=user)
        self.at_end(made.wait)
        self.at_end(made.kill)
        return made

    def load(self, *servers: Server, clients: int = 8, pause: float = 0.05) -> Load:
        self._load = Load(
            [server.port for server in servers], self.rng, clients=clients, pause=pause
        )
        return self._load

    def packing(self, dsn: str) -> Packing:
        """Compression of old days, from now on."""
        made = Packing(dsn, self.folder / "packing.log", random.Random(self.rng.random()))
        self.at_end(made.end)
        return made

    def fault(self) -> None:
        self.tally.faults += 1

    def note(self, text: str) -> None:
        self.tally.notes.append(text)

    def expect(self, met: bool, problem: str) -> None:
        """What a drill wants beside the count."""
        if not met:
            self.tally.problems.append(problem)

    def finish(self, dsn: str, memory: Memory | None = None, *, settled: bool = True) -> None:
        """Let the clients bring home what they have, and count. settled: all of it must be
        acknowledged in the end."""
        if memory is None:
            assert self._load is not None
            memory = self._load.stop()
        self.tally.memory = memory
        for server in self._servers:
            self.expect(not server.has_ended(), f"a server ended by itself: {server.log_end()}")
        if settled and (left := len(memory.sent) - memory.acked):
            self.tally.problems.append(f"{left} items were never acknowledged, afterwards neither")
        count(self.tally, dsn)
        for text, times in memory.sentences.most_common(3):
            self.note(f"{times:,} answers {text.replace(str(self.folder), '…')}")

    def pause(self, low: float, high: float) -> None:
        time.sleep(self.rng.uniform(low, high))
