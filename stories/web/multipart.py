"""Reads a form with files piece by piece: of a file of 256 MB a worker never holds more than some of it.

body.py reads bodies whole; what is stored of these is stored as it comes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from flask import request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import NEED_DATA, Data, Epilogue, Field, File, MultipartDecoder

from stories.errors import ApiError, bad_request
from stories.web.body import PLAIN
from stories.web.slow_clients import Body, TooSlow
from stories.web.work import TimeSlice

CHUNK = 64 * 1024
READ = 4 * CHUNK  # at a time; a client has BODY_SECONDS for it
BUFFER = (
    READ + 16 * 1024
)  # with what the decoder keeps of the read before, or the headers of a part
MAX_SECONDS = 900.0  # for all of it
MAX_BOUNDARY = 200
MAX_TEXT = 2000  # characters of a field's value
PLACES = 8  # uploads that a worker takes, or waits for, at once
RETRY_SECONDS = 5

_places = 0


class Piece(NamedTuple):
    """Some bytes of a part, in their order. file_name: None of a part that is no file."""

    name: str
    file_name: str | None
    data: bytes
    is_last: bool


class NoPlace(ApiError):
    def __init__(self) -> None:
        sentence = "too many files are being sent at once: send this again"
        super().__init__(503, "busy", sentence, retry_after=RETRY_SECONDS)


@contextmanager
def place() -> Iterator[None]:
    """One of this worker's PLACES. Raises NoPlace where all are taken."""
    global _places
    if _places >= PLACES:
        raise NoPlace
    _places += 1
    try:
        yield
    finally:
        _places -= 1


def read_form(limit: int, most_parts: int) -> Iterator[Piece]:
    """A multipart/form-data body of at most `limit` bytes. Raises ApiError."""
    kind, options = parse_options_header(request.environ.get("CONTENT_TYPE", ""))
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not 0 < len(boundary) <= MAX_BOUNDARY:
        raise bad_request("not_multipart", "the body must be multipart/form-data with a boundary")
    if request.environ.get("HTTP_CONTENT_ENCODING", "").strip().lower() not in PLAIN:
        raise ApiError(415, "unsupported_encoding", "a form with files has no Content-Encoding")
    decoder = MultipartDecoder(
        boundary.encode(errors="replace"), BUFFER + MAX_BOUNDARY, max_parts=most_parts
    )
    try:
        yield from _pieces(decoder, limit)
    except RequestEntityTooLarge:
        sentence = f"a form may have {most_parts} parts, with 16 KB of headers each"
        raise ApiError(413, "too_many_parts", sentence) from None
    except (ValueError, AttributeError):  # the decoder's own at what is no form
        raise bad_request("invalid_multipart", "the body is no whole multipart form") from None


def _pieces(decoder: MultipartDecoder, limit: int) -> Iterator[Piece]:
    name, file_name, time_slice = "", None, TimeSlice()
    for block in _blocks(limit):
        for start in range(0, len(block), CHUNK):
            decoder.receive_data(block[start : start + CHUNK])
            while (event := decoder.next_event()) is not NEED_DATA:
                if isinstance(event, Field | File):
                    name = event.name or ""
                    file_name = event.filename if isinstance(event, File) else None
                elif isinstance(event, Data):
                    yield Piece(name, file_name, event.data, not event.more_data)
                time_slice.give_way()
    decoder.receive_data(None)
    while not isinstance(decoder.next_event(), Epilogue):
        pass


def _blocks(limit: int) -> Iterator[bytes]:
    """The body as it comes; none longer than READ."""
    length = request.content_length
    if length is not None and length > limit:
        raise _too_large(limit)
    if length is None and not request.environ.get("wsgi.input_terminated"):
        return
    stream: Any = request.environ["wsgi.input"]
    ends, left = time.monotonic() + MAX_SECONDS, limit + 1 if length is None else length
    while left > 0:
        block = _read(stream, min(READ, left))
        left -= len(block)
        if not block:
            break
        if time.monotonic() > ends:
            raise TooSlow
        yield block
    if length is None and left <= 0:
        raise _too_large(limit)
    if length is not None and left > 0:
        raise bad_request("body_incomplete", "the body is shorter than Content-Length says")


def _read(stream: Any, size: int) -> bytes:
    parts, left = [], size
    with Body() as body:
        try:
            while left > 0 and (part := stream.read(min(CHUNK, left))):
                body.got(len(part))
                parts.append(part)
                left -= len(part)
        except (OSError, ParseException) as error:
            raise bad_request(
                "body_incomplete", "the body ended before its announced end"
            ) from error
        body.complete()
    return b"".join(parts)


def _too_large(limit: int) -> ApiError:
    return ApiError(413, "body_too_large", f"the body must be at most {limit >> 20} MB")
