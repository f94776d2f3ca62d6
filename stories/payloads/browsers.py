"""User agents as families: device, browser, system, and whether it is a crawler. The raw header is never
stored.

ua-parser (the uap-core patterns) and crawler-user-agents (the list that many servers share) are
loaded at the first website item, so that a server without websites does not pay for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

MOST = 512  # characters that are looked at: patterns run over all of them
# The lists have it for a crawler; what posts an event with it is somebody who tries the endpoint.
TOOL = "curl/"


@dataclass(frozen=True)
class Browser:
    """Families such as "Chrome", "Windows"; device is desktop, phone or tablet. None: not known."""

    family: str | None
    os: str | None
    device: str | None
    is_bot: bool


@lru_cache(maxsize=2048)
def describe(user_agent: str) -> Browser:
    import crawleruseragents  # type: ignore[import-untyped]
    import ua_parser

    text = user_agent[:MOST]
    if not text:
        return Browser(None, None, None, is_bot=False)
    agent = ua_parser.parse(text)
    family = agent.user_agent.family if agent.user_agent else None
    system = agent.os.family if agent.os else None
    spider = agent.device is not None and agent.device.family == "Spider"
    return Browser(
        family=family,
        os=system,
        device=_device(text, agent.device.family if agent.device else "", system),
        is_bot=not text.startswith(TOOL) and (spider or crawleruseragents.is_crawler(text)),
    )


def _device(text: str, family: str, system: str | None) -> str | None:
    if "iPad" in family or "Tablet" in text or (system == "Android" and "Mobile" not in text):
        return "tablet"
    if system in ("iOS", "Android") or "Mobile" in text:
        return "phone"
    return "desktop" if system else None
