"""Many clients guess passwords at once, each guess a hash to compute, without limits per address, as an
attacker with a network would have it. Others want /track and /health meanwhile."""

from __future__ import annotations

import base64
import http.client
import json
import subprocess
import sys
import threading
from collections import Counter
from typing import Any

from tools.drills.scene import Scene
from tools.server import Server

GUESSERS = 50
SECONDS = 15.0
SLOWEST = 1.0  # seconds that /health or an acknowledgement may take meanwhile
PASSWORD = "correct horse battery"
OWNER = {"Authorization": "Basic YWRtaW46YWRtaW4="}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

WATCH = """
import http.client, sys, time
slowest, end = 0.0, time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=30)
    connection.request("GET", "/health")
    connection.getresponse().read()
    connection.close()
    slowest = max(slowest, time.monotonic() - began)
    time.sleep(0.1)
print(slowest)
"""


def logins(scene: Scene) -> None:
    postgres = scene.postgres()
    server = scene.server(postgres.dsn, RATELIMIT_ENABLED="false").wait()
    made = json.loads(
        _ask(server, "POST", "/accounts", {"name": "Ada", "role": "viewer"}, OWNER)[1]
    )
    _ask(server, "POST", "/invite", {"secret": made["invite"], "password": PASSWORD})
    load = scene.load(server, clients=4)
    load.wait_for_answers(200)
    before = load.memory.slowest
    quiet = _watch_health(server, 3.0)
    crowd = Crowd(server)
    scene.fault()
    slowest = _watch_health(server, SECONDS)
    owner = _ask(server, "GET", "/apps", None, OWNER)[0]
    statuses = crowd.stop()
    scene.note(
        f"{sum(statuses.values()):,} guesses in {SECONDS:.0f} s: "
        + ", ".join(f"{status} {count:,}" for status, count in sorted(statuses.items()))
        + f"; /health took {slowest:.2f} s at most, and {quiet:.2f} s before"
    )
    scene.finish(postgres.dsn)
    during = scene.tally.memory.slowest
    scene.note(f"the slowest answer to /track took {before:.2f} s before, {during:.2f} s in all")
    scene.expect(owner == 200, f"the owner of the settings got {owner}")
    scene.expect(not statuses[200] and not statuses[303], "a guess opened something")
    scene.expect(statuses[401] + statuses[403] > 0, "no guess was looked at")
    scene.expect(statuses[503] > 0, "no guess was refused before its hash")
    scene.expect(
        slowest < SLOWEST and during < SLOWEST,
        f"others waited: /health {slowest:.2f} s, /track {during:.2f} s",
    )


class Crowd:
    """GUESSERS threads that guess without a pause, half by Basic and half on the login page."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._statuses: Counter[int] = Counter()
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._guess, args=(number,), daemon=True)
            for number in range(GUESSERS)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> Counter[int]:
        """How often each status came."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(40)
        return self._statuses

    def _guess(self, number: int) -> None:
        tries = 0
        while not self._stopped.is_set():
            tries += 1
            name, guess = "Ada" if tries % 2 else f"nobody-{number}", f"guess {number} {tries}"
            if number % 2:
                text = base64.b64encode(f"{name}:{guess}".encode()).decode()
                basic = {"Authorization": f"Basic {text}"}
                status, _ = _ask(self._server, "GET", "/stats", None, basic)
            else:
                body = f"name={name}&password={guess.replace(' ', '+')}"
                status, _ = _ask(self._server, "POST", "/login", body, FORM)
            self._statuses[status] += 1
            if status == 503:
                self._stopped.wait(0.25)  # their speed is to be the server's, not this process's


def _watch_health(server: Server, seconds: float) -> float:
    """The longest that /health took, in seconds: measured in a process of its own, which need not
    share an interpreter with the guessers."""
    command = [sys.executable, "-c", WATCH, str(server.port), str(seconds)]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def _ask(
    server: Server, method: str, path: str, body: Any, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    data = body if isinstance(body, str) or body is None else json.dumps(body)
    connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, content
