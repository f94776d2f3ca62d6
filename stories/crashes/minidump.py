"""Reads from a minidump what names a native crash: what happened, in which module, and when.

Only the header and four of its streams are looked at, of which none is trusted: an offset that points
outside, or a count that is too large, leaves out what it was for. The process's memory is not read.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

MAGIC = b"MDMP"
MAX_STREAMS, MAX_MODULES, MAX_NAME = 64, 4096, 260
MODULE_LIST, EXCEPTION, SYSTEM_INFO, CRASHPAD_INFO = 4, 6, 7, 0x43500001
MODULE_SIZE = 108
# fmt: off
SYSTEMS = {1: "Windows", 2: "Windows", 0x8101: "macOS", 0x8102: "iOS", 0x8201: "Linux",
           0x8203: "Android"}
# Where the program counter stands in a thread's context, and its format: x86, arm, x86-64, arm64 twice.
COUNTERS = {0: (0xB8, "I"), 5: (0x40, "I"), 9: (0xF8, "Q"), 12: (0x108, "Q"), 0x8003: (0x108, "Q")}
SIGNALS = {4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 11: "SIGSEGV",
           31: "SIGSYS"}
MACH = {1: "EXC_BAD_ACCESS", 2: "EXC_BAD_INSTRUCTION", 3: "EXC_ARITHMETIC", 5: "EXC_SOFTWARE",
        6: "EXC_BREAKPOINT", 10: "EXC_CRASH", 11: "EXC_RESOURCE", 12: "EXC_GUARD"}
WINDOWS = {0x80000003: "EXCEPTION_BREAKPOINT", 0xC0000005: "EXCEPTION_ACCESS_VIOLATION",
           0xC0000006: "EXCEPTION_IN_PAGE_ERROR", 0xC000001D: "EXCEPTION_ILLEGAL_INSTRUCTION",
           0xC0000094: "EXCEPTION_INT_DIVIDE_BY_ZERO", 0xC00000FD: "EXCEPTION_STACK_OVERFLOW",
           0xC0000374: "STATUS_HEAP_CORRUPTION", 0xC0000409: "STATUS_STACK_BUFFER_OVERRUN",
           0xE0000008: "OUT_OF_MEMORY", 0xE06D7363: "C++ exception"}
EXCEPTIONS = {"Linux": SIGNALS, "Android": SIGNALS, "macOS": MACH, "iOS": MACH, "Windows": WINDOWS}
# fmt: on


class NoMinidump(ValueError):
    """The bytes are no minidump."""


@dataclass
class Summary:
    """What a minidump says of itself. None is what it does not say.

    when: of the crash, whole seconds. system: such as "Linux 6.1.0". exception: such as "SIGSEGV", or a
    code in hex. module: the file's name without its folder; offset: of the instruction from the module's
    start; build: the module's debug id. report_id: Crashpad's own.
    """

    when: datetime
    system: str | None = None
    exception: str | None = None
    module: str | None = None
    offset: int | None = None
    build: str | None = None
    report_id: UUID | None = None


def read_minidump(dump: bytes) -> Summary:
    """Some microseconds a module. Raises NoMinidump where even the header is none."""
    if len(dump) < 32 or dump[:4] != MAGIC:
        raise NoMinidump("the file is no minidump")
    _, _, count, directory, _, seconds = struct.unpack_from("<6I", dump)
    summary = Summary(datetime.fromtimestamp(seconds, UTC))
    streams: dict[int, int] = {}
    for number in range(min(count, MAX_STREAMS)):
        entry = _unpack(dump, "III", directory + 12 * number)
        if entry is not None:
            streams.setdefault(entry[0], entry[2])
    info = _unpack(dump, "I16s", streams.get(CRASHPAD_INFO))
    if info is not None and any(info[1]):
        summary.report_id = UUID(bytes_le=info[1])
    system = _unpack(dump, "HHHBB5I", streams.get(SYSTEM_INFO))
    if system is None:
        return summary
    architecture, name = system[0], SYSTEMS.get(system[8])
    summary.system = name and "{} {}.{}.{}".format(name, *system[5:8])
    error = _unpack(dump, "IIII", streams.get(EXCEPTION))
    if error is None:
        return summary
    summary.exception = EXCEPTIONS.get(name or "", {}).get(error[2]) or f"0x{error[2]:x}"
    context = _unpack(dump, "II", streams[EXCEPTION] + 160)
    if context is not None and architecture in COUNTERS:
        place, form = COUNTERS[architecture]
        counter = _unpack(dump, form, context[1] + place) if context[0] >= place + 8 else None
        if counter is not None and MODULE_LIST in streams:
            _find_module(dump, streams[MODULE_LIST], counter[0], summary)
    return summary


def _find_module(dump: bytes, start: int, counter: int, summary: Summary) -> None:
    count = _unpack(dump, "I", start)
    for number in range(min(count[0], MAX_MODULES) if count else 0):
        at = start + 4 + MODULE_SIZE * number
        module = _unpack(dump, "QIIII", at)
        if module is None:
            return
        base, size, _, _, name = module
        if base <= counter < base + size:
            summary.module, summary.offset = _file_name(dump, name), counter - base
            summary.build = _build(dump, _unpack(dump, "II", at + 76))
            return


def _file_name(dump: bytes, at: int) -> str | None:
    """The last part of a path in UTF-16."""
    size = _unpack(dump, "I", at)
    if size is None or size[0] > 64 * 1024:
        return None
    path = dump[at + 4 : at + 4 + size[0] // 2 * 2].decode("utf-16-le", "replace")
    name = path.replace("\\", "/").rpartition("/")[2].partition("\0")[0]
    return name[-MAX_NAME:] or None


def _build(dump: bytes, record: tuple[int, ...] | None) -> str | None:
    """The debug id of a CodeView record: of a PDB, or the build id of an ELF file as one."""
    if record is None or not 20 <= record[0] <= 4096:
        return None
    raw = dump[record[1] : record[1] + record[0]]
    if raw[:4] == b"RSDS" and len(raw) >= 24:
        age = int.from_bytes(raw[20:24], "little")
        return str(UUID(bytes_le=raw[4:20])) + (f"-{age:x}" if age else "")
    if raw[:4] == b"LEpB" and len(raw) >= 20:
        return str(UUID(bytes_le=raw[4:20]))
    return None


def _unpack(dump: bytes, form: str, at: int | None) -> tuple[Any, ...] | None:
    try:
        return None if at is None else struct.unpack_from("<" + form, dump, at)
    except struct.error:
        return None
