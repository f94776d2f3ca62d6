"""Crash reports from bots' frameworks, which catch what a handler raises before any hook sees it.

Neither framework is imported here: only the shapes of their calls are used.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any, Callable

from ._calls import quiet
from .client import Client

Handler = Callable[[Any, dict[str, Any]], Awaitable[Any]]
_CONTROL_FLOW = ("SkipHandler", "CancelHandler")  # aiogram's way to say "not me"


class StoriesAiogram:
    """For aiogram 3: `dispatcher.update.outer_middleware(StoriesAiogram(client))`.

    What a handler raises is reported and raised on, to the error handlers that are there.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def __call__(self, handler: Handler, event: Any, data: dict[str, Any]) -> Any:
        try:
            return await handler(event, data)
        except Exception as error:
            if type(error).__name__ not in _CONTROL_FLOW:
                self._report(error, event)
            raise

    @quiet
    def _report(self, error: Exception, event: Any) -> None:
        kind = getattr(event, "event_type", None)
        context = {"framework": "aiogram", "update": kind if isinstance(kind, str) else None}
        self._client.report_crash(error, context=context)


class StoriesTelegram:
    """For python-telegram-bot 20 and later.

    `application.add_error_handler(StoriesTelegram(client))`
    Add it before handlers that raise ApplicationHandlerStop: they end the chain.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def __call__(self, update: Any, context: Any) -> None:
        error = getattr(context, "error", None)
        self._report(error, update)
        handlers = getattr(getattr(context, "application", None), "error_handlers", None) or {}
        if len(handlers) == 1:  # without any handler the framework would have logged it
            log = logging.getLogger("telegram.ext.Application")
            log.error("An exception was raised while an update was processed", exc_info=error)

    @quiet
    def _report(self, error: Any, update: Any) -> None:
        context = {"framework": "python-telegram-bot", "update": type(update).__name__}
        self._client.report_crash(error, context=context)
