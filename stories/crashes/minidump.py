"""Reads minidumps: what happened, in which module, and when; and for the walk of the stack (symbols/
walking.py) the threads, their registers and the memory that was kept.

Nothing in a dump is trusted: an offset that points outside, or a count that is too large, leaves out
what it was for. Each stream is read when somebody asks for it.
"""

from __future__ import annotations

import itertools
import re
import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from stories.crashes.exception_names import full_name_of, name_of

MAGIC = b"MDMP"
MAX_STREAMS, MAX_MODULES, MAX_THREADS, MAX_RANGES, MAX_NAME = 64, 4096, 4096, 16_384, 260
THREAD_LIST, MODULE_LIST, MEMORY_LIST, EXCEPTION, SYSTEM_INFO, MEMORY64_LIST = 3, 4, 5, 6, 7, 9
CRASHPAD_INFO = 0x43500001
MAX_ANNOTATIONS, MAX_TEXT = 200, 40
PROCESS_NAMES = ("ptype", "process_type")
FILE_INFO = 0xFEEF04BD  # the mark of a module's version
SYSTEMS = {
    1: "Windows",
    2: "Windows",
    0x8101: "macOS",
    0x8102: "iOS",
    0x8201: "Linux",
    0x8203: "Android",
}
CPUS = {0: "x86", 5: "arm", 9: "x86_64", 12: "arm64", 0x8003: "arm64"}
# Where the program counter stands in a thread's context, and its format.
COUNTERS = {"x86": (0xB8, "I"), "arm": (0x40, "I"), "x86_64": (0xF8, "Q"), "arm64": (0x108, "Q")}


_process = re.compile(r"[\w.-]{1,40}", re.ASCII)
Value = TypeVar("Value")


class NoMinidump(ValueError):
    """The bytes are no minidump."""


@dataclass
class Summary:
    """What a minidump says of itself. None is what it does not say.

    when: of the crash, whole seconds. system: such as "Linux 6.1.0". exception: such as "SIGSEGV", or a
    code in hex. module: the file's name without its folder; offset: of the instruction from the module's
    start; build: the module's debug id. report_id: Crashpad's own. process: such as "renderer".
    """

    when: datetime
    system: str | None = None
    exception: str | None = None
    module: str | None = None
    offset: int | None = None
    build: str | None = None
    report_id: UUID | None = None
    process: str | None = None

    @property
    def message(self) -> str:
        """Such as "SIGSEGV in Stories+0x4731370". Addresses differ at each start, so none is told."""
        exception = self.exception or "Native crash"
        if self.module is None or self.offset is None:
            return exception
        return f"{exception} in {self.module}+0x{self.offset:x}"

    @property
    def frames(self) -> list[dict[str, Any]]:
        """As `frames` of POST /crash: the newest call, if it is in a module."""
        if self.module is None or self.offset is None:
            return []
        frame = {"module": self.module, "address": f"0x{self.offset:x}", "build": self.build}
        return [{name: value for name, value in frame.items() if value is not None}]


@dataclass(frozen=True)
class Module:
    """A binary in the process. name: of its file, without the folder. version: such as "1.2.3.4"."""

    base: int
    size: int
    name: str | None
    build: str | None
    version: str | None


@dataclass(frozen=True)
class Thread:
    """context: place and size of its registers in the dump. stack: as an entry of Minidump.ranges."""

    number: int
    context: tuple[int, int]
    stack: tuple[int, int, int]


@dataclass(frozen=True)
class Fault:
    """The exception. flags: si_code of a signal. address: of the instruction, or of the memory that a
    signal is about. context: as of a thread, at the moment of the fault."""

    thread: int
    code: int
    flags: int
    address: int
    parameters: tuple[int, ...]
    context: tuple[int, int]


def read_minidump(dump: bytes) -> Summary:
    """Some microseconds a module. Raises NoMinidump where even the header is none."""
    minidump = Minidump(dump)
    summary = Summary(minidump.when, minidump.system_version, report_id=minidump.report_id)
    summary.process = minidump.process
    fault, counter = minidump.fault, minidump.counter
    if fault is not None:
        summary.exception = name_of(minidump.system, fault.code)
    module = None if counter is None else minidump.module_at(counter)
    if module is not None and counter is not None:
        summary.module, summary.build = module.name, module.build
        summary.offset = counter - module.base
    return summary


