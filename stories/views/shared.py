"""What a share link opens: one page of numbers, its question fixed, and the numbers for it.

/shared/<id> is an empty frame. Its script sends the secret, which stands behind the # of the address and
so reaches no server by itself, as X-Link-Secret, and a password, percent-encoded, as X-Link-Password.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlencode

from flask import Blueprint, Response, request

from stories.accounts.links import Link
from stories.catalogue import App
from stories.errors import ApiError
from stories.reports import CORE, FAMILIES, FILTERS, Question
from stories.reports.conditions import Conditions, version_condition
from stories.reports.dashboard import PAGES
from stories.reports.filters import NO_FILTER, Filter
from stories.reports.numbers import transcribes
from stories.views import dashboard_data, html
from stories.views.dashboard import BY_NAME
from stories.web import parameters
from stories.web.access import logins
from stories.web.answers import LINK_LOCKED, answer
from stories.web.services import now, services
from stories.web.static_files import static_files

blueprint = Blueprint("shared", __name__)


@blueprint.get("/shared/<link_id>")
def show_page(link_id: str) -> Response:
    """The frame names neither the app nor a filter: who has only the id learns the kind of page."""
    link = services().accounts.links.find(link_id, now())
    if link is None:
        response = html.render("shared_ended.html")
        response.status_code = 404
        return _private(response)
    app, page = _app(link), BY_NAME[link.page]
    fixed = {name: link.question[name] for name in ("period", "group_by")}
    with services().database.transaction(seconds=5, read_only=True) as tx:
        records = transcribes(tx, app)
    response = html.render(
        f"dashboard/{page.name}.html",
        page=page,
        app={"name": "Shared page", "slug": "", "kind": app.kind, "timezone": app.timezone},
        shared={"id": link.link_id, "question": urlencode(fixed)},
        has_data=True,
        transcribes=records,
        today=now().astimezone(app.zone).date(),
        modules=static_files().modules("dashboard/main.js", f"dashboard/pages/{page.name}.js"),
    )
    if link.frame_sites:
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace(
            "frame-ancestors 'none'", f"frame-ancestors {' '.join(link.frame_sites)}"
        )
    return _private(response)


@blueprint.get("/shared/<link_id>/stats")
def show_stats(link_id: str) -> Response:
    """As the dashboard's own answer for the page, and {"shared": {"app", "filter"}}."""
    parameters.known()
    link = _opened(link_id)
    app = _app(link)
    lists = link.page if link.page in PAGES else None
    numbers = dashboard_data.page_of_numbers(app, _question(link, app), lists)
    if link.page == "website":
        numbers["page"]["now"]["recent_conversions"] = []  # single events
    if link.page == "stability":
        numbers["answer"]["stability"].pop("top_issues", None)  # titles are texts of crashes
    services().accounts.links.note_use(link, now())
    named = {"app": app.name, "filter": _filter(link)}
    return _private(answer({"success": True, "shared": named, **numbers}))


def _opened(link_id: str) -> Link:
    """Raises ApiError 404 without the secret, 401 without the password, 429 after too many failures."""
    bench = services()
    link = bench.accounts.links.find(link_id, now())
    if link is None or not link.is_opened_by(request.headers.get("X-Link-Secret", "")):
        logins().count_failure()
        raise ApiError(404, "unknown_link", "this link has ended or never was")
    if link.password is None:
        return link
    password = unquote(request.headers.get("X-Link-Password", ""))
    if not password:
        raise ApiError(401, LINK_LOCKED, "this page needs a password")
    name = f"link {link.link_id}"
    if not bench.accounts.passwords.is_remembered(name, password, link.password):
        logins().count_failure()  # before the hash is computed
        if not bench.accounts.passwords.verify(name, password, link.password):
            raise ApiError(401, LINK_LOCKED, "the password is wrong")
    return link


def _question(link: Link, app: App) -> Question:
    return Question(
        app=app,
        app_id=app.app_id,
        timezone=app.timezone,
        today=now().astimezone(app.zone).date(),
        sections=(*CORE, link.page) if link.page in FAMILIES else CORE,
        period=link.question["period"],
        group_by=link.question["group_by"],
        filter=_conditions(link),
        compare="weekdays",
    )


def _conditions(link: Link) -> Filter:
    named = _filter(link)
    return NO_FILTER if named is None else Filter(Conditions((version_condition(*named),)))


def _filter(link: Link) -> tuple[str, str] | None:
    return next(((name, link.question[name]) for name in FILTERS if name in link.question), None)


def _app(link: Link) -> App:
    app: Any = next(app for app in services().apps.read_now() if app.app_id == link.app_id)
    return app  # type: ignore[no-any-return]


def _private(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
