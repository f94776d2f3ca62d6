"""Stacks as text: what runtimes print becomes a chain of exceptions with frames.

Lines are taken apart by splitting at fixed marks: patterns over whole lines took seconds on hostile
ones. The worst of 2,800 made-up texts of 64 KB took 17 ms, all of grouping included, on a busy machine:
nothing here has to give way to other requests.
"""

from __future__ import annotations

from stories.crashes import native, python
from stories.crashes.error_types import split_type
from stories.crashes.frames import MAX_FRAMES, MAX_TEXT, Link, limited
from stories.crashes.scripts import at_frame, bare_at_frame, gecko_frame, ruby_frame

MAX_CHARACTERS, MAX_LINES = 64_000, 200  # lines of either end of a longer stack


def read_stack(stack: str) -> list[Link]:
    """The chain of a stack of any runtime, the thrown exception first; [] if no line of it is known."""
    lines = [line[:MAX_TEXT] for line in stack[:MAX_CHARACTERS].split("\n")]
    if len(lines) > 2 * MAX_LINES:
        lines = lines[:MAX_LINES] + lines[-MAX_LINES:]
    chain = python.read(lines) if python.is_python(lines) else _Reader().read(lines)
    return limited([link for link in chain if link.frames or link.type])


class _Reader:
    """Reads the thrown exception, its frames, then what caused it, line by line."""

    def __init__(self) -> None:
        self._link = Link()
        self._chain = [self._link]
        self._outer: list[Link] = []  # .NET prints an inner exception inside its outer one
        self._function = ""  # Go: the file of a call is in the line below
        self._goroutines = 0

    def read(self, lines: list[str]) -> list[Link]:
        for line in lines:
            text = line.strip()
            if text and not self._read_frame(text) and not self._read_cause(text):
                self._read_head(text)
                self._function = text if text.endswith((")", "...")) or " in " in text else ""
            if self._goroutines > 1:
                break
        return self._chain

    def _read_frame(self, text: str) -> bool:
        frames = self._link.frames
        if text.startswith("at "):
            frame = at_frame(text[3:])
            # Rust prints the file below the function.
            if frame and frames and not frame.function and not frames[-1].file and frame.line:
                last = frames[-1]
                if last.function and last.address is None and not last.module:
                    last.file, last.line, last.column = frame.file, frame.line, frame.column
                    return True
        elif self._function and ".go:" in text:
            frame = native.go_frame(self._function, text)
        elif text[0].isdigit() or text[0] in "#*" or text.startswith("frame #"):
            frame = native.numbered_frame(text) or gecko_frame(text)
        elif "@" in text or text.startswith(("http://", "https://", "file://")):
            frame = gecko_frame(text)
        elif "!" in text or "(+0x" in text or "+0x" in text:
            frame = native.symbol_frame(text)
        elif ":in " in text:
            frame = ruby_frame(text)
        elif text.endswith(")") and " (" in text:
            frame = bare_at_frame(text)
        else:
            return False
        if frame is not None and len(frames) < MAX_FRAMES:
            frames.append(frame)
        return frame is not None

    def _read_cause(self, text: str) -> bool:
        if text.startswith("goroutine ") and "[" in text:
            self._goroutines += 1
            return True
        if text.startswith("--- End of inner exception") and self._outer:
            self._link = self._outer.pop()
            return True
        head, arrow, inner = text.partition("---> ")
        if arrow:  # .NET
            if head.strip():
                self._read_head(head.strip())
            self._outer.append(self._link)
            return self._begin(inner)
        for label in ("[cause]: ", "Caused by: ", "caused by: "):
            if text.startswith(label):
                return self._begin(text[len(label) :])
        if text.startswith("Suppressed: "):  # JVM: what went wrong besides
            self._link = Link()
            return True
        if not (self._link.frames or self._link.type):
            return False
        label, colon, rest = text.partition(": ")
        if colon and label.startswith("Error ") and label[6:].isdigit() and len(label) < 9:
            return self._begin(rest)  # one of an AggregateError's, as our client writes it
        if self._link.frames and not self._outer:
            kind, _ = split_type(text)
            if kind.endswith(("Error", "Exception", "Rejection")):
                return self._begin(text)
        return False

    def _begin(self, head: str) -> bool:
        kind, message = split_type(head.rstrip(" {[,"))
        self._link = Link(kind or "Error", message)
        self._chain.append(self._link)
        return True

    def _read_head(self, text: str) -> None:
        link = self._link
        if link is self._chain[0] and not link.type and not link.frames:
            link.type, message = split_type(text)
            if link.type:
                link.message = message
