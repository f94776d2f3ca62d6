"""How far a person, or a session, comes through the steps of a funnel, by one walk over their events.

For each step is kept the latest start of a chain that reaches it: a later start leaves more of the
window, so nothing is lost by forgetting earlier ones. The walk ends with the last step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations
from struct import Struct
from typing import NamedTuple

MAX_STEPS = 8
OTHER = 11  # the place of a value that is none of the ten
_TIME, _RANK, _PLACE = 12, 4, 15  # bits of a code, as sql/reports/funnel_codes.sql makes it


class Chain(NamedTuple):
    """microseconds: of each step that was reached, how long after the start it was first reached. place:
    of the start's value among the funnel's values. at: when the furthest step was first reached, in
    microseconds."""

    microseconds: list[int]
    place: int
    at: int

    @property
    def length(self) -> int:
        return len(self.microseconds)


class Walk:
    """Through a funnel of so many steps. in_order: or in any, where an event counts for each step that
    it is. window: microseconds from the first to the last; None: any."""

    def __init__(self, length: int, in_order: bool, window: int | None) -> None:
        self._length, self._in_order = length, in_order
        self._window = (1 << 62) if window is None else window
        # By rank; none has rank 0, the mark between two sessions. The highest step of an event comes
        # first, so that in order it is one step further, not two.
        self._steps: list[tuple[int, ...]] = [(), *(each[::-1] for each in _sets(length))]

    def chains(self, codes: bytes, has_marks: bool) -> list[Chain]:
        """codes: big-endian, in no order. has_marks: they are of several sessions, each of which starts
        with an event of no step."""
        if len(codes) == 8:  # a third of all sessions have one event, and nothing to walk
            return self._of_one(*_layout(1).unpack(codes))
        events = sorted(_layout(len(codes) // 8).unpack(codes))
        walk = self._in_turn if self._in_order else self._in_any_order
        if not has_marks:  # most often
            chain = walk(events)
            return [] if chain is None else [chain]
        chains = [walk(each) for each in _split(events)]
        return [chain for chain in chains if chain is not None]

    def _of_one(self, code: int) -> list[Chain]:
        """What the walk would say of a single event."""
        steps = self._steps[(code >> _RANK) & 255]
        if 0 not in steps:
            return []
        if self._in_order or len(steps) == 1:
            return [Chain([0], code & _PLACE, code >> _TIME)]
        return [chain] if (chain := self._in_any_order([code])) is not None else []

    def _in_turn(self, codes: Sequence[int]) -> Chain | None:
        steps, last, window = self._steps, self._length - 1, self._window
        starts: list[int | None] = [None] * self._length
        reached: list[int] = []
        furthest, at = 0, 0
        for code in codes:
            for step in steps[(code >> _RANK) & 255]:
                if step == 0:
                    starts[0] = code
                    if not reached:
                        reached.append(0)
                        furthest = at = code
                    continue
                begun = starts[step - 1]
                if begun is None:
                    continue
                taken = (code >> _TIME) - (begun >> _TIME)
                if taken > window:
                    continue
                starts[step] = begun
                if step == len(reached):
                    reached.append(taken)
                    furthest, at = begun, code
                    if step == last:
                        return Chain(reached, begun & _PLACE, code >> _TIME)
        return Chain(reached, furthest & _PLACE, at >> _TIME) if reached else None

    def _in_any_order(self, codes: Sequence[int]) -> Chain | None:
        latest: list[int | None] = [None] * self._length
        reached: list[int] = []
        furthest, at = 0, 0
        for code in codes:
            for step in self._steps[(code >> _RANK) & 255]:
                latest[step] = code
            while len(reached) < self._length:
                needed = latest[: len(reached) + 1]
                held = [each for each in needed if each is not None]
                if len(held) < len(needed):
                    break
                begun = min(held)
                if (code >> _TIME) - (begun >> _TIME) > self._window:
                    break
                reached.append((code >> _TIME) - (begun >> _TIME))
                furthest, at = begun, code
            if len(reached) == self._length:
                break
        return Chain(reached, furthest & _PLACE, at >> _TIME) if reached else None


def ranks(length: int) -> list[int]:
    """By the bits of a set of steps, less one: its place in the order in which events of one moment are
    taken, from 1. It is the order of the steps: which event was first is not known."""
    places = {sum(1 << step for step in each): rank for rank, each in enumerate(_sets(length), 1)}
    return [places[bits] for bits in range(1, 1 << length)]


@lru_cache(maxsize=1000)
def _layout(events: int) -> Struct:
    return Struct(f">{events}q")


def _sets(length: int) -> list[tuple[int, ...]]:
    """All sets of steps but the empty one."""
    sizes = range(1, length + 1)
    return sorted(each for size in sizes for each in combinations(range(length), size))


def _split(ordered: Iterable[int]) -> list[list[int]]:
    """The sessions of one person."""
    pieces: list[list[int]] = [[]]
    for code in ordered:
        if (code >> _RANK) & 255:
            pieces[-1].append(code)
        else:
            pieces.append([])
    return [piece for piece in pieces if piece]
