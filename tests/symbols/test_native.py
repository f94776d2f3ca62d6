"""Symbol files of every kind, and frames by them.

tests/fixtures/symbols has recorder.cpp as compilers leave it in /home/jane/recorder, by gzip -9n:
    g++ -g -O1 -shared -fPIC -Wl,--build-id=sha1 -nostdlib -o recorder.so recorder.cpp
    dump_syms recorder.so > recorder.sym
    clang++ --target=x86_64-pc-windows-msvc -g -gcodeview -O1 -c recorder.cpp -o w.obj
    lld-link /debug /dll /entry:begin /nodefaultlib /export:begin /out:recorder.dll w.obj
    for arm64 and x86_64: clang++ --target=$A-apple-macos11 -g -O1 -c recorder.cpp -o $A.o
        ld64.lld -arch $A -platform_version macos 11.0 11.0 -dylib -o $A.dylib $A.o
        dsymutil $A.dylib, and of the two llvm-lipo -create: recorder.dylib, recorder.dSYM
"""

from __future__ import annotations

import gzip
import struct
import subprocess
from pathlib import Path

import pytest

from stories.config import ROOT
from stories.crashes.frames import Frame, Link
from stories.crashes.grouping import group
from stories.symbols.cfi import Cfi
from stories.symbols.native import Built, NoSymbols, build, lookup, name_frames
from tests.support import require

FOLDER = ROOT / "tests" / "fixtures" / "symbols"
SOURCE = "~/recorder/recorder.cpp"


@pytest.fixture
def files(tmp_path):
    """Gives the path of a symbol file by the ending of its name."""

    def unpacked(ending: str) -> Path:
        path: Path = tmp_path / f"recorder.{ending}"
        path.write_bytes(gzip.decompress((FOLDER / f"recorder.{ending}.gz").read_bytes()))
        return path

    return unpacked


def built_of(path: Path) -> tuple[Built, bytes]:
    """Of a file about one binary."""
    [built] = build(path)
    assert built.symcache is not None
    return built, built.symcache


def names(symcache: bytes | None) -> dict[str, tuple[str | None, int | None]]:
    """Every function that the cache knows, with its file and the first line that stands first."""
    assert symcache is not None
    seen: dict[str, tuple[str | None, int | None]] = {}
    for offset in range(0x300, 0x1100):
        for place in lookup(symcache, offset):
            seen.setdefault(place.function, (place.file, place.line))
    return seen


@pytest.mark.parametrize(
    ("ending", "arches", "has_lines", "has_rules"),
    [
        ("so", ["x86_64"], True, True),
        ("sym", ["x86_64"], True, True),
        ("pdb", ["x86_64"], True, False),
        ("dylib", ["arm64", "x86_64"], False, True),
        ("dSYM", ["arm64", "x86_64"], True, False),
    ],
)
def test_each_kind_of_file_gives_names_lines_and_rules(files, ending, arches, has_lines, has_rules):
    built = build(files(ending))
    assert sorted(each.arch for each in built) == arches
    for each in built:
        known = names(each.symcache)
        opened = next(name for name in known if "open_device" in name)
        assert opened.startswith("recorder::open_device(")
        assert any("start_recording<" in name and "recorder::" in name for name in known)
        assert known[opened] == ((SOURCE, known[opened][1]) if has_lines else (None, None))
        assert (known[opened][1] in range(6, 13)) is has_lines  # 6 where inlined calls are not told
        assert (each.cfi is not None) is has_rules


def test_a_windows_binary_gives_rules_and_its_pdb_the_names_under_one_id(files):
    [binary], [pdb] = build(files("dll")), build(files("pdb"))
    assert binary.debug_id == pdb.debug_id
    assert (binary.symcache, pdb.cfi) == (None, None)
    assert binary.cfi is not None
    assert binary.cfi.startswith(b"STACK CFI INIT ")


def test_a_breakpad_file_and_its_binary_have_one_id_and_it_knows_the_name(files):
    [binary], [text] = build(files("so")), build(files("sym"))
    assert binary.debug_id == text.debug_id
    assert (binary.name, text.name) == ("", "recorder.so")


def test_the_rules_of_a_file_are_found_at_an_offset(files):
    built, symcache = built_of(files("so"))
    [call] = [offset for offset in range(0x1000, 0x1100) if _is_first_of(symcache, offset)]
    rules = Cfi(built.cfi or b"").rules(call)
    assert rules is not None
    assert rules[".cfa"] == ["$rsp", "8", "+"]


