"""Names of native code: symbol files into symcaches and unwinding rules, and frames by them.

It needs symbolic, which the server can do without, and works in the processes of uploads and of mapping
only: a symbol file may be of any size, and is a stranger's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from stories.crashes.frames import MAX_FILE, MAX_FUNCTION, MAX_NUMBER, Frame
from stories.crashes.wanted import plain_debug_id
from stories.privacy import scrub
from stories.symbols.cfi import in_order

# What they are called by symbolic. Of others, such as bundles of sources, nothing is built.
FORMATS = frozenset({"elf", "pe", "pdb", "macho", "breakpad"})
MAX_OBJECTS = 32  # of a fat Mach-O
MAX_INLINED = 20  # frames for one call
MAX_MANGLED = (
    4_000  # characters of a name: compilers write longer ones, of templates that nobody reads
)
HEAD = 1_000  # bytes of a Breakpad file in which its first line ends
NO_FILE = frozenset({"", "??"})


class NoSymbols(ValueError):
    """The file names nothing. The message is a sentence."""


@dataclass(frozen=True)
class Built:
    """What is made of a symbol file for one binary. debug_id: plain. name: as a Breakpad file
    says it, "" of others. arch: such as "x86_64". cfi: as symbols.cfi.Cfi reads it."""

    debug_id: str
    name: str
    arch: str
    symcache: bytes | None
    cfi: bytes | None


@dataclass(frozen=True)
class Place:
    """A call in the source. function: as the source has it, where its name could be read."""

    function: str
    file: str | None
    line: int | None


def build(path: Path) -> list[Built]:
    """Of each binary that the file is about: ELF, PE, PDB, Mach-O and fat Mach-O, Breakpad's .sym. Of a
    file of 77 MB it takes 10 s and 150 MB. Raises NoSymbols."""
    from symbolic.debuginfo import Archive
    from symbolic.exceptions import SymbolicError

    flaws: list[str] = []
    try:
        archive = Archive.open(str(path))
        built = [
            each for each in (_build(*item, flaws) for item in _objects(archive, path)) if each
        ]
    except SymbolicError as error:
        raise NoSymbols(f"the symbols cannot be read: {_sentence(error)}") from None
    if not built and flaws:
        raise NoSymbols(f"the symbols cannot be read: {flaws[0]}")
    if not built:
        raise NoSymbols("the file holds no symbols, or no debug id that a crash could name")
    return built


def lookup(symcache: bytes, offset: int) -> list[Place]:
    """Where the code at an offset from the module's start comes from: the innermost of inlined calls
    first; empty when nothing is known. A cache that is none gives nothing, too."""
    from symbolic.exceptions import SymbolicError
    from symbolic.symcache import SymCache

    try:
        opened: Any = SymCache
        locations = opened.from_bytes(symcache).lookup(offset)
    except (SymbolicError, ValueError, OverflowError):
        return []
    return [_place(each) for each in locations[:MAX_INLINED] if each.symbol not in NO_FILE]


def name_frames(frame: Frame, symcache: bytes, is_caller: bool) -> list[Frame]:
    """A native frame with `address` as the frames of the source, the innermost first; empty when nothing
    is known. is_caller: it is not the newest call of its stack, and so its address is where the call
    returns to, which may be another line, or another function."""
    try:
        offset = int(frame.address or "", 16) - is_caller
    except ValueError:
        return []
    if not 0 <= offset < 1 << 63:
        return []
    return [
        replace(
            frame,
            function=place.function,
            file=place.file,
            line=place.line,
            address=None,
            build=None,
        )
        for place in lookup(symcache, offset)
    ]


def _objects(archive: Any, path: Path) -> Iterator[tuple[Any, str]]:
    """With their names."""
    for number, item in enumerate(archive.iter_objects()):
        if number == MAX_OBJECTS:
            return
        yield item, _name(item, path)


def _name(item: Any, path: Path) -> str:
    if item.file_format == "breakpad":
        with path.open("rb") as file:
            words = file.read(HEAD).partition(b"\n")[0].decode("utf-8", "replace").split(None, 4)
        if len(words) == 5 and words[0] == "MODULE":
            return words[4].strip()
    return ""


def _build(item: Any, name: str, flaws: list[str]) -> Built | None:
    """flaws: filled with what could not be read. A file has one of the two in order more often than not:
    the rules of an x86-64 dSYM say that they are there, and are not."""
    from symbolic.exceptions import SymbolicError

    if item.file_format == "portablepdb":  # symbolic's Python reads no lines of one
        flaws.append(
            "it is a portable PDB; ship it beside its .NET assembly, and stacks have files and lines"
        )
    debug_id = plain_debug_id(item.debug_id)
    if item.file_format not in FORMATS or debug_id is None or not debug_id.strip("0-"):
        return None
    features = item.features
    symcache = cfi = None
    # A PE file's own table has its exports only, by which nearly all names would be wrong.
    if "debug" in features or ("symtab" in features and item.file_format != "pe"):
        try:
            symcache = item.make_symcache().open_stream().read()
        except SymbolicError as error:
            flaws.append(_sentence(error))
    if "unwind" in features:
        try:
            cfi = in_order(item.make_cficache().open_stream().read()) or None
        except SymbolicError as error:
            flaws.append(_sentence(error))
    return Built(debug_id, name, item.arch, symcache, cfi) if symcache or cfi else None


def _place(location: Any) -> Place:
    file = location.full_path or ""
    line = location.line
    return Place(
        scrub.text(_demangled(location.symbol)[:MAX_FUNCTION]),
        None if file in NO_FILE else scrub.text(file[-MAX_FILE:]),
        line if type(line) is int and 0 < line <= MAX_NUMBER else None,
    )


def _demangled(name: str) -> str:
    """`recorder::open_device(int)` of `_ZN8recorder11open_deviceEi`; of Mach-O it has one underscore
    more. A name that is none in C++ or Rust stays as it is."""
    try:
        from pycxxfilt import demangle

        mangled = name[1:] if name.startswith(("__Z", "__R")) else name
        return (demangle(mangled) if len(mangled) <= MAX_MANGLED else None) or name
    except (ImportError, ValueError):
        return name


def _sentence(error: Exception) -> str:
    return (str(error).splitlines() or ["unknown error"])[0][:200]
