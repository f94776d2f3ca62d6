"""Scripts and source maps as they are sent: what they say of each other."""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin

import msgspec

from stories.crashes.wanted import file_name, plain_debug_id
from stories.symbols.artifacts import SCRIPT, SOURCE_MAP, Content
from stories.symbols.uploads import UploadRefused

MAX_SCRIPT = 64 * 2**20  # bytes of a script, or of a map
TAIL = 4096  # of a script, where its comments are
PREFIX = b")]}'"  # a first line that some servers put before JSON
_debug_id = re.compile(rb"^//[#@]\s*debugId=([0-9A-Fa-f-]{32,45})\s*$", re.MULTILINE)
_map_url = re.compile(rb"^//[#@]\s*sourceMappingURL=(\S+)\s*$", re.MULTILINE)
INLINED = b"sourceMappingURL=data:"
_inlined = re.compile(rb"//[#@][ \t]*sourceMappingURL=data:([^,\s]{0,100}),(\S*)")


class _Map(msgspec.Struct):
    """What is looked at of a map; the rest is skipped as it is read."""

    version: int
    mappings: str | None = None
    sections: msgspec.Raw = msgspec.Raw()  # its bytes
    debugId: Any = None  # noqa: N815  # the name in the format
    debug_id: Any = None


def script(data: bytes, url: str, name: str, debug_id: str = "", map_url: str = "") -> Content:
    """A script, with what its last lines say unless the caller knows better. url: where it is served
    from. map_url: absolute, or beside `url`. Raises UploadRefused."""
    _check_size(data, name)
    tail = data[-TAIL:]
    own_id = debug_id or _last(_debug_id, tail)
    own_map = map_url or _last(_map_url, tail)
    if own_map.startswith("data:"):
        own_map = ""
    return Content(
        SCRIPT, data, plain_debug_id(own_id) or "", url, file_name(name), beside(url, own_map)
    )


def source_map(data: bytes, url: str, name: str, debug_id: str = "") -> Content:
    """A map with its debug id, its own or the caller's. Raises UploadRefused where it is none."""
    _check_size(data, name)
    if data.startswith(PREFIX):
        data = data.partition(b"\n")[2]
    try:
        read = msgspec.json.decode(data, type=_Map)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UploadRefused(f"{name} is no source map: it is not JSON of one.") from None
    if bytes(read.sections) not in (b"", b"null"):
        raise UploadRefused(f"{name} is a map of maps (sections), which cannot be read here.")
    if read.version != 3 or read.mappings is None:
        raise UploadRefused(f"{name} is no source map of version 3.")
    own_id = next((each for each in (read.debugId, read.debug_id) if isinstance(each, str)), "")
    own_id = plain_debug_id(own_id) or ""
    sent_id = plain_debug_id(debug_id) or ""
    if own_id and sent_id and own_id != sent_id:
        raise UploadRefused(f"{name} has the debug id {own_id}, and its script {sent_id}.")
    return Content(SOURCE_MAP, data, own_id or sent_id, url, file_name(name))


def pair(
    file: tuple[str, bytes] | None,
    map: tuple[str, bytes] | None,
    url: str | None,
    debug_id: str = "",
) -> Iterator[Content]:
    """A script and its map as they were sent by hand, either alone too: (name, data). The map may be
    in the script itself. url: of the script. Raises UploadRefused."""
    if file:
        name = file_name(file[0])
        _check_size(file[1], name)
        bare, inlined = _without_map(file[1], name)
        file = (name, bare)
        if map is None and inlined is not None:
            map = (f"{name}.map", inlined)
    names = [file_name(part[0]) if part else "" for part in (file, map)]
    script_url = url or f"~/{names[0] or names[1].removesuffix('.map')}"
    map_url = beside(script_url, names[1]) if map else ""
    sent = script(file[1], script_url, names[0], debug_id, map_url) if file else None
    debug_id = sent.debug_id if sent else ""
    of_map = source_map(map[1], map_url, names[1], debug_id) if map else None
    if sent:
        # A map may know the id while its script does not: the build tool wrote it before the last step.
        of_map_id = of_map.debug_id if of_map else ""
        yield replace(sent, debug_id=debug_id or of_map_id)
    if of_map:
        yield of_map


def _without_map(data: bytes, name: str) -> tuple[bytes, bytes | None]:
    """A script without the map that it carries as a data: address, and that map. Its lines keep their
    numbers. Raises UploadRefused."""
    line = data.rfind(b"\n", 0, max(data.rfind(INLINED), 0)) + 1
    match = _inlined.match(data, line)
    if match is None:
        return data, None
    try:
        text = unquote_to_bytes(match[2])
        inlined = a2b_base64(text) if match[1].endswith(b";base64") else text
    except ValueError:
        raise UploadRefused(f"The source map inside {name} is no whole base64.") from None
    return data[:line] + data[match.end() :], inlined


def beside(url: str, reference: str) -> str:
    """An address as a script names it, relative to the script's own: ~/a/app.js and app.js.map give
    ~/a/app.js.map."""
    if not reference or reference.startswith("~"):
        return reference
    try:
        if url.startswith("~/"):
            return urljoin(f"http://host/{url[2:]}", reference).replace("http://host/", "~/", 1)
        return urljoin(url, reference)
    except ValueError:  # an address that is none
        return ""


def _check_size(data: bytes, name: str) -> None:
    if len(data) > MAX_SCRIPT:
        raise UploadRefused(f"{name} is too large: a file may have {MAX_SCRIPT >> 20} MB.")


def _last(pattern: re.Pattern[bytes], tail: bytes) -> str:
    matches = pattern.findall(tail)
    return matches[-1].decode("utf-8", "replace") if matches else ""
