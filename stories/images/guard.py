"""Connections to addresses that somebody else has chosen, so that nothing of ours may be reached.

The name is resolved once and the connection goes to the very address that was checked, so a second,
different DNS answer is never asked for. One limit of time covers all of it, the last byte included: a
server that drips cannot hold the worker.
"""

from __future__ import annotations

import io
import re
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import quote, urlsplit

MAX_ADDRESSES = 4  # of one name, tried in turn
CONNECT_SECONDS = 5.0
PORTS = {"http": 80, "https": 443}
NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_.])?")

GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has given out
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: what IPv6-only networks make of an IPv4 address
TRANSITION = (
    IPv6Network("2001::/32"),  # Teredo
    IPv6Network("2002::/16"),  # 6to4
)


class Forbidden(Exception):
    """Why an address is never connected to. code: stable reason."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


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
    """Raises Forbidden for what is never connected to."""
    try:
        parts = urlsplit(url.strip())
        port, host = parts.port, parts.hostname or ""
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError is one
        raise Forbidden("bad_address", "the address cannot be read") from None
    if parts.scheme not in PORTS:
        raise Forbidden("bad_address", "the address must be http or https")
    if "@" in parts.netloc:
        raise Forbidden("bad_address", "the address must not hold a user name")
    literal = "[" in parts.netloc
    if (literal and not _is_address(host)) or (not literal and not NAME.fullmatch(host)):
        raise Forbidden("bad_address", "the address has no usable host name")
    port = PORTS[parts.scheme] if port is None else port
    if port not in PORTS.values() and not any_port:
        raise Forbidden("bad_address", "the address must have port 80 or 443")
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


class Guard:
    """Opens connections to public addresses. allow_private: to any address, where the operator says so.
    resolve, connect, tls: tests put their own."""

    def __init__(
        self,
        *,
        any_port: bool = False,
        allow_private: bool = False,
        resolve: Resolve = system_resolve,
        connect: Connect = system_connect,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._any_port = any_port
        self._allow_private = allow_private
        self._resolve = resolve
        self._connect = connect
        self._tls = tls or ssl.create_default_context()

    def target(self, url: str) -> Target:
        """Raises Forbidden."""
        return target(url, self._any_port)

    def open(self, at: Target, deadline: Deadline) -> socket.socket:
        """A connection, with TLS if `at` says https. Raises Forbidden, OSError."""
        try:
            addresses = self._resolve(at.host, at.port)
        except UnicodeError:
            raise Forbidden("bad_address", "the address has no usable host name") from None
        allowed = [each for each in addresses if self._allow_private or is_public(each)]
        if addresses and not allowed:
            raise Forbidden("forbidden_address", "the address is not on the open internet")
        failure: OSError = OSError("no address")
        for address in allowed[:MAX_ADDRESSES]:
            try:
                plain = self._connect(address, at.port, min(CONNECT_SECONDS, deadline.left()))
            except OSError as error:
                failure = error
                continue
            return self._secured(plain, at, deadline)
        raise failure

    def _secured(self, plain: socket.socket, at: Target, deadline: Deadline) -> socket.socket:
        if at.scheme != "https":
            return plain
        try:
            plain.settimeout(deadline.left())  # for the whole handshake
            return self._tls.wrap_socket(plain, server_hostname=at.host)
        except BaseException:
            plain.close()
            raise


class Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class Timed(io.RawIOBase):
    """What http.client needs of a socket, each wait cut to what is left: a socket's own timeout
    would start anew with every byte that drips in."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
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
        """http.client closes its socket before the body is read; who opened it closes the real
        one."""
