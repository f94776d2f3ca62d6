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
PARTS = {"file": SCRIPT, "map": f"{SCRIPT}.map"}

Files = dict[str, tuple[str, bytes]]  # part -> its file's name, and what is in it


def upload(url: str, headers: dict[str, str], app: str, release: str) -> None:
    """Send the script and its map for a release of an app, and wait until the crashes that are stored
    have their names. headers: of a login."""
    files = {part: (name, (FOLDER / name).read_bytes()) for part, name in PARTS.items()}
    fields = {"app": app, "release": release, "url": f"~/assets/{SCRIPT}"}
    answer = send(url, headers, fields, files)
    deadline = time.monotonic() + SECONDS
    while answer["crashes_queued"] and not _is_used(url, headers, app):
        if time.monotonic() > deadline:
            raise TimeoutError("the demo's crashes were not mapped")
        time.sleep(0.3)


def send(url: str, headers: dict[str, str], fields: dict[str, str], files: Files) -> dict[str, Any]:
    """POST /artifacts; its answer."""
    parts = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
    parts += [
        (f'name="{name}"; filename="{file}"', content) for name, (file, content) in files.items()
    ]
    body = b"".join(
        b"--%b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n"
        % (BOUNDARY.encode(), head.encode(), content)
        for head, content in parts
    )
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return _ask(f"{url}/artifacts", headers | kind, body + f"--{BOUNDARY}--\r\n".encode())


def _is_used(url: str, headers: dict[str, str], app: str) -> bool:
    artifacts = _ask(f"{url}/artifacts?app={app}", headers)["artifacts"]
    return any(artifact["uses"] for artifact in artifacts)


def _ask(url: str, headers: dict[str, str], data: bytes | None = None) -> dict[str, Any]:
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=90) as response:
        answer: dict[str, Any] = json.load(response)
        return answer
