"""Cloudflare Images: POST and DELETE of accounts/{account_id}/images/v1 (API v4).

An image goes up under a name of ours, so a second upload of the same one is answered "already
exists" (409, code 5409) and counts as done. The name is no bare UUID: Cloudflare keeps those for
itself. Images with names of one's own cannot be made private there: whoever has the address sees
the picture.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from stories.config import Config
from stories.images.files import ENDINGS, Stored
from stories.images.outcomes import Misconfigured, Rejected, StoreBusy, TryAgain, retry_after

if TYPE_CHECKING:
    import requests

DELIVERY = "https://imagedelivery.net"
SECONDS = 60.0  # of silence; 10 MB may take a while on the way
MAX_ANSWER = 1024**2

ALREADY_EXISTS, NOT_FOUND = 5409, 5404
# For the operator to fix, by error code: bad or missing credentials and headers (1000, 6003, 6103,
# 6111, 9106, 9109, 10000, 10001), an account that is not there (7000, 7003), may not (5403) or is
# full (5453).
OPERATORS = {1000, 5403, 5453, 6003, 6103, 6111, 7000, 7003, 9106, 9109, 10000, 10001}


def image_origin(config: Config) -> str | None:
    """What a page's img-src must allow besides this server; None: nothing."""
    return DELIVERY if config.cloudflare_api_token else None


class CloudflareImages:
    def __init__(self, config: Config, seconds: float = SECONDS) -> None:
        """config.cloudflare_* are set; config.load() has checked them."""
        base = config.cloudflare_api_url.rstrip("/")
        self._url = f"{base}/accounts/{config.cloudflare_account_id}/images/v1"
        self._token = config.cloudflare_api_token
        self._hash = config.cloudflare_account_hash
        self._seconds = seconds

    @staticmethod
    def name(image_id: UUID) -> str:
        return f"stories-{image_id}"

    def put(self, image_id: UUID, data: bytes, content_type: str) -> Stored:
        """Raises Rejected, StoreBusy, Misconfigured or TryAgain."""
        name = self.name(image_id)
        file = (f"{image_id}.{ENDINGS[content_type]}", data, content_type)
        status, codes, wait = self._ask("POST", "", {"id": (None, name), "file": file})
        if status not in (200, 201) and ALREADY_EXISTS not in codes and status != 409:
            raise _problem(status, codes, wait)
        return Stored(f"{DELIVERY}/{self._hash}/{name}/public", name)

    def delete(self, image_id: UUID, remote_id: str | None) -> None:
        """Not being there counts as done. Raises StoreBusy, Misconfigured or TryAgain."""
        name = quote(remote_id or self.name(image_id), safe="")
        status, codes, wait = self._ask("DELETE", f"/{name}")
        # A 404 with another code means a wrong account or address, not a missing image.
        if status == 404 and codes <= {NOT_FOUND}:
            return
        if status != 200:
            problem = _problem(status, codes, wait)
            # What is due for erasure is never given up.
            raise TryAgain(str(problem)) if isinstance(problem, Rejected) else problem

    def _ask(
        self, method: str, path: str, files: dict[str, Any] | None = None
    ) -> tuple[int, set[int], float | None]:
        """Status, error codes, seconds to wait. A 2xx that does not say success is a 502."""
        # Not above: urllib3 keeps the SSLContext that it finds, and gevent replaces that in a worker.
        import requests

        try:
            with (
                requests.Session() as session,
                session.request(
                    method,
                    self._url + path,
                    files=files,
                    auth=self._sign,
                    timeout=self._seconds,
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                status, wait = (
                    response.status_code,
                    retry_after(response.headers.get("Retry-After")),
                )
                success, codes = _meaning(_beginning(response))
        except requests.exceptions.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise Misconfigured("Cloudflare's certificate is not trusted") from None
            raise TryAgain("Cloudflare could not be reached (SSLError)") from None
        except requests.Timeout:
            raise TryAgain("Cloudflare did not answer in time") from None
        except requests.RequestException as error:
            raise TryAgain(f"Cloudflare could not be reached ({type(error).__name__})") from None
        return (502 if status < 300 and not success else status), codes, wait

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """As `auth`, so that no .netrc of the machine replaces it."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _beginning(response: requests.Response) -> bytes:
    """The first MAX_ANSWER bytes of an answer, or some more."""
    answer = bytearray()
    for piece in response.iter_content(64 * 1024):
        answer += piece
        if len(answer) >= MAX_ANSWER:
            break
    return bytes(answer)


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
