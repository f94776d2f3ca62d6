"""How a subject of a rule goes from ok over pending and firing to resolved. Pure: it has no clock and no
database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

Name = Literal["ok", "pending", "firing", "resolved"]
UNTIL_RESOLVED = datetime(9999, 1, 1, tzinfo=UTC)  # a snooze without an end of its own


@dataclass(frozen=True)
class State:
    """is_told: whether the firing has been said. snoozed_until: UNTIL_RESOLVED is until it is over."""

    name: Name
    since: datetime
    is_told: bool = False
    snoozed_until: datetime | None = None

    def is_snoozed(self, now: datetime) -> bool:
        return self.snoozed_until is not None and self.snoozed_until > now


@dataclass(frozen=True)
class Reading:
    """What a rule sees of one subject. is_bad: past its threshold. is_clear: back past the threshold of
    its end, which a number between both is not. Never both. normal: what the value usually is, None
    where nothing is known. text: one sentence. link: a path of the dashboard."""

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
    goes on. Its end is said where its beginning was, unless it is snoozed."""
    moved = _moved(state, reading, for_minutes, now)
    is_snoozed = moved.is_snoozed(now)
    if moved.name == "firing" and not moved.is_told and not is_snoozed:
        return Step(replace(moved, is_told=True), "firing")
    if moved.name == "resolved" and state.name == "firing":
        says: Literal["resolved"] | None = "resolved" if moved.is_told and not is_snoozed else None
        until_resolved = moved.snoozed_until == UNTIL_RESOLVED
        snoozed = moved.snoozed_until if is_snoozed and not until_resolved else None
        return Step(replace(moved, is_told=False, snoozed_until=snoozed), says)
    return Step(moved)


def _moved(state: State, reading: Reading, for_minutes: int, now: datetime) -> State:
    """since: of a firing, when it began to be bad."""
    if state.name == "firing":
        return replace(state, name="resolved", since=now) if reading.is_clear else state
    if not reading.is_bad:
        return replace(state, name="ok", since=now) if state.name == "pending" else state
    began = state.since if state.name == "pending" else now
    if now - began >= timedelta(minutes=for_minutes):
        return replace(state, name="firing", since=began, is_told=False)
    return replace(state, name="pending", since=began)
