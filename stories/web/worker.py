"""gunicorn's gevent worker, with two things that it does otherwise.

A full worker (web/load_shedding.py) refuses before it builds a request. And a crowded one accepts
many connections at a time: one in each round of the loop, as gunicorn has it, spreads them evenly over
the workers, but with hundreds of clients to answer there are few rounds a second, and new connections
wait in the kernel's queue until they time out.
"""

from __future__ import annotations

from typing import Any

import gevent
from gevent.server import StreamServer
from gunicorn.workers import ggevent  # type: ignore[import-untyped]

from stories.web.load_shedding import LoadShedding
from stories.web.slow_clients import SEND_SECONDS

ACCEPT_CROWDED = 32  # connections in a round of the loop


class Worker(ggevent.GeventWorker):  # type: ignore[misc]
    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        with LoadShedding.connected():
            super().handle(listener, client, addr)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        if LoadShedding.must_refuse(req.method, req.path) and self._refuse(req, sock):
            return
        super().handle_request(listener_name, req, sock, addr)

    def run(self) -> None:
        gevent.spawn(LoadShedding.watch_lag)
        super().run()

    def _refuse(self, req: Any, sock: Any) -> bool:
        """False for what has to be answered after all."""
        stays = self.alive and not req.should_close()
        shedding: LoadShedding = self.wsgi.extensions["stories.shedding"]
        sock.settimeout(SEND_SECONDS)
        answer = shedding.refusal(
            req.method, req.path, dict(req.headers), "keep-alive" if stays else "close"
        )
        if answer is None:
            return False
        sock.sendall(answer)
        if not stays:
            raise StopIteration  # as gunicorn ends a connection
        return True


class _Server(StreamServer):
    @property
    def max_accept(self) -> int:
        """Connections to take in a round of the loop."""
        return ACCEPT_CROWDED if LoadShedding.is_crowded() else 1

    @max_accept.setter
    def max_accept(self, _: int) -> None:
        """gunicorn would have it 1."""


ggevent.StreamServer = _Server  # the name by which GeventWorker.run finds it
