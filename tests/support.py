"""What tests call by name: good payloads of now, logins, a real server."""

from __future__ import annotations

import gzip
import os
import shutil
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from database import Inline
from tools import traffic

PERSON = "550e8400-e29b-41d4-a716-446655440000"


def memory() -> Path | None:
    """A folder in memory, if there is one with room. A database is a thousand files, and hundreds are
    made: on a disk that was half of what PostgreSQL did."""
    folder = Path("/dev/shm")
    roomy = os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 4 * 2**30
    return folder if roomy else None


def require(tool: str) -> str:
    """The path of a program; without it the test is skipped, and fails under CI."""
    path = shutil.which(tool)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{tool} is needed under CI")
        pytest.skip(f"{tool} is not installed")
    return path


def postgresql_15() -> Path:
    """The folder of the oldest supported server's programs; skips, or fails under CI, without it."""
    binaries = Path("/usr/lib/postgresql/15/bin")
    if not (binaries / "postgres").exists():
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL 15 is needed under CI")
        pytest.skip("PostgreSQL 15 is not installed")
    return binaries


def basic(name: str, password: str) -> dict[str, str]:
    return traffic.basic(f"{name}:{password}")


def event(**changes: Any) -> dict[str, Any]:
    """A good event of now."""
    return {
        "user_id": PERSON,
        "event": "app_opened",
        "timestamp": datetime.now(UTC).isoformat(),
        "app_version": "0.9.51",
        "platform": "darwin-24.6.0",
        "country": "US",
        **changes,
    }


def crash(**changes: Any) -> dict[str, Any]:
    """A good crash of now."""
    return {
        "user_id": PERSON,
        "app_version": "0.9.51",
        "os_version": "darwin-24.6.0",
        "crash_type": "uncaught_error",
        "error_message": "TypeError: Cannot read property",
        "stack_trace": "at app.js:123:45",
        "timestamp": datetime.now(UTC).isoformat(),
        **changes,
    }


def gzip_bomb(start: bytes, filler: bytes, megabytes: int) -> bytes:
    """`start` and so many megabytes of one byte, without gzip's end. A megabyte is packed once, in a
    block that says the same wherever it stands: packing hundreds takes seconds."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    first = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    megabyte = packer.compress(filler * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + first + megabyte * megabytes


def whole_database(database: Any) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, partitions with their parents: what is not in here is not stored. What
    is counted by series also under the names of its views."""
    with database.transaction(seconds=30, read_only=True) as tx:
        tables = tx.rows(
            Inline(
                "/* test */ select relname::text as name from pg_class "
                "where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') "
                "and not relispartition "
                "or relname in ('daily_events', 'daily_values', 'daily_numbers')"
            )
        )
        return {
            row["name"]: tx.rows(
                Inline(f'/* test */ select * from public."{row["name"]}" order by 1, 2')
            )
            if row["name"] not in ("server_secrets", "fold_state", "jobs")
            else []
            for row in tables
        }
