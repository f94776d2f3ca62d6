"""Works off the queue: what waits is stored, what is erased or expired is deleted where it was
stored.

Transient trouble is tried again with exponential backoff and jitter. An image whose source does not
give it within about a day has failed. One whose bytes we hold is never given up for the store's
sake: they wait in the row, at most as long as the app keeps content.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from database import Database
from stories.config import Config
from stories.images.cloudflare import CloudflareImages
from stories.images.fetch import Fetcher, too_large
from stories.images.files import FileStore, Stored
from stories.images.outcomes import Misconfigured, NoToken, Rejected, StoreBusy, TryAgain
from stories.images.queue import Deletion, Queue, Waiting
from stories.payloads.bot import IMAGE_TYPES, MAX_IMAGE, image_type

log = logging.getLogger("stories.images")

FIRST_WAIT, LONGEST_WAIT = 10.0, 3600.0  # seconds
MAX_ASKED_WAIT = 86400.0  # of another server's Retry-After
# 10 s doubling up to an hour: nine tries in the first 90 minutes, then one an hour, a day in all.
MAX_TRIES = 32
BUSY_SECONDS, MISCONFIGURED_SECONDS = 60.0, 600.0
IDLE_SECONDS = 2.0

_random = secrets.SystemRandom()


def backoff(attempts: int) -> float:
    """Seconds until the next try, after the attempts-th; a quarter more or less, so that what
    failed together does not come back together."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts - 1, 20))
    return wait * _random.uniform(0.75, 1.25)


def _now() -> datetime:
    return datetime.now(UTC)


