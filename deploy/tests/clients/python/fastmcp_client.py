"""fastmcp, whose client stands on the SDK of the second generation and speaks both eras like it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any

import fastmcp
import httpx2
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport
from mcp.types import PromptReference

from scenario import NEWEST, OLDER, STDIO, TOKEN, URL, WAYS, Client, local, note, pair, refusals, run, session

NAME = f"fastmcp {version('fastmcp')}"


@asynccontextmanager
async def connected(transport: Any, mode: str) -> AsyncIterator[Client]:
    async with fastmcp.Client(transport, mode=mode) as it:
        yield Client(
            server=it.server_info,
            instructions=it.instructions,
            version=it.protocol_version,
            list_tools=it.list_tools_mcp,
            list_prompts=it.list_prompts_mcp,
            list_resources=it.list_resources_mcp,
            list_templates=it.list_resource_templates_mcp,
            call_tool=it.call_tool_mcp,
            read_resource=it.read_resource_mcp,
            get_prompt=it.get_prompt_mcp,
            complete=lambda name, argument: it.complete_mcp(PromptReference(type="ref/prompt", name=name), argument),
            ping=it.ping,
            has_asked=mode != NEWEST,
        )


def noting(**options: Any) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(event_hooks={"response": [note]}, **options)


async def main() -> None:
    for way, mode, era in WAYS:

        def program(arguments: list[str], said: Any) -> AbstractAsyncContextManager[Client]:
            return connected(StdioTransport(STDIO, arguments, keep_alive=False, log_file=said), mode)

        await pair(f"{NAME}, stdio, {way}", lambda steps: local(steps, program, era))
    for transport, kind, path, ways in (
        ("streamable http", StreamableHttpTransport, "/mcp", WAYS),
        ("sse", SSETransport, "/sse", OLDER),
        ("sse at /mcp", SSETransport, "/mcp", OLDER),
    ):
        for way, mode, era in ways:
            whole = f"{NAME}, {transport}, {way}"

            def connect(token: str | None) -> AbstractAsyncContextManager[Client]:
                return connected(kind(f"{URL}{path}", auth=token, httpx_client_factory=noting), mode)

            await pair(whole, lambda steps: session(steps, lambda: connect(TOKEN), era))
            await refusals(whole, connect)


run(main)
