"""What the makers of the demo's desktop app did about its issues, through the API that the pages use.

Every state has an issue that got there as issues do: what has come back was resolved or muted first, and
then crashed again.
"""

from __future__ import annotations

import json
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.demo import symbols
from tools.demo.faults import EXPORT, SOCKET, crash_after
from tools.traffic import basic

NEWEST = "1.2.0"
RELEASES = ("1.0.0", "1.0.1", "1.1.0", "1.1.1", NEWEST)
NOTES = "https://example.org/stories/notes/"
AGAIN = 4  # crashes of what comes back
FOLD_SECONDS = 180.0
SEEN = {"state": "open"}
SCREENS = "Only with a second screen. Waits for Electron 40."

# What was done to the issues whose titles hold a text, in this order.
CHANGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ETIMEDOUT", SEEN),
    ("EPERM", SEEN),
    ("gone: crashed", SEEN),
    ("oom", SEEN),
    ("Object has been destroyed", {"state": "muted", "per_hour": 50, "note": SCREENS}),
    ("connection was closed", {"state": "muted", "until_crashes": AGAIN - 1}),
    ("exportQueue", {"state": "resolved", "in_version": "1.1.1"}),
    ("reading 'transcript'", {"state": "resolved", "in_next_release": True}),
    ("module could not be found", {"state": "resolved", "in_version": NEWEST}),
    ("call stack", {"state": "resolved"}),
    ("ENOENT", {"state": "resolved", "in_version": "1.0.1"}),
    ("ENOENT", {"state": "open", "note": "Still there when the disk is full."}),
)
MERGED = ("EPERM", "EBUSY")
COMES_BACK = (EXPORT, SOCKET)


class Makers:
    """login: "name:password" of an owner."""

    def __init__(self, url: str, login: str) -> None:
        self._url, self._login = url, basic(login)
        self._headers = self._login | {"Content-Type": "application/json"}

    def work(self) -> None:
        """All of it. The traffic has been folded."""
        self._mark_releases()
        symbols.upload(self._url, self._login, "desktop", NEWEST)
        for text, change in CHANGES:
            for name in self._named(text):
                self._ask("PATCH", f"/issues/{name}", change)
        into, others = (self._named(text) for text in MERGED)
        if into and others:
            self._ask("POST", f"/issues/{into[0]}/merge", {"issues": others})
        self._crash_again()
        self.wait_for_fold()

    def wait_for_fold(self) -> None:
        deadline = time.monotonic() + FOLD_SECONDS
        while self._ask("GET", "/dashboard/api/server")["fold"]["waiting"]:
            if time.monotonic() > deadline:
                raise TimeoutError("the fold did not come to an end")
            time.sleep(0.3)

    def _mark_releases(self) -> None:
        """As their makers would: some hours before anybody has them, with a link."""
        for release in self._ask("GET", "/releases?app=desktop&period=all")["releases"]:
            if release["version"] in RELEASES and release["first_seen"]:
                seen = datetime.fromisoformat(release["first_seen"])
                mark = {
                    "app": "desktop",
                    "version": release["version"],
                    "released_at": (seen - timedelta(hours=3)).isoformat(),
                    "url": NOTES + release["version"],
                }
                self._ask("POST", "/releases", mark)

    def _named(self, text: str) -> list[str]:
        issues = self._ask("GET", "/issues?app=desktop&limit=100")["issues"]
        return [issue["id"] for issue in issues if text in issue["title"]]

    def _crash_again(self) -> None:
        """People of the newest version have the faults that come back, a moment ago."""
        events = self._ask("GET", f"/events?app=desktop&app_version={NEWEST}&limit={AGAIN}")[
            "events"
        ]
        now = datetime.now(UTC)
        for index, event in enumerate(events):
            at = (now - timedelta(seconds=1 + index)).isoformat()
            for fault in COMES_BACK:
                crash = crash_after(event | {"app_version": NEWEST, "timestamp": at}, fault)
                self._ask("POST", "/crash", crash)

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, self._headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
