import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Answers, median, summarize } from "./peers/measure.ts";
import type { Answer } from "./peers/protocol.ts";
import { type Bar, type Row, rows } from "./peers/rows.ts";
import { jsonRows, stageLines, tableLines } from "./peers/table.ts";
import { trainingLines } from "./peers/trainings.ts";

const effort = { seconds: 0.1, memoryIterations: 3, warmUpIterations: 1 };

const rowOf = (unit: Row["unit"], bar: Bar | null, alone = false): Row => ({
  group: "networks",
  name: "work",
  unit,
  ours: { process: "networks", request: { case: "work" } },
  peer: alone ? null : { process: "PyTorch", request: { case: "work" } },
  bar,
  warmUp: 0,
});

const answers = (ours: ReadonlyArray<number>, peer: ReadonlyArray<number>): Answers => {
  const list = (values: ReadonlyArray<number>) => values.map((value): Answer => ({ value }));
  return { ours: list(ours), peer: list(peer) };
};

Deno.test("median: middle value, or the mean of the middle two", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 2, 3]), 2.5);
});

Deno.test("summarize: ratio of medians, above 1 where ours is better, for times and for speeds", () => {
  const times = summarize(rowOf("µs", { ratioAtLeast: 2 }), answers([10, 1000, 9], [30, 20, 20]));
  assertEquals([times.ours, times.peer, times.ratio, times.met], [10, 20, 2, true]);
  const speeds = summarize(rowOf("steps/s", { ratioAtLeast: 2 }), answers([10], [20]));
  assertEquals([speeds.ratio, speeds.met], [0.5, false]);
});

Deno.test("summarize: a bar on our own figure needs no peer and is strict; without a bar nothing is judged", () => {
  const alone = (value: number) => summarize(rowOf("s", { oursBelow: 0.3 }, true), answers([value], []));
  assertEquals([alone(0.2).met, alone(0.3).met, alone(0.2).ratio], [true, false, null]);
  assertEquals(summarize(rowOf("s", null), answers([1], [2])).met, null);
});

Deno.test("summarize: fails where the sides did not compute the same", () => {
  const checked = (check: number): Answers => ({ ours: [{ value: 1, check }], peer: [{ value: 1, check: 100 }] });
  assertEquals(summarize(rowOf("µs", null), checked(100.05)).ratio, 1);
  assertThrows(() => summarize(rowOf("µs", null), checked(101)), Error, "both sides must compute the same");
});

Deno.test("jsonRows: the bar is a number and its sense stands beside it", () => {
  const [ratio, own, none] = jsonRows([
    summarize(rowOf("µs", { ratioAtLeast: 1.5 }), answers([1], [3])),
    summarize(rowOf("MB", { oursBelow: 600 }), answers([500], [900])),
    summarize(rowOf("steps/s", null, true), answers([1], [])),
  ]);
  assertEquals([ratio.bar, ratio.sense, ratio.met], [1.5, "≥", true]);
  assertEquals([own.bar, own.sense, own.met], [600, "<", true]);
  assertEquals([none.bar, none.sense, none.met, none.peer], [null, null, null, null]);
});

Deno.test("tableLines and stageLines: bars with their sense, medians of the stages", () => {
  const parts = { ours: [1, 3, 2].map((fit) => ({ value: fit, parts: { fit } })), peer: [{ value: 4 }] };
  const measured = [
    summarize(rowOf("s", { ratioAtLeast: 10 }), parts),
    summarize(rowOf("MB", { oursBelow: 600 }), answers([500], [900])),
  ];
  const [, , first, second] = tableLines(measured);
  assert(first.includes("≥ 10x") && first.includes("2.00x") && first.includes("MISSED"), first);
  assert(second.includes("< 600 MB") && second.includes("met"), second);
  assertEquals(stageLines(measured), ["work: fit 2.000"]);
});

Deno.test("rows: names differ, and each row against AsyncVectorEnv tells its processes", () => {
  const all = rows(effort), names = all.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  const vectors = all.filter(({ name }) => name.includes("AsyncVectorEnv"));
  for (const { name, ours, peer } of vectors) {
    assertEquals(ours.request.environments, peer!.request.environments);
    assert(name.endsWith(`of ${peer!.request.environments} processes`), name);
  }
  assertEquals(new Set(vectors.map(({ peer }) => peer!.request.environments)), new Set([8, 2]));
});

Deno.test("trainingLines: a threshold that was not reached is later than the limit, a missing seed is empty, pace last", () => {
  const met = { steps: 145_000, seconds: 3.54 };
  const lines = trainingLines([
    {
      task: "hopper",
      method: "a",
      thresholds: [1000, 2000],
      answers: [
        { value: 9.2, steps: 200_000, met: [met, null], best: 1500 },
        { value: 180.2, steps: 499_712, met: [null, null], best: null },
      ],
    },
    {
      task: "hopper",
      method: "b",
      thresholds: [1000, 2000],
      answers: [{ value: 4, steps: 20_000, met: [met, met], best: 1 }],
    },
  ]);
  assertEquals(lines.map((line) => line.split("|").map((cell) => cell.trim()).slice(1, -1)).toSpliced(1, 1), [
    ["task", "return", "method", "seed 0", "seed 1"],
    ["hopper", "1000", "a", "3.5 s, 145k", "> 180 s, 500k"],
    ["hopper", "1000", "b", "3.5 s, 145k", ""],
    ["hopper", "2000", "a", "> 9 s, 200k", "> 180 s, 500k"],
    ["hopper", "2000", "b", "3.5 s, 145k", ""],
    ["hopper", "5000 steps", "a", "0.23 s", "1.80 s"], // 9.2 s / 40, 180.2 s / 99.9424
    ["hopper", "5000 steps", "b", "1.00 s", ""], // 4 s / 4
  ]);
});
