"""PostHog: POST /batch/, /e/, /capture/, /i/v0/e/ and /i/v1/analytics/events. Questions about flags
and settings are answered with none.

An event is stored once by its uuid, else by its content. Times are taken as they are sent, without a
correction by sent_at, which a retry does not repeat. The clients for Node and Python send again
after a lost answer, 408, 429 and 5xx, that for pages after a lost answer and 5xx. That for Node halves
what a 413 refuses.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from models import EventPayload, Refusal
from stories.intake.adapters import fitting, posthog_errors, visits
from stories.intake.adapters.delivery import Delivery, SentEvent
from stories.intake.adapters.keys import app_of, bearer_text
from stories.intake.adapters.people import People
from stories.intake.adapters.posthog_bodies import read_events
from stories.intake.adapters.posthog_fields import (
    own_id,
    own_properties,
    platform_of,
    sender_of,
    session_of,
)
from stories.intake.adapters.reading import event_name, mapping, sent_time, text
from stories.payloads.common import UTM
from stories.payloads.timezones import country_of
from stories.payloads.website import Page
from stories.privacy.ids import as_uuid
from stories.web.answers import answer
from stories.web.body import read_body
from stories.web.services import now
from stories.web.work import TimeSlice

# Events of the SDK's own that are known and not kept; one that is not among them counts as "internal".
# fmt: off
LEFT_OUT = frozenset((
    "$autocapture", "$rageclick", "$dead_click", "$copy_autocapture", "$pageleave", "$web_vitals",
    "$heatmap", "$snapshot", "$performance_event", "$feature_flag_called",
    "$feature_enrollment_update", "$feature_interaction", "$groupidentify", "$set", "$opt_in",
    "$merge_dangerously", "$csp_violation", "$ai_generation", "$ai_trace", "$ai_span",
    "$ai_metric", "$ai_feedback", "$ai_embedding", "$experiment_exposure",
))
# fmt: on
IDENTITIES = ("$identify", "$create_alias")
VIEWS = ("$pageview", "$screen")
NO_FLAGS: dict[str, Any] = {
    "flags": {},
    "featureFlags": {},
    "featureFlagPayloads": {},
    "errorsWhileComputingFlags": False,
    "supportedCompression": ["gzip", "gzip-js"],
    "sessionRecording": False,
}
NO_SETTINGS: dict[str, Any] = {
    "supportedCompression": ["gzip", "gzip-js"],
    "hasFeatureFlags": False,
    "sessionRecording": False,
    "surveys": False,
    "heatmaps": False,
    "autocaptureExceptions": False,
}
blueprint = Blueprint("posthog", __name__)


@blueprint.after_request
def say_busy(response: Response) -> Response:
    """The client for pages gives up what a 429 refuses and sends again, ever later, what a 503 does."""
    if response.status_code == 429 and "HTTP_ORIGIN" in request.environ:
        response.status_code = 503
    return response


@blueprint.post("/batch/", strict_slashes=False)
@blueprint.post("/e/", strict_slashes=False)
@blueprint.post("/capture/", strict_slashes=False)
@blueprint.post("/i/v0/e/", strict_slashes=False)
def store_events() -> Response:
    _store()
    return answer({"status": 1})


@blueprint.post("/i/v1/analytics/events")
def store_events_v1() -> Response:
    """Its SDK takes an event without a result for one that was stored."""
    _store()
    return answer({"results": {}})


@blueprint.post("/flags/", strict_slashes=False)
@blueprint.post("/decide/", strict_slashes=False)
def answer_flags() -> Response:
    read_body(by_magic=True)
    return answer(NO_FLAGS)


@blueprint.get("/array/<key>/config")
def answer_settings(key: str) -> Response:
    return answer(NO_SETTINGS)


@blueprint.get("/array/<key>/config.js")
def answer_settings_script(key: str) -> Response:
    """An empty script: the SDK asks for the JSON then."""
    return Response("", content_type="text/javascript")


def _store() -> None:
    sent = read_events(read_body(by_magic=True), request.args.to_dict())
    app, moment = app_of(bearer_text(), sent.key), now()
    delivery = Delivery(app, moment)
    people = People(app)
    for item in sent.events:
        if item.get("event") not in IDENTITIES:
            people.note(own_id(item, mapping(item.get("properties"))))
        elif not _says_who(item, people):
            delivery.left_out["identify"] += 1
    delivery.left_out["links"] += people.settle(moment)
    time_slice = TimeSlice()
    for item in sent.events:
        time_slice.give_way()
        try:
            _read(item, delivery, people)
        except Refusal as refusal:
            delivery.refuse(refusal)
    visits.leave_out_visitors(delivery)
    delivery.store()


def _read(item: dict[str, Any], delivery: Delivery, people: People) -> None:
    """Raises Refusal."""
    name = event_name(item.get("event"))
    if name == "$exception":
        crash, person = posthog_errors.crash(item, delivery.moment, people)
        if person is not None:
            delivery.linked[len(delivery.crashes)] = person
        delivery.crashes.append(crash)
    elif name in VIEWS or not name.startswith("$"):
        delivery.events.append(_event(item, name, delivery, people))
    elif name not in IDENTITIES:
        delivery.left_out[name.strip("$") if name in LEFT_OUT else "internal"] += 1


def _says_who(item: dict[str, Any], people: People) -> bool:
    """Whether it does say that two ids are one person, or that one is somebody's."""
    sent = mapping(item.get("properties"))
    own = own_id(item, sent)
    if item.get("event") == "$identify":
        return people.identify(own, text(sent.get("$anon_distinct_id")))
    other = text(sent.get("alias"))
    if as_uuid(own or "") and not as_uuid(other or ""):
        own, other = other, own  # what SDKs make themselves are UUIDs
    return people.identify(own, other, is_alias=True)


