"""Reads a request's body, whole or not at all; every byte is counted while it is read.

Flask's own limit cuts a chunked body silently at its maximum and never sees what a compressed one
becomes, so the stream is read from the WSGI server itself.
"""

from __future__ import annotations

import zlib
from typing import Any

from flask import Flask, request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]

from models import MAX_BODY
from stories.errors import ApiError, bad_request
from stories.web.access import count_bytes
from stories.web.services import services
from stories.web.slow_clients import Body
from stories.web.work import SMALL

CHUNK = 64 * 1024
PLAIN = ("", "identity")
CODINGS = (*PLAIN, "gzip", "x-gzip", "deflate", "br")
GZIP = b"\x1f\x8b"  # its first bytes
AT_WORK = "stories.at_work"  # in the WSGI environment: bytes of the work budget
MAX_MEMBERS = 32  # after each, what follows is copied: millions of empty ones would take for ever


def read_body(limit: int = MAX_BODY, by_magic: bool = False) -> bytes:
    """The body after decompression, `limit` bytes at most before and after. A large one is given when
    it may be worked on, until the end of the request. by_magic: some SDKs send gzip and do not say so.
    Raises ApiError."""
    environ = request.environ  # a look through Flask's `request` takes 3 µs, one here 0.1
    coding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if coding not in CODINGS:
        raise ApiError(415, "unsupported_encoding", "Content-Encoding must be gzip, deflate or br")
    with Body() as body:
        whole = _read(environ, limit, body)
        body.complete()
        if by_magic and coding in PLAIN and whole.startswith(GZIP):
            coding = "gzip"
        if coding not in PLAIN:
            whole = _inflate(whole, coding, limit)
            body.got(len(whole))
        if len(whole) > SMALL:
            count_bytes(len(whole))
            environ[AT_WORK] = services().work.take(len(whole))
    return whole


def install(app: Flask) -> None:
    """Ends the work on a large body with its request."""

    @app.teardown_request
    def give_back(error: BaseException | None) -> None:
        if size := request.environ.pop(AT_WORK, 0):
            services().work.give_back(size)


def _too_large(limit: int) -> ApiError:
    return ApiError(413, "body_too_large", f"the body must be at most {limit // 1024} KB")


def _read(environ: dict[str, Any], limit: int, body: Body) -> bytes:
    length = request.content_length
    if length is not None and length > limit:
        raise _too_large(limit)
    stream: Any = environ["wsgi.input"]
    if length is None and not environ.get("wsgi.input_terminated"):
        return b""  # neither a length nor an end: the server would wait for ever
    chunks, left = [], limit + 1 if length is None else length
    try:
        while left > 0 and (chunk := stream.read(min(CHUNK, left))):
            body.got(len(chunk))
            chunks.append(chunk)
            left -= len(chunk)
    except (OSError, ParseException) as error:  # the latter of chunks that are none
        raise bad_request("body_incomplete", "the body ended before its announced end") from error
    if length is None and left <= 0:
        raise _too_large(limit)
    if length is not None and left > 0:
        raise bad_request("body_incomplete", "the body is shorter than Content-Length says")
    return b"".join(chunks)


def _inflate(sent: bytes, coding: str, limit: int) -> bytes:
    """gzip (of several members too), deflate (zlib's, or raw as some clients send it) or br."""
    if coding == "br":
        return _unbrotli(sent, limit)
    whole, rest, parts = bytearray(), sent, 0
    try:
        while rest:
            parts += 1
            if parts > (MAX_MEMBERS if coding != "deflate" else 1):
                raise bad_request("invalid_encoding", f"the body is {coding} of too many parts")
            decoder = zlib.decompressobj(_window_bits(rest, coding))
            whole += decoder.decompress(rest, limit + 1 - len(whole))
            if len(whole) > limit:
                raise _too_large(limit)
            if not decoder.eof:
                raise zlib.error("incomplete")
            rest = decoder.unused_data
    except zlib.error:
        raise bad_request("invalid_encoding", f"the body is not valid {coding}") from None
    return bytes(whole)


def _unbrotli(sent: bytes, limit: int) -> bytes:
    import brotli  # type: ignore[import-untyped]  # by the first body that needs it

    decoder, whole = brotli.Decompressor(), bytearray()
    try:
        whole += decoder.process(sent, output_buffer_limit=limit + 1)
        while len(whole) <= limit and not decoder.can_accept_more_data():
            whole += decoder.process(b"", output_buffer_limit=limit + 1 - len(whole))
    except brotli.error:
        raise bad_request("invalid_encoding", "the body is not valid br") from None
    if len(whole) > limit:
        raise _too_large(limit)
    if not decoder.is_finished():
        raise bad_request("invalid_encoding", "the body is not valid br")
    return bytes(whole)


def _window_bits(data: bytes, coding: str) -> int:
    if coding != "deflate":
        return 16 + zlib.MAX_WBITS
    is_zlib = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS
