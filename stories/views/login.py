"""Pages for browsers: the login with its cookie, log-out, and where a one-time link leads.

Who sends Basic never comes here. The secret of a one-time link stands behind the # of its address, which
browsers do not send; the page's script posts it.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, Response, redirect, request

from stories.accounts import callers
from stories.accounts.payloads import InvitationPayload
from stories.errors import ApiError, bad_request
from stories.views import html
from stories.web import audit, credentials
from stories.web.access import logins, refuse_other_sites
from stories.web.answers import answer
from stories.web.body import read_body
from stories.web.callers import caller
from stories.web.json_body import read_json
from stories.web.services import now, services

blueprint = Blueprint("login", __name__)

MAX_FORM = 4096
HOME = "/dashboard"


@blueprint.get("/login")
def show_login() -> Response:
    return _page(request.args.get("next", ""))


@blueprint.post("/login")
def log_in() -> Response:
    """A new session under a new token, whatever cookie the browser had before."""
    refuse_other_sites()
    form = _form()
    name, password = form.get("name", ""), form.get("password", "")
    bench = services()
    who = credentials.by_password(bench.config, name, password, logins().count_failure)
    if who is None:
        logins().count_failure()
        return _page(form.get("next", ""), "The name or the password is wrong.", name, 403)
    account = None if who.account_id is None else bench.accounts.people.find(name)
    secret = bench.accounts.sessions.begin(account, now())
    if before := credentials.session_secret():
        bench.accounts.sessions.end(before)
    audit.write(who, "logged in", "on the login page")
    response: Response = redirect(_local(form.get("next", "")), 303)  # type: ignore[assignment]
    credentials.set_cookie(response, secret)
    return response


@blueprint.post("/logout")
def log_out() -> Response:
    if caller().by == "session" and (secret := credentials.session_secret()):
        services().accounts.sessions.end(secret)
    response = answer({"success": True})
    credentials.drop_cookie(response)
    return response


@blueprint.get("/invite")
def show_invitation() -> Response:
    return html.render("invite.html", referrer="same-origin")


@blueprint.post("/invite")
def accept_invitation() -> Response:
    """Sets the password that a one-time link is for: {"success", "name"}."""
    refuse_other_sites()
    body = read_json(InvitationPayload)
    account = services().accounts.people.accept(body.secret, body.password, now())
    if account is None:
        logins().count_failure()
        raise ApiError(404, "unknown_link", "this link has been used, has ended or never was")
    audit.write(callers.person(account, "session"), "set a password", "by a one-time link")
    return answer({"success": True, "name": account["name"]})


def _form() -> dict[str, str]:
    try:
        text = read_body(MAX_FORM).decode()
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=10, errors="strict"))
    except (UnicodeDecodeError, ValueError):
        raise bad_request("invalid_form", "the form cannot be read") from None


def _local(address: str) -> str:
    """Where to go then: to a page of the dashboard and nowhere else."""
    fits = address == HOME or address.startswith((f"{HOME}/", f"{HOME}?"))
    return address if fits and address.isprintable() and "\\" not in address else HOME


def _page(following: str, problem: str = "", name: str = "", status: int = 200) -> Response:
    # Without a referrer a browser sends its form with `Origin: null`, which is refused.
    response = html.render(
        "login.html",
        referrer="same-origin",
        following=_local(following),
        problem=problem,
        name=name,
    )
    response.status_code = status
    return response
