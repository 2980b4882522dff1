import { assertEquals } from "@std/assert";
import { appendFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tailLog } from "../../src/watch/log_tail.ts";
import { temporaryFolder } from "../temporary.ts";

const line = (iteration: number, earned: number | null, more = "") =>
  `{"iteration":${iteration},"steps":${
    100 * iteration
  },"episodes":1,"return":${earned}${more},"seconds":{"collect":0.5,"total":2}}\n`;

const place = (): string => join(temporaryFolder(), "metrics.jsonl");

Deno.test("a log is read on where the last look ended; a torn line waits for its rest", () => {
  const path = place(), tail = tailLog(path);
  assertEquals([tail.read(), tail.length(), tail.warning()], [false, 0, null]); // there is none yet
  writeFileSync(path, line(1, 5) + line(2, null).slice(0, 30));
  assertEquals([tail.read(), tail.length(), tail.read()], [true, 1, false]);
  appendFileSync(path, line(2, null).slice(30) + line(3, 7, ',"trpoUpdate.kl":0.01'));
  assertEquals([tail.read(), tail.length(), tail.last()!.iteration, tail.lastReturn()], [true, 3, 3, 7]);
  assertEquals(tail.column("return", 0), {
    from: 0,
    iteration: [1, 2, 3],
    steps: [100, 200, 300],
    seconds: [2, 4, 6],
    value: [5, null, 7],
  });
  assertEquals(tail.column("trpoUpdate.kl", 1).value, [null, 0.01]); // it was not in the lines before
  assertEquals([...tail.metrics()].sort(), ["return", "seconds.collect", "seconds.total", "trpoUpdate.kl"]);
  assertEquals(tail.secondsLeft(10), 14); // 7 iterations of 2 s
});

Deno.test("lines of another form are left out and told of; numbers that are none do not get in", () => {
  const path = place(), tail = tailLog(path);
  writeFileSync(path, line(1, 5) + "<script>alert(1)</script>\n" + line(2, 6).replace("6", "1e999") + line(3, 7));
  tail.read();
  assertEquals([tail.column("return", 0).value, tail.warning()], [[5, 7], "2 lines are left out"]);
});

Deno.test("a log that is written anew is read from its start, and a page that has more lines is told so", () => {
  const path = place(), tail = tailLog(path);
  writeFileSync(path, line(1, 1) + line(2, 2) + line(3, 3));
  tail.read();
  writeFileSync(`${path}.new`, line(1, 1) + line(2, 9)); // as a resumed run cuts it, under another name first
  renameSync(`${path}.new`, path);
  assertEquals(tail.read(), true);
  const { from, value } = tail.column("return", 3);
  assertEquals([from, value], [0, [1, 9]]);
  rmSync(path);
  assertEquals([tail.read(), tail.length(), tail.read()], [true, 0, false]);
});
