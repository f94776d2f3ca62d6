"""METRICS.md by brute force: the numbers a server must answer, counted again from raw events.

Nothing here knows the server, its tables or its rollups; only METRICS.md was read. Every number walks
over plain lists. Sums are of Decimals made from each number's decimal text. Halves round away
from zero.

    accepted = accept(requests, rejected)           # what a server has stored of what it was sent
    events = [event_from_payload(item) for item in accepted]
    expected = stats(events, crashes, now=now, zone="Europe/Berlin", period="30d")
    assert not compare(expected, answer)

Where METRICS.md leaves something open, this is the reading (each has its place in the code):

 1. Days, not moments, decide: an event later today than `now`, or dated tomorrow, counts on its day;
    P ends today, "ever" (total_users) has no end. `all` starts at the first event of the app, filter
    or not; without one it is today. A crash does not start it. from/to: both days belong to P, and
    `period` in the answer is null.
 2. "Whatever P is" (active_users_Nd, growth, cost_7d, stickiness, engagement ...) looks back from
    today; in `previous`, from its last day, where total_users is who had been seen by then.
    previous has every key of summary. `all` has no previous.
 3. A number counts if it is a JSON number (a boolean is none), finite, >= 0 and <= 1e12; so for
    processing and startup times too. No unit is cut off: 0 counts and "carries" a duration.
 4. `success` is false only when it is JSON false; dictionary_used, enabled are true only as JSON true.
    A toggle whose `enabled` is no boolean says nothing; the one before it holds.
 5. Durations and costs of transcriptions include those with success false. Under a filter the
    day-by-day rule looks at the filtered events.
 6. source and error_type: absent, null, empty or no string is `unknown`; other strings stand as they
    are. os_version absent is `unknown`, app_version too. Keys sort by code point; percentages are of
    the list's own total.
 7. The latest country and the latest toggle are the latest ever, not the latest in P. Of two at one
    instant the greater country code and the later of the list win; traffic makes no such pairs.
 8. Sessions: all events of a person with one session_id, P or not; begun on the day of the first. An
    empty session_id is none. Without one, a gap of exactly 30 minutes starts another.
 9. retention, churn, cohorts: by days (weeks) of the app's zone. A cohort is a week in which somebody
    came; `active` goes up to this week. churned: last seen before the last 30 days. wow: (a - b) / b.
10. stickiness is a mapping feature -> percent; "recording" is recording_completed.
    processing_time_seconds is {avg, p50, p95}; time_to_first_crash is {median, mean}, its people's
    first event and first crash ever. crashes_per_day, _week, _month are [{date, crashes}], no gaps.
11. Filters: an event (crash) is kept when its own column has the value; a crash's platform is its
    os_version, and it has no country. What cannot honour a filter is in `filters.HONOURS`.
12. Website: a session is in P when one of its items is. Its source is that of its earliest item ever:
    the referrer's host in lower case without "www.", of an http(s) address, else utm_source. Any item
    of category conversion converts. Paths end at "?" or "#". Prefixes are plain text prefixes.
13. Generations: a visit without ip and visitor_id counts as a visit and as no visitor. The same goes
    for total, which is everything ever.
14. Bot: active in N days is today and the N-1 before it. A persona's name is its latest one.
"""

from __future__ import annotations

from .bot import BotEvent, bot_stats, bot_timeline, bot_users
from .compare import compare
from .desktop import FAMILIES, stats
from .filters import CRASH_NUMBERS, HONOURS
from .generations import Generation, Visit, generation_analytics
from .records import Crash, Event, accept, crash_from_payload, event_from_payload, instant
from .website import WebItem, funnel, website_metrics

__all__ = [
    "CRASH_NUMBERS",
    "FAMILIES",
    "HONOURS",
    "BotEvent",
    "Crash",
    "Event",
    "Generation",
    "Visit",
    "WebItem",
    "accept",
    "bot_stats",
    "bot_timeline",
    "bot_users",
    "compare",
    "crash_from_payload",
    "event_from_payload",
    "funnel",
    "generation_analytics",
    "instant",
    "stats",
    "website_metrics",
]
