"""The fields that PostHog's events and errors have in common."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from stories.intake.adapters import visits
from stories.intake.adapters.people import People
from stories.intake.adapters.reading import mapping, text
from stories.payloads.browsers import Browser

# What is kept of the properties that the SDK sets ($…), and what it becomes. All others are left out,
# and so are `$set` and `$set_once`, but for what the app declares as properties of the event.
KEPT = {
    "$app_version": "app_version",
    "$os": "platform",
    "$os_version": "platform",
    "$timezone": "country",
    "$session_id": "session_id",
    "$lib": "properties.sdk",
    "$current_url": "path; utm_source and the like",
    "$pathname": "path",
    "$referrer": "referrer: the host",
    "$title": "title",
    "$screen_name": "title",
    "$raw_user_agent": "browser, device, os",
    "$anon_distinct_id": "user_id",
    "$process_person_profile": "user_id",
    "$exception_list": "crash or error_handled",
    "$exception_level": "crash or error_handled",
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
