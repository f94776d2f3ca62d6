"""Run by tests/web/test_mcp.py in a process of its own: the official client of the protocol lists the
tools of a server and calls them. Arguments: address, token, the calls as JSON; prints JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main(address: str, token: str, calls: list[tuple[str, dict[str, Any]]]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client(address, http_client=http)) as client,
    ):
        tools = await client.list_tools()
        answers = [await client.call_tool(name, arguments) for name, arguments in calls]
        print(
            json.dumps(
                {
                    "tools": [tool.name for tool in tools.tools],
                    "answers": [answer.structured_content for answer in answers],
                    "errors": [answer.is_error for answer in answers],
                }
            )
        )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])))