def _is_first_of(symcache, offset):
    def has(at):
        return any("start_recording" in place.function for place in lookup(symcache, at))

    return has(offset) and not has(offset - 1)


def test_a_call_that_was_inlined_is_a_frame_of_its_own(files):
    built, symcache = built_of(files("pdb"))
    frame = Frame(module="recorder.dll", address="0x1000", build=built.debug_id)
    inner, outer = name_frames(frame, symcache, is_caller=False)
    assert (inner.function or "").startswith("recorder::set_level(")
    assert (outer.function or "").startswith("recorder::open_device(")
    assert {inner.module, outer.module} == {"recorder.dll"}
    assert (inner.file, inner.line, outer.file, outer.line) == (SOURCE, 6, SOURCE, 11)
    assert (inner.address, inner.build) == (None, None)


def test_of_a_caller_the_call_is_named_and_not_where_it_returns_to(files):
    built, symcache = built_of(files("pdb"))
    frame = Frame(module="recorder.dll", address="0x1030", build=built.debug_id)
    [named] = name_frames(frame, symcache, is_caller=False)
    assert "start_recording" in (named.function or "")
    assert not any(
        "start_recording" in (each.function or "")
        for each in name_frames(frame, symcache, is_caller=True)
    )


def test_names_of_two_systems_group_together(files):
    prints = set()
    for ending, module in (("pdb", "recorder.dll"), ("so", "librecorder.so")):
        built, symcache = built_of(files(ending))
        at = next(at for at in range(0x1000, 0x1100) if "start_rec" in str(lookup(symcache, at)))
        frame = Frame(module=module, address=hex(at), build=built.debug_id)
        chain = [Link(frames=name_frames(frame, symcache, is_caller=False))]
        prints.add(group("main_crash", "", None, chain=chain).culprit)
    assert {culprit.partition(":")[2] for culprit in prints} == {"recorder::start_recording"}


@pytest.mark.parametrize("address", [None, "", "zz", "0x0", "0x" + "f" * 16, "-0x10", "0x99999"])
def test_an_address_that_nothing_is_known_of_gives_no_frame(files, address):
    built, symcache = built_of(files("pdb"))
    frame = Frame(module="recorder.dll", address=address, build=built.debug_id)
    assert name_frames(frame, symcache, is_caller=True) == []


def test_a_file_that_names_nothing_is_refused_with_a_sentence(tmp_path, files):
    path = tmp_path / "some.file"
    whole = files("so").read_bytes()
    for content in (
        b"",
        b"MODULE",
        b"\x7fELF" + bytes(100),
        b"MZ" * 100,
        b"PK\x03\x04",
        whole[:3000],
    ):
        path.write_bytes(content)
        with pytest.raises(NoSymbols, match=r"^the (symbols|file) .*[a-z]"):
            build(path)


def portable_pdb():
    """The smallest that its format allows: five streams, and no method in them."""
    streams = {
        b"#Pdb": bytes(range(1, 21)) + struct.pack("<IQ", 0, 0),
        b"#~": struct.pack("<IBBBBQQ", 0, 2, 0, 0, 1, 0, 0),
        b"#Strings": bytes(4),
        b"#Blob": bytes(4),
        b"#GUID": b"",
    }
    named = {name + bytes(4 - len(name) % 4): data for name, data in streams.items()}
    head = b"BSJB" + struct.pack("<HHII12sHH", 1, 1, 0, 12, b"PDB v1.0", 0, len(named))
    at = len(head) + sum(8 + len(name) for name in named)
    table = b""
    for name, data in named.items():
        table += struct.pack("<II", at, len(data)) + name
        at += len(data)
    return head + table + b"".join(named.values())


def test_a_portable_pdb_is_refused_by_its_name(tmp_path):
    path = tmp_path / "app.pdb"
    path.write_bytes(portable_pdb())
    with pytest.raises(NoSymbols, match=r"cannot be read: it is a portable PDB; .* \.NET assembly"):
        build(path)


def test_a_cache_that_is_none_names_nothing():
    for hostile in (b"", b"SYMC", b"SYMC" + bytes(1000), b"\xff" * 500):
        assert lookup(hostile, 0x1000) == []


def test_a_stripped_binary_still_has_its_rules(tmp_path, files):
    stripped = tmp_path / "stripped.so"
    subprocess.run([require("strip"), "-o", stripped, files("so")], check=True)
    [built] = build(stripped)
    assert built.cfi is not None
