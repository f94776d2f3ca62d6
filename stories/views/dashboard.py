"""The dashboard's pages: frames that the modules under static/dashboard fill from the JSON API.

PAGES is the list; the place of an entry is its place among the tabs. Nothing here is open, and what
a page may load is what its Content-Security-Policy names (views/html.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

from database import Transaction
from stories.accounts.callers import Role
from stories.accounts.links import PAGES as SHARED_PAGES
from stories.catalogue import CRASH_TYPES, App
from stories.errors import ApiError
from stories.payloads.cohorts import PLATFORM_FAMILIES
from stories.reports import conditions, key_numbers
from stories.reports.numbers import transcribes
from stories.views import html
from stories.web.callers import caller, default_app, has_app, own_apps
from stories.web.services import now, server_address, services
from stories.web.static_files import static_files

ALL = ("desktop", "website", "generator", "bot")
KINDS = {"desktop": "Desktop apps", "website": "Websites", "generator": "Generators", "bot": "Bots"}
HOME = {"desktop": "overview", "website": "website", "generator": "generations", "bot": "bot"}
PERIODS = {
    "today": "Today",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
    "all": "All time",
}
# Fields of conditions by which events are told; a crash has some of them.
EVERY_FIELD = ("all",)
CRASH_FIELDS = tuple(conditions.CRASH_FIELDS)
COMPARISONS = {
    "weekdays": "Same weekdays before",
    "previous": "Period before",
    "year": "A year before",
    "none": "Nothing",
}
GROUPS = {"day": "By day", "week": "By week", "month": "By month"}

# How a key number is written, where it is no count.
KEY_FORMATS = {"share": "percent", "average": "decimal", "median": "decimal", "p95": "decimal"}
MOST_PINNED = 12

# What the page of issues divides them into; pages/issues.js says what each asks for.
ISSUE_TABS = {
    "open": "Open",
    "new": "New",
    "regressed": "Regressed",
    "muted": "Muted",
    "resolved": "Resolved",
    "handled": "Handled",
}

# A bot's images may be stored at Cloudflare: the pages that show them name that one host more.
IMAGE_HOSTS = {"img-src": "https://imagedelivery.net"}


@dataclass(frozen=True)
class Page:
    """name: of the address, the template and the module. ranged: it has a period; grouped: and is
    by day, week or month; filtered: any condition, segment or cohort narrows it; fields: else, of
    conditions, those that do, or "field:operator" of them.
    of_recordings: a tab only of apps that record. part: of which page it is one more. compared:
    unless its numbers stand alone. role: the least that it is for."""

    name: str
    title: str
    kinds: tuple[str, ...]
    ranged: bool = True
    grouped: bool = False
    filtered: bool = False
    fields: tuple[str, ...] = ()
    tab: bool = True
    of_recordings: bool = False
    part: str = ""
    compared: bool = True
    role: Role = "viewer"

    @property
    def in_settings(self) -> bool:
        """Shown without data too: an app is set up there."""
        return "settings" in (self.name, self.part)

    @property
    def charts(self) -> bool:
        """Shows numbers over time, in which notes stand."""
        return self.name in CHARTED

    @property
    def compares(self) -> bool:
        """Shows numbers beside earlier ones."""
        return self.ranged and (self.grouped or self.filtered) and self.compared

    @property
    def filters(self) -> tuple[str, ...]:
        """What of the address narrows this page; of the rest it says that it does not."""
        return EVERY_FIELD if self.filtered else self.fields


DESKTOP = ("desktop",)
CHARTED = {
    *("overview", "growth", "usage", "quality", "stability", "costs"),
    *("website", "generations", "bot", "issue", "release", "explore"),
}
PAGES = (
    Page("overview", "Overview", DESKTOP, grouped=True, filtered=True),
    Page("growth", "Growth", DESKTOP, grouped=True, filtered=True),
    Page("usage", "Usage", DESKTOP, grouped=True, filtered=True),
    Page("adoption", "Adoption", DESKTOP, filtered=True, of_recordings=True),
    Page("quality", "Quality", DESKTOP, grouped=True, filtered=True, of_recordings=True),
    Page("stability", "Stability", DESKTOP, grouped=True, filtered=True),
    Page("costs", "Costs", DESKTOP, grouped=True, filtered=True, of_recordings=True),
    Page("website", "Overview", ("website",), grouped=True, filtered=True),
    Page("generations", "Overview", ("generator",), grouped=True, filtered=True),
    Page("bot", "Overview", ("bot",), grouped=True, filtered=True),
    Page("issues", "Issues", ALL, fields=(*CRASH_FIELDS, "segment", "cohort")),
    Page(
        "issue",
        "Issue",
        ALL,
        fields=(*CRASH_FIELDS, "segment", "cohort"),
        tab=False,
        part="issues",
    ),
    Page("crashes", "All crashes", ALL, fields=CRASH_FIELDS, tab=False, part="issues"),
    Page("crash", "Crash", ALL, ranged=False, tab=False, part="issues"),
    Page("releases", "Releases", ALL, filtered=True, compared=False),
    Page("release", "Release", ALL, filtered=True, tab=False, part="releases", compared=False),
    Page("explore", "Explore", ALL, filtered=True),
    Page("funnels", "Funnels", ALL, filtered=True, tab=False, part="explore", compared=False),
    Page("retention", "Retention", ALL, filtered=True, tab=False, part="explore", compared=False),
    Page(
        "experiments", "Experiments", ALL, filtered=True, tab=False, part="explore", compared=False
    ),
    Page("live", "Live", ALL, ranged=False, filtered=True),
    Page("events", "Events", ALL, fields=EVERY_FIELD),
    Page("users", "People", ALL, ranged=False, fields=("cohort",)),
    Page("person", "Person", ALL, ranged=False, tab=False),
    Page("alerts", "Alerts", ALL, ranged=False),
    Page("settings", "Settings", ALL, ranged=False),
    Page("symbols", "Symbols", ALL, ranged=False, tab=False, part="settings"),
    Page("people", "People", ALL, ranged=False, tab=False, part="settings", role="owner"),
    Page("tokens", "Tokens", ALL, ranged=False, tab=False, part="settings"),
    Page("links", "Links", ALL, ranged=False, tab=False, part="settings", role="editor"),
    Page("log", "Log", ALL, ranged=False, tab=False, part="settings", role="owner"),
    Page("account", "My account", ALL, ranged=False, tab=False, part="settings"),
)
BY_NAME = {page.name: page for page in PAGES}

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/dashboard")
def show_home() -> Response:
    app = _app(None)
    return _render(BY_NAME[HOME[app.kind]], app)


@blueprint.get("/dashboard/<name>")
def show_page(name: str) -> Response:
    page = BY_NAME.get(name)
    if page is None:
        raise ApiError(404, "not_found", "there is nothing at this address")
    if not caller().is_at_least(page.role):
        raise ApiError(403, "not_allowed", "your role does not allow that")
    app = _app(page)
    if app.kind not in page.kinds:
        return redirect(url_for("dashboard.show_home", app=app.slug))  # type: ignore[return-value]
    return _render(page, app)


@blueprint.get("/analytics")
def show_bot() -> Response:
    """The address the bot's own dashboard had."""
    app = default_app("bot")
    return redirect(url_for("dashboard.show_home", app=app.slug if app else None))  # type: ignore[return-value]


