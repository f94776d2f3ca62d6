"""PostgreSQL's own client programs: pg_dump and pg_restore of a version that fits a server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from psycopg2.extensions import make_dsn, parse_dsn

from stories.errors import SetupError


def find(name: str, major: int) -> Path:
    """A program of at least the server's major version: an older one cannot read a newer server."""
    seen = []
    for path in _candidates(name):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if (found := re.search(r"\) (\d+)", said.stdout)) and int(found[1]) >= major:
            return path
        seen.append(found[1] if found else "unreadable")
    why = f"found only {', '.join(sorted(set(seen)))}" if seen else "found none"
    raise SetupError(
        f"{name} of PostgreSQL {major} or newer is needed and was not found ({why}); "
        f"Debian: apt install postgresql-client-{major}."
    )


def _candidates(name: str) -> Iterator[Path]:
    from stories.operation.local_postgres import wheel_binaries

    try:
        if (bundled := wheel_binaries() / name).is_file():
            yield bundled
    except SetupError:
        pass
    if on_path := shutil.which(name):
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)


def run(program: Path, dsn: str, *arguments: str) -> None:
    """Run it on the database at `dsn`. The password goes in the environment, where other users of
    the machine do not see it. Raises SetupError with the program's own last words."""
    where = parse_dsn(dsn)
    environment = {**os.environ}
    if password := where.pop("password", None):
        environment["PGPASSWORD"] = password
    command = [str(program), "--dbname", make_dsn(**where), "--no-password", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise SetupError(f"{program.name} failed: {lines[-1] if lines else done.returncode}.")
