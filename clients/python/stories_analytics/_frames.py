"""The calls of an exception and of its causes as a crash report has them, with lines of source."""

from __future__ import annotations

import linecache
import os
import sysconfig
from collections import deque
from collections.abc import Iterator
from itertools import islice
from types import TracebackType
from typing import Any

MAX_LINKS, MAX_FRAMES, FRAMES_OF_CAUSE = 4, 100, 15
MAX_TEXT, MAX_TYPE, MAX_FUNCTION, MAX_FILE = 1_000, 120, 300, 400
SOURCE_FRAMES, SOURCE_AROUND, SOURCE_WIDTH = 10, 3, 200

_Call = tuple[str, str, int]  # function, file, line


def _prefixes() -> tuple[str, ...]:
    """Folders of what is not the program's own: Python's library and installed packages."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {sysconfig.get_paths().get(name) for name in names}
    return tuple(folder + os.sep for folder in folders if folder)


_FOREIGN = _prefixes()
_FOREIGN_PARTS = ("/site-packages/", "/dist-packages/")


def chain_of(error: BaseException) -> list[dict[str, Any]] | None:
    """[{type, message, frames}] of the error, of its causes and, of a group, of its members, the
    newest call first. None when that fails: the text of the traceback has the same."""
    try:
        return [_link(each, number) for number, each in enumerate(_errors(error))]
    except Exception:
        return None


def _errors(error: BaseException) -> Iterator[BaseException]:
    """As a traceback shows them, at most MAX_LINKS: the one that was thrown first."""
    return islice(_all_errors(error), MAX_LINKS)


def _all_errors(error: BaseException) -> Iterator[BaseException]:
    seen = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen and len(seen) < MAX_LINKS:
        seen.add(id(link))
        yield link
        hidden = None if link.__suppress_context__ else link.__context__
        link = link.__cause__ or hidden
    members = getattr(error, "exceptions", ())
    if isinstance(members, tuple):
        yield from (member for member in members if isinstance(member, BaseException))


def _link(error: BaseException, number: int) -> dict[str, Any]:
    kind = type(error)
    module = "" if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}."
    calls = _calls(error.__traceback__, FRAMES_OF_CAUSE if number else MAX_FRAMES)
    frames = [_frame(call, n < SOURCE_FRAMES) for n, call in enumerate(calls)]
    if isinstance(error, SyntaxError) and error.filename:
        place = ("<syntax>", error.filename, error.lineno or 1)
        frames.insert(0, _frame(place, True))  # the file that could not be read, which is no call
    return {
        "type": f"{module}{kind.__qualname__}"[:MAX_TYPE],
        "message": _message(error),
        "frames": frames[:MAX_FRAMES],
    }


def _message(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except Exception:  # an exception whose __str__ raises
        return ""


def _calls(step: TracebackType | None, most: int) -> list[_Call]:
    """The newest first."""
    calls: deque[_Call] = deque(maxlen=most)
    while step is not None:
        code = step.tb_frame.f_code
        calls.appendleft((code.co_name, code.co_filename, step.tb_lineno))
        step = step.tb_next
    return list(calls)


def _frame(call: _Call, with_source: bool) -> dict[str, Any]:
    function, file, line = call
    frame: dict[str, Any] = {
        "function": function[:MAX_FUNCTION],
        "file": file[:MAX_FILE],
        "line": line,
        "in_app": is_own(file),
    }
    if with_source:
        start = max(1, line - SOURCE_AROUND)
        source = linecache.getlines(file)[start - 1 : line + SOURCE_AROUND]
        if source:
            frame["context"] = [text.rstrip()[:SOURCE_WIDTH] for text in source]
            frame["context_start"] = start
    return frame


def is_own(file: str) -> bool:
    """Whether a file is the program's, neither Python's nor of an installed package."""
    if file.startswith(("<frozen ", *_FOREIGN)):
        return False
    plain = file.replace("\\", "/")
    return not any(part in plain for part in _FOREIGN_PARTS)
