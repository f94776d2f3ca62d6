"""Runs one of PostgreSQL's own programs on the bundled server, which is started if nobody runs it.

python -m stories.operation.local_postgres psql
python -m stories.operation.local_postgres pg_dump --format=custom --file=stories.dump
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from psycopg2.extensions import parse_dsn

from stories import config as settings
from stories.errors import SetupError
from stories.operation import local_postgres

VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}


def main(command: list[str]) -> int:
    if not command:
        sys.exit("usage: python -m stories.operation.local_postgres PROGRAM [ARGUMENT ...]")
    try:
        config = settings.load()
        if config.database_url:
            raise SetupError("DATABASE_URL is set: give it to the program itself.")
        where = parse_dsn(local_postgres.dsn(config))
        binaries = local_postgres.wheel_binaries()
    except SetupError as error:
        sys.exit(f"error: {error}")
    environment = {**os.environ, **{VARIABLES[name]: where[name] for name in VARIABLES}}
    environment["PATH"] = f"{binaries}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is the program's: psql stops a query
    try:
        # With an environment of its own, a program is looked up in that one's PATH.
        return subprocess.run(command, env=environment, check=False).returncode
    except FileNotFoundError:
        sys.exit(f"error: There is no program {command[0]}.")
    finally:
        local_postgres.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
