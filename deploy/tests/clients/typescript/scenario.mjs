// What every client in TypeScript does with the server, and what it must see: ../expected.json.
//
// Numbers become this language's doubles on their way to the server and back. Their digits are
// therefore looked at where they stand in texts: TONL in arguments, the text of an answer.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect, isDeepStrictEqual } from "node:util";

export const expected = JSON.parse(readFileSync(new URL("../expected.json", import.meta.url), "utf8"));

// What deploy/tests/clients.sh hands over: the program for standard input and output, a folder in
// which it leaves its exit codes, the address of the running server, and the server's token.
export const { CLIENTS_STDIO: stdio, CLIENTS_URL: url, TONL_AUTH_TOKEN: token } = process.env;
const { CLIENTS_ENDS: ends } = process.env;

/** What the server says on standard error when a client starts it, and all it says. */
export const GREETING = "TONL MCP Server (stdio) started\n";

/** How long one client may take over one transport, in milliseconds. */
const LONGEST = 40_000;

/** The version of a package that is installed here. */
export function version(name) {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
}

/** The headers of a client that holds this token, or none. */
export function bearer(held) {
  return held === undefined ? {} : { Authorization: `Bearer ${held}` };
}

/** The steps of a client over a transport; the one it is at names a failure. */
class Steps {
  count = 0;
  at = "connect";

  /** Does something that must come to its end, and gives its result. */
  async take(name, act) {
    this.at = name;
    const result = await act();
    this.count += 1;
    return result;
  }

  same(wanted, found) {
    if (!isDeepStrictEqual(wanted, found)) {
      throw new Error(`expected ${shown(wanted)}, found ${shown(found)}`);
    }
  }

  begins(wanted, found) {
    if (typeof found !== "string" || !found.startsWith(wanted)) {
      throw new Error(`expected a text that begins with ${shown(wanted)}, found ${shown(found)}`);
    }
  }

  matches(wanted, found) {
    if (!wanted.test(found)) {
      throw new Error(`expected a text like ${wanted}, found ${shown(found)}`);
    }
  }
}

function shown(value) {
  return inspect(value, { depth: 8, breakLength: Infinity, maxStringLength: 600 });
}

/** Runs a client over a transport and prints the line of this pair. */
export async function pair(name, act) {
  const steps = new Steps();
  let timer;
  const late = new Promise((_, reject) => {
    const words = `expected an end within ${LONGEST / 1000} s, found none`;
    timer = setTimeout(() => reject(new Error(words)), LONGEST);
  });
  try {
    await Promise.race([act(steps), late]);
    console.log(`  ${name}: ok, ${steps.count} ${steps.count === 1 ? "step" : "steps"}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`  ${name}: FAILED at "${steps.at}": ${String(error?.message ?? error).replace(/\s*\n\s*/g, " ")}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Who the server says it is. */
export async function greets(steps, client) {
  await steps.take("who the server is", () => steps.same(expected.server, client.getServerVersion()?.name));
  await steps.take("instructions", () => steps.begins(expected.instructions, client.getInstructions()));
}

/** Everything that can be listed. */
export async function lists(steps, client) {
  await steps.take("list tools", async () => {
    const { tools } = await client.listTools();
    steps.same(
      expected.tools.map((name) => [name, true, "object", "object"]),
      tools.map((tool) => [tool.name, tool.annotations?.readOnlyHint, tool.inputSchema?.type, tool.outputSchema?.type]),
    );
  });
  await steps.take("list prompts", async () => {
    const { prompts } = await client.listPrompts();
    steps.same(expected.prompts, prompts.map((prompt) => prompt.name));
  });
  await steps.take("list resources", async () => {
    const { resources } = await client.listResources();
    steps.same(expected.resources, resources.map((resource) => resource.uri));
  });
  await steps.take("list templates", async () => {
    const { resourceTemplates } = await client.listResourceTemplates();
    steps.same(expected.templates, resourceTemplates.map((template) => template.uriTemplate));
  });
}

/** Calls of all tools, and calls that the server refuses. */
export async function calls(steps, client, wanted = expected.calls) {
  for (const call of wanted) {
    await steps.take(call.step, async () => {
      const answer = await client.callTool({ name: call.tool, arguments: call.arguments });
      steps.same([{ type: "text", text: call.text }], answer.content);
      steps.same(call.structured, answer.structuredContent);
      steps.same(call.isError ?? false, answer.isError ?? false);
    });
  }
}

/** A resource and a prompt. */
export async function texts(steps, client) {
  const { resource, prompt } = expected;
  await steps.take("read a resource", async () => {
    const { contents } = await client.readResource({ uri: resource.uri });
    steps.same([[resource.uri, resource.type]], contents.map((one) => [one.uri, one.mimeType]));
    steps.begins(resource.begins, contents[0].text);
  });
  await steps.take("get a prompt", async () => {
    const { messages } = await client.getPrompt({ name: prompt.name });
    steps.same([prompt.role], messages.map((message) => message.role));
    steps.begins(prompt.begins, messages[0].content.text);
  });
}

async function completes(steps, client) {
  const { prompt, argument, typed, values } = expected.completion;
  await steps.take("complete a model's name", async () => {
    const ref = { type: "ref/prompt", name: prompt };
    const { completion } = await client.complete({ ref, argument: { name: argument, value: typed } });
    steps.same(values, completion.values);
  });
}

/** The era with `initialize`, at its last revision; it has a ping. */
export const BEFORE = { era: "legacy", version: "2025-11-25" };
/** The era without. */
export const NEWEST = { era: "modern", version: "2026-07-28" };

/**
 * One client over one transport, from its connection, which must come to this era, to its end.
 * `hears` looks at what a program that was started for it has said on standard error.
 */
export async function session(steps, client, transport, { era = BEFORE, hears } = {}) {
  const errors = [];
  client.onerror = (error) => errors.push(error.message);
  let said = "";
  transport.stderr?.on("data", (piece) => (said += piece));
  await steps.take("connect", async () => {
    await client.connect(transport);
    // A client of the first generation does not tell, and knows one era.
    if (client.getProtocolEra) {
      steps.same(era, { era: client.getProtocolEra(), version: client.getNegotiatedProtocolVersion() });
    }
  });
  await greets(steps, client);
  await lists(steps, client);
  await calls(steps, client);
  await texts(steps, client);
  await completes(steps, client);
  if (era === BEFORE) {
    await steps.take("ping", async () => steps.same({}, await client.ping()));
  }
  await steps.take("close", async () => {
    await transport.terminateSession?.();
    // Some clients report the end of a stream that they close themselves, so it is asked for before.
    steps.same([], errors);
    await client.close();
    hears?.(said);
  });
}

/** One client that starts the server itself, on standard input and output. */
export async function local(steps, client, Transport, era) {
  const end = join(ends, randomUUID());
  const transport = new Transport({ command: stdio, args: [end], stderr: "pipe" });
  await session(steps, client, transport, { era, hears: (said) => steps.same(GREETING, said) });
  await steps.take("the server's end", () => steps.same("0\n", readFileSync(end, "utf8")));
}

const REFUSALS = [
  ["without a token", undefined, /\b401\b|Missing Bearer token/],
  ["with a wrong token", "wrong", /\b403\b|Invalid token/],
];

/** Clients that nobody lets in see an error that says why. */
export async function refusals(name, connect, cases = REFUSALS) {
  for (const [how, held, words] of cases) {
    await pair(`${name}, ${how}`, (steps) =>
      steps.take("connect", async () => {
        const seen = await connect(held).then(
          () => "a connection",
          (error) => error.message,
        );
        steps.matches(words, seen);
      }),
    );
  }
}
