"""From memory to disk: the only thing that `track` waits for is one append to a queue in memory."""

from __future__ import annotations

import _thread
import base64
import contextlib
import queue
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any, Callable

from ._counts import Counts
from ._overflow import Overflow
from ._plain import clean, dumps, fit
from ._store import StoredItem
from ._types import Item, logger

COALESCE_SECONDS = 0.05
MAX_IMAGE_BYTES = 10 * 1024 * 1024
MAX_WAITING_IMAGES = 64 * 1024 * 1024
_CHUNK = 48 * 1024  # of an image, a multiple of 3 so that base64 pieces join
_ATTEMPTS, _RETRY_SECONDS = 5, 0.5

# Where text is somebody's content (a chat, a prompt) it is what the user asked to keep.
_NOT_SCRUBBED = frozenset(
    {"message", "prompt", "negative_prompt", "image_url", "ip", "user_agent", "client_id",
     "visitor_id", "user_id", "id", "session_id", "event", "event_name", "path"}
)  # fmt: skip


class _Marker:
    """Put behind what was tracked so far; set once all of that is on disk."""

    __slots__ = ("reached",)

    def __init__(self) -> None:
        self.reached = threading.Event()


class Writer:
    """Takes items from any thread and writes them to the store within about 100 ms.

    SimpleQueue and not deque with an Event: its put is reentrant, so that a call from a signal
    handler or from a destructor in the middle of another call cannot deadlock.
    """

    def __init__(
        self, store: Overflow, counts: Counts, max_items: int, stored: Callable[[int, bool], None]
    ) -> None:
        self._store = store
        self._counts = counts
        self._max_items = max_items
        self._stored = stored
        self._person: str | None = None
        self.reset()

    def reset(self) -> None:
        """Empty and without a thread; in a forked child the parent writes what was waiting."""
        self._queue: queue.SimpleQueue[Item | _Marker] = queue.SimpleQueue()
        self._started = False
        self._stopped = False
        self._hurry = threading.Event()
        self._image_lock = threading.RLock()
        self._image_bytes = 0  # waiting in the queue

    def put(self, item: Item) -> bool:
        """False, and counted, when max_items wait already; a crash takes the oldest one's place."""
        waiting = self._queue
        if waiting.qsize() >= self._max_items:
            if item.kind != "crash":
                self._counts.drop("memory_full")
                return False
            self._make_room()
        waiting.put(item)
        if not self._started:
            self._start()
        return True

    def put_image(self, item: Item, size: int) -> bool:
        """Like put, for an item that carries bytes; False when MAX_WAITING_IMAGES wait already."""
        with self._image_lock:
            fits = self._image_bytes + size <= MAX_WAITING_IMAGES
            if fits:
                self._image_bytes += size
        if not fits:
            self._counts.drop("memory_full")
            return False
        if self.put(item):
            return True
        with self._image_lock:
            self._image_bytes -= size
        return False

    def _make_room(self) -> None:
        with contextlib.suppress(queue.Empty):
            oldest = self._taken(self._queue.get_nowait())
            if isinstance(oldest, _Marker):
                oldest.reached.set()
            else:
                self._counts.lose("memory_full")

    def _start(self) -> None:
        # Not threading.Thread: its start() waits for the new thread to run, up to 5 ms under load.
        # Two racing callers may start two threads, which is harmless: each takes what it gets.
        self._started = True
        try:
            _thread.start_new_thread(self._run, (self._queue,))
        except RuntimeError:  # the interpreter is closing; close() will write instead
            self._started = False

    def _run(self, waiting: queue.SimpleQueue[Item | _Marker]) -> None:
        while not self._stopped:
            first = waiting.get()
            self._hurry.wait(COALESCE_SECONDS)
            try:
                self._write(self._take(first))
            except Exception:
                logger.debug("writer", exc_info=True)
                self._counts.lose("internal")

    def _take(self, first: Item | _Marker | None) -> Iterator[Item | _Marker]:
        if first is not None:
            yield self._taken(first)
        while True:
            try:
                yield self._taken(self._queue.get_nowait())
            except queue.Empty:
                return

    def _taken(self, item: Item | _Marker) -> Item | _Marker:
        """The same, no longer counted as waiting."""
        image = None if isinstance(item, _Marker) else item.fields.get("image")
        if image is not None:
            with self._image_lock:
                self._image_bytes -= len(image[0])
        return item

    def stop(self) -> None:
        """Ends the thread once it has written what it holds."""
        self._stopped = True
        self._queue.put(_Marker())

    def drain(self, timeout: float) -> bool:
        """Waits until everything put before this call is on disk."""
        marker = _Marker()
        self._queue.put(marker)
        if not self._started:
            self._write(self._take(None))
            return marker.reached.is_set()
        self._hurry.set()
        try:
            if marker.reached.wait(timeout):
                return True
            self._write(self._take(None))  # its thread is stuck or dead: do its work here
            return marker.reached.is_set()
        finally:
            self._hurry.clear()

    def write_now(self, item: Item) -> bool:
        """Encodes and commits in the calling thread; falls back to the queue in memory."""
        encoded = self._encode(item)
        if encoded is None:
            return False
        try:
            self._store.append([encoded])
        except Exception as error:
            self._counts.once("durable", f"a durable item waits in memory for now: {error}")
            return self._fall_back(item)
        self._stored(1, item.kind == "crash")
        return True

    def _fall_back(self, item: Item) -> bool:
        image = item.fields.get("image")
        return self.put(item) if image is None else self.put_image(item, len(image[0]))

    def _write(self, items: Iterator[Item | _Marker]) -> None:
        rows: list[StoredItem] = []
        markers: list[_Marker] = []
        size = 0
        for item in items:
            if isinstance(item, _Marker):
                markers.append(item)
                continue
            encoded = self._encode(item)
            if encoded is not None:
                rows.append(encoded)
                size += len(encoded[3])
            time.sleep(0)  # hands over the interpreter lock after at most one item's work
            if len(rows) >= 256 or size > 1_000_000:
                self._append(rows)
                rows, size = [], 0
        self._append(rows)
        for marker in markers:
            marker.reached.set()

    def _append(self, rows: list[StoredItem]) -> None:
        """Waits two seconds at most for a process that holds the file; then memory has to do."""
        if not rows:
            return
        for attempt in range(_ATTEMPTS):
            try:
                self._store.append(rows)
                break
            except Exception as error:
                if attempt + 1 == _ATTEMPTS:
                    self._store.keep_in_memory(rows, error)
                else:
                    self._hurry.wait(_RETRY_SECONDS)
        self._stored(len(rows), any(row[0] == "crash" for row in rows))

    def _encode(self, item: Item) -> StoredItem | None:
        """The row for the store; None, and counted, when it cannot be made."""
        try:
            return (item.kind, item.stamp, item.fixed, self._body(item))
        except Exception as error:
            self._counts.lose("unserialisable")
            logger.debug("dropped an item: %s", error)
            return None

    def _body(self, item: Item) -> bytes:
        """The JSON object without its opening brace and its time, which is added when sent."""
        fields = {"id": str(uuid.uuid4())}
        image: tuple[bytes, str] | None = None
        for name, value in item.fields.items():
            if name == "image":
                image = value
            elif value is not None:
                fields[name] = clean(value, scrubbing=name not in _NOT_SCRUBBED)
        for bag in ("properties", "meta", "context"):
            if bag in fields:
                fields[bag] = fit(fields[bag])  # type: ignore[assignment, arg-type]
        if item.kind in ("event", "crash") and "user_id" not in fields:
            fields["user_id"] = self._anonymous()
        body = dumps(fields)[1:]
        return body if image is None else self._with_image(body, *image)

    def _anonymous(self) -> str:
        if self._person is None:
            self._person = self._store.installation_id()
        return self._person

    def _with_image(self, body: bytes, data: bytes, content_type: str) -> bytes:
        """Adds `image` in small steps: 10 MB of base64 at once would hold up all threads."""
        pieces = [body[:-1], b',"image":{"content_type":', dumps(content_type), b',"data":"']
        for start in range(0, len(data), _CHUNK):
            pieces.append(base64.b64encode(data[start : start + _CHUNK]))
            time.sleep(0)
        pieces.append(b'"}}')
        return b"".join(pieces)


def sniff_image(data: bytes) -> str:
    """The media type by the first bytes; the server decides what it takes."""
    if data[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    return "application/octet-stream"


def fields_of(**named: Any) -> dict[str, Any]:
    """The arguments that are not None."""
    return {name: value for name, value in named.items() if value is not None}
