/**
 * What a database tells of cells, where somebody else has written into it.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { decodeEntry, largestLog, largestOutcome, unpackLog } from "../../src/sweep/told.ts";

const key = "2f1c7a52-5a0e-4d0b-9c1e-0a8f6b7d3e21/pendulum-a-s0-0123abcd/12/2";
const row = { work_key: key, iterations: 3, steps: 24, host: "here", silent: 0.5, outcome: null };
const done = {
  id: "pendulum-a-s0-0123abcd",
  attempt: 2,
  state: "done",
  iterations: 12,
  steps: 96,
  host: "here",
  error: null,
};
const failed = {
  ...done,
  state: "failed",
  iterations: 5,
  error: { tag: "TrainingFailed", message: "no", log: ["a", "b"] },
};

const outcomeOf = (outcome: unknown) =>
  decodeEntry({ ...row, outcome: typeof outcome === "string" ? outcome : JSON.stringify(outcome) })!.outcome;

Deno.test("rows and outcomes that a runner writes are taken as they are", () => {
  assertEquals(decodeEntry(row), { key, iterations: 3, steps: 24, host: "here", silentSeconds: 0.5, outcome: null });
  assertEquals([outcomeOf(done), outcomeOf(failed)], [done, failed] as unknown[]);
  assertEquals(decodeEntry({ ...row, silent: "12.5", steps: "24" })?.silentSeconds, 12.5); // as numerics come
});

Deno.test("an outcome that is none of this cell's ends it as failed, and says so", () => {
  const forged: ReadonlyArray<unknown> = [
    "",
    "{",
    "7",
    "null",
    "[]",
    { ...done, id: "../../etc/passwd" },
    { ...done, attempt: 1 },
    { ...done, iterations: 11 },
    { ...done, iterations: "12" },
    { ...done, steps: -1 },
    { ...done, steps: 1e999 },
    { ...done, state: "over" },
    { ...done, error: failed.error },
    { ...failed, error: null },
    { ...failed, error: { tag: 7, message: "", log: [] } },
    { ...failed, error: { tag: "a", message: "b", log: "c" } },
    JSON.stringify({ ...failed, error: { ...failed.error, message: "x".repeat(largestOutcome) } }),
  ];
  for (const each of forged) {
    const outcome = outcomeOf(each)!;
    assertEquals([outcome.id, outcome.attempt, outcome.state, outcome.error?.tag], [
      done.id,
      2,
      "failed",
      "OutcomeInvalid",
    ], JSON.stringify(each).slice(0, 100));
  }
});

Deno.test("what is shown of it has no character that a terminal obeys, and an end", () => {
  const escape = "\u001b]0;owned\u0007\u009b2J";
  const error = {
    tag: `a${escape}\nb`,
    message: `m${escape}${"x".repeat(100_000)}`,
    log: Array(5000).fill(`l${escape}\nnext`),
  };
  const outcome = outcomeOf({ ...failed, host: `h${escape}\n${"y".repeat(1000)}`, error })!;
  const text = JSON.stringify(outcome),
    shown = [outcome.host, outcome.error!.tag, outcome.error!.message, ...outcome.error!.log];
  // deno-lint-ignore no-control-regex
  assertEquals(shown.some((each) => /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(each)), false);
  assertEquals([outcome.host, outcome.error!.tag, ...outcome.error!.log].some((each) => each.includes("\n")), false);
  assert(text.length < 100_000);
  assertEquals(outcome.error!.log.length, 20);
});

Deno.test("a row that can be of no cell is left out; numbers that are none count as nothing", () => {
  for (
    const each of [null, 7, {}, { ...row, work_key: 7 }, { ...row, work_key: "x".repeat(600) }, { ...row, host: null }]
  ) {
    assertEquals(decodeEntry(each), null);
  }
  for (const value of ["x", -1, 1e300, null, {}, "NaN"]) {
    const entry = decodeEntry({ ...row, iterations: value, steps: value })!;
    assertEquals([entry.iterations, entry.steps], [0, 0]);
  }
  assertEquals(decodeEntry({ ...row, silent: "x" })?.silentSeconds, Infinity);
});

const pack = (text: string | Uint8Array): string => gzipSync(text).toString("base64");
const line = (iteration: number, more = {}) =>
  JSON.stringify({
    iteration,
    steps: 8 * iteration,
    episodes: 1,
    return: null,
    "a.b": 2,
    seconds: { total: 1 },
    ...more,
  });

Deno.test("a log is unpacked to so many bytes, and only an iteration's lines are taken", () => {
  const log = `${line(1)}\n${line(2, { return: 3.5 })}\n`;
  assertEquals(unpackLog(pack(log), 100), log);
  const bomb = pack(Buffer.alloc(largestLog.unpacked + 1, "\n"));
  assert(bomb.length < 1_000_000); // a thousandth of what it becomes
  for (const each of [bomb, "not base64", pack("x").slice(0, 9), "A".repeat(largestLog.packed + 1)]) {
    assert(unpackLog(each, 1e9) === null);
  }
  const far = pack(`${line(1)}\n`.repeat(4000));
  assert(unpackLog(far, 10) === null && unpackLog(far, 4000) !== null); // more than ten iterations ever say
  const noise = [
    "x",
    "7",
    "{}",
    line(1.5),
    line(-1),
    line(1, { seconds: undefined }),
    line(1, { seconds: { total: "x" } }),
    line(1, { return: "x" }),
    line(1, { steps: null }),
    line(1, { "a.b": { c: { d: 1 } } }),
    line(1).replace('"a.b":2', '"a.b":1e999'),
  ];
  assertEquals(unpackLog(pack([...noise, line(3)].join("\n")), 100), `${line(3)}\n`);
  assertMatch(unpackLog(pack(""), 1)!, /^$/);
});
