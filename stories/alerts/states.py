"""How a subject of a rule goes from ok over pending and firing to resolved. Pure: it has no clock and no
database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

Name = Literal["ok", "pending", "firing", "resolved"]


@dataclass(frozen=True)
class State:
    """is_told: whether the firing has been said. snoozed_until: datetime.max is until it is resolved."""

    name: Name
    since: datetime
    is_told: bool = False
    snoozed_until: datetime | None = None

    def is_snoozed(self, now: datetime) -> bool:
        return self.snoozed_until is not None and self.snoozed_until > now


@dataclass(frozen=True)
class Reading:
    """What a rule sees of one subject. is_bad: past its threshold. is_clear: back past the threshold of
    its end, which a number between both is not. normal: what the value usually is, None where nothing is
    known. text: one sentence. link: a path of the dashboard."""

    subject: str
    is_bad: bool
    is_clear: bool
    text: str
    link: str
    value: float | None = None
    normal: float | None = None


@dataclass(frozen=True)
class Step:
    """The state after a reading. says: what is to be sent now, if anything."""

    state: State
    says: Literal["firing", "resolved"] | None = None


def step(state: State, reading: Reading, for_minutes: int, now: datetime) -> Step:
    """One reading further. A firing is said once: when it begins, or when its snooze ends and it still
    goes on. Its end is said where its beginning was."""
    state = _moved(state, reading, for_minutes, now)
    if state.name == "firing" and not state.is_told and not state.is_snoozed(now):
        return Step(replace(state, is_told=True), "firing")
    if state.name == "resolved" and (state.is_told or state.snoozed_until is not None):
        says: Literal["resolved"] | None = (
            "resolved" if state.is_told and not state.is_snoozed(now) else None
        )
        until_resolved = state.snoozed_until == datetime.max.replace(tzinfo=now.tzinfo)
        snoozed = None if until_resolved or not state.is_snoozed(now) else state.snoozed_until
        return Step(replace(state, is_told=False, snoozed_until=snoozed), says)
    return Step(state)


def _moved(state: State, reading: Reading, for_minutes: int, now: datetime) -> State:
    if state.name == "firing":
        return replace(state, name="resolved", since=now) if reading.is_clear else state
    if not reading.is_bad:
        return state if state.name in ("ok", "resolved") else replace(state, name="ok", since=now)
    began = state.since if state.name == "pending" else now
    if now - began >= timedelta(minutes=for_minutes):
        return replace(state, name="firing", since=now, is_told=False)
    return replace(state, name="pending", since=began)
