"""Minidumps as small as they can be: what tests and fuzzing send as a crash of native code."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

BASE = 0x5600_0000_0000
BOUNDARY = "----a-boundary"
X86, X86_64, ARM64, LINUX, WINDOWS = 0, 9, 12, 0x8201, 2


STACK = 0x7FFC_0000_0000  # where the stack of the thread that crashed begins
THREAD = 7
# Of a context: its size, and where registers stand in it.
CONTEXTS = {
    X86_64: (0x4D0, "Q", {"rbx": 0x90, "rsp": 0x98, "rbp": 0xA0, "r12": 0xD8, "rip": 0xF8}),
    ARM64: (0x390, "Q", {"x29": 0xF0, "x30": 0xF8, "sp": 0x100, "pc": 0x108}),
    X86: (0x2CC, "I", {"ebp": 0xB4, "eip": 0xB8, "esp": 0xC4}),
}


@dataclass
class Dump:
    """The default: SIGSEGV of a program for Linux. offset: of the instruction from the start of its
    module; None: it is in no module. build: 16 bytes or more of an ELF build id. registers: beside
    the counter, by the names of CONTEXTS. stack: its memory, from STACK on. more_modules: (base, size,
    path). ranges: more memory, (address, size, place in the file)."""

    when: datetime | None = None
    module: str = "/opt/Stories/Stories"
    offset: int | None = 0x4731370
    code: int = 11
    flags: int = 0
    system: int = LINUX
    architecture: int = X86_64
    version: tuple[int, int, int] = (6, 1, 0)
    build: bytes = bytes(range(16))
    report_id: UUID | None = None
    base: int = BASE
    registers: dict[str, int] = field(default_factory=dict)
    stack: bytes = b""
    more_modules: list[tuple[int, int, str]] = field(default_factory=list)
    ranges: list[tuple[int, int, int]] = field(default_factory=list)

    def pack(self) -> bytes:
        """Its header, then the streams' directory, then the streams, each with what it points to."""
        when = self.when or datetime.now(UTC)
        makers = {7: self._system, 6: self._exception, 4: self._modules}
        if self.stack:
            makers[3] = self._threads
        if self.ranges:
            makers[5] = self._ranges
        if self.report_id is not None:
            makers[0x43500001] = self._crashpad
        place = 32 + 12 * len(makers)
        directory, streams = b"", b""
        for kind, make in makers.items():
            stream = make(place + len(streams))
            directory += struct.pack("<III", kind, len(stream), place + len(streams))
            streams += stream
        head = struct.pack(
            "<4sIIIIIQ", b"MDMP", 0xA793, len(makers), 32, 0, int(when.timestamp()), 0
        )
        return head + directory + streams

    def _system(self, _: int) -> bytes:
        return struct.pack(
            "<HHHBB5I24x", self.architecture, 0, 0, 1, 1, *self.version, self.system, 0
        )

    def _exception(self, at: int) -> bytes:
        head = struct.pack("<IIIIQQII120x", THREAD, 0, self.code, self.flags, 0, 0, 0, 0)
        context = self._context()
        return head + struct.pack("<II", len(context), at + len(head) + 8) + context

    def _context(self) -> bytes:
        counter = self.base + self.offset if self.offset is not None else 0x10
        size, word, places = CONTEXTS.get(self.architecture, CONTEXTS[X86_64])
        context = bytearray(size)
        name = next(name for name in ("rip", "pc", "eip") if name in places)
        for register, value in {name: counter, **self.registers}.items():
            struct.pack_into("<" + word, context, places[register], value)
        return bytes(context)

    def _threads(self, at: int) -> bytes:
        place = at + 4 + 48
        entry = struct.pack("<IIIIQQIIII", THREAD, 0, 0, 0, 0, STACK, len(self.stack), place, 0, 0)
        return struct.pack("<I", 1) + entry + self.stack

    def _ranges(self, _: int) -> bytes:
        entries = b"".join(struct.pack("<QII", *each) for each in self.ranges)
        return struct.pack("<I", len(self.ranges)) + entries

    def _modules(self, at: int) -> bytes:
        modules = [(self.base, 0x8000000, self.module), *self.more_modules]
        entries, names, place = b"", b"", at + 4 + 108 * len(modules)
        for number, (base, size, path) in enumerate(modules):
            name, record = path.encode("utf-16-le"), b"LEpB" + self.build
            if number:
                record = b"LEpB" + bytes([number % 256]) * 16
            entries += struct.pack("<QIIII", base, size, 0, 0, place) + bytes(52)
            entries += struct.pack("<II", len(record), place + 4 + len(name)) + bytes(24)
            tail = struct.pack("<I", len(name)) + name + record
            names, place = names + tail, place + len(tail)
        return struct.pack("<I", len(modules)) + entries + names

    def _crashpad(self, _: int) -> bytes:
        assert self.report_id is not None
        return struct.pack("<I16s16s8x", 1, self.report_id.bytes_le, bytes(16))


def form(dump: bytes | None, **annotations: str) -> bytes:
    """A report as Crashpad writes it; its boundary is BOUNDARY."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in annotations.items()
    ]
    if dump is not None:
        head = 'Content-Disposition: form-data; name="upload_file_minidump"; filename="x.dmp"'
        kind = "Content-Type: application/octet-stream"
        parts.append(f"--{BOUNDARY}\r\n{head}\r\n{kind}\r\n\r\n".encode() + dump + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
