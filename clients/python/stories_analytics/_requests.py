"""Who asked for which page: read out of the request objects of several frameworks."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Visitor(NamedTuple):
    """path: without the query, which may hold anything. ip: None when unknown."""

    path: str | None
    user_agent: str | None
    ip: str | None


def visitor_of(request: Any, trusted_proxies: int) -> Visitor | None:
    """From a WSGI environ, an ASGI scope, or a Flask, Django or Starlette request; else None.

    trusted_proxies: how many proxies of yours append to X-Forwarded-For. 0 ignores the header,
    which anybody can send.
    """
    if isinstance(request, Mapping):
        if "REQUEST_METHOD" in request or "PATH_INFO" in request:
            return _from_environ(request, trusted_proxies)
        if "type" in request:
            return _from_scope(request, trusted_proxies)
        return None
    for name, reader in (
        ("environ", _from_environ),
        ("META", _from_environ),
        ("scope", _from_scope),
    ):
        inner = getattr(request, name, None)
        if isinstance(inner, Mapping):
            return reader(inner, trusted_proxies)
    return None


def _from_environ(environ: Mapping[str, Any], trusted_proxies: int) -> Visitor:
    path = f"{environ.get('SCRIPT_NAME') or ''}{environ.get('PATH_INFO') or ''}"
    forwarded = environ.get("HTTP_X_FORWARDED_FOR")
    return Visitor(
        _wsgi_text(path) or "/",
        _wsgi_text(environ.get("HTTP_USER_AGENT")),
        client_ip(environ.get("REMOTE_ADDR"), [forwarded] if forwarded else [], trusted_proxies),
    )


def _wsgi_text(value: Any) -> str | None:
    """WSGI carries UTF-8 bytes in latin-1 strings."""
    if not isinstance(value, str):
        return None
    try:
        return value.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError:  # Django has decoded it
        return value


def _from_scope(scope: Mapping[str, Any], trusted_proxies: int) -> Visitor:
    agent: str | None = None
    forwarded: list[str] = []
    for name, value in scope.get("headers") or ():
        if name.lower() == b"user-agent":
            agent = value.decode("utf-8", "replace")
        elif name.lower() == b"x-forwarded-for":
            forwarded.append(value.decode("latin-1"))
    client = scope.get("client")
    peer = client[0] if client else None
    return Visitor(scope.get("path") or "/", agent, client_ip(peer, forwarded, trusted_proxies))


def client_ip(peer: Any, forwarded: Iterable[str], trusted_proxies: int) -> str | None:
    """The address that the outermost trusted proxy saw; the peer's when there is none to trust.

    Read from the right: what is left of the trusted proxies' entries is the client's own claim.
    """
    chain = [part.strip() for header in forwarded for part in header.split(",") if part.strip()]
    direct = peer if isinstance(peer, str) and peer else None
    if trusted_proxies > 0 and chain:
        claimed = _address(chain[-min(trusted_proxies, len(chain))])
        if claimed is not None:
            return claimed
    return _address(direct) if direct is not None else None


def _address(value: str) -> str | None:
    """The bare address of "1.2.3.4:80", "[::1]:80", "::ffff:1.2.3.4"; None for anything else."""
    bare = value.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)
