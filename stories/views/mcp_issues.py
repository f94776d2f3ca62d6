"""What an assistant may ask about crashes over /mcp: issues, the newest stack of one, and releases.

Of a crash only its message and its stack, which were scrubbed; nothing about a person."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from stories.catalogue import App
from stories.crashes.reading import listing, page, real_names, releases, stored
from stories.errors import bad_request
from stories.views.issues import app_and_number, days_of_last, found, where
from stories.views.mcp_tools import AppName, Tool, app_named, object_schema, outside
from stories.web.services import now, services

MOST_TITLE, MOST_STACK = 200, 4_000  # characters
MOST_RELEASES = 20
OURS = frozenset({"id", "state", "because", "since", "crash_type", "first_seen", "last_seen"})
SHOWN = (
    *("id", "title", "culprit", "state", "because", "since", "ongoing", "crash_type", "handled"),
    *("crashes", "people", "people_share", "first_seen", "last_seen"),
    *("first_version", "last_version", "rise"),
)


class ListIssues(Struct, forbid_unknown_fields=True):
    app: AppName | None = None
    state: Literal["open", "resolved", "muted"] | None = "open"
    search: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    sort: Literal["last_seen", "first_seen", "crashes", "people", "rise"] = "people"
    limit: Annotated[int, Meta(ge=1, le=50)] = 20


class GetIssue(Struct, forbid_unknown_fields=True):
    id: Annotated[str, Meta(min_length=1, max_length=60)]


class ListReleases(Struct, forbid_unknown_fields=True):
    app: AppName | None = None
    days: Annotated[int, Meta(ge=1, le=365)] = 30


def list_issues(ask: ListIssues) -> dict[str, Any]:
    if ask.search is not None and "\0" in ask.search:
        raise bad_request("invalid_search", "search must not hold NUL")
    app = app_named(ask.app)
    question = {
        **where(app, ask.search),
        "state": ask.state,
        "sort": ask.sort,
        "ascending": False,
        "last_key": None,
        "last_number": None,
        "now": now(),
        "limit": ask.limit,
    }
    with services().reading() as tx:
        rows, counts = listing.read_page(tx, question)
        issues = listing.describe(tx, app, rows, now())
    return {"app": app.slug, "issues": [_told(issue) for issue in issues], "counts": counts}


def get_issue(ask: GetIssue) -> dict[str, Any]:
    """An issue and the newest of its crashes that is stored whole."""
    app, number = app_and_number(ask.id)
    with services().reading() as tx:
        row = found(tx, app, number)
        issue = page.describe_whole(tx, app, row, days_of_last(app, 30), now())
        crashes = stored.read_page(
            tx, row["issue_id"], kept=True, ascending=False, after=None, limit=1
        )
    why = issue["groups"][0]["why"] if issue["groups"] else []
    return {
        "app": app.slug,
        "issue": {
            **_told(issue),
            "grouped_because": outside(why, MOST_TITLE),
            "groups": len(issue["groups"]),
            "versions": outside(issue["versions"]),
            "systems": outside(issue["systems"]),
            "note": outside(issue["note"], MOST_STACK),
        },
        "newest": _newest(app, crashes[0]) if crashes else None,
    }


def list_releases(ask: ListReleases) -> dict[str, Any]:
    """Each release beside the one before it, newest first."""
    app = app_named(ask.app)
    with services().reading() as tx:
        rows = releases.list_releases(tx, days_of_last(app, ask.days))
    return {"app": app.slug, "releases": [_of_release(row) for row in rows[:MOST_RELEASES]]}


def _of_release(row: dict[str, Any]) -> dict[str, Any]:
    compared = row["compared_to"]
    return {
        **row,
        "version": outside(row["version"]),
        "url": outside(row["url"], MOST_TITLE),
        "compared_to": outside(compared) if isinstance(compared, str) else compared,
    }


def _told(issue: dict[str, Any]) -> dict[str, Any]:
    return {
        name: issue[name] if name in OURS else outside(issue[name], MOST_TITLE) for name in SHOWN
    }


def _newest(app: App, row: dict[str, Any]) -> dict[str, Any]:
    """Its stack by the names that symbols gave it, else as it was sent."""
    crash = real_names.named(app, row)
    stack = real_names.text_of(crash) if crash.mapped else row["stack_trace"]
    told = {"app_version": row["app_version"], "system": row["os_version"]}
    return {
        **outside(told),
        "message": outside(row["error_message"], MOST_STACK),
        "stack": outside(stack, MOST_STACK),
    }


_SORTS = {"type": "string", "enum": list(listing.SORTS), "default": "people"}
ISSUE_TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "list_issues",
            "Crashes of an app by fault, those that hit most people first. state null: all.",
            object_schema(
                app={"type": "string", "description": "of list_apps; default: the desktop app"},
                state={"enum": [*listing.STATES, None], "default": "open"},
                search={"type": "string", "description": "in titles and functions of stacks"},
                sort=_SORTS,
                limit={"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
            ),
            ListIssues,
            list_issues,
        ),
        Tool(
            "get_issue",
            "One issue with its versions and systems, and the message and stack of its newest "
            "crash.",
            {
                **object_schema(id={"type": "string", "description": "such as desktop-17"}),
                "required": ["id"],
            },
            GetIssue,
            get_issue,
        ),
        Tool(
            "list_releases",
            "Versions of an app, newest first: who uses them, crash-free people, new, regressed and "
            "fixed issues, each beside the release before: worse, better, or unknown (p of a "
            "two-proportion test).",
            object_schema(
                app={"type": "string", "description": "of list_apps; default: the desktop app"},
                days={"type": "integer", "minimum": 1, "maximum": 365, "default": 30},
            ),
            ListReleases,
            list_releases,
        ),
    )
}
