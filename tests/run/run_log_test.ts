import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import fc from "fast-check";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { appendLog, type IterationRecord, readLog, truncateLog } from "../../src/run/run_log.ts";
import { temporaryFolder } from "../temporary.ts";

const recordOf = (iteration: number): IterationRecord => ({
  iteration,
  steps: 8 * iteration,
  episodes: 1,
  return: iteration === 2 ? null : 0.5,
  metrics: { "trpoUpdate.kl": 0.01, "trpoUpdate.outcome": "accepted", "collect.return": null },
  seconds: { collect: 0.25, total: 0.5 },
});

const line = (iteration: number): string => {
  const { metrics, ...rest } = recordOf(iteration);
  return JSON.stringify({ ...rest, ...metrics });
};
const changed = (iteration: number, change: object): string =>
  JSON.stringify({ ...JSON.parse(line(iteration)), ...change });

const logOf = (...lines: ReadonlyArray<string>): string => {
  const path = join(temporaryFolder(), "metrics.jsonl");
  writeFileSync(path, lines.join("\n"));
  return path;
};
const iterations = (path: string): ReadonlyArray<number> => readLog(path).records.map(({ iteration }) => iteration);

Deno.test("what is appended is read back", () => {
  const path = logOf();
  for (const iteration of [1, 2, 3]) Effect.runSync(appendLog(path, recordOf(iteration)));
  assertEquals(readLog(path), { records: [1, 2, 3].map(recordOf), warning: null });
});

Deno.test("no file is an empty log, a line cut off by a kill is left out, and neither is worth a word", () => {
  assertEquals(readLog("/nowhere/metrics.jsonl"), { records: [], warning: null });
  for (let cut = 0; cut < line(2).length; cut++) {
    assertEquals(readLog(logOf(line(1), line(2).slice(0, cut))), { records: [recordOf(1)], warning: null });
  }
});

const bad: ReadonlyArray<readonly [string, string]> = [
  ["no JSON", "{"],
  ["nothing", ""],
  ["null", "null"],
  ["a number", "5"],
  ["a list", "[1]"],
  ["no seconds", changed(2, { seconds: undefined })],
  ["seconds that are a number", changed(2, { seconds: 5 })],
  ["seconds without their sum", changed(2, { seconds: { collect: 1 } })],
  ["seconds in text", changed(2, { seconds: { total: 1, collect: "1" } })],
  ["an iteration in text", changed(2, { iteration: "2" })],
  ["half an iteration", changed(2, { iteration: 1.5 })],
  ["an iteration of 0", changed(2, { iteration: 0 })],
  ["an iteration beyond all numbers", line(2).replace('"iteration":2', '"iteration":1e999')],
  ["no steps", changed(2, { steps: undefined })],
  ["steps in text", changed(2, { steps: "16" })],
  ["no return", changed(2, { return: undefined })],
  ["a return in text", changed(2, { return: "1" })],
  ["a metric that is a record", changed(2, { "trpoUpdate.kl": {} })],
  ["a metric that is true", changed(2, { "trpoUpdate.kl": true })],
  ["an iteration again", line(1)],
  ["an earlier iteration than before and after", line(3)],
  ["two records", line(2) + line(3)],
  ["a line without end", `{"iteration":2,"x":"${"y".repeat(3_000_000)}"}`],
  ["bytes that are no text", "\u0000\ufffd"],
];

for (const [what, text] of bad) {
  Deno.test(`a log goes on around a line of another form: ${what}`, () => {
    const path = logOf(line(1), text, line(3), line(4), "");
    const { records, warning } = readLog(path);
    assertEquals(records, [recordOf(1), recordOf(3), recordOf(4)]);
    assertStringIncludes(warning ?? "", `${path}: 1 line is left out, from line ${text === line(3) ? 3 : 2} on: `);
    Effect.runSync(truncateLog(path, 3));
    assertEquals(readFileSync(path, "utf8"), `${line(1)}\n${line(3)}\n`);
  });
}

Deno.test("of lines out of order as few as can be are left out, and all are told of at once", () => {
  assertEquals(iterations(logOf(...[1, 2, 900, 3, 4, 5].map(line))), [1, 2, 3, 4, 5]);
  assertEquals(iterations(logOf(...[1, 2, 3, 2, 3, 4].map(line))), [1, 2, 3, 4]);
  const path = logOf(line(1), "x", line(9), line(2), line(3), "");
  assertStringIncludes(readLog(path).warning ?? "", "2 lines are left out, from line 2 on");
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 9 }), (numbers) => {
      const kept = iterations(logOf(...numbers.map(line)));
      assert(kept.every((each, i) => i === 0 || kept[i - 1] < each));
      let longest = 0; // by trying every choice of lines
      for (let choice = 0; choice < 2 ** numbers.length; choice++) {
        const some = numbers.filter((_, i) => choice >> i & 1);
        if (some.every((each, i) => i === 0 || some[i - 1] < each)) longest = Math.max(longest, some.length);
      }
      assertEquals(kept.length, longest);
    }),
    { numRuns: 30 },
  );
});

Deno.test("a folder, a device or a loop of links in place of the log is told of", () => {
  const folder = temporaryFolder(), loop = join(folder, "loop");
  mkdirSync(join(folder, "metrics.jsonl"));
  symlinkSync(loop, loop);
  const endless = join(folder, "endless"), noFile = "it must be a file";
  symlinkSync("/dev/zero", endless); // reads without an end
  for (const [path, code] of [[join(folder, "metrics.jsonl"), noFile], [endless, noFile], [loop, "ELOOP"]]) {
    const { records, warning } = readLog(path);
    assertEquals(records, []);
    assertStringIncludes(warning ?? "", `${path} cannot be read: ${code}`);
  }
});
