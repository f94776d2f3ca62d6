"""Minidumps from their arrival until their stacks are walked, and, while symbols could still name more,
a day at most. They are the memory of a process, and so personal: no route gives one away.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from database import Database, Transaction
from stories.crashes.frames import GUESS, Frame
from stories.crashes.minidump import Minidump, Module, NoMinidump
from stories.privacy import scrub
from stories.symbols.walking import RuleSource, walk_stack

MAX_SENT = 16 * 2**20  # bytes of one
MAX_DUMPS, MAX_BYTES = 64, 256 * 2**20  # of an app, as they are stored
KEPT = timedelta(hours=23, minutes=30)  # the job that deletes them runs each quarter of an hour
MAX_MODULES = 60  # that are told
LOCK = 7_266_032  # beside the app's number
PIECE = 256 * 2**10  # bytes that are deflated at a time: some 3 ms
LEVEL = 1  # a fifth of the time of the usual one, and a tenth larger


class CrashKey(Protocol):
    """models.CrashRow."""

    app_id: int
    user_id: UUID
    timestamp: datetime
    dedupe_key: int


@dataclass(frozen=True)
class Walked:
    """frames: the newest call first. details: as `error_details.detail.dump` has them."""

    frames: list[Frame]
    details: dict[str, Any]


def store(
    database: Database, row: CrashKey, dump: bytes, digest: bytes, pause: Callable[[], None]
) -> bool:
    """Keep the dump of a crash that is stored next. False: the app has too many that wait, the crash is
    stored already, or the person was erased. digest: of PersonKey. pause: lets others work between two
    pieces. Raises Unavailable."""
    packed = pack(dump, pause)
    with database.transaction(seconds=10) as tx:
        tx.run("symbols/lock_dumps", lock=LOCK, app_id=row.app_id)
        room = {"most": MAX_DUMPS, "most_bytes": MAX_BYTES, "more_bytes": len(packed)}
        tx.run("symbols/make_room_for_dump", app_id=row.app_id, **room)
        is_kept: bool = tx.value(
            "symbols/store_dump",
            user_id=row.user_id,
            timestamp=row.timestamp,
            dedupe_key=row.dedupe_key,
            app_id=row.app_id,
            dump=packed,
            person_digest=digest,
            **room,
        )
        return is_kept


def pack(dump: bytes, pause: Callable[[], None]) -> bytes:
    packer, pieces = zlib.compressobj(LEVEL), []
    for start in range(0, len(dump), PIECE):
        pieces.append(packer.compress(dump[start : start + PIECE]))
        pause()
    return b"".join((*pieces, packer.flush()))


def read(tx: Transaction, *, user_id: UUID, timestamp: datetime, dedupe_key: int) -> bytes | None:
    """The dump of a crash, if one is kept."""
    packed = tx.value(
        "symbols/read_dump", user_id=user_id, timestamp=timestamp, dedupe_key=dedupe_key
    )
    return None if packed is None else zlib.decompress(packed)


def walk(dump: bytes, rules_of: RuleSource) -> Walked:
    """The stack of the thread that crashed, and what the dump says besides. rules_of: the unwinding
    rules of a module by its debug id. A dump that is none has nothing to say."""
    try:
        minidump = Minidump(dump)
    except NoMinidump:
        return Walked([], {})
    calls = walk_stack(minidump, rules_of)
    modules = [call.module for call in calls if call.module is not None]
    frames = [
        Frame(
            module=_name(call.module),
            address=f"{call.offset:#x}" if call.module else None,
            build=call.module.build if call.module else None,
            trust=GUESS if call.is_guess else None,
        )
        for call in calls
    ]
    return Walked(frames, _details(minidump, modules))


def settle(tx: Transaction, keep: bool, **key: Any) -> None:
    """After a walk. keep: symbols that come later could name more."""
    tx.run("symbols/keep_dump" if keep else "symbols/delete_dump", **key)


def could_name_more(frames: Iterable[Frame]) -> bool:
    """frames: with marks of whose they are, after they were named."""
    return any(frame.in_app and frame.address and frame.build for frame in frames)


def expire(database: Database, now: datetime) -> int:
    """Delete the dumps that are past their day; returns how many."""
    with database.transaction(seconds=10) as tx:
        return tx.run("symbols/expire_dumps", before=now - KEPT)


def _details(minidump: Minidump, first: list[Module]) -> dict[str, Any]:
    """first: the modules that are told before others."""
    fault = minidump.fault
    rest = (minidump.module(n) for n in range(min(minidump.module_count, 2 * MAX_MODULES)))
    modules = list(dict.fromkeys((*first, *rest)))[:MAX_MODULES]
    details = {
        "exception": minidump.exception,
        "address": f"{fault.address:#x}" if fault is not None and fault.address else None,
        "thread": fault.thread if fault is not None else None,
        "threads": len(minidump.threads),
        "modules": [_said(each) for each in modules if each.name],
        "system": minidump.system_version,
        "cpu": minidump.cpu,
        "process": minidump.process,
    }
    return {name: value for name, value in details.items() if value is not None}


def _said(module: Module) -> dict[str, str]:
    said = {"name": _name(module), "debug_id": module.build, "version": module.version}
    return {name: text for name, text in said.items() if text}


def _name(module: Module | None) -> str | None:
    return _scrubbed(module.name) if module is not None and module.name else None


@lru_cache(maxsize=1024)  # the modules of a system, in each of its dumps
def _scrubbed(name: str) -> str:
    return scrub.text(name)
