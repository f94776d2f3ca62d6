"""The fields that PostHog's events and errors have in common."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from stories.intake.adapters import visits
from stories.intake.adapters.people import People
from stories.intake.adapters.reading import mapping, text
from stories.payloads.browsers import Browser

# What is kept of an event and of the properties that the SDK sets ($…), and what it becomes. All others
# are left out. docs/PRIVACY_TELEMETRY.md shows the same table.
KEPT = {
    "event": "the event's name",
    "timestamp": "when it happened",
    "uuid": "tells a repeat; not kept",
    "distinct_id": "the person: a UUID as it is, any other id as a keyed hash",
    "alias": "which two ids are one person, as keyed hashes",
    "$anon_distinct_id": "which two ids are one person, as keyed hashes",
    "$process_person_profile": "whether the event counts a person",
    "$session_id": "the session",
    "$app_version": "version of the app",
    "$os": "system",
    "$os_version": "system",
    "$timezone": "country",
    "$lib": "property `sdk`",
    "$current_url": "path; `utm_…` of a page view",
    "$pathname": "path of a page view",
    "$referrer": "host that a page view came from",
    "$title": "title of a page view",
    "$screen_name": "title of a page view",
    "$raw_user_agent": "families of browser, device and system",
    "$exception_list": "type, message and frames of an error, without values of variables",
    "$exception_level": "whether an error is a crash",
    "$set": "only what the app declares as properties of the event",
    "$set_once": "only what the app declares as properties of the event",
    "other properties without a $": "properties",
}
# What it sets without a $: ids of people, the key, and those by which advertisers know a visitor.
# fmt: off
NOT_OWN = frozenset((
    "distinct_id", "token", "api_key", "alias", "gclid", "gad_source", "gclsrc", "dclid",
    "gbraid", "wbraid", "fbclid", "msclkid", "twclid", "li_fat_id", "mc_cid", "igshid", "ttclid",
    "rdt_cid", "epik", "qclid", "sccid", "irclid", "_kx",
))
# fmt: on


def own_properties(sent: dict[str, Any]) -> dict[str, Any]:
    """Those that the app sets, not its SDK."""
    return {
        name: value
        for name, value in sent.items()
        if not name.startswith("$") and name not in NOT_OWN
    }


def own_id(item: dict[str, Any], sent: dict[str, Any]) -> str | None:
    return text(item.get("distinct_id")) or text(sent.get("distinct_id"))


def sender_of(
    item: dict[str, Any], sent: dict[str, Any], people: People
) -> tuple[UUID, UUID | None]:
    """As People.sender."""
    options = mapping(item.get("options"))  # of version 1
    counts = (
        sent.get("$process_person_profile") is not False
        and options.get("process_person_profile") is not False
    )
    return people.sender(own_id(item, sent), session_of(item, sent), counts)


def session_of(item: dict[str, Any], sent: dict[str, Any]) -> str | None:
    return text(sent.get("$session_id"), 100) or text(item.get("session_id"), 100)


def platform_of(sent: dict[str, Any], browser: Browser) -> str | None:
    """A distribution's version is not that of its system."""
    version = None if "$os_distro" in sent else text(sent.get("$os_version"), 50)
    return visits.platform(text(sent.get("$os"), 50) or browser.os, version)
