"""The dashboard's pages: frames that the modules under static/dashboard fill from the JSON API.

PAGES is the list; the place of an entry is its place among the tabs. Nothing here is open, and what
a page may load is what its Content-Security-Policy names: this server's own files, nothing inline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, redirect, render_template, request, url_for

from stories.catalogue import CRASH_TYPES, App
from stories.errors import ApiError
from stories.views import assets
from stories.web.services import now, services

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
FILTERS = ("app_version", "platform", "country")
GROUPS = {"day": "By day", "week": "By week", "month": "By month"}

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# A bot's images may lie at Cloudflare: the pages that show them name that one host more.
IMAGE_POLICY = POLICY.replace("data:", "data: https://imagedelivery.net")


@dataclass(frozen=True)
class Page:
    """name: of the address, the template and the module. ranged: it has a period; grouped: and is
    by day, week or month; filtered: and can be narrowed to a version, platform or country, one at a
    time as /stats takes them; fields: those of them that its rows honour, all at once."""

    name: str
    title: str
    kinds: tuple[str, ...]
    ranged: bool = True
    grouped: bool = False
    filtered: bool = False
    fields: tuple[str, ...] = ()
    tab: bool = True

    @property
    def filters(self) -> tuple[str, ...]:
        """What of the address narrows this page: a chip says so, and nothing else is sent."""
        return FILTERS if self.filtered else self.fields


DESKTOP = ("desktop",)
PAGES = (
    Page("overview", "Overview", DESKTOP, grouped=True, filtered=True),
    Page("growth", "Growth", DESKTOP, grouped=True),
    Page("usage", "Usage", DESKTOP, grouped=True, filtered=True),
    Page("adoption", "Adoption", DESKTOP, filtered=True),
    Page("quality", "Quality", DESKTOP, grouped=True, filtered=True),
    Page("stability", "Stability", DESKTOP, grouped=True, filtered=True),
    Page("costs", "Costs", DESKTOP, grouped=True, filtered=True),
    Page("website", "Overview", ("website",), grouped=True),
    Page("generations", "Overview", ("generator",), grouped=True),
    Page("bot", "Overview", ("bot",), grouped=True),
    Page("crashes", "Crashes", DESKTOP, fields=("app_version",)),
    Page("crash", "Crash", DESKTOP, ranged=False, tab=False),
    Page("events", "Events", ALL, fields=FILTERS),
    Page("users", "Users", ALL, ranged=False),
    Page("person", "Person", ALL, ranged=False, tab=False),
    Page("settings", "Settings", ALL, ranged=False),
)
BY_NAME = {page.name: page for page in PAGES}

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/dashboard")
def home() -> Response:
    app = _app(None)
    return _page(BY_NAME[HOME[app.kind]], app)


@blueprint.get("/dashboard/<name>")
def page(name: str) -> Response:
    wanted = BY_NAME.get(name)
    if wanted is None:
        raise ApiError(404, "not_found", "there is nothing at this address")
    app = _app(wanted)
    if app.kind not in wanted.kinds:
        return redirect(url_for("dashboard.home", app=app.slug))  # type: ignore[return-value]
    return _page(wanted, app)


@blueprint.get("/analytics")
def bot_pages() -> Response:
    """The address the bot's own dashboard had."""
    found = services().apps.default("bot")
    return redirect(url_for("dashboard.home", app=found.slug if found else None))  # type: ignore[return-value]


def _app(wanted: Page | None) -> App:
    """The app that the address names, else the default one of the first kind that fits the page."""
    apps = services().apps
    slug = request.args.get("app")
    if slug:
        found = apps.by_slug(slug)
        if found is None:  # made a moment ago, by another worker
            found = apps.by_slug_now(slug)
        if found is None:
            raise ApiError(404, "unknown_app", "there is no app of that name")
        return found
    for kind in wanted.kinds if wanted else ALL:
        found = apps.default(kind) or next((app for app in apps.all() if app.kind == kind), None)
        if found:
            return found
    raise ApiError(404, "no_app", "there is no app yet")


def _page(page: Page, app: App) -> Response:
    bench = services()
    by_kind = {
        label: [one for one in bench.apps.all() if one.kind == kind]
        for kind, label in KINDS.items()
    }
    with bench.database.transaction(seconds=5, read_only=True) as tx:
        has_data = tx.value("reports/dashboard_has_data", app_id=app.app_id)
    today = now().astimezone(app.zone).date()
    text = render_template(
        f"dashboard/{page.name}.html",
        page=page,
        app=app,
        by_kind=by_kind,
        tabs=[one for one in PAGES if one.tab and app.kind in one.kinds],
        home=HOME[app.kind],
        periods=PERIODS,
        groups=GROUPS,
        has_data=has_data,
        today=today,
        crash_types=CRASH_TYPES,
        month_ago=today - timedelta(days=29),
        asset=assets.address,
        modules=assets.current().needed_by("main.js", f"pages/{page.name}.js"),
        server=request.host_url.rstrip("/"),
    )
    response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        IMAGE_POLICY if app.kind == "bot" and page.name in ("bot", "person") else POLICY
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
