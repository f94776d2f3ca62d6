"""The people of an app, for tables of users."""

from __future__ import annotations

from typing import Any

from database import Row, Transaction
from stories.catalogue import App


def latest(
    tx: Transaction, app: App, limit: int, after: list[Any] | None, *, with_events: bool = False
) -> list[Row]:
    """People of an app by last activity, latest first, after the (last_active, user_id) of `after`.
    with_events: without those who are known by a crash alone."""
    last = after or [None, None]
    return tx.rows(
        "reports/people",
        app_id=app.app_id,
        last_active=last[0],
        last_user_id=last[1],
        limit=limit,
        with_events=with_events,
    )
