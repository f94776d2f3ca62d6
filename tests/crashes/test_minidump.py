"""What a minidump says of itself; a hostile one says less, and never breaks anything."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import pytest

from stories.crashes.minidump import NoMinidump, read_minidump
from tools.fuzz.mutate import mutate
from tools.minidumps import Dump

WHEN = datetime(2026, 11, 21, 10, 0, 5, tzinfo=UTC)
REPORT = UUID("78412d1b-96fd-46a7-8b73-0a7187334da5")


def test_a_dump_names_the_fault_its_module_and_its_place_there():
    summary = read_minidump(Dump(when=WHEN, report_id=REPORT).pack())
    assert summary.when == WHEN
    assert (summary.exception, summary.module, summary.offset) == ("SIGSEGV", "Stories", 0x4731370)
    assert summary.build == "03020100-0504-0706-0809-0a0b0c0d0e0f"
    assert summary.system == "Linux 6.1.0"
    assert summary.report_id == REPORT


@pytest.mark.parametrize(
    ("system", "code", "exception", "shown"),
    [
        (2, 0xC0000005, "EXCEPTION_ACCESS_VIOLATION", "Windows 10.0.22631"),
        (0x8101, 1, "EXC_BAD_ACCESS", "macOS 10.0.22631"),
        (0x8203, 6, "SIGABRT", "Android 10.0.22631"),
        (2, 0xC0DE, "0xc0de", "Windows 10.0.22631"),
        (77, 11, "0xb", None),
    ],
)
def test_each_system_has_its_own_names_of_exceptions(system, code, exception, shown):
    summary = read_minidump(Dump(system=system, code=code, version=(10, 0, 22631)).pack())
    assert (summary.exception, summary.system) == (exception, shown)


def test_of_a_module_only_the_name_of_its_file_is_read():
    path = "C:\\Users\\Jane Doe\\AppData\\Stories.exe"
    assert read_minidump(Dump(module=path).pack()).module == "Stories.exe"


def test_a_fault_outside_of_all_modules_has_none():
    summary = read_minidump(Dump(offset=None).pack())
    assert (summary.exception, summary.module, summary.offset) == ("SIGSEGV", None, None)


@pytest.mark.parametrize("data", [b"", b"MDMP", b"MZ" + bytes(100), b"x" * 10_000])
def test_what_has_no_header_is_no_minidump(data):
    with pytest.raises(NoMinidump):
        read_minidump(data)


def test_a_dump_cut_anywhere_gives_what_was_whole():
    whole = Dump(when=WHEN, report_id=REPORT).pack()
    for size in range(32, len(whole), 7):
        assert read_minidump(whole[:size]).when == WHEN


def test_offsets_and_counts_that_lie_leave_out_what_they_were_for():
    whole = bytearray(Dump(when=WHEN).pack())
    for place in range(8, 24, 4):  # counts and offsets of the header
        lying = bytearray(whole)
        struct.pack_into("<I", lying, place, 0xFFFFFFF0)
        read_minidump(bytes(lying))
    random = Random(3)
    for _ in range(3000):
        hostile = mutate(bytes(whole), random, bytes(whole))
        try:
            read_minidump(hostile)
        except NoMinidump:
            assert not hostile.startswith(b"MDMP") or len(hostile) < 32
