"""What time it is for the tests.

Tests that take the fixture `now`, and all made-up traffic whose numbers are compared, live at NOW,
whatever the day is: the app's clock is put there. Tests with a real server share the machine's clock
with it, and with PostgreSQL and the browser; `make test-dates` runs those at twelve hard dates.
"""

from __future__ import annotations

from datetime import UTC, datetime

# A Saturday. Berlin and New York changed their clocks within the 30 days before: on October 25 and on
# November 1.
NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
