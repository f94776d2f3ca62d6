"""Names of events that nobody has declared: an open app takes so many of them, and no more.

A name with an id in it would make a name of every event, and rollups count by name for good. Each
worker knows the names as it last read the apps (App.undeclared); a name new to it costs one statement.
"""

from __future__ import annotations

from datetime import datetime

from database import Database
from models import Refusal, shown
from stories.catalogue import App

MOST = 500  # names of an app; declared ones need no place
SECONDS = 5.0


class EventNames:
    """Admits names to apps. Safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def admit(self, app: App, name: str, now: datetime) -> None:
        """Note that an open app takes an undeclared name, once a day. Raises Refusal where it has no
        place left, Unavailable."""
        today = now.date().isoformat()
        if app.undeclared.get(name, "") >= today:
            return
        if name in app.undeclared or len(app.undeclared) < MOST:
            with self._database.transaction(SECONDS) as tx:
                tx.rows("storage/lock_event_names", app_id=app.app_id)
                taken = tx.run(
                    "storage/note_event_name",
                    app_id=app.app_id,
                    event=name,
                    day=now.date(),
                    most=MOST,
                )
            if taken:
                app.undeclared[name] = today
                return
        raise Refusal(
            "too_many_event_names",
            f"event {shown(name)} would be one more than the {MOST} undeclared names of an app: "
            "a name with an id in it is a bug",
        )
