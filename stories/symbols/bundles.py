"""A bundle: a ZIP of scripts and maps, read within bounds; with a manifest.json, or as `zip` makes it.

sentry-cli puts "SYSB" and a version before it, which zipfile skips. Nothing is believed: every byte
is counted as it is inflated, names are keys and never paths, and what is odd is refused.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import msgspec

from stories.crashes.wanted import file_name
from stories.symbols import scripts
from stories.symbols.artifacts import Content
from stories.symbols.uploads import UploadRefused

MANIFEST = "manifest.json"
MAX_ENTRIES = 10_000
MAX_ENTRY = scripts.MAX_SCRIPT
MAX_INFLATED = 256 * 2**20  # all entries that are read
MAX_MANIFEST = 8 * 2**20
MAX_READ = 4 * 2**20  # at once: zipfile reads the whole list of entries, and then keeps it
READ = 64 * 1024
ENCRYPTED = 0x1
SCRIPTS, MAPS = ("minified_source", "source"), "source_map"
# Of a ZIP without a manifest: the end of a name -> its type.
TYPES = {
    f".{suffix}{more}": kind
    for suffix in ("js", "mjs", "cjs")
    for more, kind in (("", SCRIPTS[0]), (".map", MAPS))
}
# What zipfile and zlib raise at bytes that are no ZIP, or a broken one.
BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, EOFError,
    ValueError, OSError, OverflowError, IndexError,
)  # fmt: skip


class Entry(msgspec.Struct):
    """A file as the manifest has it."""

    type: str = ""
    url: str = ""
    headers: dict[str, str] = msgspec.field(default_factory=dict)

    def header(self, *names: str) -> str:
        return next((text for name, text in self.headers.items() if name.lower() in names), "")


class Manifest(msgspec.Struct):
    files: dict[str, Entry]
    release: str | None = None
    dist: str | None = None


class _Bounded:
    """A file of which nobody reads much at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(min(size, MAX_READ + 1) if size >= 0 else MAX_READ + 1)
        if len(data) > MAX_READ:
            raise UploadRefused("The ZIP's list of entries is too long.")
        return data


class Archive:
    """A ZIP. `what`: what to call it in sentences. Its errors are UploadRefused."""

    def __init__(self, file: IO[bytes], what: str) -> None:
        self._what = what
        self._left = MAX_INFLATED
        with self._refusing():
            self._zip = zipfile.ZipFile(_Bounded(file))
            self._entries = self._checked(self._zip.infolist())

    @property
    def names(self) -> list[str]:
        """Of files, in their order."""
        return [name for name in self._entries if not name.endswith("/")]

    def read(self, name: str, most: int = MAX_ENTRY) -> bytes:
        """An entry, `most` bytes at most."""
        return b"".join(self.pieces(name, most))

    def pieces(self, name: str, most: int) -> Iterator[bytes]:
        """An entry as it is inflated; its checksum is looked at behind the last piece."""
        entry = self._entries.get(name)
        if entry is None:
            raise UploadRefused(f"{self._what} has no {name}.")
        with self._refusing(name), self._zip.open(entry) as stream:
            size = 0
            while piece := stream.read(READ):
                size += len(piece)
                self._left -= len(piece)
                if size > most:
                    raise UploadRefused(f"{name} is larger than {most >> 20} MB.")
                if self._left < 0:
                    raise UploadRefused(
                        f"{self._what} is larger than {MAX_INFLATED >> 20} MB when it is unpacked."
                    )
                yield piece

    def _checked(self, entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        if len(entries) > MAX_ENTRIES:
            raise UploadRefused(f"{self._what} has more than {MAX_ENTRIES} entries.")
        by_name = {entry.filename: entry for entry in entries}
        if len(by_name) != len(entries):
            raise UploadRefused(f"{self._what} has two entries of the same name.")
        for entry in entries:
            name = _shown(entry.filename)
            if entry.flag_bits & ENCRYPTED:
                raise UploadRefused(f"{name} in {self._what} is encrypted.")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise UploadRefused(f"{name} in {self._what} is packed by a method unknown here.")
            parts = entry.filename.replace("\\", "/").split("/")
            if parts[0] == "" or ".." in parts or ":" in parts[0]:
                raise UploadRefused(f"{name} in {self._what} is a path out of it.")
        return by_name

    @contextmanager
    def _refusing(self, name: str = "") -> Iterator[None]:
        try:
            yield
        except UploadRefused:
            raise
        except BROKEN as error:
            what = f"{_shown(name)} in {self._what}" if name else self._what
            why = "the end is missing or a checksum is wrong" if name else "it is no whole ZIP"
            raise UploadRefused(f"{what} cannot be read: {why}.") from error


def is_zip(file: IO[bytes]) -> bool:
    file.seek(0)
    start = file.read(4)
    return start in (b"PK\x03\x04", b"SYSB")


def read_manifest(archive: Archive) -> Manifest:
    """Without one what the names of the files say. Raises UploadRefused."""
    if MANIFEST not in archive.names:
        return Manifest(dict(_by_name(archive.names)))
    data = archive.read(MANIFEST, MAX_MANIFEST)
    try:
        return msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UploadRefused(f"{MANIFEST} cannot be read: {_first(error)}") from None


def _by_name(names: Iterable[str]) -> Iterator[tuple[str, Entry]]:
    for name in names:
        kind = next((kind for end, kind in TYPES.items() if name.endswith(end)), None)
        if kind and not name.startswith("__MACOSX/"):  # where macOS keeps what is not in the file
            yield name, Entry(kind, f"~/{name}")


def contents(archive: Archive, manifest: Manifest) -> Iterator[Content]:
    """The scripts and maps of a bundle, one at a time. Raises UploadRefused."""
    for path, entry in manifest.files.items():
        if entry.type not in (*SCRIPTS, MAPS):
            continue
        debug_id = entry.header("debug-id", "debug_id")
        name = file_name(entry.url or path)
        url = entry.url or f"~/{path}"
        map_url = scripts.beside(url, entry.header("sourcemap", "x-sourcemap"))
        if entry.type == MAPS:
            yield scripts.source_map(archive.read(path), url, name, debug_id)
        elif map_url:
            yield scripts.script(archive.read(path), url, name, debug_id, map_url)
        else:
            yield from scripts.pair((name, archive.read(path)), None, url, debug_id)


def _shown(name: str) -> str:
    return repr(name[:100])


def _first(error: Any) -> str:
    return str(error).partition("\n")[0][:200]
