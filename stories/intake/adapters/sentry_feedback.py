"""What people write (`feedback`, and `user_report` of older SDKs) as the event `feedback`, joined to the
crash that it is about. Names and email addresses of who wrote it are not kept.

Stored once by its id, which of a `user_report` is that of its crash.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from models import Refusal, moment
from stories.catalogue import FEEDBACK
from stories.dedupe import hashed_key
from stories.intake.adapters.reading import listed, mapping, text
from stories.intake.adapters.sentry_errors import release_version
from stories.intake.adapters.sentry_person import Sender
from stories.payloads.crash import crash_name
from stories.payloads.feedback import MAX_MESSAGE, FeedbackRow, clean, keys_of
from stories.payloads.timezones import country_of
from stories.privacy import labels

# Why an SDK itself did not send something: reasons of its documentation, counted as sdk:REASON.
REASONS = frozenset(
    {
        "queue_overflow",
        "cache_overflow",
        "buffer_overflow",
        "ratelimit_backoff",
        "network_error",
        "sample_rate",
        "before_send",
        "event_processor",
        "send_error",
        "internal_sdk_error",
        "insufficient_data",
        "backpressure",
        "ignored",
        "invalid",
        "no_parent_span",
        "callback_error",
    }
)
MAX_DISCARDED = 1_000_000  # of one reason in a report; a report is anybody's word
MAX_REPORTED = 200


def read_feedback(event: dict[str, Any], sender: Sender) -> FeedbackRow:
    """Raises Refusal."""
    said = mapping(mapping(event.get("contexts")).get("feedback"))
    event_id = sender.event_id(event)
    about = text(said.get("associated_event_id"), 36)
    return _row(event, event_id, text(said.get("message"), 2 * MAX_MESSAGE), about, sender)


def read_report(report: dict[str, Any], sender: Sender) -> FeedbackRow:
    """{event_id, comments, name, email}, as older SDKs send it: without a time. Raises Refusal."""
    about = text(report.get("event_id"), 36)
    words = text(report.get("comments"), 2 * MAX_MESSAGE)
    return _row(report, about and f"user_report\0{about}", words, about, sender)


def read_discarded(report: dict[str, Any]) -> Counter[str]:
    """How many items an SDK did not send, by reason."""
    counts: Counter[str] = Counter()
    for each in map(mapping, listed(report.get("discarded_events"))[:MAX_REPORTED]):
        reason, n = each.get("reason"), each.get("quantity")
        if isinstance(reason, str) and reason in REASONS and type(n) is int and n > 0:
            counts[reason] += min(n, MAX_DISCARDED)
    return counts


def _row(
    event: dict[str, Any],
    own_id: str | None,
    message: str | None,
    about: str | None,
    sender: Sender,
) -> FeedbackRow:
    app = sender.app
    if not message:
        raise Refusal("missing_field", "feedback has no message")
    if not own_id:
        raise Refusal("missing_field", "feedback has no event_id")
    keys = keys_of(app, about.replace("-", "").lower()) if about else None
    culture = mapping(mapping(event.get("contexts")).get("culture"))
    source = f"{FEEDBACK}\0{own_id}".encode("utf-8", "surrogatepass")
    key = hashed_key(app.app_id, source)
    return FeedbackRow(
        app_id=app.app_id,
        user_id=sender.person(event),
        timestamp=moment(sender.time(event.get("timestamp")), app, sender.moment),
        dedupe_key=key,
        event=FEEDBACK,
        app_version=labels.version(release_version(event.get("release"))),
        platform=labels.platform(sender.system(event)),
        country=country_of(text(culture.get("timezone"))),
        session_id=None,
        properties={"crash_id": crash_name(keys[0])} if keys else None,
        claim=None if event.get("timestamp") else key,
        message=clean(message),
        about=keys,
    )
