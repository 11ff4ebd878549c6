// The official SDK of the first generation: the era with `initialize`, on all three transports.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { bearer, local, pair, refusals, session, token, url, version } from "./scenario.mjs";

const sdk = version("@modelcontextprotocol/sdk");
const name = `typescript-sdk ${sdk}`;
const client = () => new Client({ name: "typescript-sdk", version: sdk });

await pair(`${name}, stdio`, (steps) => local(steps, client(), StdioClientTransport));
for (const [transport, Transport, path] of [
  ["streamable http", StreamableHTTPClientTransport, "/mcp"],
  ["sse", SSEClientTransport, "/sse"],
  ["sse at /mcp", SSEClientTransport, "/mcp"],
]) {
  const open = (held) => new Transport(new URL(path, url), { requestInit: { headers: bearer(held) } });
  await pair(`${name}, ${transport}`, (steps) => session(steps, client(), open(token)));
  await refusals(`${name}, ${transport}`, (held) => client().connect(open(held)));
}
process.exit();
