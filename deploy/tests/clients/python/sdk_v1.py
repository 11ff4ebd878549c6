"""The official SDK of the first generation: the era with `initialize`, on all three transports."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any

import httpx
from mcp import ClientSession, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import PromptReference
from pydantic import AnyUrl

from scenario import STDIO, TOKEN, URL, Client, headers, local, pair, refusals, run, session

NAME = f"python-sdk {version('mcp')}"


@asynccontextmanager
async def connected(streams: AbstractAsyncContextManager[Any]) -> AsyncIterator[Client]:
    async with streams as (read, write, *_), ClientSession(read, write) as it:
        answer = await it.initialize()
        yield Client(
            server=answer.serverInfo,
            instructions=answer.instructions,
            version=answer.protocolVersion,
            list_tools=it.list_tools,
            list_prompts=it.list_prompts,
            list_resources=it.list_resources,
            list_templates=it.list_resource_templates,
            call_tool=it.call_tool,
            read_resource=lambda uri: it.read_resource(AnyUrl(uri)),
            get_prompt=it.get_prompt,
            complete=lambda name, argument: it.complete(PromptReference(type="ref/prompt", name=name), argument),
            ping=it.send_ping,
        )


def program(arguments: list[str], said: Any) -> AbstractAsyncContextManager[Client]:
    return connected(stdio_client(StdioServerParameters(command=STDIO, args=arguments), errlog=said))


@asynccontextmanager
async def http(token: str | None) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(headers=headers(token), timeout=30) as client:
        async with connected(streamable_http_client(f"{URL}/mcp", http_client=client)) as it:
            yield it


async def main() -> None:
    await pair(f"{NAME}, stdio", lambda steps: local(steps, program))
    for transport, connect in (
        ("streamable http", http),
        ("sse", lambda token: connected(sse_client(f"{URL}/sse", headers=headers(token)))),
        ("sse at /mcp", lambda token: connected(sse_client(f"{URL}/mcp", headers=headers(token)))),
    ):
        await pair(f"{NAME}, {transport}", lambda steps: session(steps, lambda: connect(TOKEN)))
        await refusals(f"{NAME}, {transport}", connect)


run(main)
