// The official SDK of the second generation, which speaks both eras.
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { BEFORE, NEWEST, bearer, local, pair, refusals, session, token, url, version } from "./scenario.mjs";

const sdk = version("@modelcontextprotocol/client");
const name = `typescript-sdk ${sdk}`;
const client = (mode) => new Client({ name: "typescript-sdk", version: sdk }, { versionNegotiation: { mode } });

/** The ways to an era, and the one that each must come to with a server that speaks both. */
const WAYS = [
  ["initialize", "legacy", BEFORE],
  ["discover", "auto", NEWEST],
  ["pinned", { pin: NEWEST.version }, NEWEST],
];
/** The older transport is of the era with `initialize`. */
const OLDER = [["initialize", "legacy", BEFORE]];

for (const [way, mode, era] of WAYS) {
  await pair(`${name}, stdio, ${way}`, (steps) => local(steps, client(mode), StdioClientTransport, era));
}
for (const [transport, Transport, path, ways] of [
  ["streamable http", StreamableHTTPClientTransport, "/mcp", WAYS],
  ["sse", SSEClientTransport, "/sse", OLDER],
  ["sse at /mcp", SSEClientTransport, "/mcp", OLDER],
]) {
  const open = (held) => new Transport(new URL(path, url), { requestInit: { headers: bearer(held) } });
  for (const [way, mode, era] of ways) {
    const whole = `${name}, ${transport}, ${way}`;
    await pair(whole, (steps) => session(steps, client(mode), open(token), { era }));
    await refusals(whole, (held) => client(mode).connect(open(held)));
  }
}
process.exit();
