"""The installed package in a process of its own: an event reaches a server."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from stories_analytics import Client, Stats, __version__

bodies: list[Any] = []


class Server(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        return

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.answer()

    def answer(self) -> None:
        body = json.dumps({"success": True}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = Client(f"http://127.0.0.1:{server.server_port}", queue_path="queue")
assert client.track("app_opened", {"version": __version__})
assert client.flush()
stats: Stats = client.stats()
assert (stats.sent, stats.pending, stats.dropped) == (1, 0, {}), stats
assert bodies[0]["events"][0]["properties"] == {"version": __version__}, bodies
client.close()
server.shutdown()
print("the installed package sent its event")
