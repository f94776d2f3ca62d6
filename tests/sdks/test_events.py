"""Each SDK's event arrives, once, by whatever coding; a wrong key is refused."""

from __future__ import annotations

import pytest

from tests.sdks.conftest import WRONG_KEY
from tests.sdks.sdks import SDKS, Sdk

CODINGS = [(sdk, coding) for sdk in SDKS for coding in sdk.codings]


def ids(value: object) -> str:
    return value.name if isinstance(value, Sdk) else str(value)


@pytest.mark.parametrize(("sdk", "coding"), CODINGS, ids=ids)
def test_what_it_sends_arrives(start, sdk, coding):
    trial = start(sdk, coding=coding)
    trial.probe("report opened")
    trial.until_sent()
    trial.until(lambda: trial.arrived("report opened"))
    exchanges = [each for each in trial.proxy.sent() if each.method == "POST"]
    assert {each.status for each in exchanges} == {200}
    if len(sdk.codings) > 1:
        assert coding in {each.coding for each in exchanges}


@pytest.mark.parametrize("sdk", SDKS, ids=ids)
def test_what_was_stored_is_known_when_it_is_sent_again(start, sdk):
    trial = start(sdk)
    trial.probe("sent twice")
    trial.until_sent()
    trial.until(lambda: trial.arrived("sent twice"))
    for exchange in trial.proxy.sent():
        again = trial.proxy.forward(exchange.method, exchange.path, exchange.headers, exchange.body)
        assert again.status == 200
    assert trial.arrived("sent twice") == 1


@pytest.mark.parametrize("sdk", SDKS, ids=ids)
def test_a_wrong_key_is_refused(start, sdk):
    trial = start(sdk, key=WRONG_KEY)
    trial.probe("nobody's")
    trial.until_sent()
    assert set(trial.proxy.statuses()) == {sdk.refused}
