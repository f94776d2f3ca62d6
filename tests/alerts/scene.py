"""What the tests of alerts share: rules over the API, a look at them at any time, what was queued."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from flask import Flask

from stories.alerts import evaluation
from stories.web.services import Services
from tests.rollup_tables import fold_all, value, values
from tests.support import basic

AUTH = basic("admin", "admin")


class Scene:
    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.services: Services = app.extensions["stories"]
        self.now = datetime.now(UTC)
        self.hook = self.destination("Hook")

    def destination(
        self, name: str, kind: str = "webhook", address: str = "https://example.com/x"
    ) -> int:
        """The id of a new destination."""
        made = self.post("/destinations", name=name, kind=kind, address=address)
        return cast(int, made["destination"]["id"])

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.client.post(path, headers=AUTH, json=body)
        assert answer.status_code == 200, answer.json
        return cast(dict[str, Any], answer.json)

    def rule(self, kind: str, app: str | None = "desktop", **settings: Any) -> int:
        """The id of a new rule of this kind, whose messages go to the webhook."""
        path = f"/alerts?app={app}" if app else "/alerts"
        made = self.post(path, name=kind, kind=kind, settings=settings, destinations=[self.hook])
        return cast(int, made["alert"]["id"])

    def snooze(self, rule: int, minutes: int | None, **more: Any) -> None:
        self.post(f"/alerts/{rule}/snooze", minutes=minutes, **more)

    def send(self, path: str, **body: Any) -> None:
        """To the intake, and into the rollups."""
        assert self.client.post(path, json=body).status_code in (200, 207), path
        fold_all(self.services)

    def look(self, at: datetime | None = None) -> list[str]:
        """Look at all rules. Returns what was queued: firing or resolved, and the text of each line."""
        before = value(
            self.services.database, "select coalesce(max(created_at), '-infinity') from messages"
        )
        counts = evaluation.evaluate(
            self.services.config, self.services.database, self.services.apps, at or self.now
        )
        assert counts["failed"] == 0, self.errors()
        queued = values(
            self.services.database,
            "select kind, content from messages where created_at > %(before)s order by kind",
            before=before,
        )
        return [f"{kind}: {line['text']}" for kind, content in queued for line in content["lines"]]

    def errors(self) -> list[str]:
        return [
            error
            for (error,) in values(
                self.services.database,
                "select last_error from alert_rules where last_error is not null",
            )
        ]

    def states(self, rule: int) -> dict[str, str]:
        """State by subject."""
        return dict(
            values(
                self.services.database,
                "select subject, state from alert_states where rule_id = %(rule)s",
                rule=rule,
            )
        )

    def logged(self, rule: int) -> list[str]:
        """The states of the log, the first one first."""
        return [
            state
            for (state,) in values(
                self.services.database,
                "select state from alert_log where rule_id = %(rule)s order by entry_id",
                rule=rule,
            )
        ]
