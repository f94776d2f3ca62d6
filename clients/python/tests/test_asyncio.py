"""The asyncio face: nothing waits, everything can be awaited."""

from __future__ import annotations

import asyncio
import time

from standin import MakeClient, StandIn


def test_calls_work_plain_awaited_and_as_tasks(make_client: MakeClient, server: StandIn) -> None:
    async def bot() -> bool:
        client = make_client()
        client.track_start_command(7)
        assert await client.track_user_message(7, "hello")
        task = asyncio.create_task(client.track_ai_message(7, "hi", persona_id="p1"))
        assert await task
        assert await asyncio.gather(client.track_chat_cleared(7), client.track("app_opened"))
        return await client.aflush()

    assert asyncio.run(bot())
    names = [item["event_name"] for item in server.items("bot")]
    assert names == ["start_command", "user_message", "ai_message", "chat_cleared"]


def test_the_loop_runs_on_while_the_server_does_not_answer(
    make_client: MakeClient, server: StandIn
) -> None:
    server.faults.append("slow")

    async def ticks_during_flush() -> int:
        async with make_client() as client:
            client.track("app_opened")
            flushing = asyncio.create_task(client.aflush())
            ticks = 0
            while not flushing.done():
                await asyncio.sleep(0.05)
                ticks += 1
            return ticks

    assert asyncio.run(ticks_during_flush()) > 10


def test_a_task_nobody_awaited_is_reported_and_the_loop_still_told(
    make_client: MakeClient, server: StandIn
) -> None:
    client = make_client()
    told: list[str] = []

    async def program() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(str(context["exception"])))
        client.install_excepthook()
        client.install_excepthook()  # a second time changes nothing

        async def fails() -> None:
            raise ValueError("in a task")

        task = asyncio.create_task(fails())
        await asyncio.sleep(0.01)
        del task
        import gc

        gc.collect()
        await client.aflush()

    asyncio.run(program())
    client.uninstall_excepthook()
    (crash,) = server.items("crash")
    assert crash["crash_type"] == "unhandled_rejection"
    assert crash["error_message"] == "ValueError: in a task"
    assert told == ["in a task"]


def test_closing_waits_without_blocking(make_client: MakeClient, server: StandIn) -> None:
    async def program() -> float:
        client = make_client()
        client.track("app_opened")
        began = time.monotonic()
        assert await client.aclose()
        return time.monotonic() - began

    asyncio.run(program())
    assert len(server.items("event")) == 1
