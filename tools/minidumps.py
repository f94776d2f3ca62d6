"""Minidumps as small as they can be: what tests and fuzzing send as a crash of native code."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

BASE = 0x5600_0000_0000
BOUNDARY = "----a-boundary"
X86_64, LINUX = 9, 0x8201


@dataclass
class Dump:
    """The default: SIGSEGV of a program for Linux. offset: of the instruction from the start of its
    module; None: it is in no module. build: 16 bytes or more of an ELF build id."""

    when: datetime | None = None
    module: str = "/opt/Stories/Stories"
    offset: int | None = 0x4731370
    code: int = 11
    system: int = LINUX
    architecture: int = X86_64
    version: tuple[int, int, int] = (6, 1, 0)
    build: bytes = bytes(range(16))
    report_id: UUID | None = None

    def pack(self) -> bytes:
        """Its header, then the streams' directory, then the streams, each with what it points to."""
        when = self.when or datetime.now(UTC)
        makers = {
            7: self._system,
            6: self._exception,
            4: self._modules,
            0x43500001: self._crashpad,
        }
        if self.report_id is None:
            del makers[0x43500001]
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
        counter = BASE + self.offset if self.offset is not None else 0x10
        head = struct.pack("<IIIIQQII120x", 1, 0, self.code, 0, 0, 0, 0, 0)
        context = bytearray(0x4D0)
        struct.pack_into("<Q", context, 0xF8, counter)
        return head + struct.pack("<II", len(context), at + len(head) + 8) + bytes(context)

    def _modules(self, at: int) -> bytes:
        name = self.module.encode("utf-16-le")
        tail = at + 4 + 108
        entry = struct.pack("<QIIII", BASE, 0x8000000, 0, 0, tail) + bytes(52)
        record = b"LEpB" + self.build
        entry += struct.pack("<II", len(record), tail + 4 + len(name)) + bytes(24)
        return struct.pack("<I", 1) + entry + struct.pack("<I", len(name)) + name + record

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
