"""schemathesis over /openapi.json on a real server: every endpoint, every method, good and bad input.
No 5xx, only declared statuses and content types, answers that conform, no way around the login."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.support import basic
from tools.server import Server

# Not unsupported_method: DELETE /users/x/export is the person x/export, as a bot may call somebody.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "ignored_auth",
)


def run(dsn: str, folder: str, examples: int = 60) -> bool:
    """folder: for what schemathesis leaves. examples: of requests to an endpoint, beside thousands
    that the phases before it make."""
    server = Server(dsn, LOG_LEVEL="error").wait()
    try:
        logins = (["--auth", "admin:admin"], ["--header", f"X-App-Key:{_bots_key(server.url)}"])
        good = [
            _once(server.url, login, folder, examples) for login in logins
        ]  # both, whatever the first says
        return all(good)
    finally:
        server.stop()


def _bots_key(url: str) -> str:
    request = urllib.request.Request(f"{url}/apps", headers=basic("admin", "admin"))
    with urllib.request.urlopen(request, timeout=20) as answer:
        apps = json.load(answer)["apps"]
    return str(next(app["ingest_key"] for app in apps if app["kind"] == "bot"))


def _once(url: str, login: list[str], folder: str, examples: int) -> bool:
    program = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [
            *(str(program), "run", f"{url}/openapi.json", *login),
            *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"),
            *("--max-examples", str(examples), "--request-timeout", "20", "--seed", "7"),
            *("--no-shrink", "--continue-on-failure", "--generation-database", "none"),
            *("--output-sanitize", "false", "--no-color", "--warnings", "off"),
        ],
        cwd=folder,
        env={**os.environ, "CI": "true"},
    )
    return done.returncode == 0
