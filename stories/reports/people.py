"""The people of an app, for tables of users."""

from __future__ import annotations

from typing import Any

from database import Expression, Row, Transaction
from stories.catalogue import App
from stories.reports.people_search import EVERYBODY


def latest(
    tx: Transaction,
    app: App,
    limit: int,
    after: list[Any] | None,
    *,
    with_events: bool = False,
    matches: Expression = EVERYBODY,
) -> list[Row]:
    """People of an app by last activity, latest first, after the (last_active, user_id) of `after`.
    with_events: without those who are known by a crash alone. matches: as people_search has them."""
    last = after or [None, None]
    return tx.rows(
        "reports/people",
        app_id=app.app_id,
        last_active=last[0],
        last_user_id=last[1],
        limit=limit,
        with_events=with_events,
        matches=matches,
    )
