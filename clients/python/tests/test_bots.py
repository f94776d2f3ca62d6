"""Errors in handlers of aiogram and python-telegram-bot, by the shapes of their calls.

`make packages` runs the same with the frameworks themselves (use_bots.py).
"""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from standin import StandIn

from stories_analytics import AsyncClient, StoriesAiogram, StoriesTelegram


def test_what_an_aiogram_handler_raises_is_reported_and_raised_on(
    client: AsyncClient, server: StandIn
) -> None:
    async def fails(event: Any, data: dict[str, Any]) -> None:
        raise ValueError("in a handler")

    async def answers(event: Any, data: dict[str, Any]) -> str:
        return "handled"

    class SkipHandler(Exception):
        pass

    async def skips(event: Any, data: dict[str, Any]) -> None:
        raise SkipHandler

    update = SimpleNamespace(event_type="message")
    middleware = StoriesAiogram(client)
    with pytest.raises(ValueError, match="in a handler"):
        asyncio.run(middleware(fails, update, {}))
    with pytest.raises(SkipHandler):
        asyncio.run(middleware(skips, update, {}))
    assert asyncio.run(middleware(answers, update, {})) == "handled"
    assert client.flush()
    (crash,) = server.items("crash")
    assert crash["error_message"] == "ValueError: in a handler"
    assert crash["context"] == {"framework": "aiogram", "update": "message"}


@pytest.mark.parametrize("others", [0, 1])
def test_what_a_telegram_handler_raises_is_reported_and_not_hidden_from_the_log(
    client: AsyncClient, server: StandIn, caplog: pytest.LogCaptureFixture, others: int
) -> None:
    handler = StoriesTelegram(client)
    handlers: dict[Any, bool] = {handler: True, **{number: True for number in range(others)}}
    context = SimpleNamespace(
        error=ValueError("in a handler"), application=SimpleNamespace(error_handlers=handlers)
    )
    with caplog.at_level(logging.ERROR):
        asyncio.run(handler(SimpleNamespace(), context))
    assert client.flush()
    (crash,) = server.items("crash")
    assert crash["error_message"] == "ValueError: in a handler"
    logged = [record for record in caplog.records if record.name == "telegram.ext.Application"]
    assert len(logged) == (0 if others else 1)
