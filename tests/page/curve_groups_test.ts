import { assertEquals, assertNotEquals } from "@std/assert";
import { curvesOf, groupsOf } from "../../src/page/browser/curve_groups.ts";
import { patternOf } from "../../src/page/browser/line_style.ts";
import type { RunSummary } from "../../src/page/wire.ts";

const run = (task: string, variant: string, seed: number): RunSummary => ({
  ...{ name: `${task}-${variant}-${seed}`, task, variant, seed, state: "done", iterations: 2, done: 2, steps: 20 },
  ...{ return: 1, left: null, threshold: null, options: {}, checkpoints: [], best: null, latest: {}, warning: null },
});

const column = (...value: ReadonlyArray<number>) => ({
  iteration: value.map((_, i) => i + 1),
  steps: value.map((_, i) => 10 * (i + 1)),
  seconds: value.map((_, i) => i + 1),
  value: [...value],
});

const runs = [run("hopper", "a", 0), run("hopper", "b", 0), run("hopper", "a", 1), run("hopper", "b", 1)];
const columns = [column(1, 3), column(10, 10), column(5, 5), column(20, 40)];
const all = { along: "steps", share: 0, grouping: "mean", isShown: () => true } as const;

Deno.test("seeds of a task and variant are a group, named by the task only where there are several", () => {
  assertEquals(groupsOf(runs), { names: ["a", "b"], of: [0, 1, 0, 1] });
  assertEquals(groupsOf([...runs, run("swimmer", "a", 0), run("swimmer", "swimmer", 0)]), {
    names: ["hopper, a", "hopper, b", "swimmer, a", "swimmer"],
    of: [0, 1, 0, 1, 2, 3],
  });
  assertEquals(groupsOf([]), { names: [], of: [] });
});

Deno.test("means are drawn above the seeds of all groups, in the colour of theirs", () => {
  const curves = curvesOf(runs, groupsOf(runs), columns, all);
  assertEquals(curves.map(({ label, color, weight }) => [label, color, weight]), [
    ["a, seed 0", 0, "seed"],
    ["a, seed 1", 0, "seed"],
    ["b, seed 0", 1, "seed"],
    ["b, seed 1", 1, "seed"],
    ["a, mean of 2", 0, "mean"],
    ["b, mean of 2", 1, "mean"],
  ]);
  assertEquals([curves[4].y, curves[5].y], [[3, 4], [15, 25]]); // (1+5)/2, (3+5)/2; (10+20)/2, (10+40)/2
  assertEquals(curves[4].x, [10, 20]);
});

Deno.test("what is switched off is neither drawn nor part of a mean; alone, a seed is its group", () => {
  const curves = curvesOf(runs, groupsOf(runs), columns, { ...all, isShown: (i) => i !== 2 && i !== 1 });
  assertEquals(curves.map(({ label, weight }) => [label, weight]), [["a", "only"], ["b", "only"]]);
  const each = curvesOf(runs, groupsOf(runs), [columns[0], undefined], { ...all, grouping: "each" });
  assertEquals(each.map(({ label, color }) => [label, color]), [["a, seed 0", 0]]); // the others have no point yet
});

Deno.test("curves that follow one another differ in their pattern, and so do those of one colour", () => {
  const patterns = Array.from({ length: 24 }, (_, i) => String(patternOf(i)));
  for (let i = 0; i < 3; i++) assertNotEquals(patterns[i], patterns[i + 1]);
  for (let i = 0; i < 16; i++) assertNotEquals(patterns[i], patterns[i + 8], `${i}`); // eight colours
});

Deno.test("a seed that has not begun is no part of a mean, nor of its number", () => {
  const begun = (...which: ReadonlyArray<number>) =>
    curvesOf(runs, groupsOf(runs), columns.map((each, i) => which.includes(i) ? each : undefined), all)
      .map(({ label, weight }) => [label, weight]);
  assertEquals(begun(0, 1, 3), [["b, seed 0", "seed"], ["b, seed 1", "seed"], ["a", "only"], ["b, mean of 2", "mean"]]);
  assertEquals(begun(3), [["b", "only"]]);
});