def _app(page: Page | None) -> App:
    """The app that the address names, else the default one of the first kind that fits the page.

    As they are now: another worker may have made it, or given its events names, a moment ago.
    """
    apps = services().apps
    apps.read_now()
    slug = request.args.get("app")
    if slug:
        app = apps.by_slug(slug)
        if app is None or not has_app(app):
            raise ApiError(404, "unknown_app", "there is no app with this slug")
        return app
    for kind in page.kinds if page else ALL:
        app = default_app(kind) or next((app for app in own_apps() if app.kind == kind), None)
        if app:
            return app
    raise ApiError(404, "no_app", "there is no app yet")


def _render(page: Page, app: App) -> Response:
    apps, database = own_apps(), services().database
    with database.transaction(seconds=5, read_only=True) as tx:
        has_data = tx.value("reports/dashboard_has_data", app_id=app.app_id)
        records = transcribes(tx, app)
        own = _own_blocks(tx, app) if page.name == HOME[app.kind] else {}
    today = now().astimezone(app.zone).date()
    shows_images = app.kind == "bot" and page.name in ("bot", "person")
    return html.render(
        f"dashboard/{page.name}.html",
        IMAGE_HOSTS if shows_images else None,
        page=page,
        app=app,
        apps_by_kind={
            label: [other for other in apps if other.kind == kind] for kind, label in KINDS.items()
        },
        transcribes=records,
        tabs=[
            tab
            for tab in PAGES
            if tab.tab and app.kind in tab.kinds and (records or not tab.of_recordings)
        ],
        parts=[
            part
            for part in PAGES
            if (part.part or part.name) == (page.part or page.name) and app.kind in part.kinds
        ],
        home=HOME[app.kind],
        periods=PERIODS,
        groups=GROUPS,
        comparisons=COMPARISONS,
        has_data=has_data,
        today=today,
        crash_types=CRASH_TYPES,
        issue_tabs=ISSUE_TABS,
        platform_families=PLATFORM_FAMILIES,
        month_ago=today - timedelta(days=29),
        modules=static_files().modules("dashboard/main.js", _module(page, has_data)),
        server=server_address(),
        **_for_caller(page, apps),
        **own,
    )


def _module(page: Page, has_data: bool) -> str:
    """What main.js loads: without data, the way to set an app up."""
    fills = has_data or page.in_settings
    return f"dashboard/pages/{page.name}.js" if fills else "dashboard/waiting.js"


def _own_blocks(tx: Transaction, app: App) -> dict[str, Any]:
    """What the app's makers have put on their overview: key numbers and pinned questions."""
    return {
        "key_numbers": [
            {
                "key_number_id": number.key_number_id,
                "name": number.name,
                "means": key_numbers.meaning(number, app),
                "format": KEY_FORMATS.get(number.measure, "count"),
            }
            for number in key_numbers.read(tx, app)
        ],
        "pinned": [
            {"id": row["saved_id"], **{name: row[name] for name in ("name", "report", "question")}}
            for row in tx.rows("reports/saved_list", app_id=app.app_id)
            if row["is_pinned"]
        ][:MOST_PINNED],
    }


def _for_caller(page: Page, apps: list[App]) -> dict[str, Any]:
    """What the settings pages show to who asks, by their role."""
    who = caller()
    return {
        "role": who.role,
        "login": who.by,
        "has_account": who.account_id is not None,
        "has_every_app": who.app_ids is None,
        "own_apps": apps,
        "shared_pages": SHARED_PAGES,
        "page_titles": BY_NAME,
        "settings_pages": [
            part for part in PAGES if part.in_settings and who.is_at_least(part.role)
        ],
    }
