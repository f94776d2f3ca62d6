"""An image from an address that a bot named: every address, that of a redirect too, goes through
images/guard.py, and what comes back is bounded."""

from __future__ import annotations

import http.client
import socket
from typing import Any
from urllib.parse import urljoin

from stories.images.guard import Deadline, Forbidden, Guard, Target, Timed
from stories.images.outcomes import Rejected, TryAgain, retry_after
from stories.payloads.bot import IMAGE_TYPES, MAX_IMAGE

MAX_REDIRECTS = 3
SECONDS = 30.0


class Fetcher:
    def __init__(self, *, seconds: float = SECONDS, **guard: Any) -> None:
        """guard: as Guard takes it."""
        self._guard = Guard(**guard)
        self._seconds = seconds

    def fetch(self, url: str) -> bytes:
        """The bytes at an address. Raises Rejected or TryAgain."""
        deadline = Deadline(self._seconds)
        try:
            for _ in range(MAX_REDIRECTS + 1):
                answer = self._get(self._guard.target(url), deadline)
                if isinstance(answer, bytes):
                    return answer
                url = urljoin(url, answer)
        except Forbidden as error:
            raise Rejected(error.code, f"the image's source: {error.sentence}") from None
        raise Rejected("too_many_redirects", f"more than {MAX_REDIRECTS} redirects")

    def _get(self, at: Target, deadline: Deadline) -> bytes | str:
        """The body, or the address that it redirects to."""
        try:
            connected = self._guard.open(at, deadline)
            try:
                return _ask(connected, at, deadline)
            finally:
                connected.close()
        except TimeoutError:
            raise TryAgain("the image's source did not answer in time") from None
        except (OSError, http.client.HTTPException) as error:
            kind = type(error).__name__  # the texts of some name the host
            raise TryAgain(f"the image's source could not be read ({kind})") from None


def _ask(connected: socket.socket, at: Target, deadline: Deadline) -> bytes | str:
    asking = http.client.HTTPConnection(at.host, at.port)
    asking.sock = Timed(connected, deadline)
    asking.request(
        "GET",
        at.path,
        headers={
            "Host": at.authority,
            "User-Agent": "StoriesAnalytics",
            "Accept": ", ".join(IMAGE_TYPES),
            "Accept-Encoding": "identity",
            "Connection": "close",
        },
    )
    with asking.getresponse() as response:
        if response.status in (301, 302, 303, 307, 308):
            location = response.getheader("Location")
            if not location:
                raise Rejected("source_refused", "the image's source redirects to nowhere")
            return location
        _check(response)
        return _body(response)


def _check(response: http.client.HTTPResponse) -> None:
    status = response.status
    if status in (408, 425, 429) or status >= 500:
        raise TryAgain(
            f"the image's source answered {status}", retry_after(response.getheader("Retry-After"))
        )
    if status != 200:
        raise Rejected("source_refused", f"the image's source answered {status}")
    # A small body may unpack to gigabytes; images are packed already.
    if (response.getheader("Content-Encoding") or "identity").strip().lower() != "identity":
        raise Rejected("bad_encoding", "the image's source sends it in a Content-Encoding")
    if response.length is not None and response.length > MAX_IMAGE:
        raise too_large()


def _body(response: http.client.HTTPResponse) -> bytes:
    pieces, size = [], 0
    while piece := response.read(65536):
        size += len(piece)
        if size > MAX_IMAGE:
            raise too_large()
        pieces.append(piece)
    if response.length:  # read() in pieces does not complain by itself
        raise TryAgain("the image's source stopped in the middle")
    return b"".join(pieces)


def too_large() -> Rejected:
    return Rejected("image_too_large", f"more than {MAX_IMAGE // 1024**2} MB")
