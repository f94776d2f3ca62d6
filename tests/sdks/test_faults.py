"""A lost answer, no server, no database, a limit: nothing is counted twice, and which SDK sends again is
as docs/SDKS.md says. All SDKs go through each fault together, as most of it is waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from subprocess import TimeoutExpired

import pytest

from tests.sdks.conftest import LIMIT
from tests.sdks.sdks import (
    AWAY,
    LIMITED,
    LOST,
    SDKS,
    UNAVAILABLE,
    Process,
    Trial,
)

FAULTS = (LOST, AWAY, UNAVAILABLE, LIMITED)
QUIET = 6.0  # seconds, by which what was refused is sent again or never
PATIENCE = 65.0  # Retry-After of a limit is a minute at most


@pytest.fixture(scope="module")
def trials(start, lone_server) -> dict[str, Trial]:
    """Each SDK after all faults, and after its program has ended."""
    trials = [start(sdk) for sdk in SDKS]
    _lose_answers(trials)
    _go_away(trials)
    _take_the_database_away(trials, lone_server.port)
    _limit(trials)
    for trial in trials:
        if isinstance(trial.program, Process):
            with suppress(TimeoutExpired):
                trial.program.finish()
    return {trial.sdk.name: trial for trial in trials}


def _lose_answers(trials: list[Trial]) -> None:
    for trial in trials:
        trial.proxy.losing = LOST
        trial.probe(LOST)
    for trial in trials:
        times = 2 if LOST in trial.sdk.sends_again and not trial.sdk.waits_for_end else 1
        _wait_until(trial, partial(_has_sent, trial, times))
    time.sleep(QUIET)


def _go_away(trials: list[Trial]) -> None:
    for trial in trials:
        trial.proxy.go_away()
        trial.probe(AWAY)
    time.sleep(QUIET)
    for trial in trials:
        trial.look()
        trial.proxy.come_back()
    _wait(trials, AWAY)


def _take_the_database_away(trials: list[Trial], lone_port: int) -> None:
    own_port = trials[0].proxy.server_port
    for trial in trials:
        trial.proxy.server_port = lone_port
        trial.probe(UNAVAILABLE)
    for trial in trials:
        _until_refused(trial)
        trial.proxy.server_port = own_port
    time.sleep(QUIET)  # Retry-After of a 503 is 5
    _wait(trials, UNAVAILABLE)


def _limit(trials: list[Trial]) -> None:
    """Each sender has spent what it may send in a minute. Then it is another sender, so that nobody who
    does not heed Retry-After has to wait for the end of that minute."""
    for trial in trials:
        for _ in range(LIMIT):
            trial.proxy.forward("POST", "/track", {}, b"{}")
        trial.probe(LIMITED)
    for trial in trials:
        _until_refused(trial)
    time.sleep(2 * QUIET)
    for trial in trials:
        trial.proxy.move()
    _wait(trials, LIMITED)


def _has_sent(trial: Trial, times: int) -> bool:
    return len(trial.proxy.sent()) >= times


def _until_refused(trial: Trial) -> None:
    """With a 429 or 503: posthog-js gets the latter for both. Those that keep what they have until they
    end are not waited for."""
    if not trial.sdk.waits_for_end:
        _wait_until(trial, lambda: trial.proxy.statuses()[-1] in (429, 503))


def _wait(trials: list[Trial], fault: str) -> None:
    for trial in trials:
        if fault in trial.sdk.sends_again and not trial.sdk.waits_for_end:
            _wait_until(trial, partial(trial.arrived, fault))


def _wait_until(trial: Trial, is_so: Callable[[], object]) -> None:
    """Or until it is too late, which the tests of that SDK will tell, and no other's."""
    with suppress(AssertionError):
        trial.until(is_so, "it", PATIENCE)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", [sdk.name for sdk in SDKS])
def test_each_counts_once_or_is_lost_as_its_sdk_does(trials, name, fault):
    trial = trials[name]
    is_kept = fault == LOST or fault in trial.sdk.sends_again
    if fault == LOST and not trial.sdk.is_page:  # Chromium may send it again by itself
        times = len([each for each in trial.proxy.sent() if LOST in each.text])
        assert (times > 1) == (LOST in trial.sdk.sends_again), trial.proxy.told()
    assert trial.arrived(fault) == (1 if is_kept else 0), trial.proxy.told()
