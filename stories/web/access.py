"""Who may call: every route is closed unless listed here as open. What each caller may do behind that
is web/rights.py.

Basic credentials ride along with requests that other sites cause in a browser, so a change is refused
when the browser says that another site caused it. A curl says nothing of the kind and is fine.
"""

from __future__ import annotations

import math
import time
from hashlib import blake2b
from ipaddress import ip_address
from os import urandom
from typing import Any, cast
from urllib.parse import quote

from flask import Flask, Response, current_app, redirect, request
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from limits import parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from stories.accounts.callers import Caller
from stories.catalogue import App
from stories.config import Config
from stories.errors import ApiError
from stories.web import audit, callers, credentials, rights
from stories.web.answers import SESSION_ENDED, error_answer
from stories.web.parameters import app_of_kind, readable
from stories.web.services import app_key, sending_app, services

# Endpoint names (blueprint.function). Everything else needs Basic.
OPEN_INGEST = frozenset(
    {
        "desktop.track",
        "crashes.store_crash",
        "website.track",
        "sentry.store_envelope",
        "sentry.tunnel_envelope",
        "sentry.store_event",
        "posthog.store_events",
        "posthog.store_events_v1",
        "posthog.answer_flags",
        "posthog.answer_settings",
        "posthog.answer_settings_script",
        "segment.store_calls",
        "aptabase.store_events",
        "crashpad.store_minidump",
        "crashpad.store_minidump_of_app",
    }
)
# These take an app's secret key instead of Basic: they begin with trusted_app().
KEYED_INGEST = frozenset(
    {"generations.store_visits", "generations.store_generations", "bot.store_events"}
)
# This one takes a key of its own or Basic: it says so itself.
OWN_KEY = frozenset({"generation_reports.show_analytics"})
OPEN_PAGES = frozenset(
    {
        "pages.describe_server",
        "pages.health",
        "pages.describe_api",
        "pages.show_docs",
        "login.show_login",
        "reports.ask_unsubscribe",
        "login.show_invitation",
        "shared.show_page",
        "shared.show_stats",
    }
)
# These say themselves who may call, and refuse other sites themselves.
OPEN_CHANGES = frozenset(
    {"login.log_in", "reports.unsubscribe", "login.accept_invitation", "mcp.answer_message"}
)
OPEN = OPEN_PAGES | OPEN_CHANGES | OWN_KEY
NO_LOGIN = OPEN | OPEN_INGEST | KEYED_INGEST

# Requests about uploads, of one address. A file of 256 MB takes 64 and some questions what became of it.
UPLOADS = "600/minute"

CALLERS_KEY = "stories.callers_key"
COUNTED = "stories.counted"


def client_key() -> str:
    """Who is calling, for counting only: a keyed hash of the address. The key dies with this process,
    unless workers count together in Redis: then it is made from SECRET_KEY. An IPv6 client owns a
    /64, so that is what counts."""
    text = request.remote_addr or ""
    try:
        address = ip_address(text)
        raw = address.packed[:8] if address.version == 6 else address.packed
    except ValueError:
        raw = text.encode()
    return blake2b(raw, key=current_app.extensions[CALLERS_KEY], digest_size=12).hexdigest()


def is_ingest() -> bool:
    return request.endpoint in OPEN_INGEST or request.endpoint in KEYED_INGEST


def install(app: Flask, config: Config) -> None:
    shared = config.ratelimit_storage_url != "memory://"
    secret = blake2b(b"callers", key=config.secret_key.encode()[:64], digest_size=16)
    app.extensions[CALLERS_KEY] = secret.digest() if shared else urandom(16)
    limiter = Limiter(
        client_key,
        app=app if config.ratelimit_enabled else None,
        application_limits=[f"{config.ratelimit_ingest}/minute"],
        application_limits_exempt_when=lambda: not is_ingest(),
        storage_uri=config.ratelimit_storage_url,
        storage_options={"wrap_exceptions": True},
        strategy="fixed-window",
        in_memory_fallback_enabled=shared,
    )
    app.extensions["stories.logins"] = Logins(config, limiter)
    app.extensions["stories.bytes"] = ByteLimit(config, limiter)
    app.extensions["stories.uploads"] = Counter(UPLOADS, "uploads", limiter)

    @app.before_request
    def guard() -> Any:
        readable()
        endpoint = request.endpoint
        if endpoint is None or endpoint in NO_LOGIN:
            return None
        try:
            logins().demand()
        except ApiError as error:
            if error.code == SESSION_ENDED and request.method == "GET" and _is_for_a_browser():
                return redirect(f"/login?next={quote(request.full_path.rstrip('?'))}")
            raise
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            refuse_other_sites()
        return None

    app.after_request(audit.note)

    @app.errorhandler(RateLimitExceeded)
    def limited(error: RateLimitExceeded) -> Response:
        current = limiter.current_limit
        return error_answer(too_many(current.reset_at if current else time.time() + 60))


