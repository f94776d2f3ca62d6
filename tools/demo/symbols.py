"""The source map of the demo's newest release, uploaded as a build would.

renderer/src is what the makers wrote. The script and its map beside it come from
`esbuild src/main.ts --bundle --minify --sourcemap --format=iife --outfile=index-4f2a9c.js`.
"""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

SCRIPT = "index-4f2a9c.js"
FOLDER = Path(__file__).parent / "renderer"
BOUNDARY = "of-the-demo"
SECONDS = 60.0


def upload(url: str, headers: dict[str, str], release: str) -> None:
    """Send the script and its map for a release of the desktop app, and wait until the crashes that are
    stored have their names. headers: of a login."""
    fields = {"app": "desktop", "release": release, "url": f"~/assets/{SCRIPT}"}
    files = {"file": SCRIPT, "map": f"{SCRIPT}.map"}
    answer = _ask(
        f"{url}/artifacts",
        headers | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
        _form(fields, files),
    )
    deadline = time.monotonic() + SECONDS
    while answer["crashes_queued"] and not _is_used(url, headers):
        if time.monotonic() > deadline:
            raise TimeoutError("the demo's crashes were not mapped")
        time.sleep(0.3)


def _is_used(url: str, headers: dict[str, str]) -> bool:
    answer = _ask(f"{url}/artifacts?app=desktop", headers)
    return any(artifact["uses"] for artifact in answer["artifacts"])


def _form(fields: dict[str, str], files: dict[str, str]) -> bytes:
    parts = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
    parts += [
        (f'name="{name}"; filename="{file}"', (FOLDER / file).read_bytes())
        for name, file in files.items()
    ]
    lines = [
        b"--%b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n"
        % (BOUNDARY.encode(), head.encode(), content)
        for head, content in parts
    ]
    return b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()


def _ask(url: str, headers: dict[str, str], data: bytes | None = None) -> dict[str, Any]:
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=90) as response:
        answer: dict[str, Any] = json.load(response)
        return answer
