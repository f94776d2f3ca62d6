"""One line of a native stack to a Frame: minidumps, macOS, glibc, gdb, lldb, sanitizers, WinDbg,
Android, Rust, Go; and the numbered lines of Dart and PHP."""

from __future__ import annotations

import re

from stories.crashes.frames import MAX_FILE, MAX_FUNCTION, MAX_MODULE, Frame
from stories.crashes.scripts import frame_at, place

_CLOSURE = re.compile(r"(?:\.(?:func|gowrap)?\d{1,4}){1,8}\Z")  # main.run.func1.2
_HEX = frozenset("0123456789abcdefABCDEF`")


def _native(
    module: str, function: str = "", address: int | None = None, where: str = "", build: str = ""
) -> Frame:
    file, line, column = place(where)
    return Frame(
        function=function.strip()[:MAX_FUNCTION] or None,
        file=file.strip()[:MAX_FILE] or None,
        line=line,
        column=column,
        module=module.strip()[-MAX_MODULE:] or None,
        address=None if address is None else f"{address:#x}",
        build=build or None,
    )


def _hex(text: str) -> int | None:
    text = text.removeprefix("0x").removeprefix("0X").replace("`", "")
    return int(text, 16) if 0 < len(text) <= 16 and _HEX.issuperset(text) else None


def numbered_frame(text: str) -> Frame | None:
    """Of a line that begins with the frame's number: `3`, `#3`, `3:`, `frame #3:`, `* frame #3:`."""
    rest = text.lstrip("* ").removeprefix("frame ").lstrip("#")
    number, _, rest = rest.replace("\t", " ").partition(" ")
    if not number.rstrip(":").isdecimal() or len(number) > 4:
        return None
    rest = rest.strip()
    has_colon = number.endswith(":")
    if rest.startswith("pc "):
        return _android(rest[3:])
    if rest.startswith("0x"):
        return _addressed(rest)
    if "!" in rest:
        return symbol_frame(rest)
    module, mark, offset = rest.partition(" + 0x")
    if mark and " 0x" not in module:
        digits, _, build = offset.partition("@")
        address = _hex(digits.split(" ", 1)[0])
        return None if address is None else _native(module, address=address, build=build.strip())
    name, mark, tail = rest.partition(" 0x")
    if mark:
        return _macos(name, tail)
    function, mark, where = rest.partition(") at ")
    if mark:  # gdb, the frame that runs
        return _native("", function.partition(" (")[0], where=where)
    file, mark, call = rest.partition("): ")
    if mark and "(" in file:  # PHP
        file, _, line = file.partition("(")
        return frame_at(
            call.partition("(")[0].replace("->", ".").replace("::", "."), f"{file}:{line}"
        )
    function, mark, where = rest.partition(" (")
    if mark and where.endswith(")") and place(where[:-1])[1] is not None:  # Dart
        return frame_at(function, where[:-1])
    if has_colon and "::" in rest and rest[0] not in "-([{\"'":  # Rust
        return _native("", rest)
    return None


def _addressed(rest: str) -> Frame | None:
    """`0x7f.. in raise () from /lib64/libc.so.6`, `0x4f5d2c in open(int) /src/a.cpp:29:5`,
    `0x100003f5c app`main at main.c:12:5`, `0x7ff.. - core::panic`."""
    _, _, rest = rest.partition(" ")
    rest = rest.strip()
    if rest.startswith("- "):
        return _native("", rest[2:])
    module, mark, name = rest.partition("`")
    if mark:  # lldb
        name, _, where = name.partition(" at ")
        return _native(module, name.partition(" + ")[0], where=where)
    rest = rest.removeprefix("in ").strip()
    name, mark, module = rest.partition(" from ")
    if mark:
        return _native(module, name.partition(" (")[0])
    name, mark, where = rest.partition(" at ")
    if mark:
        return _native("", name.partition(" (")[0], where=where)
    if rest.endswith(")") and "+0x" in rest:  # sanitizers, without debug information
        name, _, inside = rest[:-1].rpartition("(")
        module, _, offset = inside.rpartition("+0x")
        return _native(module, name, None if name.strip() else _hex(offset))
    name, mark, module = rest.rpartition(" [")
    if mark and module.endswith("]"):  # Node's own
        return _native(module[:-1], name) if name.strip() else None
    name, _, where = rest.rpartition(" ")
    if name and place(where)[1] is not None:
        return _native("", name, where=where)
    return _native("", rest) if rest and rest[0] not in "?<(" else None


def _android(rest: str) -> Frame | None:
    """`0000000000012345  /data/app/x/lib/arm64/libapp.so (Recorder::tick(int)+24) (BuildId: ab12)`."""
    digits, _, rest = rest.partition(" ")
    rest, _, build = rest.strip().partition(" (BuildId: ")
    module, _, name = rest.partition(" (")
    function = name.rstrip(") ").rpartition("+")[0] if name else ""
    if name and name.count("(") >= name.count(")"):
        function = name.removesuffix(")").rpartition("+")[0]
    address = _hex(digits)
    if address is None or not module:
        return None
    return _native(module, function, None if function else address, build=build.rstrip(")"))


def _macos(module: str, tail: str) -> Frame | None:
    """`Stories  0x000000010a2b3c4d -[Recorder start] + 45 (Recorder.m:32)`, or without symbols
    `Stories  0x0000000104c0e000 0x104bfc000 + 73728`."""
    _, _, rest = tail.partition(" ")
    name, mark, offset = rest.strip().rpartition(" + ")
    if not mark:
        return None
    digits, _, where = offset.partition(" (")
    if name.startswith("0x"):
        return _native(
            module, address=int(digits) if digits.isdecimal() and len(digits) < 19 else None
        )
    return _native(module, name, where=where.rstrip(")"))


def symbol_frame(text: str) -> Frame | None:
    """`recorder!open(int) [a.cpp : 29 + 0x5]`, `ntdll!RtlUserThreadStart+0x21`, and of glibc
    `./app(tick+0x12) [0x55d0]`, `./app(+0x1253) [0x55d0]`."""
    before, mark, after = text.partition("!")
    if mark and after[:1].strip():
        module = before.rpartition("  ")[2]
        if len(module) > 40 or "`" in module:
            module = module.rpartition(" ")[2]
        name, bracket, where = after.rpartition(" [")
        if not bracket:
            name, where = after, ""
        name = name.partition("+0x")[0].partition(" + 0x")[0]
        where = where.rstrip("]").partition(" + ")[0].replace(" @ ", ":").replace(" : ", ":")
        has_module = module.strip() and not any(c in module for c in ":;,'\"=")
        return _native(module, name, where=where) if has_module and name.strip() else None
    call, mark, _ = text.partition(") [0x")
    if not mark and text.endswith(")") and "+0x" in text:
        call, mark = text[:-1], ")"
    module, paren, inside = call.partition("(")
    name, plus, offset = inside.rpartition("+0x")
    if not (mark and paren and plus) or " " in module.strip():
        return None
    return _native(module, name, None if name else _hex(offset))


def go_frame(function: str, text: str) -> Frame | None:
    """Of Go's two lines, the call and then `/app/main.go:10 +0x1d`."""
    file, line, _ = place(text.split(" ", 1)[0])
    if line is None:
        return None
    name = function.removeprefix("created by ").partition(" in goroutine")[0]
    cut = name.rfind("(") if name.endswith(")") else len(name)
    name = _CLOSURE.sub("", name[:cut].rpartition("/")[2].replace("[...]", ""))
    return Frame(name[:MAX_FUNCTION] or None, file[:MAX_FILE], line)
