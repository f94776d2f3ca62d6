"""Page views that an SDK sends, with the properties that a website's own client would send."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import request

from stories.catalogue import App
from stories.dedupe import Repeats
from stories.intake.adapters.delivery import Delivery
from stories.payloads.browsers import Browser, describe
from stories.payloads.common import Arrival
from stories.payloads.website import Page, visit
from stories.web.services import services

UNKNOWN = Browser(None, None, None, is_bot=False)


def view_event(app: App) -> str:
    """What a page view is called: websites have a name for it, which their reports are made of."""
    return "pageview" if app.kind == "website" else "page_viewed"


def view_properties(page: Page, browser: Browser, app: App, moment: datetime) -> dict[str, Any]:
    """Scrubbed. Raises nothing."""
    arrival = Arrival(app, moment, Repeats(app.app_id), services().key.digest(), must_scrub=True)
    return visit(page, browser, arrival)


def without_folders(url: str | None) -> str | None:
    """The same; of a page that lies on somebody's disk, as those of Electron do, only its name."""
    if url and url[:5].lower() == "file:":
        return "/" + url.partition("?")[0].partition("#")[0].rpartition("/")[2]
    return url


def origin_path(url: str | None) -> str | None:
    """The path of an address, without its query; None for what is none."""
    try:
        return urlsplit(without_folders(url) or "").path or None
    except ValueError:
        return None


def browser_of(user_agent: str | None) -> Browser:
    """By the text that an SDK sends, else by the header of a request that a browser makes itself."""
    text = user_agent or _own_browser()
    return describe(text) if text else UNKNOWN


def platform(system: str | None, version: str | None) -> str | None:
    """Such as "macOS 14.5"; None where the system is not named."""
    return " ".join(part for part in (system, version) if part)[:50] if system else None


def leave_out_visitors(delivery: Delivery) -> None:
    """As POST /api/track: of a website's visitor who refuses, and of a crawler, no event is kept."""
    if delivery.app.kind == "website" and (kind := _why_left_out()):
        delivery.left_out[kind] += len(delivery.events)
        delivery.events.clear()


def _why_left_out() -> str | None:
    """Why nothing of a request to a website may be kept, as a kind of what is left out."""
    if request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1":
        return "no_consent"
    text = _own_browser()
    return "crawler" if text and describe(text).is_bot else None


def _own_browser() -> str:
    text = request.headers.get("User-Agent", "")
    return text if text.startswith("Mozilla/") else ""
