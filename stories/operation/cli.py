"""`flask apps …`, distribute, doctor, backup, restore and the jobs by name: what the operator does
without a browser.

The options become the body that POST and PATCH /apps take, so both are checked by the same types.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from database import Database, Refused, Unavailable
from models import Refusal
from stories import config as settings
from stories.apps import Apps
from stories.catalogue import CATALOGUES, App
from stories.errors import SetupError
from stories.operation import backup, citus, doctor, local_postgres, migrate
from stories.payloads.app import AppPayload, ChangesPayload, read_app

Command = Callable[..., None]


def commands(database: Database, apps: Apps) -> list[click.Command]:
    """For app.cli, beside the jobs (`job_command`). The database is not used before a command runs."""
    return [
        _apps(apps),
        _migrate(database),
        _distribute(database),
        _doctor(),
        _backup(),
        _restore(),
    ]


def _apps(apps: Apps) -> click.Group:
    group = click.Group("apps", help="The apps of this server: list, create, change, new key.")

    @group.command("list", help="Every app with its settings and its key, as JSON.")
    def listed() -> None:
        with plain_errors():
            print_json([apps.shown(app) for app in apps.all()])

    @group.command("create", help="A new app; prints it with its key.")
    @click.argument("slug")
    @click.argument("kind", type=click.Choice(list(CATALOGUES)))
    @_changes
    def created(slug: str, kind: str, **options: Any) -> None:
        with plain_errors():
            body = {"slug": slug, "kind": kind, **_body(options)}
            print_json(apps.shown(apps.create(read_app(msgspec.json.encode(body), AppPayload))))

    @group.command("change", help="Change what is named of an app; the rest stays.")
    @click.argument("slug")
    @_changes
    def changed(slug: str, **options: Any) -> None:
        with plain_errors():
            body = read_app(msgspec.json.encode(_body(options)), ChangesPayload)
            print_json(apps.shown(apps.change(app_named(apps, slug), body)))

    @group.command("key", help="A new ingest key; the old one stops working within seconds.")
    @click.argument("slug")
    def key(slug: str) -> None:
        with plain_errors():
            print_json(apps.shown(apps.new_key(app_named(apps, slug).slug)))

    return group


OPTIONS = (
    click.option("--name"),
    click.option("--timezone", help="such as Europe/Berlin; fixed after the first event"),
    click.option("--retention-days", help="7 to 36500, or default"),
    click.option("--content-days", type=int, help="days that a bot's messages and images are kept"),
    click.option("--hash-rotation", type=click.Choice(["never", "daily"])),
    click.option("--funnel", multiple=True, metavar="STEP=PREFIX", help="pricing_views=/prices"),
    click.option(
        "--accepts", type=click.Choice(["open", "declared"]), help="events of any name, or not"
    ),
    click.option(
        "--event",
        "events",
        multiple=True,
        metavar="NAME[:PROPERTY=TYPE,…]",
        help="an event of the app's own; all of them must be named",
    ),
    click.option("--in-app", multiple=True, metavar="PATTERN", help="files of its own code; all"),
    click.option("--not-in-app", multiple=True, metavar="PATTERN", help="files that are not; all"),
    click.option(
        "--ignored-environment",
        "ignored_environments",
        multiple=True,
        metavar="NAME",
        help="whose errors are left out; all must be named",
    ),
    click.option("--tester", "testers", multiple=True, metavar="ID", help="all must be named"),
)


def _changes(command: Command) -> Command:
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def _body(options: dict[str, Any]) -> dict[str, Any]:
    """What was named on the command line, as the body of PATCH /apps."""
    body = {name: value for name, value in options.items() if value not in (None, ())}
    if "retention_days" in body:
        text = body["retention_days"]
        body["retention_days"] = None if text == "default" else _integer("--retention-days", text)
    if "funnel" in body:
        body["funnel"] = dict(_pair("--funnel", text) for text in body["funnel"])
    if "events" in body:
        body["events"] = dict(_event(text) for text in body["events"])
    grouping = {name: body.pop(name) for name in ("in_app", "not_in_app") if name in body}
    if grouping:
        body["grouping"] = grouping
    return body


def _event(text: str) -> tuple[str, dict[str, dict[str, str]]]:
    name, _, rest = text.partition(":")
    pairs = (_pair("--event", part) for part in rest.split(",") if part)
    return name, {property: {"type": kind} for property, kind in pairs}


def _pair(option: str, text: str) -> tuple[str, str]:
    left, equals, right = text.partition("=")
    if not equals:
        raise click.ClickException(f"{option}: {text} must have a = in it")
    return left, right


def _integer(option: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise click.ClickException(f"{option}: {text} is no whole number") from None


def app_named(apps: Apps, slug: str) -> App:
    app = apps.by_slug(slug)
    if app is None:
        raise click.ClickException(f"there is no app {slug}")
    return app


def _migrate(database: Database) -> click.Command:
    @click.command(
        "migrate", help="Bring the database to this release; the server's start does too."
    )
    def migrated() -> None:
        with plain_errors():
            migrate.migrate(database)

    return migrated


def _distribute(database: Database) -> click.Command:
    @click.command("distribute", help="Spread the tables of people over Citus' workers.")
    def distributed() -> None:
        with plain_errors():
            migrate.migrate(database)
            print_json(citus.distribute(database))

    return distributed


def _doctor() -> click.Command:
    @click.command("doctor", help="Look at everything and say what to do; exit 1 if a check fails.")
    @click.option("--json", "as_json", is_flag=True, help="as JSON")
    def examined(as_json: bool) -> None:
        with plain_errors():
            findings = doctor.examine(settings.load())
        if as_json:
            print_json(findings)
        else:
            for each in findings:
                click.echo(f"{each.state:<5} {each.about:<9} {each.found}")
                if each.advice:
                    click.echo(f"      {'':<9} -> {each.advice}")
        sys.exit(any(each.state == "fail" for each in findings))

    return examined


FOLDER = click.argument("folder", type=click.Path(path_type=Path))


def _backup() -> click.Command:
    @click.command("backup", help="Write database and stored images into a new folder.")
    @click.option(
        "--without-artifacts",
        is_flag=True,
        help="Leave out source maps and symbols: send them again.",
    )
    @FOLDER
    def backed_up(folder: Path, without_artifacts: bool) -> None:
        with plain_errors():
            print_json(backup.backup(settings.load(), folder, not without_artifacts))

    return backed_up


def _restore() -> click.Command:
    @click.command("restore", help="Put a backup into an empty database, and check it.")
    @FOLDER
    def restored(folder: Path) -> None:
        with plain_errors():
            report = backup.restore(settings.load(), folder)
        print_json(report)
        sys.exit(any(report["differences"].values()))

    return restored


def job_command(name: str, text: str, main: Callable[[list[str]], int]) -> click.Command:
    """A job as `python aggregator.py` runs it, options and exit status included. main: aggregator's."""

    @click.command(
        name,
        help=f"{text[0].upper()}{text[1:]}.",
        add_help_option=False,
        context_settings={"ignore_unknown_options": True},
    )
    @click.argument("options", nargs=-1, type=click.UNPROCESSED)
    def run(options: tuple[str, ...]) -> None:
        sys.exit(main([name, *options]))

    return run


@contextmanager
def plain_errors() -> Iterator[None]:
    """One sentence instead of a traceback; and the bundled PostgreSQL, if this process started it,
    goes with the command."""
    try:
        yield
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from None
    except (SetupError, Unavailable, Refused) as error:
        raise click.ClickException(str(error)) from None
    finally:
        local_postgres.stop()


def print_json(result: Any) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(result), indent=2).decode())
