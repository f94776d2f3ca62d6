"""Tracebacks of Python: the newest call last, the cause first; groups of exceptions in a tree."""

from __future__ import annotations

from stories.crashes.error_types import split_type
from stories.crashes.frames import MAX_FILE, MAX_FRAMES, MAX_FUNCTION, Frame, Link

_SYNTAX = ("SyntaxError", "IndentationError", "TabError")
_CHAINED = ("The above exception was the direct cause", "During handling of the above exception")


def is_python(lines: list[str]) -> bool:
    return any('File "' in line and _frame(line.lstrip(" |")) is not None for line in lines)


def read(lines: list[str]) -> list[Link]:
    """The thrown exception first, then its causes, or the members of its group."""
    blocks, members = [Link()], list[Link]()
    newest_first = skips = in_group = False
    indent = 0  # of the frames: what stands further left ends them
    for line in lines:
        text = line.lstrip(" |+") if line.lstrip()[:1] in ("|", "+") else line.strip()
        link = members[-1] if in_group else blocks[-1]
        if text.startswith('File "'):
            frame = _frame(text)
            if frame is not None and not skips:
                indent = line.find('File "')
                link.frames.append(frame)
                # The newest are at the end.
                if len(link.frames) > 2 * MAX_FRAMES:
                    del link.frames[:MAX_FRAMES]
        elif "+---------------- " in line:
            in_group = True
            members.append(Link())
        elif text.startswith(_CHAINED):
            in_group = in_group and line.lstrip()[:1] == "|"
            (members if in_group else blocks).append(Link())
        elif text.endswith("(most recent call first):"):  # faulthandler: of all threads
            newest_first, skips = True, not text.startswith("Current thread")
        elif text.startswith("Exception Group Traceback"):
            in_group = False
        elif not link.type and text and _ends(link, line.find(text) < indent, in_group, text):
            _end(link, text)
    for link in (*blocks, *members):
        if not newest_first:
            link.frames.reverse()
        if link.type.rpartition(".")[2] in _SYNTAX and link.frames and not link.frames[0].function:
            link.frames[0].function = "<syntax>"  # the file that could not be read, not a call
    return [*reversed(blocks), *members]


def _frame(text: str) -> Frame | None:
    """`File "bot/store.py", line 21, in fetch`; faulthandler has no comma before `in`."""
    file, mark, rest = text.strip()[6:].partition('", line ')
    if not mark or not text.startswith('File "'):
        return None
    number, _, name = rest.partition(" in ")
    digits = number.strip(", ")
    if not digits.isdecimal() or len(digits) > 8:
        return None
    return Frame(name.strip()[:MAX_FUNCTION] or None, file[:MAX_FILE], int(digits))


def _ends(link: Link, is_further_left: bool, in_group: bool, text: str) -> bool:
    """Whether the line is the exception's own; a member of a group may have no frames before it."""
    if link.frames:
        return is_further_left
    return in_group and not text.startswith(("Traceback", "-")) and split_type(text)[0] != ""


def _end(link: Link, text: str) -> None:
    kind, message = split_type(text)
    if not kind:
        name, colon, rest = text.partition(":")
        if name.replace(".", "").replace("_", "").isalnum() and (colon or name == text):
            kind, message = name[:120], rest.strip()
    link.type, link.message = kind, message
