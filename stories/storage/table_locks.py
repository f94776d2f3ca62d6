"""Work that needs a table for itself for a moment: dropping a month, giving its space back."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable

from database import Conflict, Unavailable

SECONDS = 20.0  # that a run waits for tables in use, all of them together

log = logging.getLogger("stories.storage")


def with_each(names: Iterable[str], work: Callable[[str], object]) -> list[str]:
    """work(name) for one table after the other. Appends queue behind who waits for a table, so `work`
    gives up soon (a lock_timeout), and the table's turn comes again after the others'. Returns the
    names that are left for the next run."""
    left, waited, pause = deque(names), 0.0, 0.2
    while left:
        try:
            work(left[0])
        except (Conflict, Unavailable) as error:
            if waited + pause > SECONDS:
                log.warning("in use, and left for the next run: %s (%s)", ", ".join(left), error)
                break
            time.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, 2.0)
            left.rotate(-1)
            continue
        left.popleft()
    return list(left)
