"""A backup: a folder with the database as pg_dump writes it, the stored images, and what it is.

pg_dump sees one moment of the database, so an event is in it together with its outbox row or not at
all: folding goes on after a restore exactly where the backup stood.
"""

from __future__ import annotations

import shutil
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from database import Database
from stories.apps import Apps
from stories.config import Config
from stories.errors import SetupError
from stories.operation import local_postgres, migrate
from stories.operation.local_postgres import programs
from stories.rollups import recount, schema

DUMP, IMAGES, ABOUT = "database.dump", "images.tar", "about.json"
# Chunks are of uploads that are not whole yet. A minidump is a person's memory, kept for a day at most,
# and a backup is kept longer.
NEVER_IN_IT = (
    "upload_chunks",
    "minidumps",
)  # of a dump: memory of people's processes, gone in a day
ARTIFACTS = ("artifacts", "artifact_pieces", "artifact_releases", "artifact_keys")


@dataclass(frozen=True)
class About:
    """What the folder holds; migrations: of the database it was taken from. artifacts: with source
    maps and symbols."""

    created_at: datetime
    migrations: list[str]
    images: bool
    artifacts: bool = True


def backup(config: Config, folder: Path, with_artifacts: bool = True) -> dict[str, Any]:
    """Write `folder`, which must not exist; half a backup is never there under its name. Images are
    packed after the database: one without a row does no harm. Returns {"folder", "bytes", "images",
    "artifacts"}. Raises SetupError."""
    if folder.exists():
        raise SetupError(f"{folder} exists already; a backup is never written over another.")
    dsn = local_postgres.dsn(config)
    database = Database(dsn, 1)
    part = folder.with_name(f"{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True, mode=0o700)
        major = migrate.check_server(database)
        done = sorted(migrate.applied(database))
        if not done:
            raise SetupError("The database is empty: there is nothing to back up.")
        left_out = (*NEVER_IN_IT, *(() if with_artifacts else ARTIFACTS))
        programs.run(
            programs.find("pg_dump", major),
            dsn,
            "--format=custom",
            f"--file={part / DUMP}",
            *(f"--exclude-table-data=public.{table}" for table in left_out),
        )
        images = _pack_images(config, part / IMAGES)
        about = About(datetime.now(UTC), done, images, with_artifacts)
        (part / ABOUT).write_bytes(msgspec.json.encode(about))
        part.rename(folder)
    except OSError as error:
        raise SetupError(f"The backup could not be written: {error.strerror or error}.") from error
    finally:
        database.close()
        shutil.rmtree(part, ignore_errors=True)
    size = sum(path.stat().st_size for path in folder.iterdir())
    return {"folder": str(folder), "bytes": size, "images": images, "artifacts": with_artifacts}


def _pack_images(config: Config, target: Path) -> bool:
    source = config.data_path / "images"
    if not source.is_dir():
        return False
    with tarfile.open(target, "w") as archive:
        archive.add(source, "images")
    return True


def restore(config: Config, folder: Path) -> dict[str, Any]:
    """Put a backup into an empty database, bring that to this release, and compare the rollups with
    a recount. There is no way to overwrite: an empty database is made in a second, and a restore
    into the wrong one cannot be taken back. Returns recount.check's answer. Raises SetupError."""
    about = _read(folder)
    dsn = local_postgres.dsn(config)
    database = Database(dsn, 3)
    try:
        major = migrate.check_server(database)
        if migrate.applied(database):
            raise SetupError(
                "The database is not empty. Restore into a new one: an empty DATABASE_URL database, "
                "or a DATA_DIR that does not exist yet; and before a server was started on it."
            )
        if newer := sorted(set(about.migrations) - {path.stem for path in schema.files()}):
            raise SetupError(f"The backup is of a newer release ({newer[-1]}); update this one.")
        programs.restore(folder / DUMP, dsn, major)
        if about.images:
            with tarfile.open(folder / IMAGES) as archive:
                archive.extractall(config.data_path, filter="data")
        migrate.migrate(database)
        return recount.check(database, Apps(database, config.retention_days, config.values_per_day))
    finally:
        database.close()


def _read(folder: Path) -> About:
    try:
        about = msgspec.json.decode((folder / ABOUT).read_bytes(), type=About)
        missing = [
            name for name in (DUMP, *([IMAGES] * about.images)) if not (folder / name).is_file()
        ]
    except (OSError, msgspec.MsgspecError):
        raise SetupError(f"{folder} is no backup: it has no {ABOUT} that can be read.") from None
    if missing:
        raise SetupError(f"{folder} is not whole: {missing[0]} is missing.")
    return about
