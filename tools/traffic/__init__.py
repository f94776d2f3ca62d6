"""Believable traffic for tests, the bench and the demo: same parameters, same bytes.

Everything is a stream of plain dicts shaped as the endpoints take them, made from a seed and a `now`;
nothing here reads the clock. Memory is what one day holds plus a small object per person.

    events = desktop_events(Parameters(now=now, people=2_000, days=90, events=100_000))
    posts = (Request("/track", {"events": batch}, 500) for batch in batches(events, 500))
    print(send("http://localhost:5000", posts).line())

What is yielded, and where it goes:

    desktop_events     POST /track, inside {"events": [...]}
    desktop_crashes    POST /crash, one each
    website_sessions   POST /api/track, one list per session with its User-Agent header
    website_items      the items of those sessions that a server has to count, by time
    generation_visits, generation_attempts   POST /api/visits, /api/generations
    bot_events         POST /api/bot/events
    troubled           any of these as requests with retries, late arrivals, testers, wrong types
"""

from __future__ import annotations

from tools.traffic.bot import bot_events
from tools.traffic.crashes import desktop_crashes
from tools.traffic.desktop import desktop_events
from tools.traffic.generations import generation_attempts, generation_visits
from tools.traffic.parameters import Parameters, Release, default_releases
from tools.traffic.sending import Request, Totals, basic, batches, send
from tools.traffic.trouble import Trouble, ids_of_testers, troubled
from tools.traffic.website import (
    BOT_USER_AGENTS,
    BROWSER_USER_AGENTS,
    WebSession,
    website_items,
    website_sessions,
)

__all__ = [
    "BOT_USER_AGENTS",
    "BROWSER_USER_AGENTS",
    "Parameters",
    "Release",
    "Request",
    "Totals",
    "Trouble",
    "WebSession",
    "basic",
    "batches",
    "bot_events",
    "default_releases",
    "desktop_crashes",
    "desktop_events",
    "generation_attempts",
    "generation_visits",
    "ids_of_testers",
    "send",
    "troubled",
    "website_items",
    "website_sessions",
]
