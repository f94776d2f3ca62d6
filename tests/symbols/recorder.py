"""The program of tests/fixtures/symbols, its symbols, and crashes in it."""

from __future__ import annotations

import gzip
import struct
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from stories.config import ROOT
from stories.symbols import artifacts
from stories.symbols.artifacts import CFI, SYMCACHE, Content
from stories.symbols.holding import Symbols, queue_for
from stories.symbols.native import Built, build
from tools.minidumps import BASE, STACK, Dump

FOLDER = ROOT / "tests" / "fixtures" / "symbols"
SOURCE = "~/recorder/recorder.cpp"
CRASH, FIRST_CALL, SECOND_CALL = 0x1030, 0x1064, 0x1053  # in open_device, start_recording, begin


def unpack(ending: str, folder: Path) -> Path:
    path = folder / f"recorder.{ending}"
    path.write_bytes(gzip.decompress((FOLDER / f"recorder.{ending}.gz").read_bytes()))
    return path


def built_of(ending: str) -> Built:
    with tempfile.TemporaryDirectory() as folder:
        [built] = build(unpack(ending, Path(folder)))
    return built


def dump(junk: int = 0, **changes: Any) -> Dump:
    """open_device, which start_recording has called, which begin has called. Frame pointers say nothing,
    so it takes the unwinding rules to find them; junk: a word of the stack that looks like a call."""
    built = built_of("so")
    words = [BASE + FIRST_CALL, junk, BASE + SECOND_CALL, 0, 0]
    given: dict[str, Any] = {
        "module": "/opt/Stories/recorder.so",
        "offset": CRASH,
        "flags": 1,
        "registers": {"rsp": STACK, "rbp": 1},
        "stack": struct.pack(f"<{len(words)}Q", *words),
        "build": UUID(built.debug_id).bytes_le,
    }
    return Dump(**{**given, **changes})


def upload(services: Any, app_id: int, *kinds: str) -> int:
    """Store the symbols of the program; returns how many stored crashes are mapped anew for it."""
    built = built_of("so")
    contents = {SYMCACHE: built.symcache, CFI: built.cfi}
    with services.database.transaction() as tx:
        keys: set[str] = set()
        for kind in kinds or (SYMCACHE, CFI):
            content = Content(kind, contents[kind] or b"", built.debug_id, name="recorder.so")
            keys.update(artifacts.add(tx, app_id, content)["keys"])
        return queue_for(tx, app_id, sorted(keys))


def map_all(services: Any) -> dict[str, int]:
    """What the process of the job does, in this one."""
    symbols = Symbols(services.database, services.apps, services.key)
    while symbols.work():
        pass
    return symbols.counts
