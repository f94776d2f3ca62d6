"""Old days are compressed and made rows again, over and over, while a drill does its worst."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

from stories.config import ROOT

AFTER_DAYS = 7  # the least that compression allows; the drills' events are from twelve days
PAUSE = 0.3  # seconds between two runs
RUN_SECONDS = 60.0


class Packing:
    """Runs of `aggregator.py compress`, each third of `decompress`, as cron would start them; their
    output goes to `log`. ended: how often each job came to its end or failed, by name and how."""

    def __init__(self, dsn: str, log: Path, rng: random.Random) -> None:
        self.ended: Counter[str] = Counter()
        self._dsn, self._log, self._rng = dsn, log, rng
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run_jobs, daemon=True)
        self._thread.start()

    def kill(self) -> None:
        """SIGKILL to the job that runs, wherever it is; between two jobs, to none."""
        if (process := self._process) is not None:
            process.kill()

    def stop(self) -> bool:
        """Compress a last time, and nothing after that; whether it ended well."""
        self._stop.set()
        self._thread.join(2 * RUN_SECONDS)
        return not self._thread.is_alive() and self.run("compress") == 0

    def end(self) -> None:
        """Leave no process behind."""
        self._stop.set()
        self.kill()
        self._thread.join(RUN_SECONDS)

    def is_damaged(self) -> bool:
        """Whether a job found a chunk that was not what went into it."""
        return "come out of their chunks" in self._text()

    def log_end(self) -> str:
        return " | ".join(self._text().splitlines()[-3:])

    def _text(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _run_jobs(self) -> None:
        number = 0
        while not self._stop.wait(self._rng.uniform(0, 2 * PAUSE)):
            number += 1
            self.run("compress" if number % 3 else "decompress")

    def run(self, job: str) -> int:
        """Its exit status, below 0 where a signal ended it."""
        environ = {"DATABASE_URL": self._dsn, "COMPRESS_AFTER_DAYS": str(AFTER_DAYS)}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "aggregator.py", job],
                cwd=ROOT,
                env=environ,
                stdout=log,
                stderr=log,
            )
        try:
            status = self._process.wait(RUN_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._process = None
        how = "done" if status == 0 else "failed" if status > 0 else "killed"
        self.ended[f"{job} {how}"] += 1
        return status
