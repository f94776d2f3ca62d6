"""One line of a stack of V8, Hermes, Gecko, JavaScriptCore, the JVM, .NET, Ruby or PHP to a Frame."""

from __future__ import annotations

from stories.crashes.frames import MAX_FILE, MAX_FUNCTION, Frame

_NO_FILE = ("<anonymous>", "native", "native code", "[native code]", "unknown", "Unknown Source")
# What may stand before a name in a stack of Gecko or JavaScriptCore; no other name has a space.
_SPACED = ("get ", "set ", "async ", "static ", "bound ", "module ", "global ", "eval ", "promise ")


def place(text: str) -> tuple[str, int | None, int | None]:
    """file, line, column of `file:12:3`, `file:12` or `file`."""
    head, _, last = text.rpartition(":")
    if not head or not last.isdecimal() or len(last) > 8:
        return text, None, None
    file, _, middle = head.rpartition(":")
    if file and middle.isdecimal() and len(middle) <= 8:
        return file, int(middle), int(last)
    return head, int(last), None


def frame_at(function: str, where: str) -> Frame:
    if ":wasm-function[" in where:
        where = f"{where.partition(':wasm-function[')[0]}:0"
        function = "" if function.startswith("wasm-function[") else function
    file, line, column = place(where)
    return Frame(function[:MAX_FUNCTION] or None, file[:MAX_FILE] or None, line, column)


def at_frame(text: str) -> Frame | None:
    """What follows `at `: of V8, Hermes, the JVM and .NET."""
    if text.endswith(("{", ",", "}")):  # Node goes on to print the error's own members
        text = text.rstrip("{}, ")
    if not text.endswith(")"):
        return _bare_frame(text)
    cut = text.find(" (")
    if cut > 0:
        function, where = text[:cut], text[cut + 2 : -1]
        if where.startswith("eval at "):
            where = _eval_origin(where)
        elif where.startswith("address at "):  # Hermes
            where = where[11:]
        frame = frame_at(function, where)
        known = frame.line is not None or where in _NO_FILE or where.startswith("index ")
        return frame if known or "/" in where else None
    name, paren, inside = text[:-1].partition("(")
    if not paren or " " in name or "." not in name:
        return None
    file, line, _ = place(inside)
    if inside in ("Native Method", "Unknown Source") or (line and " " not in file):  # JVM
        known_file = None if line is None else file[:MAX_FILE]
        return Frame(name.rpartition("/")[2][:MAX_FUNCTION], known_file, line)
    return Frame(name[:MAX_FUNCTION])  # .NET without a file


def bare_at_frame(text: str) -> Frame | None:
    """The same without `at `, as some loggers print it; and of Unity `Cart.Add () (at Cart.cs:12)`."""
    function, mark, where = text.rpartition(" (at ")
    if mark and where[:-1].rpartition(":")[2].isdecimal():
        return frame_at(function.partition(" (")[0], where[:-1])
    function, _, where = text.partition(" (")
    if ":" in function or (" " in function and not function.startswith(_SPACED)):
        return None
    frame = at_frame(text)
    return frame if frame and frame.column is not None and " " not in where else None


def _bare_frame(text: str) -> Frame | None:
    function, mark, where = text.rpartition(") in ")
    if mark and ":line " in where:  # .NET
        file, _, line = where.rpartition(":line ")
        number = int(line) if line.isdecimal() and len(line) < 9 else None
        name = function.partition("(")[0].strip()
        return Frame(name[:MAX_FUNCTION], file[:MAX_FILE], number)
    name, mark, _ = text.partition(") [0x")
    if mark:  # Mono
        return Frame(name.partition("(")[0].strip()[:MAX_FUNCTION])
    frame = frame_at("", text.removeprefix("async "))
    if frame.file in _NO_FILE:
        return frame
    return frame if frame.line is not None and frame.file else None


def _eval_origin(where: str) -> str:
    """Of `eval at ./src/a.js (https://x/main.js:1:2), <anonymous>:3:4` the module that webpack names, or
    else the place of the innermost call of eval."""
    for _ in range(10):
        if not where.startswith("eval at "):
            break
        name, cut, rest = where[8:].partition(" (")
        if "/" in name and "." in name:
            return name
        where = rest
        if not cut:
            return "<anonymous>"
    return where.partition(")")[0]


def gecko_frame(text: str) -> Frame | None:
    """`total@https://shop.example/cart.js:9:25` of Gecko and JavaScriptCore."""
    name, mark, where = text.partition("@")
    if not mark:
        name, where = "", text
    if " " in name and not name.startswith(_SPACED) and "*" not in name:
        return None
    if where == "[native code]":
        return Frame(name[:MAX_FUNCTION] or None, where)
    if where.startswith("debugger eval code"):
        return Frame(name[:MAX_FUNCTION] or None, "debugger eval code")
    evaluated = where.partition(" > ")[0] if " > " in where else ""
    if evaluated:  # https://x/a.js line 12 > eval:1:2
        file, _, line = evaluated.rpartition(" line ")
        where = f"{file or evaluated}:{line}" if file else evaluated
    frame = frame_at(name, where)
    if frame.line is None or frame.file is None:
        return None
    return (
        frame if "/" in frame.file or (frame.column is not None and " " not in frame.file) else None
    )


def ruby_frame(text: str) -> Frame | None:
    """`from app/models/user.rb:12:in 'User#save'`."""
    where, mark, name = text.removeprefix("from ").partition(":in ")
    file, line, _ = place(where)
    if line is None or not mark:
        return None
    name = name.split(": ", 1)[0].strip("`'\"").replace("#", ".").removeprefix("block in ")
    return Frame(name[:MAX_FUNCTION] or None, file[:MAX_FILE], line)
