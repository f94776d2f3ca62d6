"""aiogram and python-telegram-bot themselves: what a handler raises becomes a crash report."""

from __future__ import annotations

import asyncio
import datetime
import logging
import sys
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.types import Chat, Message, Update
from telegram import Update as TelegramUpdate
from telegram.ext import ApplicationBuilder, TypeHandler

from stories_analytics import Client, StoriesAiogram, StoriesTelegram

sys.path.append(str(Path(__file__).parents[1]))
from standin import StandIn

TOKEN = "123456:abcdefghijklmnopqrstuvwxyzABCDEFGHI"


async def run_aiogram(client: Client) -> None:
    dispatcher = Dispatcher()
    swallowed: list[Any] = []

    @dispatcher.message()
    async def fail(message: Message) -> None:
        raise ValueError("in an aiogram handler")

    @dispatcher.error()
    async def swallow(event: Any) -> bool:
        swallowed.append(event.exception)
        return True

    dispatcher.update.outer_middleware(StoriesAiogram(client))
    bot = Bot(TOKEN)
    now = datetime.datetime.now(datetime.timezone.utc)
    message = Message(message_id=1, date=now, chat=Chat(id=1, type="private"), text="hi")
    await dispatcher.feed_update(bot, Update(update_id=1, message=message))
    await bot.session.close()
    assert [str(error) for error in swallowed] == ["in an aiogram handler"]


async def run_telegram(client: Client) -> None:
    application = ApplicationBuilder().token(TOKEN).updater(None).build()

    async def fail(update: Any, context: Any) -> None:
        raise LookupError("in a telegram handler")

    application.add_handler(TypeHandler(TelegramUpdate, fail))
    application.add_error_handler(StoriesTelegram(client))
    application._initialized = True  # initialize() would ask Telegram who the bot is
    await application.process_update(TelegramUpdate(update_id=1))


logging.disable()  # the frameworks log the errors that are raised here on purpose
server = StandIn().start()
client = Client(server.url, queue_path="queue")
asyncio.run(run_aiogram(client))
asyncio.run(run_telegram(client))
assert client.flush()
reports = sorted(
    (crash["error_message"], crash["context"]["framework"]) for crash in server.items("crash")
)
assert reports == [
    ("LookupError: in a telegram handler", "python-telegram-bot"),
    ("ValueError: in an aiogram handler", "aiogram"),
], reports
client.close()
server.stop()
print("both frameworks' errors became crash reports")
