"""Cloudflare Images: POST and DELETE of accounts/{account_id}/images/v1 (API v4).

An image goes up under a name of ours, so a second upload of the same one is answered "already
exists" (409, code 5409) and counts as done. The name is no bare UUID: Cloudflare keeps those for
itself. Images with names of one's own cannot be made private there: whoever has the address sees
the picture.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid4

from stories.config import Config
from stories.images.files import ENDINGS, Stored
from stories.images.outcomes import Misconfigured, Rejected, StoreBusy, TryAgain, retry_after

DELIVERY = "https://imagedelivery.net"
SECONDS = 60.0  # of silence; 10 MB may take a while on the way
MAX_ANSWER = 1024**2
PIECE = 256 * 1024

ALREADY_EXISTS, NOT_FOUND = 5409, 5404
# The operator's to mend, by error code: bad or missing credentials and headers (1000, 6003, 6103,
# 6111, 9106, 9109, 10000, 10001), an account that is not there (7000, 7003), may not (5403) or is
# full (5453).
OPERATORS = {1000, 5403, 5453, 6003, 6103, 6111, 7000, 7003, 9106, 9109, 10000, 10001}


def image_origin(config: Config) -> str | None:
    """What a page's img-src must allow besides this server; None: nothing."""
    return DELIVERY if config.cloudflare_api_token else None


class CloudflareImages:
    def __init__(self, config: Config, seconds: float = SECONDS) -> None:
        """config.cloudflare_* are set; config.load() has checked them."""
        base = urlsplit(config.cloudflare_api_url)
        self._secure = base.scheme == "https"
        self._host, self._port = base.hostname or "", base.port
        self._path = f"{base.path.rstrip('/')}/accounts/{config.cloudflare_account_id}/images/v1"
        self._token = config.cloudflare_api_token
        self._hash = config.cloudflare_account_hash
        self._seconds = seconds

    @staticmethod
    def name(image_id: UUID) -> str:
        return f"stories-{image_id}"

    def put(self, image_id: UUID, data: bytes, content_type: str) -> Stored:
        """Raises Rejected, StoreBusy, Misconfigured or TryAgain."""
        name, boundary = self.name(image_id), uuid4().hex
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="id"\r\n\r\n{name}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{image_id}.{ENDINGS[content_type]}"\r\nContent-Type: {content_type}\r\n\r\n'
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(head) + len(data) + len(tail)),
        }
        status, codes, wait = self._ask("POST", self._path, headers, _pieces(head, data, tail))
        if status not in (200, 201) and ALREADY_EXISTS not in codes and status != 409:
            raise _problem(status, codes, wait)
        return Stored(f"{DELIVERY}/{self._hash}/{name}/public", name)

    def delete(self, image_id: UUID, remote_id: str | None) -> None:
        """Not being there counts as done. Raises StoreBusy, Misconfigured or TryAgain."""
        name = quote(remote_id or self.name(image_id), safe="")
        status, codes, wait = self._ask("DELETE", f"{self._path}/{name}", {}, None)
        # A 404 with another code means a wrong account or address, not a missing image.
        if status == 404 and codes <= {NOT_FOUND}:
            return
        if status != 200:
            problem = _problem(status, codes, wait)
            # What is due for erasure is never given up.
            raise TryAgain(str(problem)) if isinstance(problem, Rejected) else problem

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: Iterator[bytes] | None
    ) -> tuple[int, set[int], float | None]:
        """Status, error codes, seconds to wait. A 2xx that does not say success is a 502."""
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        asking = kind(self._host, self._port, timeout=self._seconds)
        try:
            asking.request(
                method, path, body, {"Authorization": f"Bearer {self._token}", **headers}
            )
            response = asking.getresponse()
            status, wait = response.status, retry_after(response.getheader("Retry-After"))
            success, codes = _meaning(response.read(MAX_ANSWER))
        except ssl.SSLCertVerificationError:
            raise Misconfigured("Cloudflare's certificate is not trusted") from None
        except TimeoutError:
            raise TryAgain("Cloudflare did not answer in time") from None
        except (OSError, http.client.HTTPException) as error:
            raise TryAgain(f"Cloudflare could not be reached ({type(error).__name__})") from None
        finally:
            asking.close()
        return (502 if status < 300 and not success else status), codes, wait


def _pieces(head: bytes, data: bytes, tail: bytes) -> Iterator[bytes]:
    """In pieces, because TLS copies what it is given whole."""
    yield head
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]
    yield tail


def _meaning(answer: bytes) -> tuple[bool, set[int]]:
    """{"success": …, "errors": [{"code": …}]}; anything else is no success."""
    try:
        body: Any = json.loads(answer)
    except ValueError:
        return False, set()
    if not isinstance(body, dict):
        return False, set()
    errors = body.get("errors")
    codes = {
        error["code"]
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict) and isinstance(error.get("code"), int)
    }
    return body.get("success") is True, codes


def _problem(status: int, codes: set[int], wait: float | None) -> Exception:
    """Only numbers of the answer are told: its sentences may repeat what was sent."""
    numbers = f" ({', '.join(map(str, sorted(codes)))})" if codes else ""
    told = f"Cloudflare answered {status}{numbers}"
    if codes & OPERATORS or status in (401, 403, 404) or 300 <= status < 400:
        return Misconfigured(told, wait)
    if status == 429:
        return StoreBusy(told, wait)
    if status >= 500 or status in (408, 425):
        return TryAgain(told, wait)
    return Rejected("store_refused", told)
