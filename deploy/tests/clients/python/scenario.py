"""What every client in Python does with the server, and what it must see: ../expected.json.

Results are looked at in the protocol's own names, whatever a generation of the SDK calls its fields.
"""

import json
import logging
import os
import pathlib
import re
import sys
import tempfile
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import anyio

EXPECTED = json.loads((pathlib.Path(__file__).parent.parent / "expected.json").read_text())

# What deploy/tests/clients.sh hands over: the program for standard input and output, a folder in
# which it leaves its exit codes, the address of the running server, and the server's token.
STDIO = os.environ["CLIENTS_STDIO"]
ENDS = pathlib.Path(os.environ["CLIENTS_ENDS"])
URL = os.environ["CLIENTS_URL"]
TOKEN = os.environ["TONL_AUTH_TOKEN"]

GREETING = "TONL MCP Server (stdio) started\n"
LONGEST = 40  # seconds for one client over one transport

BEFORE = "2025-11-25"  # the era with `initialize`, at its last revision; it has a ping
NEWEST = "2026-07-28"  # the era without

# The ways of an SDK of the second generation to an era, and the one that each must come to with a
# server that speaks both. "auto" asks with `server/discover`; told the version, it asks nothing.
WAYS = [("initialize", "legacy", BEFORE), ("discover", "auto", NEWEST), ("pinned", NEWEST, NEWEST)]
OLDER = [("initialize", "legacy", BEFORE)]  # the older transport is of the era with `initialize`

REFUSALS = [
    ("without a token", None, r"\b401\b|Missing Bearer token"),
    ("with a wrong token", "wrong", r"\b403\b|Invalid token"),
]


class Unexpected(Exception):
    """Something else than was expected."""


class Warnings(logging.Handler):
    """Keeps what is logged as a warning or worse: no client may have a reason for one."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []
        logging.captureWarnings(True)
        logging.getLogger().addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(f"{record.name}: {record.getMessage()}")

    def take(self) -> list[str]:
        found, self.found = self.found, []
        return found


class Steps:
    """The steps of a client over a transport; the one it is at names a failure."""

    def __init__(self) -> None:
        self.count = 0
        self.at = "connect"

    def begin(self, name: str) -> None:
        self.at = name
        self.count += 1

    def same(self, wanted: Any, found: Any) -> None:
        if wanted != found:
            raise Unexpected(f"expected {wanted!r}, found {found!r}")

    def begins(self, wanted: str, found: Any) -> None:
        if not (isinstance(found, str) and found.startswith(wanted)):
            raise Unexpected(f"expected a text that begins with {wanted!r}, found {found!r}")


@dataclass
class Client:
    """A connected client. Each call gives the result as the SDK has it."""

    server: Any
    instructions: str | None
    version: str | None
    list_tools: Callable[[], Awaitable[Any]]
    list_prompts: Callable[[], Awaitable[Any]]
    list_resources: Callable[[], Awaitable[Any]]
    list_templates: Callable[[], Awaitable[Any]]
    call_tool: Callable[[str, dict[str, Any]], Awaitable[Any]]
    read_resource: Callable[[str], Awaitable[Any]]
    get_prompt: Callable[[str], Awaitable[Any]]
    complete: Callable[[str, dict[str, str]], Awaitable[Any]]
    ping: Callable[[], Awaitable[Any]]
    has_asked: bool = True  # who the server is; a client that is told the version may not


Start = Callable[[list[str], Any], AbstractAsyncContextManager[Client]]
Connect = Callable[[], AbstractAsyncContextManager[Client]]
warnings = Warnings()
failed = False
# The statuses of answers that refuse, where a client is given `note` as a hook. The SDK of the second
# generation, and what stands on it, says "Server returned an error response" over Streamable HTTP,
# and keeps the reason to itself.
statuses: list[int] = []


async def note(response: Any) -> None:
    if response.status_code >= 400:
        statuses.append(response.status_code)


def wire(result: Any) -> dict[str, Any]:
    """A result as it came from the server."""
    return result.model_dump(by_alias=True, mode="json", exclude_none=True)


def headers(token: str | None) -> dict[str, str]:
    """The headers of a client that holds this token, or none."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}


async def pair(name: str, act: Callable[[Steps], Awaitable[None]]) -> None:
    """Runs a client over a transport and prints the line of this pair."""
    global failed
    steps = Steps()
    try:
        with anyio.fail_after(LONGEST):
            await act(steps)
        noun = "step" if steps.count == 1 else "steps"
        print(f"  {name}: ok, {steps.count} {noun}", flush=True)
    except Exception as error:
        failed = True
        words = "; ".join(words_of(error))
        print(f'  {name}: FAILED at "{steps.at}": {words}', flush=True)


