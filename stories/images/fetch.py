"""An image from an address that a bot named: somebody else's choice, so nothing of ours may be
reached.

The name is resolved once and the connection goes to the very address that was checked, so a second,
different DNS answer is never asked for. Every redirect goes through the same checks. One limit of
time covers all of it, the last byte included: a server that drips cannot hold the worker.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from stories.images.outcomes import Rejected, TryAgain, retry_after
from stories.payloads.bot import IMAGE_TYPES, MAX_IMAGE

MAX_REDIRECTS = 3
MAX_ADDRESSES = 4  # of one name, tried in turn
SECONDS = 30.0
CONNECT_SECONDS = 5.0
PORTS = {"http": 80, "https": 443}
NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_.])?")

GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has given out
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: what IPv6-only networks make of an IPv4 address
TRANSITION = (
    IPv6Network("2001::/32"),  # Teredo
    IPv6Network("2002::/16"),  # 6to4
)

# (host, port) -> addresses; (address, port, seconds) -> a connected socket. Tests put their own.
Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[str, int, float], socket.socket]


def is_public(text: str) -> bool:
    """Whether an address is somebody's on the open internet, also once its IPv4 part is
    unpacked."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped
        if address in NAT64:
            inner = IPv4Address(address.packed[12:])
        if inner is not None:
            return is_public(str(inner))
        if address not in GLOBAL_UNICAST or any(address in network for network in TRANSITION):
            return False
    # is_global alone is true for multicast, and in older Pythons for reserved ones
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_private or address.is_unspecified
    )


def system_resolve(host: str, port: int) -> list[str]:
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def system_connect(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=seconds)


@dataclass(frozen=True)
class Target:
    """An address taken apart. authority: as the Host header says it."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str


def target(url: str, any_port: bool = False) -> Target:
    """Raises Rejected for what is not fetched at all."""
    try:
        parts = urlsplit(url.strip())
        port, host = parts.port, parts.hostname or ""
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError is one
        raise Rejected("bad_address", "the image's address cannot be read") from None
    if parts.scheme not in PORTS:
        raise Rejected("bad_address", "only http and https addresses are fetched")
    if "@" in parts.netloc:
        raise Rejected("bad_address", "an address with a user name is not fetched")
    literal = "[" in parts.netloc
    if (literal and not _is_address(host)) or (not literal and not NAME.fullmatch(host)):
        raise Rejected("bad_address", "the image's address has no usable host name")
    port = PORTS[parts.scheme] if port is None else port
    if port not in PORTS.values() and not any_port:
        raise Rejected("bad_address", "only ports 80 and 443 are fetched from")
    authority = f"[{host}]" if literal else host
    if port != PORTS[parts.scheme]:
        authority += f":{port}"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return Target(parts.scheme, host, port, authority, path)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


class Fetcher:
    def __init__(
        self,
        *,
        any_port: bool = False,
        resolve: Resolve = system_resolve,
        connect: Connect = system_connect,
        tls: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._any_port = any_port
        self._resolve = resolve
        self._connect = connect
        self._tls = tls or ssl.create_default_context()
        self._seconds = seconds

    def fetch(self, url: str) -> bytes:
        """The bytes at an address. Raises Rejected or TryAgain."""
        deadline = _Deadline(self._seconds)
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._get(target(url, self._any_port), deadline)
            if isinstance(answer, bytes):
                return answer
            url = urljoin(url, answer)
        raise Rejected("too_many_redirects", f"more than {MAX_REDIRECTS} redirects")

    def _get(self, at: Target, deadline: _Deadline) -> bytes | str:
        """The body, or the address that it redirects to."""
        try:
            connected = self._open(at, deadline)
            try:
                return _ask(connected, at, deadline)
            finally:
                connected.close()
        except TimeoutError:
            raise TryAgain("the image's source did not answer in time") from None
        except (OSError, http.client.HTTPException) as error:
            kind = type(error).__name__  # the texts of some name the host
            raise TryAgain(f"the image's source could not be read ({kind})") from None

    def _open(self, at: Target, deadline: _Deadline) -> socket.socket:
        try:
            addresses = self._resolve(at.host, at.port)
        except UnicodeError:
            raise Rejected("bad_address", "the image's address has no usable host name") from None
        allowed = [address for address in addresses if is_public(address)]
        if addresses and not allowed:
            raise Rejected("forbidden_address", "the image's address is not on the open internet")
        failure: OSError = OSError("no address")
        for address in allowed[:MAX_ADDRESSES]:
            try:
                plain = self._connect(address, at.port, min(CONNECT_SECONDS, deadline.left()))
            except OSError as error:
                failure = error
                continue
            return self._secured(plain, at, deadline)
        raise failure

    def _secured(self, plain: socket.socket, at: Target, deadline: _Deadline) -> socket.socket:
        if at.scheme != "https":
            return plain
        try:
            plain.settimeout(deadline.left())  # for the whole handshake
            return self._tls.wrap_socket(plain, server_hostname=at.host)
        except BaseException:
            plain.close()
            raise


def _ask(connected: socket.socket, at: Target, deadline: _Deadline) -> bytes | str:
    asking = http.client.HTTPConnection(at.host, at.port)
    asking.sock = _Timed(connected, deadline)
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


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Timed(io.RawIOBase):
    """What http.client needs of a socket, each wait cut to what is left: a socket's own timeout
    would start anew with every byte that drips in."""

    def __init__(self, connected: socket.socket, deadline: _Deadline) -> None:
        self._connected = connected
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._connected.settimeout(self._deadline.left())
        self._connected.sendall(data)

    def makefile(self, *_: Any) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connected.settimeout(self._deadline.left())
        return self._connected.recv_into(buffer)

    def close(self) -> None:
        """http.client closes its socket before the body is read; the Fetcher closes the real
        one."""
