"""The official SDK of the second generation, which speaks both eras."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any

import httpx2
import mcp
from mcp import StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import PromptReference

from scenario import NEWEST, OLDER, STDIO, TOKEN, URL, WAYS, Client, headers, local, note, pair, refusals, run, session

NAME = f"python-sdk {version('mcp')}"


@asynccontextmanager
async def connected(streams: Any, mode: str) -> AsyncIterator[Client]:
    async with mcp.Client(streams, mode=mode) as it:
        yield Client(
            server=it.server_info,
            instructions=it.instructions,
            version=it.protocol_version,
            list_tools=it.list_tools,
            list_prompts=it.list_prompts,
            list_resources=it.list_resources,
            list_templates=it.list_resource_templates,
            call_tool=it.call_tool,
            read_resource=it.read_resource,
            get_prompt=it.get_prompt,
            complete=lambda name, argument: it.complete(PromptReference(type="ref/prompt", name=name), argument),
            ping=it.session.send_ping,
            has_asked=mode != NEWEST,
        )


@asynccontextmanager
async def http(token: str | None, mode: str) -> AsyncIterator[Client]:
    hooks = {"response": [note]}
    async with httpx2.AsyncClient(headers=headers(token), timeout=30, event_hooks=hooks) as client:
        async with connected(streamable_http_client(f"{URL}/mcp", http_client=client), mode) as it:
            yield it


def sse(path: str) -> Any:
    return lambda token, mode: connected(sse_client(f"{URL}{path}", headers=headers(token)), mode)


async def main() -> None:
    for way, mode, era in WAYS:

        def program(arguments: list[str], said: Any) -> AbstractAsyncContextManager[Client]:
            return connected(stdio_client(StdioServerParameters(command=STDIO, args=arguments), errlog=said), mode)

        await pair(f"{NAME}, stdio, {way}", lambda steps: local(steps, program, era))
    for transport, connect, ways in (
        ("streamable http", http, WAYS),
        ("sse", sse("/sse"), OLDER),
        ("sse at /mcp", sse("/mcp"), OLDER),
    ):
        for way, mode, era in ways:
            whole = f"{NAME}, {transport}, {way}"
            await pair(whole, lambda steps: session(steps, lambda: connect(TOKEN, mode), era))
            await refusals(whole, lambda token: connect(token, mode))


run(main)