def words_of(error: BaseException) -> list[str]:
    """What an error says, in one line; of a group of errors, what each of them says."""
    if isinstance(error, TimeoutError) and not str(error):
        return [f"expected an end within {LONGEST} s, found none"]
    parts = getattr(error, "exceptions", None)
    if parts is None:
        kind = "" if isinstance(error, Unexpected) else f"{type(error).__name__}: "
        return [kind + re.sub(r"\s*\n\s*", " ", str(error))]
    return [words for part in parts for words in words_of(part)]


async def session(steps: Steps, connect: Connect, version: str = BEFORE) -> None:
    """One client over one transport, from its connection to its end."""
    steps.begin("connect")
    async with connect() as client:
        steps.same(version, client.version)
        await converse(steps, client)
        if version == BEFORE:
            steps.begin("ping")
            if not await client.ping():
                raise Unexpected("expected an answer, found none")
        steps.begin("close")
    steps.same([], warnings.take())


async def local(steps: Steps, connect: Start, version: str = BEFORE) -> None:
    """One client that starts the server itself, on standard input and output."""
    end = ENDS / str(uuid.uuid4())
    with tempfile.TemporaryFile("w+") as said:
        await session(steps, lambda: connect([str(end)], said), version)
        said.seek(0)
        steps.same(GREETING, said.read())
    steps.begin("the server's end")
    steps.same("0\n", end.read_text())


async def converse(steps: Steps, client: Client) -> None:
    """Everything that is offered: who it is, the lists, the tools, a resource, a prompt, a completion."""
    if client.has_asked:
        steps.begin("who the server is")
        steps.same(EXPECTED["server"], client.server and client.server.name)
        steps.begin("instructions")
        steps.begins(EXPECTED["instructions"], client.instructions)
    await lists(steps, client)
    for call in EXPECTED["calls"]:
        steps.begin(call["step"])
        answer = wire(await client.call_tool(call["tool"], call["arguments"]))
        steps.same([{"type": "text", "text": call["text"]}], answer["content"])
        steps.same(call.get("structured"), answer.get("structuredContent"))
        steps.same(call.get("isError", False), answer.get("isError", False))
    await texts(steps, client)


async def lists(steps: Steps, client: Client) -> None:
    steps.begin("list tools")
    tools = wire(await client.list_tools())["tools"]
    steps.same(
        [(name, True, "object", "object") for name in EXPECTED["tools"]],
        [(it["name"], it["annotations"]["readOnlyHint"], it["inputSchema"]["type"], it["outputSchema"]["type"]) for it in tools],
    )
    steps.begin("list prompts")
    prompts = wire(await client.list_prompts())["prompts"]
    steps.same(EXPECTED["prompts"], [it["name"] for it in prompts])
    steps.begin("list resources")
    resources = wire(await client.list_resources())["resources"]
    steps.same(EXPECTED["resources"], [it["uri"] for it in resources])
    steps.begin("list templates")
    templates = wire(await client.list_templates())["resourceTemplates"]
    steps.same(EXPECTED["templates"], [it["uriTemplate"] for it in templates])


async def texts(steps: Steps, client: Client) -> None:
    resource, prompt, completion = (EXPECTED[name] for name in ("resource", "prompt", "completion"))
    steps.begin("read a resource")
    contents = wire(await client.read_resource(resource["uri"]))["contents"]
    steps.same([(resource["uri"], resource["type"])], [(it["uri"], it["mimeType"]) for it in contents])
    steps.begins(resource["begins"], contents[0]["text"])
    steps.begin("get a prompt")
    messages = wire(await client.get_prompt(prompt["name"]))["messages"]
    steps.same([prompt["role"]], [it["role"] for it in messages])
    steps.begins(prompt["begins"], messages[0]["content"]["text"])
    steps.begin("complete a model's name")
    argument = {"name": completion["argument"], "value": completion["typed"]}
    answer = wire(await client.complete(completion["prompt"], argument))
    steps.same(completion["values"], answer["completion"]["values"])


async def refusals(name: str, connect: Callable[[str | None], AbstractAsyncContextManager[Client]]) -> None:
    """Clients that nobody lets in see an error that says why."""

    async def refused(steps: Steps, held: str | None, words: str) -> None:
        steps.begin("connect")
        statuses.clear()
        try:
            async with connect(held) as client:
                await client.list_tools()
            seen = "a list of tools"
        except Exception as error:
            seen = "; ".join([*words_of(error), *(f"status {status}" for status in statuses)])
        warnings.take()  # a client may log what it raises
        if not re.search(words, seen):
            raise Unexpected(f"expected an error like {words!r}, found {seen!r}")

    for how, held, words in REFUSALS:
        await pair(f"{name}, {how}", lambda steps: refused(steps, held, words))


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Runs a client program, which fails if one of its pairs did."""
    anyio.run(main)
    sys.exit(1 if failed else 0)