def too_many(resets_at: float) -> ApiError:
    """resets_at: seconds since the epoch."""
    wait = max(1, math.ceil(resets_at - time.time()))
    return ApiError(
        429, "too_many_requests", f"too many requests; try again in {wait} s", retry_after=wait
    )


class ByteLimit:
    """How many bytes of large bodies an address may send to the open intakes in a minute, after
    decompression: UNIT for each request that it may send. One body is never more than all of it."""

    UNIT = 16 * 1024

    def __init__(self, config: Config, limiter: Limiter) -> None:
        self._enabled = config.ratelimit_enabled
        self._most = config.ratelimit_ingest
        self._counter = Counter(f"{config.ratelimit_ingest}/minute", "bytes", limiter)

    def count(self, size: int) -> None:
        """Raises ApiError 429."""
        if self._enabled and request.endpoint in OPEN_INGEST:
            self._counter.count(min(self._most, size // self.UNIT))


def count_bytes(size: int) -> None:
    """Counts a body against the limit of its sender's address. Raises ApiError 429."""
    cast(ByteLimit, current_app.extensions["stories.bytes"]).count(size)


def count_requests(n: int) -> None:
    """Counts what one request does in place of n more against the limit of its sender's address. Raises
    ApiError 429."""
    if n > 0:
        count_bytes(n * ByteLimit.UNIT)


def count_upload() -> None:
    """One more request about uploads from this address. Raises ApiError 429."""
    if services().config.ratelimit_enabled:
        cast(Counter, current_app.extensions["stories.uploads"]).count()


class Counter:
    """A limit for each address beside those of Flask-Limiter, in the same storage; in this worker alone
    while that is away."""

    def __init__(self, limit: str, name: str, limiter: Limiter) -> None:
        self._limit = parse(limit)
        self._name = name
        self._limiter = limiter
        self._own = FixedWindowRateLimiter(MemoryStorage())

    def count(self, cost: int = 1) -> None:
        """Raises ApiError 429 when this is past the limit."""
        key = (self._name, client_key())
        for strategy in (self._limiter.limiter, self._own):
            try:
                if not strategy.hit(self._limit, *key, cost=cost):
                    raise too_many(strategy.get_window_stats(self._limit, *key).reset_time)
                return
            except StorageError:  # Redis is away: this worker counts for itself
                continue


class Logins:
    """Who has logged in, and how often an address may get it wrong."""

    def __init__(self, config: Config, limiter: Limiter) -> None:
        self._config = config
        self._failures = Counter(f"{config.ratelimit_login}/minute", "login", limiter)

    def find(self) -> Caller | None:
        """Whom this request speaks for: by Basic, by a token or by the cookie of the login page."""
        return credentials.caller(self._config, self.count_failure)

    def demand(self) -> Caller:
        """401 without the right login, 429 once an address has failed too often, 403 where whoever it
        is may not do this. DASHBOARD_USERNAME's right login is never refused for earlier wrong ones,
        and a request without credentials is no failure."""
        caller = self.find()
        if caller is None:
            if "Authorization" in request.headers:
                self.count_failure()
            elif credentials.session_secret():
                raise ApiError(401, SESSION_ENDED, "the session has ended; log in again")
            raise ApiError(401, "login_required", "this address needs a name and a password")
        request.environ[callers.CALLER] = caller
        rule = request.url_rule.rule if request.url_rule else ""
        right = rights.right_of(request.method, rule)
        rights.check(caller, right, names_app=bool(request.args.get("app")))
        services().apps.freshen()
        return caller

    def count_failure(self) -> None:
        """One more wrong password or key from this address; 429 when there have been too many. Also
        asked before a password is hashed, which is dear; so each request counts once at most."""
        if self._config.ratelimit_enabled and not request.environ.get(COUNTED):
            request.environ[COUNTED] = True
            self._failures.count()


def logins() -> Logins:
    return cast(Logins, current_app.extensions["stories.logins"])


def trusted_app(kind: str) -> App:
    """The app that a server of its own speaks for: by the app's secret key, or with a token
    of scope ingest or a login and `app` (default: the kind's default app)."""
    if app_key():
        return sending_app(kind)
    logins().demand()
    refuse_other_sites()
    return app_of_kind(kind)


def _is_for_a_browser() -> bool:
    types = request.accept_mimetypes
    return types.best_match(["application/json", "text/html"]) == "text/html"


def refuse_other_sites() -> None:
    """403 for a change that a page of another site causes in somebody's browser."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site not in ("same-origin", "none") or (
        origin is not None and origin.partition("://")[2] != request.host
    ):
        raise ApiError(403, "cross_site", "a change may not be caused by another site")
