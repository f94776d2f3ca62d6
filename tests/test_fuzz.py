"""Hostile input, a seeded cut of it: `make fuzz` has a hundred thousand, guided by coverage."""

from __future__ import annotations

import time
from random import Random

import pytest

from fuzz import readback
from fuzz.mutate import mutate
from fuzz.seeds import requests
from fuzz.wire import Hung, play, statuses, watchdog

INPUTS = 600


def test_every_seed_is_a_request_that_works(app):
    """Else the mutations of a bad one would test the refusal and nothing behind it."""
    for data in requests():
        answer = play(app, data)
        status = answer.status
        assert status in (200, 302, 404), (data, answer.body)
        assert b'"rejected":[{' not in answer.body, answer.body
        if status == 404:
            assert data.split()[1].startswith((b"/images", b"/static", b"/users")), data


def test_hostile_requests_are_never_a_5xx_and_what_they_store_can_be_read(app):
    random, seeds = Random(7), requests()
    inputs = (mutate(random.choice(seeds), random, random.choice(seeds)) for _ in range(INPUTS))
    seen = statuses(app, inputs)
    assert seen[200] > INPUTS / 10, "the mutations break everything: they test one refusal only"
    assert seen[400] > INPUTS / 10, "the mutations break nothing"
    assert readback.everything(app) > 0


def test_the_watchdog_bites():
    with pytest.raises(Hung), watchdog(1):
        time.sleep(20)
