"""Fork and exit: both happen to the whole process, so both keep one list of clients."""

from __future__ import annotations

import atexit
import os
import time
from typing import Any, Protocol


class Participant(Protocol):
    """What a client does at these moments. None of it may raise."""

    flush_at_exit: float

    def before_fork(self) -> None: ...
    def after_fork_in_parent(self) -> None: ...
    def after_fork_in_child(self) -> None: ...
    def close(self, timeout: Any = None) -> Any: ...


# Strong references: the threads of a client that was forgotten keep working, so must its hooks.
_participants: list[Participant] = []


def join(participant: Participant) -> None:
    _participants.append(participant)


def leave(participant: Participant) -> None:
    if participant in _participants:
        _participants.remove(participant)


def _before() -> None:
    for participant in list(_participants):
        participant.before_fork()


def _parent() -> None:
    for participant in list(_participants):
        participant.after_fork_in_parent()


def _child() -> None:
    for participant in list(_participants):
        participant.after_fork_in_child()


def _at_exit() -> None:
    """Every client gets what is left of its own limit, counted from the same start."""
    started = time.monotonic()
    for participant in list(_participants):
        spent = time.monotonic() - started
        participant.close(max(0.1, participant.flush_at_exit - spent))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_parent, after_in_child=_child)
atexit.register(_at_exit)
