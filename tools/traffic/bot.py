"""Conversations with the Telegram bot, shaped as the items of POST /api/bot/events.

All eleven events of docs/COMPATIBILITY.md; messages and prompts are made up here and say
nothing about anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tools.traffic.desktop import Payload, Timed, by_time
from tools.traffic.parameters import Parameters
from tools.traffic.people import Person, population, uuid4, walk
from tools.traffic.times import iso

PERSONAS = (
    ("p-aria", "Aria"), ("p-kai", "Kai"), ("p-luna", "Luna"), ("p-max", "Max"),
    ("p-nova", "Nova"), ("p-ravi", "Ravi"), ("p-sol", "Sol"), ("p-yuki", "Yuki"),
)  # fmt: skip
_STORIES = ("lighthouse", "night-train", "market-day", "first-snow")
_ASKED = (
    "Hello! What are we doing today?", "Tell me more about the lighthouse.", "¿Qué ves ahora?",
    "Can you draw that for me?", "haha ok 😀 and then?", "Wie geht die Geschichte weiter?",
    "=SUM(1,2) looks odd in my notes", "Let's go back to the harbour.",
)  # fmt: skip
_ANSWERED = (
    "The fog is lifting and the harbour comes into view.", "I would love to. Close your eyes…",
    "It smells of salt and fresh bread here.", "Then the bell rings, three times.",
)  # fmt: skip
_PROMPTS = (
    "a lighthouse at dawn, watercolor", "an old night train, film grain", "market in the rain, wide",
)  # fmt: skip
_PREMIUM = ("viewed_offer", "started_checkout", "subscribed", "cancelled")
_COMMANDS = ("/help", "/settings", "/language", "/gallery")


class _Conversation:
    def __init__(self, person: Person, rng: Random, out: list[Timed]) -> None:
        self.person, self.rng, self.out = person, rng, out
        self.ms = 0
        favourite = person.key % len(PERSONAS)
        # Everybody has a favourite; popularity falls with the place in the list.
        drawn = int(rng.random() ** 2 * len(PERSONAS))
        self.persona = PERSONAS[favourite if rng.random() < 0.5 else drawn]

    def event(self, name: str, persona: bool = True, **fields: object) -> None:
        payload: Payload = {
            "client_id": str(100_000_000 + self.person.key % 900_000_000),
            "event_name": name,
            "created_at": iso(self.ms),
            **fields,
        }
        if persona:
            payload["persona_id"], payload["persona_name"] = self.persona
        if self.person.index % 4:
            payload["id"] = uuid4(self.rng.getrandbits(128))
        self.out.append((self.ms, self.person.index, payload))
        self.ms += 1_000 + int(self.rng.expovariate(1 / 20_000))

    def talk(self, start: int, first_ever: bool) -> None:
        rng = self.rng
        self.ms = start
        if first_ever or rng.random() < 0.2:
            self.event(
                "start_command", persona=False, meta={"source": rng.choice(("link", "search"))}
            )
            self.event("persona_selected")
            if rng.random() < 0.5:
                self.event("story_selected", meta={"story_id": rng.choice(_STORIES)})
        else:
            self.event("chat_continued")
        while rng.random() < 0.82:
            self.turn()
        if rng.random() < 0.08:
            self.event("chat_cleared")
        if rng.random() < 0.04:
            self.event("premium_action", persona=False, meta={"action": rng.choice(_PREMIUM)})
        if rng.random() < 0.06:
            self.event("command", persona=False, meta={"command": rng.choice(_COMMANDS)})

    def turn(self) -> None:
        rng = self.rng
        self.event("user_message", message=rng.choice(_ASKED))
        self.event("ai_message", message=rng.choice(_ANSWERED), meta={"model": "brain-2"})
        if rng.random() < 0.12:
            self.image("image_generated")
            if rng.random() < 0.2:
                self.image("image_refresh")

    def image(self, name: str) -> None:
        rng = self.rng
        self.event(
            name,
            prompt=rng.choice(_PROMPTS),
            negative_prompt="blurry, text",
            image_url=f"https://images.example/{rng.getrandbits(64):016x}.png",
            meta={"seed": rng.getrandbits(31), "seconds": round(2 + rng.expovariate(0.3), 2)},
        )


def _one_day(person: Person, day: int, rng: Random) -> list[Timed]:
    rng.seed(person.key + day)
    out: list[Timed] = []
    for number, start in enumerate(person.session_starts(rng, day, 1.3)):
        conversation = _Conversation(person, rng, out)
        begin = max(start, person.busy_until + 60_000)
        conversation.talk(begin, first_ever=number == 0 and day == person.arrival)
        person.busy_until = conversation.ms
    return out


def bot_events(parameters: Parameters) -> Iterator[Payload]:
    """Items of POST /api/bot/events, by time."""
    rng = Random()
    days = (
        (day, [item for person in active for item in _one_day(person, day, rng)])
        for day, active in walk(population(parameters), parameters)
    )
    yield from by_time(days, parameters.now_ms)
