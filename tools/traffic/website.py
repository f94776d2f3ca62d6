"""Sessions of a product website, shaped as the items of POST /api/track.

A session walks / -> /verticals/... -> /pricing -> /demo -> conversion and may enter anywhere, skip
steps or leave. Only the first page view of a session has a referrer from outside; the next ones name
the site itself, as browsers do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tools.traffic.desktop import Payload, Timed, by_time
from tools.traffic.parameters import Parameters
from tools.traffic.people import arrival_share, uuid4
from tools.traffic.places import LOCAL_HOURS, draw_place
from tools.traffic.times import DAY_MS, MINUTE_MS, iso, offset_minutes, parse_ms

SITE = "https://localtranscribe.example"

BROWSER_USER_AGENTS = (
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/141.0.0.0 Safari/537.36"
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/142.0.0.0 Safari/537.36"
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.6 Safari/605.1.15"
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
    ),
    (
        "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/141.0.0.0 Mobile Safari/537.36"
    ),
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0"
    ),
    (
        "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.5 Mobile/15E148 Safari/604.1"
    ),
)
BOT_USER_AGENTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; "
        "+https://openai.com/gptbot)"
    ),
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Wget/1.24.5",
    "python-requests/2.32.3",
)

_REFERRERS = (
    "", "", "", "", "https://www.google.com/", "https://www.google.com/", "https://www.google.com/",
    "https://www.bing.com/search?q=local+transcription", "https://duckduckgo.com/",
    "https://news.ycombinator.com/item?id=41872031", "https://www.linkedin.com/feed/",
    "https://www.reddit.com/r/selfhosted/comments/1f2a3b4/", "https://t.co/Qx81kz",
)  # fmt: skip
_CAMPAIGNS = (
    {"utm_source": "newsletter", "utm_medium": "email", "utm_campaign": "october"},
    {
        "utm_source": "google",
        "utm_medium": "cpc",
        "utm_campaign": "transcription",
        "utm_term": "offline",
    },
    {"utm_source": "linkedin", "utm_medium": "social", "utm_campaign": "launch", "utm_content": "clip"},
    {"utm_source": "podcast"},
)  # fmt: skip
_VERTICALS = ("legal", "medical", "journalism", "education", "research")
_TITLES = {"/": "LocalTranscribe", "/pricing": "Pricing", "/demo": "Book a demo"}
# action, value in dollars (None: worth nothing that is known), weight
_CONVERSIONS = (("signup_submit", 29.0, 5), ("demo_request", None, 3), ("purchase", 290.0, 1))
BOT_SHARE = 0.06
REFUSAL_SHARE = 0.03  # visitors who declined the consent banner


@dataclass(frozen=True)
class WebSession:
    """One visit. items: as POST /api/track takes them, ascending; send them with `user_agent`."""

    user_agent: str
    is_bot: bool
    consented: bool
    items: list[Payload]

    @property
    def counts(self) -> bool:
        """Whether a server may keep it: no crawler, no refusal."""
        return self.consented and not self.is_bot


class _Visit:
    def __init__(self, rng: Random, number: int, start: int) -> None:
        self.rng, self.ms = rng, start
        suffix = f"{rng.getrandbits(30):06x}"
        self.session_id = f"lt_{start}_{suffix}{number % 4096:03x}"
        self.items: list[Payload] = []
        self.campaign = rng.choice(_CAMPAIGNS) if rng.random() < 0.18 else {}
        self.modern = rng.random() < 0.7  # newer script: sends an id with each item
        self.path = ""

    def item(self, kind: str, category: str, action: str, path: str, **more: object) -> None:
        payload: Payload = {
            "sessionId": self.session_id,
            "type": kind,
            "category": category,
            "action": action,
            "path": path,
            "timestamp": iso(self.ms),
            **{name: value for name, value in more.items() if value is not None},
        }
        if self.modern:
            payload["id"] = uuid4(self.rng.getrandbits(128))
        self.items.append(payload)
        self.ms += 1 + int(self.rng.expovariate(1 / 25_000))

    def page(self, path: str) -> None:
        first = not self.items
        referrer = self.rng.choice(_REFERRERS) if first else f"{SITE}{self.path}"
        self.path = path
        # Some links carry a query of their own, which the server has to cut off.
        sent = f"{path}?ref=footer" if self.rng.random() < 0.04 else path
        title = _TITLES.get(path, path.strip("/").replace("/", " ").title())
        campaign = self.campaign if first else {}
        self.item("pageview", "page", "view", sent, title=title, referrer=referrer, **campaign)

    def event(self, category: str, action: str, label: str, value: float | None = None) -> None:
        self.item("event", category, action, self.path, label=label, value=value)

    def browse(self) -> None:
        chance = self.rng.random
        vertical = f"/verticals/{self.rng.choice(_VERTICALS)}"
        entry = chance()
        if entry < 0.66:
            self.page("/")
        elif entry < 0.86:
            self.page(vertical)
        elif entry < 0.95:
            self.page(self.rng.choice(("/blog/offline-whisper", "/blog/gdpr-notes")))
        else:
            self.page("/pricing")
        if chance() < 0.45:
            self.event("navigation", "click", "header_menu")
        if chance() < 0.30 and not self.path.startswith("/verticals/"):
            self.page(vertical)
        if chance() < 0.30 and self.path != "/pricing":
            self.page("/pricing")
        if self.path == "/pricing" and chance() < 0.6:
            self.event("engagement", "click", "plan_toggle")
        if chance() < (0.45 if self.path == "/pricing" else 0.05):
            self.page("/demo")
            if chance() < 0.7:
                self.event("engagement", "form_submit", "demo_form")
            if chance() < 0.42:
                self.convert()
        elif chance() < 0.01:
            self.convert()

    def convert(self) -> None:
        weights = [weight for _, _, weight in _CONVERSIONS]
        action, value, _ = self.rng.choices(_CONVERSIONS, weights)[0]
        self.event("conversion", action, "cta", value)


def _sessions(parameters: Parameters) -> Iterator[tuple[int, int, WebSession]]:
    """(start in ms, number, session), in order of the day they start on."""
    rng = Random()
    base = parameters.seed_for("website")
    which, shards = parameters.shard
    now = iso(parameters.now_ms)
    for number in range(which, parameters.people, shards):
        rng.seed(base + number)
        share = arrival_share((number + 0.5) / parameters.people)
        day = parameters.first_day + int(share * parameters.days)
        _, zone = draw_place(rng)
        local = rng.choice(LOCAL_HOURS) * 60 + rng.randrange(60)
        minute = (local - offset_minutes(zone, day)) % 1440
        start = day * DAY_MS + minute * MINUTE_MS + rng.randrange(MINUTE_MS)
        visit = _Visit(rng, number, start)
        visit.browse()
        is_bot = rng.random() < BOT_SHARE
        consented = rng.random() >= REFUSAL_SHARE
        if not consented:
            for item in visit.items:
                item["consent"] = "denied"
        agent = rng.choice(BOT_USER_AGENTS if is_bot else BROWSER_USER_AGENTS)
        items = [item for item in visit.items if item["timestamp"] <= now]
        if items:
            yield start, number, WebSession(agent, is_bot, consented, items)


def website_sessions(parameters: Parameters) -> Iterator[WebSession]:
    """`parameters.people` sessions, by the day they start on; crawlers and refusals included."""
    for _, _, session in _sessions(parameters):
        yield session


def website_items(parameters: Parameters) -> Iterator[Payload]:
    """The items that count, by time: of sessions that consented and are no crawler's."""
    yield from by_time(_days(parameters), parameters.now_ms)


def _days(parameters: Parameters) -> Iterator[tuple[int, list[Timed]]]:
    day, items = parameters.first_day, list[Timed]()
    for start, number, session in _sessions(parameters):
        if start // DAY_MS != day:
            yield day, items
            day, items = start // DAY_MS, []
        if session.counts:
            items += [(parse_ms(item["timestamp"]), number, item) for item in session.items]
    yield day, items
