"""Passwords: Argon2id, one hash at a time in each worker.

A hash takes 46 MiB and a tenth of a second of a core. It runs in a thread of its own, of low
priority, so that the worker goes on answering, and behind a lock, so that logins take one core at
most. Who would be more than QUEUE behind is refused before anything is computed.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from os import urandom
from threading import get_native_id
from typing import TYPE_CHECKING, TypeVar

from gevent import monkey
from gevent.threadpool import ThreadPool

from stories.errors import ApiError, bad_request

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST, MOST = 10, 200  # characters
# The one that OWASP's password storage cheat sheet gives for one lane: 46 MiB, once.
MEMORY = 47_104  # KiB
QUEUE = 4  # who wait for their turn, a tenth of a second each
WAIT_SECONDS = 5.0  # for a turn, where something else has taken the machine
REMEMBERED_SECONDS = 600.0
REMEMBERED_MOST = 1000
T = TypeVar("T")


@cache
def _hasher() -> PasswordHasher:
    """Imported when first needed: most servers never have a second person."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=1, memory_cost=MEMORY, parallelism=1)


@cache
def _nobody() -> str:
    """The hash of a password that nobody has: names that do not exist cost as much as those that do."""
    return _hasher().hash(urandom(16).hex())


def check_new(password: str) -> None:
    """Raises ApiError for a password that is too short, too long or not text."""
    if not LEAST <= len(password) <= MOST:
        raise bad_request(
            "invalid_password",
            f"password must have {LEAST} to {MOST} characters",
            parameter="password",
        )
    if "\0" in password or any("\ud800" <= char <= "\udfff" for char in password):
        raise bad_request("invalid_password", "password must be text", parameter="password")


class Passwords:
    """The one place that hashes, of a worker. A right password is remembered as a keyed digest, together
    with the hash that it was right for: a new password, in whichever worker it was set, is another
    hash in the database, and what is remembered no longer fits."""

    def __init__(self) -> None:
        self._key = urandom(32)
        self._right: dict[bytes, float] = {}  # digest -> until when, in seconds of monotonic()
        self._turn = threading.Lock()
        self._waiting = 0
        self._thread: ThreadPool | None = None

    def hash(self, password: str) -> str:
        """Raises ApiError where check_new does or too many wait."""
        check_new(password)
        return self._in_turn(lambda: _hasher().hash(password))

    def is_remembered(self, name: str, password: str, stored: str | None) -> bool:
        until = self._right.get(self._digest(name, password, stored))
        return until is not None and time.monotonic() < until

    def verify(self, name: str, password: str, stored: str | None) -> bool:
        """stored: the hash, None where there is no such person or no password yet; that takes as long.
        Raises ApiError where too many wait."""
        if len(password) > MOST:
            return False
        right = self._in_turn(lambda: _matches(password, stored or _nobody()))
        if right and stored:
            self._remember(self._digest(name, password, stored))
            return True
        return False

    def _digest(self, name: str, password: str, stored: str | None) -> bytes:
        text = f"{name}\0{password}\0{stored}".encode(errors="surrogatepass")
        return blake2b(text, key=self._key, digest_size=16).digest()

    def _remember(self, digest: bytes) -> None:
        if len(self._right) >= REMEMBERED_MOST:
            self._right.clear()
        self._right[digest] = time.monotonic() + REMEMBERED_SECONDS

    def _in_turn(self, work: Callable[[], T]) -> T:
        with self._place():
            if not monkey.is_module_patched("threading"):
                return work()
            if self._thread is None:  # it belongs to the loop of the worker, not of its parent
                self._thread = ThreadPool(1)
                self._thread.apply(_yield_to_others)
            return self._thread.apply(work)

    @contextmanager
    def _place(self) -> Iterator[None]:
        busy = ApiError(503, "busy", "too many people log in at once", retry_after=1)
        if self._waiting >= QUEUE:
            raise busy
        self._waiting += 1
        try:
            if not self._turn.acquire(timeout=WAIT_SECONDS):
                raise busy
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._waiting -= 1


def _yield_to_others() -> None:
    """On Linux a thread has a priority of its own: hashes take what requests leave of the core."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, get_native_id(), 5)


def _matches(password: str, stored: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