class Minidump:
    """A dump's streams, each read once. Raises NoMinidump where even the header is none."""

    def __init__(self, dump: bytes) -> None:
        if len(dump) < 32 or dump[:4] != MAGIC:
            raise NoMinidump("the file is no minidump")
        self.dump = dump
        _, _, count, directory, _, seconds = struct.unpack_from("<6I", dump)
        self.when = datetime.fromtimestamp(seconds, UTC)
        self._streams: dict[int, int] = {}
        for number in range(min(count, MAX_STREAMS)):
            entry = self._unpack("III", directory + 12 * number)
            if entry is not None:
                self._streams.setdefault(entry[0], entry[2])
        system = self._unpack("HHHBB5I", self._streams.get(SYSTEM_INFO))
        self.cpu = None if system is None else CPUS.get(system[0])
        self.system = None if system is None else SYSTEMS.get(system[8])
        self.system_version = None
        if system is not None and self.system is not None:
            self.system_version = "{} {}.{}.{}".format(self.system, *system[5:8])
        self._named: dict[int, Module] = {}

    @cached_property
    def report_id(self) -> UUID | None:
        info = self._unpack("I16s", self._streams.get(CRASHPAD_INFO))
        return UUID(bytes_le=info[1]) if info is not None and any(info[1]) else None

    @cached_property
    def fault(self) -> Fault | None:
        error = self._unpack("IIIIQQII15QII", self._streams.get(EXCEPTION))
        if error is None:
            return None
        thread, _, code, flags, _, address, count, _ = error[:8]
        parameters, (size, at) = error[8 : 8 + min(count, 15)], error[23:]
        return Fault(thread, code, flags, address, parameters, (at, size))

    @property
    def exception(self) -> str | None:
        """Such as "SIGSEGV /SEGV_MAPERR"."""
        fault = self.fault
        if fault is None:
            return None
        return full_name_of(self.system, fault.code, fault.flags, fault.parameters)

    @cached_property
    def process(self) -> str | None:
        """What kind of process it was, such as "renderer", if an annotation says so: of Crashpad, or
        of the modules of Chromium."""
        annotations = itertools.islice(self._annotations(), MAX_ANNOTATIONS)
        for name, value in annotations:
            if self._text(name) in PROCESS_NAMES:
                process = self._text(value)
                return process if _process.fullmatch(process) else None
        return None

    def _annotations(self) -> Iterator[tuple[int, ...]]:
        """Places of names and values."""
        info = self._unpack("36x4I", self._streams.get(CRASHPAD_INFO))
        if info is None:
            return
        yield from self._listed("II", info[1])
        for _, _, module in self._listed("3I", info[3]):
            parts = self._unpack("4x6I", module)
            if parts is not None:
                yield from self._listed("II", parts[3])
                for name, _, value in self._listed("III", parts[5]):
                    yield name, value

    @property
    def counter(self) -> int | None:
        """The address of the instruction that was run."""
        if self.fault is None or self.cpu not in COUNTERS:
            return None
        place, form = COUNTERS[self.cpu]
        counter = self.words(self.fault.context, place, form)
        return None if counter is None else counter[0]

    @cached_property
    def threads(self) -> list[Thread]:
        threads = []
        for each in self._entries("IIIIQQIIII", THREAD_LIST, MAX_THREADS):
            number, _, _, _, _, start, stack_size, stack, size, context = each
            threads.append(Thread(number, (context, size), (start, stack_size, stack)))
        return threads

    @property
    def ranges(self) -> Iterator[tuple[int, int, int]]:
        """The memory that was kept: address, size, place in the dump. They may overlap."""
        yield from (thread.stack for thread in self.threads)
        for start, size, place in self._entries("QII", MEMORY_LIST, MAX_RANGES):
            yield start, size, place
        at = self._streams.get(MEMORY64_LIST)
        head = self._unpack("QQ", at)
        if head is None or at is None:
            return
        count, place = head
        for number in range(min(count, MAX_RANGES)):
            entry = self._unpack("QQ", at + 16 + 16 * number)
            if entry is None or place >= len(self.dump):
                return
            yield entry[0], entry[1], place
            place += entry[1]

    @property
    def module_count(self) -> int:
        return len(self._modules)

    def module(self, number: int) -> Module:
        """By its place in the list of modules."""
        if number not in self._named:
            base, size, _, _, name, mark, _, high, low, record_size, record = self._modules[number]
            parts = (high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF)
            version = ".".join(map(str, parts)) if mark == FILE_INFO and any(parts) else None
            build = self._build(record, record_size)
            self._named[number] = Module(base, size, self._file_name(name), build, version)
        return self._named[number]

    def module_at(self, address: int) -> Module | None:
        number = self._modules_by_address.find(address)
        return None if number is None else self.module(number)

    def words(self, where: tuple[int, int], place: int, form: str) -> tuple[int, ...] | None:
        """Numbers of struct's format in a part of the dump, (place, size)."""
        at, size = where
        return (
            None if place + struct.calcsize("<" + form) > size else self._unpack(form, at + place)
        )

    @cached_property
    def _modules(self) -> list[tuple[int, ...]]:
        return list(self._entries("QIIIIIIII36xII24x", MODULE_LIST, MAX_MODULES))

    @cached_property
    def _modules_by_address(self) -> Ranges[int]:
        return Ranges((each[0], each[1], number) for number, each in enumerate(self._modules))

    def _entries(self, form: str, stream: int, most: int) -> Iterator[tuple[int, ...]]:
        return self._listed(form, self._streams.get(stream), most)

    def _listed(
        self, form: str, at: int | None, most: int = MAX_ANNOTATIONS
    ) -> Iterator[tuple[int, ...]]:
        """Of a count and a list behind it. 0 is no place: there stands the header."""
        size, count = struct.calcsize("<" + form), self._unpack("I", at or None)
        if count is None or at is None:
            return iter(())
        entries = self.dump[at + 4 : at + 4 + size * min(count[0], most)]
        return struct.iter_unpack("<" + form, entries[: len(entries) // size * size])

    def _file_name(self, at: int) -> str | None:
        """The last part of a path in UTF-16."""
        size = self._unpack("I", at)
        if size is None or size[0] > 64 * 1024:
            return None
        path = self.dump[at + 4 : at + 4 + size[0] // 2 * 2].decode("utf-16-le", "replace")
        name = path.replace("\\", "/").rpartition("/")[2].partition("\0")[0]
        return name[-MAX_NAME:] or None

    def _text(self, at: int) -> str:
        """A short text in UTF-8; "" for a longer one."""
        size = self._unpack("I", at)
        is_short = size is not None and size[0] <= MAX_TEXT
        return (
            self.dump[at + 4 : at + 4 + size[0]].decode("utf-8", "replace")
            if size and is_short
            else ""
        )

    def _build(self, at: int, size: int) -> str | None:
        """The debug id of a CodeView record: of a PDB, or the build id of an ELF file as one."""
        raw = self.dump[at : at + size] if 8 <= size <= 4096 else b""
        if raw[:4] == b"RSDS" and len(raw) >= 24:
            age = int.from_bytes(raw[20:24], "little")
            return str(UUID(bytes_le=raw[4:20])) + (f"-{age:x}" if age else "")
        if raw[:4] == b"LEpB" and any(raw[4:20]):
            return str(UUID(bytes_le=raw[4:20].ljust(16, b"\0")))
        return None

    def _unpack(self, form: str, at: int | None) -> tuple[Any, ...] | None:
        try:
            return None if at is None else struct.unpack_from("<" + form, self.dump, at)
        except struct.error:
            return None


class Ranges(Generic[Value]):
    """Values by ranges of addresses. Of two that overlap the one that begins later loses what they
    share. The find is one bisection, however many there are."""

    def __init__(self, ranges: Iterable[tuple[int, int, Value]]) -> None:
        """ranges: (start, size, value)."""
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._values: list[Value] = []
        end = 0
        for start, size, value in sorted(ranges, key=lambda each: each[0]):
            if start + size > end and size > 0:
                self._starts.append(max(start, end))
                self._values.append(value)
                end = start + size
                self._ends.append(end)

    def find(self, address: int) -> Value | None:
        at = bisect_right(self._starts, address) - 1
        return self._values[at] if at >= 0 and address < self._ends[at] else None
