"""`flask annotate`: a note on the charts, such as from a deployment."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from dateutil.parser import isoparse

from stories.accounts.directory import Directory
from stories.alerts.annotations import Annotations, moment, one_line
from stories.apps import Apps
from stories.operation.accounts_cli import log_of_operator
from stories.operation.cli import app_named, plain_errors, print_json


def command(annotations: Annotations, accounts: Directory, apps: Apps) -> click.Command:
    """For app.cli."""

    @click.command("annotate", help="Put a note on the charts of an app, or of all.")
    @click.argument("text")
    @click.option("--app", "slug", help="slug of the app; without it: on the charts of all")
    @click.option("--at", metavar="TIME", help="ISO 8601, in the app's timezone; default: now")
    def annotate(text: str, slug: str | None, at: str | None) -> None:
        with plain_errors():
            app = app_named(apps, slug) if slug else None
            try:
                given = None if at is None else isoparse(at)
            except ValueError:
                raise click.ClickException(f"--at: {at} is no ISO 8601 date or time") from None
            when = moment(given, app, datetime.now(UTC))
            row = annotations.create(app.app_id if app else None, when, one_line(text), "operator")
            log_of_operator(accounts, "made an annotation", row["text"], slug)
            print_json(
                {"id": row["annotation_id"], "at": row["at"], "text": row["text"], "app": slug}
            )

    return annotate