class Worker:
    """One image or one deletion at a time. Any number of workers share a queue."""

    def __init__(
        self,
        config: Config,
        database: Database,
        *,
        fetcher: Fetcher | None = None,
        cloudflare: CloudflareImages | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._queue = Queue(database)
        self._files = FileStore(config.data_path / "images")
        self._cloudflare = cloudflare
        if cloudflare is None and config.cloudflare_api_token:
            self._cloudflare = CloudflareImages(config)
        self._fetcher = fetcher or Fetcher(any_port=config.image_any_port)
        self._clock = clock
        self._paused_until = clock()
        self._told: set[type[TryAgain]] = set()

    def work_off(self, stop: Callable[[], bool] = lambda: False) -> dict[str, int]:
        """All that is due now; returns how many images and deletions were tried."""
        done = {"images": 0, "deletions": 0}
        while not stop():
            # Erasure first: it is a promise to a person.
            if self.delete_next():
                done["deletions"] += 1
            elif self.upload_next():
                done["images"] += 1
            else:
                break
        return done

    def upload_next(self) -> bool:
        """False if no image was due. While the store takes nothing, images are still fetched from
        their sources, whose addresses often live for an hour only."""
        image = self._queue.claim(self._clock(), sources_only=self._is_paused())
        if image is None:
            return False
        try:
            data, kind = self._load(image)
        except TryAgain as problem:
            self._later_or_never(image, problem)
        except Rejected as problem:
            self._failed(image, str(problem))
        else:
            self._store(image, data, kind)
        return True

    def delete_next(self) -> bool:
        """False if no deletion was due."""
        if self._is_paused():
            return False
        deletion = self._queue.claim_deletion(self._clock())
        if deletion is None:
            return False
        try:
            self._files.delete(deletion.image_id)
            self._delete_remotely(deletion)
        except TryAgain as problem:
            self._maybe_pause(problem)
            self._queue.delete_again(deletion, self._next_try(deletion.attempts, problem))
            self._tell(deletion, f"is to be deleted and is still there: {problem}", problem)
        else:
            self._queue.deleted(deletion, self._clock())
        return True

    def _load(self, image: Waiting) -> tuple[bytes, str]:
        """The bytes and their type. Raises Rejected or TryAgain."""
        data = image.data
        if data is None:
            data = self._fetcher.fetch(image.source_url or "")
        if len(data) > MAX_IMAGE:
            raise too_large()
        kind = image_type(data)
        if kind is None:
            raise Rejected("invalid_image", f"it is none of {', '.join(IMAGE_TYPES)}")
        return data, kind

    def _store(self, image: Waiting, data: bytes, kind: str) -> None:
        fetched = data if image.data is None else None
        if self._is_paused():
            self._queue.again(image, self._paused_until, "the store takes nothing now", fetched)
            return
        try:
            stored = self._put(image, data, kind)
        except TryAgain as problem:
            self._maybe_pause(problem)
            when = self._next_try(image.attempts, problem)
            self._queue.again(image, when, str(problem), fetched)
            self._tell(image, f"waits: {problem}", problem)
        except Rejected as problem:
            self._failed(image, str(problem))
        else:
            self._told.discard(Misconfigured)
            if self._queue.stored(image, stored, kind, self._clock()):
                log.info("[IMAGES] %s is stored (%d bytes)", image.image_id, len(data))

    def _put(self, image: Waiting, data: bytes, kind: str) -> Stored:
        store = self._cloudflare or self._files
        return store.put(image.image_id, data, kind)

    def _delete_remotely(self, deletion: Deletion) -> None:
        if self._cloudflare is not None:
            self._cloudflare.delete(deletion.image_id, deletion.remote_id or None)
        elif deletion.remote_id:
            raise NoToken("images at Cloudflare are to be deleted", MISCONFIGURED_SECONDS)

    def _is_paused(self) -> bool:
        return self._clock() < self._paused_until

    def _maybe_pause(self, problem: TryAgain) -> None:
        """Trouble that every image would meet: none is sent for a while."""
        if isinstance(problem, StoreBusy):
            usual = MISCONFIGURED_SECONDS if isinstance(problem, Misconfigured) else BUSY_SECONDS
            wait = min(problem.after or usual, MAX_ASKED_WAIT)
            self._paused_until = self._clock() + timedelta(seconds=wait)

    def _next_try(self, attempts: int, problem: TryAgain) -> datetime:
        wait = max(backoff(attempts), min(problem.after or 0.0, MAX_ASKED_WAIT))
        when = self._clock() + timedelta(seconds=wait)
        return max(when, self._paused_until)

    def _later_or_never(self, image: Waiting, problem: TryAgain) -> None:
        if image.attempts >= MAX_TRIES:
            self._failed(image, f"gave_up: {problem}")
            return
        self._queue.again(image, self._next_try(image.attempts, problem), str(problem), None)
        log.info("[IMAGES] %s waits: %s", image.image_id, problem)

    def _failed(self, image: Waiting, reason: str) -> None:
        self._queue.failed(image, reason)
        log.warning("[IMAGES] %s failed: %s", image.image_id, reason)

    def _tell(self, item: Waiting | Deletion, what: str, problem: TryAgain) -> None:
        """The operator's task is told once, as an error, not with every try."""
        if not isinstance(problem, (Misconfigured, NoToken)):
            log.warning("[IMAGES] %s %s", item.image_id, what)
        elif type(problem) not in self._told:
            self._told.add(type(problem))
            log.error(
                "[IMAGES] check CLOUDFLARE_API_TOKEN (it needs Images: Edit) and the other "
                "CLOUDFLARE_* settings; what waits for them stays in the database: %s",
                problem,
            )


class Uploader:
    """Runs a Worker in a thread of every worker process; stops with it.

    It holds its thread and is none: gunicorn's settings load this module before gevent replaces
    threading.Thread, and to join a thread of the old class waits until the time is over."""

    def __init__(self, config: Config, database: Database, **options: Any) -> None:
        """options: as Worker has them."""
        self._thread = threading.Thread(target=self._run, name="uploader", daemon=True)
        self._worker = Worker(config, database, **options)
        self._stopped = threading.Event()
        self._failing = False

    def start(self) -> None:
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopped.wait(IDLE_SECONDS):
            try:
                self._worker.work_off(self._stopped.is_set)
                self._failing = False
            except Exception as error:
                # Told once, not every two seconds. An image that broke something comes back with
                # the end of its lease; those behind it go on.
                if not self._failing:
                    log.error("[IMAGES] the queue stands still: %s", type(error).__name__)
                self._failing = True

    def stop(self, seconds: float = 5) -> None:
        """Lets an upload that is nearly done end; what is cut off is done again after its lease."""
        self._stopped.set()
        if self.is_alive():
            self._thread.join(seconds)
