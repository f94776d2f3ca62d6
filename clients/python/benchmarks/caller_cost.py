"""What a call costs its caller: p50, p99, p99.9 and max of track(), in several situations.

    python benchmarks/caller_cost.py [calls]

Talks to a server in another process that answers at once, so that the sender really sends. Paced
runs (1,000 calls a second) are what a busy web worker does; the burst calls as fast as it can.
`nothing at all` is the same loop without any call: what the machine itself adds now and then.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from stories_analytics import Client

SERVER = """
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class H(BaseHTTPRequestHandler):
    def log_message(self, *a): pass
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"])); self.do_GET()
    def do_GET(self):
        b = b'{"success": true, "rejected": [], "duplicates": 0}'
        self.send_response(200); self.send_header("Content-Length", str(len(b)))
        self.end_headers(); self.wfile.write(b)
s = ThreadingHTTPServer(("127.0.0.1", 0), H); print(s.server_port, flush=True); s.serve_forever()
"""
PROPERTIES = {
    "audio_duration_seconds": 12.5,
    "processing_time_seconds": 1.75,
    "source": "main_window",
    "success": True,
    "estimated_cost_usd": 0.00125,
}
IMAGE = os.urandom(2_000_000)


def measure(name: str, call: Callable[[], object], calls: int, pause: float) -> None:
    clock = time.perf_counter_ns
    spent = []
    for _ in range(calls):
        if pause:
            time.sleep(pause)
        began = clock()
        call()
        spent.append(clock() - began)
    first, worst = spent[0], max(spent)
    spent.sort()
    p50, p99, p999 = (spent[int(len(spent) * part)] for part in (0.5, 0.99, 0.999))
    over = sum(one > 1_000_000 for one in spent)
    cells = (f"{one / 1000:9.1f}" for one in (p50, p99, p999, worst, first))
    print(f"{name:34}" + "".join(cells) + f"{over:8}/{calls}")


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
    print(f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores")
    print(f"{'microseconds':34}{'p50':>9}{'p99':>9}{'p99.9':>9}{'max':>9}{'first':>9}   over 1 ms")
    try:
        with tempfile.TemporaryDirectory() as folder:
            run_all(url, Path(folder), calls)
    finally:
        server.terminate()
        server.wait()


def run_all(url: str, folder: Path, calls: int) -> None:
    client = Client(url, queue_path=folder / "queue")
    event = lambda: client.track("recording_completed", PROPERTIES)  # noqa: E731
    measure("nothing at all, 1,000/s", lambda: None, calls, 0.001)
    measure("track, 1,000/s", event, calls, 0.001)
    measure("track, burst", event, calls, 0.0)
    client.flush(30.0)
    measure(
        "track_image_generated 2 MB, 20/s",
        lambda: client.track_image_generated(1, image=IMAGE),
        20,
        0.05,
    )
    client.flush(30.0)
    measure(
        "track, largest properties, 1,000/s",
        lambda: client.track("x", {f"key{n}": "v" * 120 for n in range(64)}),
        calls,
        0.001,
    )
    client.flush(30.0)
    measure("json.dumps of them, for comparison", lambda: json.dumps(PROPERTIES), calls, 0.001)
    measure(
        "track(durable=True), 1,000/s",
        lambda: client.track("recording_completed", PROPERTIES, durable=True),
        calls,
        0.001,
    )
    client.flush(30.0)
    threads = [threading.Thread(target=_busy, args=(client, calls)) for _ in range(4)]
    for thread in threads:
        thread.start()
    measure("track, 4 other threads tracking", event, calls, 0.001)
    for thread in threads:
        thread.join()
    client.close(30.0)
    print(client.stats())


def _busy(client: Client, calls: int) -> None:
    for _ in range(calls):
        time.sleep(0.001)
        client.track("recording_completed", PROPERTIES)


if __name__ == "__main__":
    main()
