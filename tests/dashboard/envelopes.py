"""Sends to a real server as Sentry's SDKs do."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from tools.server import Server


def send_envelope(server: Server, app: dict[str, Any], *items: tuple[str, dict[str, Any]]) -> None:
    """app: as the API has it. items: kinds and payloads."""
    lines: list[dict[str, Any]] = [{}]
    for kind, payload in items:
        lines += [{"type": kind}, payload]
    address = f"{server.url}/api/{app['app_id']}/envelope/?sentry_key={app['ingest_key']}"
    body = "\n".join(map(json.dumps, lines)).encode()
    with urllib.request.urlopen(urllib.request.Request(address, body), timeout=30) as answer:
        assert answer.status == 200
