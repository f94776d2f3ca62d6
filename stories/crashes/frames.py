"""The frames of a crash as records, and the reader of those that an app sends as JSON."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

MAX_LINKS = 4  # the exception that was thrown and three of its causes
MAX_FRAMES = 100  # of a whole chain, the newest calls: deep recursion says nothing more
FRAMES_OF_CAUSE = 15
MAX_FUNCTION, MAX_FILE, MAX_MODULE, MAX_BUILD, MAX_TEXT = 300, 400, 200, 64, 1_000
MAX_TYPE = 120
GUESS = "scan"  # the trust of a frame that may be none
MAX_NUMBER = 99_999_999  # lines and columns: a bundle of one line has columns in the millions
CONTEXT_FRAMES, CONTEXT_LINES, CONTEXT_WIDTH = 10, 7, 200


class Frame(Struct, omit_defaults=True):
    """One call. `module` is the binary of a native frame, or what an SDK calls the module.

    `in_app`: as decided by grouping. Of a frame that is given to it, False is believed and True says
    nothing: SDKs of browsers say True of everything. `context` are lines of source around the call,
    `context_start` is the line number of their first. `trust`: GUESS of one that the walk of a minidump
    took from the stack without knowing; it is shown, and no part of a fingerprint.
    """

    function: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    module: str | None = None
    in_app: bool = True
    address: str | None = None  # native without symbols: "0x1253", from the start of the module
    build: str | None = None  # of the module: its debug id
    context: list[str] | None = None
    context_start: int | None = None
    trust: str | None = None


class NamedFrame(Frame, omit_defaults=True):
    """A frame as symbols have it. raw: {function, file, line, column, module, address} as it came,
    where it has other names now; several in a row with the same raw were one call, inlined. why: a
    sentence, why it has none."""

    raw: dict[str, Any] | None = None
    why: str | None = None


class Link(Struct):
    """One exception of a chain: what was thrown, and where, the newest call first."""

    type: str = ""
    message: str = ""
    frames: list[Frame] = []


def limited(chain: list[Link]) -> list[Link]:
    """The first MAX_LINKS exceptions with MAX_FRAMES frames in all; the thrown one keeps most."""
    chain = chain[:MAX_LINKS]
    room = MAX_FRAMES - FRAMES_OF_CAUSE * (len(chain) - 1)
    for link in chain:
        if len(link.frames) > room:
            link.frames = link.frames[:room]
        room = FRAMES_OF_CAUSE
    return chain


def read_frames(value: Any) -> list[Link]:
    """The field `frames` of a crash: a list of objects {function, file, line, column, in_app, module,
    address, build, context, context_start}, the newest call FIRST; or a list of such lists, the thrown
    exception's first and then those of its causes; or a list of exceptions in that order, each an object
    {type, message, frames} of which the first has `frames`.

    Every member is optional. One of the wrong type is left out, a text too long is cut, and so is a list
    past MAX_FRAMES. `context` is the line of source or a list of lines with it in the middle, unless
    `context_start` says otherwise. Of lists the Links have no type and no message: those of the thrown
    exception stand in error_message. Raises ValueError, a sentence that names the field, when the value
    is none of the three.
    """
    if not isinstance(value, list):
        raise ValueError("frames must be a list of objects, or a list of such lists")
    if not value:
        return []
    if isinstance(value[0], list):
        links = []
        for number, frames in enumerate(value[:MAX_LINKS]):
            if not isinstance(frames, list):
                raise ValueError(f"frames[{number}] must be a list, as frames[0] is")
            links.append(Link(frames=_frames(frames, f"frames[{number}]")))
        return limited(links)
    if is_chain(value):
        return limited(
            [_link(item, f"frames[{number}]") for number, item in enumerate(value[:MAX_LINKS])]
        )
    return [Link(frames=_frames(value, "frames"))]


def is_chain(value: list[Any]) -> bool:
    """Whether `frames` are exceptions: a frame has no member of that name."""
    return isinstance(value[0], dict) and "frames" in value[0]


def _link(item: Any, name: str) -> Link:
    if not isinstance(item, dict):
        raise ValueError(f"{name} must be an object, as frames[0] is")
    frames = item.get("frames")
    if frames is not None and not isinstance(frames, list):
        raise ValueError(f"{name}.frames must be a list of objects")
    return Link(
        type=_text(item.get("type"), MAX_TYPE) or "",
        message=_text(item.get("message"), MAX_TEXT) or "",
        frames=_frames(frames or [], f"{name}.frames"),
    )


def _frames(items: list[Any], name: str) -> list[Frame]:
    frames = []
    for number, item in enumerate(items[:MAX_FRAMES]):
        if not isinstance(item, dict):
            raise ValueError(f"{name}[{number}] must be an object")
        frames.append(_frame(item, with_context=number < CONTEXT_FRAMES))
    return frames


def _frame(item: dict[str, Any], with_context: bool) -> Frame:
    line = _number(item.get("line"))
    context, start = _context(item, line) if with_context else (None, None)
    return Frame(
        function=_text(item.get("function"), MAX_FUNCTION),
        file=_text(item.get("file"), MAX_FILE),
        line=line,
        column=_number(item.get("column")),
        module=_text(item.get("module"), MAX_MODULE),
        in_app=item.get("in_app") is not False,
        address=_text(item.get("address"), 20),
        build=_text(item.get("build"), MAX_BUILD),
        context=context,
        context_start=start,
    )


def _context(item: dict[str, Any], line: int | None) -> tuple[list[str] | None, int | None]:
    value = item.get("context")
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        return None, None
    lines = [text[:CONTEXT_WIDTH] for text in value[:CONTEXT_LINES]]
    start = _number(item.get("context_start"))
    if start is None and line is not None:
        start = max(1, line - len(value) // 2)
    return (lines, start) if lines else (None, None)


def _text(value: Any, most: int) -> str | None:
    return value[:most] or None if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= MAX_NUMBER else None
