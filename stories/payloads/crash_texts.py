"""Scrubs and cuts the texts of a crash, and says what happened to them."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import UNSET

from models import Refusal, check_level, check_size, storable
from stories.crashes.frames import (
    CONTEXT_FRAMES,
    MAX_FILE,
    MAX_FRAMES,
    MAX_LINKS,
    MAX_TEXT,
    Frame,
    Link,
    is_chain,
    read_frames,
)
from stories.crashes.wanted import plain_debug_id
from stories.privacy import labels, scrub

OTHER = "other"  # a version or a system that is none
MAX_FINGERPRINT, MAX_PART = 20, 200
MAX_DEBUG_IDS = 100
MAX_FRAME_TEXT = 400  # characters of a function, a file, a line of source
MAX_FRAMES_TEXT = 32_000  # of all frames: a hundred with source lines have 22,000
MEMBERS = tuple(field.name for field in msgspec.structs.fields(Frame))
# Members that scrubbing would take for keys: a debug id is 32 hex digits and more.
NUMBERS = {
    "address": re.compile("0x[0-9A-Fa-f]{1,16}"),
    "build": re.compile("[0-9A-Fa-f-]{1,64}"),
}
CUT_ROOM = 1_000


class Texts:
    """Scrubs and cuts the fields of one report; `notes` says what happened to them."""

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}

    def cut(self, name: str, text: str | None, most: int) -> str | None:
        if text is None:
            return None
        kept, is_whole = clean(text, most)
        if not is_whole:
            self.notes[name] = f"cut from {len(text)} characters"
        return kept

    def system(self, text: str | None) -> str | None:
        """A system's name and version. What is none could be anything: it counts as "other", and stands
        in the notes as long as the crash is kept."""
        clean = self.cut("os_version", text, 50) or None
        system = labels.platform(clean)
        if clean is None or system == clean:
            return clean
        self.notes.setdefault("os_version", clean)
        return system or OTHER

    def version(self, text: str) -> str | None:
        version = labels.version(text)
        if text and version != text:
            self.notes["app_version"] = (
                f"cut from {len(text)} characters" if version else "left out: no version"
            )
        return version

    def context(self, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is None:
            return None
        try:
            check_level(value, 1, "context")  # before it is walked
            value = storable(value)
            check_size(value, "context")
            clean: dict[str, Any] = scrub.value(value)
            return clean
        except Refusal as refusal:
            self.notes["context"] = f"left out: {refusal.sentence}"
            return None

    def fingerprint(self, value: Any) -> list[str] | None:
        if value is UNSET or value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            self.notes["fingerprint"] = "left out: fingerprint must be a list of texts"
            return None
        if len(value) > MAX_FINGERPRINT or any(len(part) > MAX_PART for part in value):
            self.notes["fingerprint"] = f"cut to {MAX_FINGERPRINT} texts of {MAX_PART} characters"
        return [clean(storable(part), MAX_PART)[0] for part in value[:MAX_FINGERPRINT]] or None

    def debug_ids(self, value: Any) -> dict[str, str]:
        """By file, as frames name it. What is none is left out."""
        if value is UNSET or value is None:
            return {}
        if not isinstance(value, dict):
            self.notes["debug_ids"] = "left out: debug_ids must be an object of texts"
            return {}
        ids: dict[str, str] = {}
        for file, text in list(value.items())[:MAX_DEBUG_IDS]:
            debug_id = plain_debug_id(text) if isinstance(text, str) else None
            if debug_id and isinstance(file, str):
                ids[clean(storable(file), MAX_FILE)[0]] = debug_id
        if left := len(value) - len(ids):
            self.notes["debug_ids"] = f"left out {left} that are none, or more than {MAX_DEBUG_IDS}"
        return ids

    def frames(self, value: Any) -> list[Link] | None:
        if value is UNSET or value is None:
            return None
        try:
            if isinstance(value, list | dict):
                check_level(value, 1, "frames")  # before it is walked
            return read_frames(_FrameTexts().value(storable(value))) or None
        except Refusal as refusal:
            is_long = refusal.code == "properties_too_large"
            sentence = "frames holds too many values" if is_long else refusal.sentence
        except ValueError as error:
            sentence = str(error)
        self.notes["frames"] = f"left out: {sentence}"
        return None


def clean(text: str, most: int) -> tuple[str, bool]:
    """Text scrubbed and cut, and whether nothing is missing. It is cut before scrubbing, so that a
    hostile megabyte costs nothing; what stands at that edge may be half a secret that no pattern
    knows, so the last stretch of it goes too."""
    kept = scrub.text(text[: most + CUT_ROOM])
    if len(text) > most + CUT_ROOM:
        kept = kept[: max(0, len(kept) - CUT_ROOM)]
    return kept[:most], len(text) <= most and len(kept) <= most


class _FrameTexts:
    """Scrubs the frames of a crash as they were sent, before read_frames cuts them, until `left`
    characters have been looked at: scrubbing is what costs."""

    def __init__(self) -> None:
        self.left = MAX_FRAMES_TEXT

    def value(self, value: Any) -> Any:
        """The same lists and objects, as many as are read of them; what else is wrong stays so."""
        if not isinstance(value, list):
            return value
        if value and isinstance(value[0], list):
            return [self.value(frames) for frames in value[:MAX_LINKS]]
        if value and is_chain(value):
            return [self._link(item) for item in value[:MAX_LINKS]]
        return [
            self._frame(frame, n < CONTEXT_FRAMES) for n, frame in enumerate(value[:MAX_FRAMES])
        ]

    def _link(self, item: Any) -> Any:
        if not isinstance(item, dict):
            return item
        named = {
            name: item[name] for name in ("type", "message") if isinstance(item.get(name), str)
        }
        return {
            **{name: clean(text, MAX_TEXT)[0] for name, text in named.items()},
            "frames": self.value(item.get("frames")),
        }

    def _frame(self, frame: Any, with_context: bool) -> Any:
        if not isinstance(frame, dict):
            return frame
        return {
            name: self._member(name, frame[name])
            for name in MEMBERS
            if name in frame and (with_context or name != "context")
        }

    def _member(self, name: str, item: Any) -> Any:
        if isinstance(item, list):
            return [self._member(name, line) for line in item[:MAX_FRAMES]]
        if (form := NUMBERS.get(name)) is not None:
            return item if isinstance(item, str) and form.fullmatch(item) else None
        return self._text(item) if isinstance(item, str) else item

    def _text(self, text: str) -> str:
        if self.left <= 0:
            return ""
        self.left -= min(len(text), MAX_FRAME_TEXT + CUT_ROOM)
        return clean(text, MAX_FRAME_TEXT)[0]
