"""`flask users …` and `flask tokens …`: people and API tokens without a browser.

Whoever may run these can read the database, so everything is done as an owner.
"""

from __future__ import annotations

import getpass
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from database import Row
from stories.accounts import callers
from stories.accounts.callers import ROLES, SCOPES, Caller
from stories.accounts.directory import Directory
from stories.apps import Apps
from stories.operation.cli import app_named, plain_errors, print_json

NAME = click.argument("name")
ROLE = click.option("--role", type=click.Choice(ROLES), help="viewer where it is not given")
APPS = click.option("--app", "slugs", multiple=True, metavar="SLUG", help="all must be named")


def commands(accounts: Directory, apps: Apps) -> list[click.Command]:
    return [_users(accounts, apps), _tokens(accounts, apps)]


def _users(accounts: Directory, apps: Apps) -> click.Group:
    group = click.Group(
        "users", help="People who may log in: list, create, change, invite, remove."
    )
    people = accounts.people

    @group.command("list", help="Everybody, as JSON.")
    def list_users() -> None:
        with plain_errors():
            print_json(people.all())

    @group.command("create", help="A new person; prints the link that they choose a password with.")
    @NAME
    @ROLE
    @APPS
    def create_user(name: str, role: str | None, slugs: tuple[str, ...]) -> None:
        with plain_errors():
            app_ids = _app_ids(apps, slugs)
            _, secret = people.create(name, role or "viewer", app_ids, datetime.now(UTC))
            log_of_operator(accounts, "added a person", f"{name} as {role or 'viewer'}")
            _print_link(secret)

    @group.command("change", help="Another role or other apps; what is not named stays.")
    @NAME
    @ROLE
    @APPS
    @click.option("--every-app", is_flag=True, help="instead of --app")
    def change_user(name: str, role: str | None, slugs: tuple[str, ...], every_app: bool) -> None:
        with plain_errors():
            row = _user(accounts, name)
            kept = None if every_app else row["app_ids"]
            app_ids = _app_ids(apps, slugs) if slugs else kept
            people.change(row["account_id"], role or row["role"], app_ids)
            log_of_operator(accounts, "changed a person", f"{row['name']} as {role or row['role']}")

    @group.command("invite", help="A new link to choose a password with, where one was lost.")
    @NAME
    def invite_user(name: str) -> None:
        with plain_errors():
            row = _user(accounts, name)
            secret = people.invite(row["account_id"], datetime.now(UTC))
            log_of_operator(accounts, "made a one-time link", row["name"])
            _print_link(secret)

    @group.command("end-sessions", help="Log a person out everywhere.")
    @NAME
    def end_sessions(name: str) -> None:
        with plain_errors():
            row = _user(accounts, name)
            accounts.sessions.end_all(row["account_id"])
            log_of_operator(accounts, "ended the sessions of a person", row["name"])

    @group.command("remove", help="Take a person away with their sessions, tokens and share links.")
    @NAME
    def remove_user(name: str) -> None:
        with plain_errors():
            row = _user(accounts, name)
            people.delete(row["account_id"])
            log_of_operator(accounts, "removed a person", row["name"])

    return group


def _tokens(accounts: Directory, apps: Apps) -> click.Group:
    group = click.Group("tokens", help="API tokens: list, create, revoke.")
    tokens = accounts.tokens

    @group.command("list", help="Every token, without its secret, as JSON.")
    def list_tokens() -> None:
        with plain_errors():
            print_json(tokens.all(_operator()))

    @group.command("create", help="A new token of DASHBOARD_USERNAME's; prints its secret, once.")
    @NAME
    @click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES))
    @click.option("--app", "slug", metavar="SLUG", help="of this app only")
    @click.option(
        "--days", type=click.IntRange(1, 3650), help="that it is valid; default: for good"
    )
    def create_token(
        name: str, scopes: tuple[str, ...], slug: str | None, days: int | None
    ) -> None:
        with plain_errors():
            app_id = app_named(apps, slug).app_id if slug else None
            until = datetime.now(UTC) + timedelta(days=days) if days else None
            chosen = sorted(set(scopes))
            token_id, secret = tokens.create(_operator(), name, chosen, app_id, until)
            log_of_operator(accounts, "made a token", f"{name}: {', '.join(chosen)}", slug)
            print_json({"token": {"id": token_id, "name": name}, "secret": secret})

    @group.command("revoke", help="It stops working at once.")
    @click.argument("token_id", type=int)
    def revoke_token(token_id: int) -> None:
        with plain_errors():
            name = tokens.delete(_operator(), token_id)
            if name is None:
                raise click.ClickException(f"there is no token {token_id}")
            log_of_operator(accounts, "revoked a token", name)

    return group


def _operator() -> Caller:
    """Who sits at the server's own command line."""
    return callers.owner(f"{getpass.getuser()} at the command line")


def log_of_operator(accounts: Directory, action: str, subject: str, app: str | None = None) -> None:
    accounts.log.add(_operator(), action, datetime.now(UTC), subject, app)


def _user(accounts: Directory, name: str) -> Row:
    row = accounts.people.find(name)
    if row is None:
        raise click.ClickException(f"there is no person {name}")
    return row


def _app_ids(apps: Apps, slugs: tuple[str, ...]) -> list[int] | None:
    return [app_named(apps, slug).app_id for slug in slugs] or None


def _print_link(secret: str) -> None:
    shown: dict[str, Any] = {"link": f"/invite#{secret}", "valid": "once, for a day"}
    print_json(shown)
