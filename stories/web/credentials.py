"""What a request brings to say whom it speaks for: Basic, an API token, or the cookie of the login page.

An Authorization header decides alone, so that a browser's cookie never answers for a wrong password.
"""

from __future__ import annotations

from collections.abc import Callable
from hmac import compare_digest

from flask import Response, request

from stories.accounts import callers, sessions
from stories.accounts.callers import Caller
from stories.config import Config
from stories.web.services import bearer, now, services

# The prefix binds a cookie to this host and to TLS; browsers refuse it without. The other name is for
# servers without TLS, and is not looked at behind it: anybody on the network could have set it.
SECURE_COOKIE, PLAIN_COOKIE = "__Host-stories", "stories_session"


def caller(config: Config, before_hash: Callable[[], None]) -> Caller | None:
    """before_hash: called before a password is hashed; raises where that is one attempt too many."""
    if "HTTP_AUTHORIZATION" not in request.environ:
        secret = session_secret()
        return services().accounts.sessions.find(secret, now()) if secret else None
    if (token := bearer()) is not None:
        return services().accounts.tokens.find(token, now())
    try:
        given = request.authorization
    except ValueError:  # characters that no base64 has
        return None
    if given is None or given.type != "basic":
        return None
    return by_password(config, given.username or "", given.password or "", before_hash)


def by_password(
    config: Config, name: str, password: str, before_hash: Callable[[], None]
) -> Caller | None:
    """DASHBOARD_USERNAME is compared with the settings and asks the database nothing."""
    is_owner = compare_digest(_bytes(name), config.dashboard_username.encode())
    is_right = compare_digest(_bytes(password), config.dashboard_password.encode())
    if is_owner & is_right:
        return callers.owner(config.dashboard_username)
    if is_owner or not name:
        return None
    accounts = services().accounts
    account = accounts.people.find(name)
    stored = account["password"] if account else None
    if not accounts.passwords.is_remembered(name, password, stored):
        before_hash()
        if not accounts.passwords.verify(name, password, stored):
            return None
    return callers.person(account, "basic") if account else None


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def cookie_name() -> str:
    return SECURE_COOKIE if request.is_secure else PLAIN_COOKIE


def session_secret() -> str | None:
    if "HTTP_COOKIE" not in request.environ:
        return None
    return request.cookies.get(cookie_name())


def set_cookie(response: Response, secret: str) -> None:
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=sessions.DAYS * 24 * 3600,
        path="/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: Response) -> None:
    response.delete_cookie(
        cookie_name(), path="/", secure=request.is_secure, httponly=True, samesite="Lax"
    )
