"""Stacks and chains of exceptions of Sentry's events as the `frames` of a crash."""

from __future__ import annotations

from typing import Any

from stories.crashes.frames import CONTEXT_FRAMES, MAX_FRAMES, MAX_LINKS
from stories.intake.adapters.reading import listed, mapping, text

MAX_IMAGES = 500
AROUND = 3  # lines of source before and behind that of the call


class Images:
    """The binaries and scripts of an event (debug_meta), which say the builds of frames."""

    def __init__(self, event: dict[str, Any]) -> None:
        self._scripts: dict[str, str] = {}
        self._binaries: list[tuple[int, int, str, str | None]] = []
        images = listed(mapping(event.get("debug_meta")).get("images"))
        for image in map(mapping, images[:MAX_IMAGES]):
            file, build = text(image.get("code_file"), 400), text(image.get("debug_id"), 64)
            start, size = _address(image.get("image_addr")), image.get("image_size")
            if start is not None and type(size) is int:
                name = (file or "").replace("\\", "/").rpartition("/")[2]
                self._binaries.append((start, start + size, name, build))
            elif file and build:
                self._scripts[file] = build

    def place(self, frame: dict[str, Any]) -> dict[str, Any]:
        """The build of a frame, and of a native one its module and its address from the module's
        start."""
        address = _address(frame.get("instruction_addr"))
        if address is None:
            file = frame.get("abs_path") or frame.get("filename")
            build = self._scripts.get(file) if isinstance(file, str) else None
            return {"build": build} if build else {}
        for start, end, module, build in self._binaries:
            if start <= address < end:
                return {"module": module, "build": build, "address": f"{address - start:#x}"}
        return {"address": f"{address:#x}"}


def read_chain(event: dict[str, Any], values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The thrown exception, then its causes: as `frames` of POST /crash takes them. values: of
    `exception`, the thrown one last."""
    images = Images(event)
    chain = []
    for value in values[: -MAX_LINKS - 1 : -1]:
        link = {
            "type": text(value.get("type"), 200) or "",
            "message": text(value.get("value"), 4000) or "",
            "frames": _frames(value.get("stacktrace"), images),
        }
        chain.append(link)
    if not chain:
        chain = [{"type": "", "message": "", "frames": []}]
    if not chain[0]["frames"]:
        chain[0]["frames"] = _frames(_stack_beside(event), images)
    return chain


def _stack_beside(event: dict[str, Any]) -> Any:
    """Of a message, and of a native crash: the stack of the event, or of the thread that crashed."""
    if "stacktrace" in event:
        return event["stacktrace"]
    threads = event.get("threads")
    values = [mapping(each) for each in listed(mapping(threads).get("values") or threads)]
    for mark in ("crashed", "current"):
        for thread in values:
            if thread.get(mark) is True:
                return thread.get("stacktrace")
    return values[0].get("stacktrace") if len(values) == 1 else None


def _frames(stack: Any, images: Images) -> list[dict[str, Any]]:
    """The newest call first; SDKs send it last."""
    sent = listed(mapping(stack).get("frames"))
    frames: list[dict[str, Any]] = []
    with_context = 0
    for each in map(mapping, sent[: -MAX_FRAMES - 1 : -1]):
        frame = {
            "function": text(each.get("function"), 300),
            "file": text(each.get("filename") or each.get("abs_path"), 400),
            "line": each.get("lineno"),
            "column": each.get("colno"),
            "module": text(each.get("module"), 200),
            **images.place(each),
        }
        if frame["function"] == "?":
            frame["function"] = None
        if each.get("in_app") is False:
            frame["in_app"] = False
        elif with_context < CONTEXT_FRAMES and _add_context(frame, each):
            with_context += 1
        frames.append({name: item for name, item in frame.items() if item is not None})
    return frames


def _add_context(frame: dict[str, Any], sent: dict[str, Any]) -> bool:
    """The line of source and AROUND lines on each side. False: none was sent."""
    line, number = sent.get("context_line"), sent.get("lineno")
    if not isinstance(line, str) or type(number) is not int:
        return False
    before = [each for each in listed(sent.get("pre_context")) if isinstance(each, str)][-AROUND:]
    behind = [each for each in listed(sent.get("post_context")) if isinstance(each, str)][:AROUND]
    frame["context"] = [*before, line, *behind]
    frame["context_start"] = max(1, number - len(before))
    return True


def _address(value: Any) -> int | None:
    """Of a hexadecimal text such as "0x7ff6", or a number."""
    if type(value) is int:
        return value if 0 <= value < 2**64 else None
    if not isinstance(value, str) or not 2 < len(value) <= 18 or value[:2].lower() != "0x":
        return None
    try:
        return int(value, 16)
    except ValueError:
        return None
