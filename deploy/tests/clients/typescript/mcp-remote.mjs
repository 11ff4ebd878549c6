// mcp-remote, which makes a server on standard input and output of one that is elsewhere, driven by
// the SDK of the first generation. Its arguments are those of docs/mcp.md: it fills in the variable
// itself, so that no token stands among them.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { fileURLToPath } from "node:url";
import { pair, refusals, session, token, url, version } from "./scenario.mjs";

const name = `mcp-remote ${version("mcp-remote")}`;
const bridge = fileURLToPath(new URL("node_modules/mcp-remote/dist/proxy.js", import.meta.url));

function start(held, strategy) {
  const args = [bridge, new URL("/mcp", url).href, "--allow-http", "--transport", strategy];
  const env = {}; // the client adds PATH and HOME, in which mcp-remote keeps what it has to
  if (held !== undefined) {
    args.push("--header", "Authorization: Bearer ${TONL_AUTH_TOKEN}");
    env.TONL_AUTH_TOKEN = held;
  }
  return new StdioClientTransport({ command: process.execPath, args, env, stderr: "pipe" });
}

const client = () => new Client({ name: "mcp-remote", version: "1" });

/** It says much, and why it gives up; its client only hears that the connection is closed. */
async function connect(transport) {
  let said = "";
  transport.stderr.on("data", (piece) => (said += piece));
  try {
    await client().connect(transport);
  } catch {
    throw new Error(said);
  }
}

// Whoever is refused without a token is sent for one by OAuth, which the server does not have.
const REFUSALS = [
  ["without a token", undefined, /Dynamic Client Registration rejected \(HTTP 404\)/],
  ["with a wrong token", "wrong", /\b403\b|Invalid token/],
];

for (const [transport, strategy] of [
  ["streamable http", "http-only"],
  ["sse", "sse-only"],
]) {
  await pair(`${name}, ${transport}`, (steps) => {
    const hears = (said) => {
      steps.same(null, /.*\b(warn|warning|error|fail|failed)\b.*/i.exec(said));
      steps.same(false, said.includes(token));
    };
    return session(steps, client(), start(token, strategy), { hears });
  });
  await refusals(`${name}, ${transport}`, (held) => connect(start(held, strategy)), REFUSALS);
}
process.exit();
