"""Minidumps and files of native symbols: what reads them, and good ones to begin with."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path
from uuid import UUID

from stories.config import ROOT
from stories.crashes.frames import MAX_FRAMES, read_frames
from stories.crashes.minidump import NoMinidump, read_minidump
from stories.symbols import dumps
from stories.symbols.cfi import Cfi, in_order
from stories.symbols.native import NoSymbols, build, lookup
from tools.minidumps import ARM64, BASE, STACK, X86, Dump

SYMBOLS = ROOT / "tests" / "fixtures" / "symbols"
RULES = in_order(
    b"STACK CFI INIT 5000 1000 .cfa: $rsp 16 + .ra: .cfa -8 + ^\n"
    b"STACK CFI 5800 .cfa: $rsp 32 + $rbp: .cfa -16 + ^\n"
    b"STACK CFI INIT 6000 1000 .cfa: $rbp 16 + $rbp: .cfa -16 + ^ .ra: .cfa -8 + ^\n"
)


def minidump(data: bytes) -> None:
    """Whatever it is, it has few frames, and all that is told of it can be stored."""
    walked = dumps.walk(data, lambda _: RULES)
    assert len(walked.frames) <= MAX_FRAMES
    assert len(walked.details.get("modules", ())) <= dumps.MAX_MODULES
    assert len(json.dumps(walked.details)) < 64 * 1024
    try:
        summary = read_minidump(data)
    except NoMinidump:
        assert walked.frames == []
        return
    read_frames(summary.frames)
    assert len(summary.message) < 500


def unwinding_rules(data: bytes) -> None:
    """As an upload of another symbol file could have them: they are read where a dump leads to."""
    rules = Cfi(in_order(data))
    for offset in (0, 0x5000, 0x5FFF, 0x6100, 2**63):
        rules.rules(offset)
    dumps.walk(DUMPS[0], lambda _: in_order(data))


def symbol_file(data: bytes) -> None:
    """It ends with symbols, or with a sentence that says why not."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            built = build(Path(file.name))
        except NoSymbols:
            return
    for each in built:
        for offset in (0, 0x330, 0x1030, 0x1064, 2**40):
            lookup(each.symcache or b"", offset)
            Cfi(each.cfi or b"").rules(offset)


def _words(*values: int, bytes_of_one: int = 8) -> bytes:
    return b"".join(value.to_bytes(bytes_of_one, "little") for value in values)


_CHAIN = _words(STACK + 32, BASE + 0x6100, 0, 0, 0, BASE + 0x5900, 0, BASE + 0x7000, 0, 0)
DUMPS = [
    Dump(
        offset=0x5800,
        registers={"rsp": STACK, "rbp": STACK},
        stack=_CHAIN,
        more_modules=[(0x7F00_0000_0000, 0x20_0000, "/lib/libc.so.6")],
        report_id=UUID(int=3),
    ).pack(),
    Dump(
        architecture=ARM64,
        offset=0x5800,
        registers={"sp": STACK, "x29": STACK, "x30": BASE + 0x6000},
        stack=_CHAIN,
        ranges=[(STACK, 64, 32), (STACK + 8, 2**32 - 1, 2**32 - 1)],
    ).pack(),
    Dump(architecture=X86, base=0x40_0000, offset=0x5800, registers={"esp": 16, "ebp": 16}).pack(),
]
SYMBOL_FILES = [
    gzip.decompress((SYMBOLS / f"recorder.{ending}.gz").read_bytes())
    for ending in ("so", "sym", "dll", "dylib")
]
