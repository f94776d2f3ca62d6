"""Work that needs a table for itself for a moment: dropping a month, giving its space back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from database import Conflict, Unavailable

SECONDS = 20.0  # for all tables of a run together

log = logging.getLogger("stories.storage")


def with_each(names: Sequence[str], work: Callable[[str], object]) -> list[str]:
    """work(name) for one table after the other. Appends queue behind who waits for a table, so `work`
    gives up soon (a lock_timeout) and is tried again. Returns the names that are left for the next
    run: from the first that was in use too long."""
    deadline, pause = time.monotonic() + SECONDS, 0.2
    left = list(names)
    while left:
        try:
            work(left[0])
        except (Conflict, Unavailable) as error:
            if time.monotonic() + pause > deadline:
                log.warning(
                    "%s is in use and stays as it is until the next run: %s", left[0], error
                )
                break
            time.sleep(pause)
            pause = min(2 * pause, 2.0)
            continue
        left.pop(0)
    return left
