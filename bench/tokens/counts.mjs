// Counts the tokens of every text with js-tiktoken.
// Usage: node counts.mjs FILE     Each line of FILE is a JSON string.
// Prints a line `o200k_base cl100k_base` for each text, then the microseconds of processor time
// that each encoding took, without loading it.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Tiktoken } from "js-tiktoken/lite";
import o200k from "js-tiktoken/ranks/o200k_base";
import cl100k from "js-tiktoken/ranks/cl100k_base";

const encoders = [new Tiktoken(o200k), new Tiktoken(cl100k)];
const spent = encoders.map(() => 0);
const lines = createInterface({ input: createReadStream(process.argv[2]) });
const counts = [];
for await (const line of lines) {
  const text = JSON.parse(line);
  const row = encoders.map((encoder, at) => {
    const start = process.cpuUsage();
    // Text that looks like a special token is text.
    const count = encoder.encode(text, [], []).length;
    const used = process.cpuUsage(start);
    spent[at] += used.user + used.system;
    return count;
  });
  counts.push(row.join(" "));
}
console.log(counts.join("\n"));
console.log(spent.join(" "));
