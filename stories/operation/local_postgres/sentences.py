"""What the operator reads when the system or PostgreSQL refuses something."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

from stories.errors import SetupError


@contextlib.contextmanager
def plain_errors(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SetupError(_full_disk(data_dir)) from error
        raise SetupError(
            f"{error.filename or data_dir} cannot be used for the database ({error.strerror}): "
            "make it writable, or set DATA_DIR to a folder that is."
        ) from error


def _full_disk(data_dir: Path) -> str:
    return f"The disk that holds {data_dir} is full: free some space and start again."


def last_line(output: str) -> str:
    """What a person should read of a log: the last failure in it, or just its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    # The last word on a wrong setting is only that there is one; the line before names it.
    lines = [line for line in lines if not line.endswith("contains errors")]
    failures = [line for line in lines if re.search(r"\b(FATAL|PANIC|ERROR|error):", line)]
    chosen = (failures or lines or ["it said nothing"])[-1]
    return re.sub(r"^.*?\b(FATAL|PANIC|ERROR|LOG|error): +", "", chosen)


def failure(path: Path, what: str, output: str, log: Path) -> SetupError:
    if os.strerror(errno.ENOSPC) in output or os.strerror(errno.EDQUOT) in output:
        return SetupError(_full_disk(path))
    return SetupError(f"The database in {path} {what}: {last_line(output)} (log: {log})")