def _event(item: dict[str, Any], name: str, delivery: Delivery, people: People) -> SentEvent:
    """Raises Refusal."""
    app, moment = delivery.app, delivery.moment
    sent = mapping(item.get("properties"))
    browser = visits.browser_of(text(sent.get("$raw_user_agent"), 500))
    own, ours = own_properties(sent), {}
    if name in VIEWS:
        name = visits.view_event(app)
        own = {key: value for key, value in own.items() if key not in ("title", *UTM)}
        ours = visits.view_properties(_page(sent), browser, app, moment)
    if "sdk" not in own:
        ours["sdk"] = text(sent.get("$lib"), 50)
    declared = app.catalogue.get(name, {})
    traits = {
        **mapping(item.get("$set_once")),
        **mapping(sent.get("$set_once")),
        **mapping(item.get("$set")),
        **mapping(sent.get("$set")),
    }
    own = {key: traits[key] for key in declared if key in traits} | own
    properties, missing = fitting.fit(own, ours, declared)
    item_id, when = text(item.get("uuid")), sent_time(item.get("timestamp"))
    own_person, linked = sender_of(item, sent, people)
    payload = EventPayload(
        user_id=own_person,
        event=name,
        timestamp=when or moment - _offset(item),
        properties=properties,
        app_version=text(sent.get("$app_version")),
        platform=platform_of(sent, browser),
        country=country_of(text(sent.get("$timezone"))),
        id=item_id,
        session_id=session_of(item, sent),
    )
    return SentEvent(
        payload,
        is_stamped=when is None and item_id is not None,
        notes=fitting.notes_of(missing),
        path=ours.get("path"),
        linked=linked,
    )


def _page(sent: dict[str, Any]) -> Page:
    url = text(sent.get("$current_url"), 2000) or text(sent.get("$pathname"), 2000)
    return Page(
        url=visits.without_folders(url),
        referrer=text(sent.get("$referrer"), 2000),
        title=text(sent.get("$title"), 500)
        or text(sent.get("title"), 500)
        or text(sent.get("$screen_name"), 500),
        campaign={name: text(sent.get(name), 500) for name in UTM},
    )


def _offset(item: dict[str, Any]) -> timedelta:
    """How long ago an event was that has no time: older SDKs send that instead."""
    value = item.get("offset")
    if isinstance(value, int | float) and 0 <= value < 86_400_000:
        return timedelta(milliseconds=value)
    return timedelta()
