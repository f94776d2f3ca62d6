"""One request, one reply; nothing here decides what happens next."""

from __future__ import annotations

import email.utils
import encodings.idna
import gzip
import json
import re
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

MAX_REPLY = 2_000_000
GZIP_FROM, GZIP_TO = 1_024, 1_000_000  # larger bodies are images, which gain nothing
LONGEST_RETRY_AFTER = 3_600.0

# Host names are encoded with this codec, loaded on first use; in a process that is ending nothing
# can be loaded any more, and the last batch would not leave.
_PRELOADED = encodings.idna


class Reply(NamedTuple):
    """What came back. body: the JSON object, or {} when it was anything else.

    retry_after: seconds, None when the server named none. server_time: seconds since 1970 by the
    server's clock, less half of the round trip's length taken off by the caller.
    """

    status: int
    body: dict[str, Any]
    retry_after: float | None
    server_time: float | None
    location: str | None


class NoReply(Exception):
    """Nothing that can be read came back: refused, timed out, cut off, not HTTP."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected POST would arrive as a GET and look like success."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Transport:
    """Talks to one server. A connection per request: there is one every few seconds at most."""

    def __init__(self, url: str, app_key: str | None, timeout: float, agent: str) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._headers = {"User-Agent": agent, "Accept": "application/json"}
        if app_key:
            self._headers["X-App-Key"] = app_key
        self._opener = urllib.request.build_opener(_NoRedirects)

    def get(self, path: str, timeout: float | None = None) -> Reply:
        return self._exchange(
            urllib.request.Request(self._url + path, headers=self._headers), timeout
        )

    def post(self, path: str, body: bytes, timeout: float | None = None) -> Reply:
        headers = {**self._headers, "Content-Type": "application/json"}
        if GZIP_FROM <= len(body) <= GZIP_TO:
            body = gzip.compress(body, 6, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return self._exchange(
            urllib.request.Request(self._url + path, data=body, headers=headers, method="POST"),
            timeout,
        )

    def _exchange(self, request: urllib.request.Request, timeout: float | None) -> Reply:
        """Raises NoReply, and nothing else."""
        limit = self._timeout if timeout is None else max(0.05, min(timeout, self._timeout))
        try:
            try:
                with self._opener.open(request, timeout=limit) as answer:
                    return _read(answer.status, answer.headers, answer.read(MAX_REPLY))
            except urllib.error.HTTPError as error:
                with error:
                    return _read(error.code, error.headers, error.read(MAX_REPLY))
        except Exception as error:  # sockets, TLS, http.client, closing interpreters: all the same
            raise NoReply(f"{type(error).__name__}: {error}") from error


def _read(status: int, headers: Any, raw: bytes) -> Reply:
    try:
        body = json.loads(raw)
    except ValueError:
        body = {}
    if not isinstance(body, dict):
        body = {}
    server_time = parse_time(body.get("timestamp"))
    if server_time is None:
        server_time = _parse_http_date(headers.get("Date"))
    return Reply(
        status,
        body,
        parse_retry_after(headers.get("Retry-After"), time.time()),
        server_time,
        headers.get("Location"),
    )


def parse_retry_after(value: Any, now: float) -> float | None:
    """Seconds from now, from a number of seconds or an HTTP date; at most an hour, at least 0."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        seconds = float(value.strip())
    except ValueError:
        moment = _parse_http_date(value)
        if moment is None:
            return None
        seconds = moment - now
    if seconds != seconds:
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _parse_http_date(value: Any) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.timestamp()


_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?$",
    re.I,
)


def parse_time(value: Any) -> float | None:
    """Seconds since 1970 of an ISO 8601 time; datetime.fromisoformat refuses "Z" before 3.11."""
    found = _ISO.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, day, hour, minute = (int(part) for part in found.groups()[:5])
    second, fraction, zone = found.groups()[5:]
    offset = 0
    if zone and zone not in "Zz":
        digits = zone[1:].replace(":", "")
        offset = (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if zone[0] == "-" else 1)
    try:
        moment = datetime(year, month, day, hour, minute, int(second or 0), tzinfo=timezone.utc)
    except ValueError:
        return None
    moment -= timedelta(minutes=offset)
    return moment.timestamp() + float(f"0.{fraction or 0}")
