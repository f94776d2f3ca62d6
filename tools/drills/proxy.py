"""A TCP proxy in front of a Unix socket that can fall silent without closing anything."""

from __future__ import annotations

import contextlib
import socket
import threading

CHUNK = 65536


class Proxy:
    """Listens on 127.0.0.1:`port`. `silence` keeps bytes back in one direction or both; `speak`
    lets all of them go on, those that were kept back first."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._to_server, self._to_client = threading.Event(), threading.Event()
        self.speak()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def silence(self, questions: bool = True, answers: bool = True) -> None:
        if questions:
            self._to_server.clear()
        if answers:
            self._to_client.clear()

    def speak(self) -> None:
        self._to_server.set()
        self._to_client.set()

    def close(self) -> None:
        self.speak()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self._target)
        except OSError:
            client.close()
            return
        back = threading.Thread(
            target=self._pump, args=(server, client, self._to_client), daemon=True
        )
        back.start()
        self._pump(client, server, self._to_server)
        back.join()
        client.close()
        server.close()

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket, open_: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                open_.wait()
                target.sendall(data)
        open_.wait()  # the end of a connection is silent, too
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
