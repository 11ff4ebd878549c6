// The Inspector's command line: each method is a process of its own. Where the server is and the
// token stand in a file that only its owner can read, so that no token is an argument.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  BEFORE, GREETING, NEWEST, bearer, calls, expected, greets, lists, pair, refusals, stdio, texts, token, url, version,
} from "./scenario.mjs";

const name = `inspector ${version("@modelcontextprotocol/inspector")} --cli`;
const launcher = fileURLToPath(
  new URL("node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js", import.meta.url),
);
const { CLIENTS_ENDS: ends, HOME: home } = process.env;

/** What it says of where it keeps secrets. */
const STORE = /^\[mcp-inspector\] (Secrets are not written anywhere|How the secret store is chosen).*\n/gm;
/** What it says of schemas: unions and values of any type are valid, but not every client knows them. */
const SCHEMAS = /^Schema portability: 0 errors, \d+ warnings across \d+ tools\. Re-run with --strict for details\.\n/m;

/** The configuration of one server, as the file that the Inspector takes. */
function file(server) {
  const path = join(home, `${randomUUID()}.json`);
  writeFileSync(path, JSON.stringify({ mcpServers: { tonl: server } }), { mode: 0o600 });
  return path;
}

/** Looks like a client of the SDK, as far as the Inspector can do what one does. */
class Inspector {
  constructor(server, era = BEFORE) {
    this.configuration = server;
    this.file = file(server);
    this.era = era;
    this.runs = 0;
    this.greeting = server.type === "stdio" ? GREETING : "";
  }

  /** Runs one method. What it says beside the answer is an error. */
  async run(method, ...options) {
    this.runs += 1;
    const given = ["--cli", "--config", this.file, "--server", "tonl", "--protocol-era", this.era.era];
    const all = [launcher, ...given, "--format", "json", "--stored-auth-only", "--method", method, ...options];
    const { code, out, said } = await new Promise((resolve) =>
      execFile(process.execPath, all, { maxBuffer: 1 << 24, timeout: 20_000 }, (error, out, said) =>
        resolve({ code: error ? error.code : 0, out, said }),
      ),
    );
    const words = said.replace(STORE, "").replace(SCHEMAS, "").replace(this.greeting, "").trim();
    if (out === "") {
      throw new Error(words || `exit code ${code} and no words`);
    }
    const { result } = JSON.parse(out);
    // It counts a tool's error as its own, and prints the result all the same.
    const [wanted, like] = result.isError ? [5, /^\{"error":\{"code":"tool_is_error",/] : [0, /^$/];
    if (code !== wanted || !like.test(words)) {
      throw new Error(`expected exit code ${wanted} and words like ${like}, found ${code} and ${words}`);
    }
    return result;
  }

  async connect() {
    this.server = await this.run("initialize");
  }

  getServerVersion = () => this.server.serverInfo;
  getInstructions = () => this.server.instructions;
  listTools = () => this.run("tools/list");
  listPrompts = () => this.run("prompts/list");
  listResources = () => this.run("resources/list");
  listResourceTemplates = () => this.run("resources/templates/list");
  readResource = ({ uri }) => this.run("resources/read", "--uri", uri);
  getPrompt = (asked) => this.run("prompts/get", "--prompt-name", asked.name);
  callTool = (asked) =>
    this.run("tools/call", "--tool-name", asked.name, "--tool-args-json", JSON.stringify(asked.arguments));
}

async function inspect(steps, inspector) {
  const { type, args } = inspector.configuration;
  await steps.take("connect", async () => {
    await inspector.connect();
    steps.same(inspector.era.version, inspector.server.protocolVersion);
  });
  await greets(steps, inspector);
  await lists(steps, inspector);
  // It looks for a tool in the list before it calls it.
  const [unknown] = expected.calls.slice(-1);
  await calls(steps, inspector, expected.calls.slice(0, -1));
  await steps.take(unknown.step, async () => {
    const seen = await inspector.callTool({ name: unknown.tool, arguments: {} }).catch((error) => error.message);
    steps.matches(/"code":"tool_not_found"/, seen);
  });
  await texts(steps, inspector);
  if (type === "stdio") {
    await steps.take("the servers' ends", () => steps.same("0\n".repeat(inspector.runs), readFileSync(args[0], "utf8")));
  }
}

const remote = (type, path) => (held) => ({ type, url: new URL(path, url).href, headers: bearer(held) });
const http = remote("streamable-http", "/mcp");
const sse = remote("sse", "/sse");
const program = () => ({ type: "stdio", command: stdio, args: [join(ends, randomUUID())] });

const tried = (transport, server, era) => () =>
  pair(`${name}, ${transport}`, (steps) => inspect(steps, new Inspector(server(token), era)));
const refused = (transport, server) => () =>
  refusals(`${name}, ${transport}`, (held) => new Inspector(server(held)).connect());

// Its many processes take longer than everything else here, so there are two at a time.
const lanes = [
  [tried("stdio", program), tried("streamable http, initialize", http), refused("streamable http", http)],
  [tried("streamable http, discover", http, NEWEST), tried("sse", sse), refused("sse", sse)],
];
await Promise.all(
  lanes.map(async (lane) => {
    for (const act of lane) {
      await act();
    }
  }),
);
process.exit();
