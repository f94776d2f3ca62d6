"""What time it is for the tests.

Tests that take the fixture `now`, and all made-up traffic whose numbers are compared, live at NOW,
whatever the day is: the app's clock is put there. Tests with a real server share the machine's clock
with it, and with PostgreSQL and the browser; `make test-dates` runs those at twelve hard dates, and
none of them is in its middle when an hour or a day ends.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

# A Saturday. Berlin and New York changed their clocks within the 30 days before: on October 25 and on
# November 1.
NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)

LONGEST_TEST = 20.0  # seconds; few take as many, and of those most live at NOW


def wait_for_room() -> None:
    """Returns where the hour has time for a test: in the last seconds of one, when the next has begun.

    A test that sends at 23:59:59 and reads "today" a second later reads another day."""
    left = 3600 - time.time() % 3600
    if left < LONGEST_TEST:
        time.sleep(left + 0.1)
