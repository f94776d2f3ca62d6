"""The user's opt-out, kept across restarts as an empty file beside the queue.

Not a row of the queue: an empty file can be made on a full disk, costs one stat to look at, and
outlives a queue that was set aside because it was broken.
"""

from __future__ import annotations

import contextlib
import os

from ._types import logger


class Choice:
    """Whether usage is tracked. Every process that shares the queue file shares the choice."""

    def __init__(self, queue_path: str) -> None:
        self._path = f"{queue_path}.opt-out"
        self._only_here: bool | None = None  # the choice, where it could not be written

    def is_on(self) -> bool:
        if self._only_here is not None:
            return self._only_here
        return not os.path.exists(self._path)

    def set(self, is_on: bool) -> None:
        try:
            if is_on:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self._path)
            else:
                os.makedirs(os.path.dirname(self._path) or ".", exist_ok=True)
                os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
            self._only_here = None
        except OSError as error:
            self._only_here = is_on
            logger.warning("the opt-out holds for this process only: %s", error)
