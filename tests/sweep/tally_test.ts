import { assertEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import type { CellState } from "../../src/sweep/manifest.ts";
import { selectCells } from "../../src/sweep/only.ts";
import { type CellProgress, paceOf, tallyCells } from "../../src/sweep/tally.ts";

const cell = (state: CellState, done: number, steps: number): CellProgress => ({
  id: "a",
  iterations: 10,
  state,
  done,
  steps,
});

Deno.test("a tally counts what is done and what is left; cells that failed have nothing left", () => {
  const tally = tallyCells([
    cell("done", 10, 100),
    cell("running", 4, 40),
    cell("failed", 3, 30),
    cell("waiting", 0, 0),
  ], 7);
  assertEquals(tally.counts, { waiting: 1, running: 1, done: 1, failed: 1 });
  assertEquals([tally.iterations, tally.iterationsLeft, tally.steps], [17, 6 + 10, 170]);
});

Deno.test("the pace is that between two tallies", () => {
  const before = tallyCells([cell("running", 1, 10), cell("waiting", 0, 0)], 5);
  const now = tallyCells([cell("running", 5, 50), cell("running", 4, 40)], 9);
  // 8 iterations and 80 steps in 4 s; 5 + 6 iterations are left
  assertEquals(paceOf(before, now), { stepsPerSecond: 20, secondsLeft: 11 * 4 / 8 });
  assertEquals(paceOf(now, now), { stepsPerSecond: null, secondsLeft: null });
});

Deno.test("filters pick cells by axis and value, all of them together", () => {
  const cells = ["hopper", "swimmer"].flatMap((task) =>
    ["a", "b"].flatMap((variant) => [0, 1, 2].map((seed) => ({ task, variant, seed })))
  );
  const pick = (...filters: ReadonlyArray<string>) => Effect.runSync(selectCells(filters, cells));
  assertEquals(pick().length, 12);
  assertEquals(pick("task=hopper").length, 6);
  assertEquals(pick("task=hopper", "seed=0, 2", "variant=b"), [
    { task: "hopper", variant: "b", seed: 0 },
    { task: "hopper", variant: "b", seed: 2 },
  ]);
  const refuse = (filter: string) => Effect.runSync(Effect.flip(selectCells([filter], cells))).message;
  assertStringIncludes(refuse("task=hoper"), '"hoper" must be a task of this ablation: did you mean "hopper"?');
  assertStringIncludes(refuse("tasks=hopper"), "it must look like task=hopper, variant=a,b or seed=0,1");
  assertStringIncludes(refuse("hopper"), "it must look like");
  const crossed = cells.map((cell) => ({ ...cell, axes: { k: cell.variant === "a" ? "k2" : "k10" } }));
  const choose = (filter: string) => Effect.runSync(selectCells([filter], crossed)).map(({ variant }) => variant);
  assertEquals([new Set(choose("k=2")), new Set(choose("k=k10"))], [new Set(["a"]), new Set(["b"])]);
  const unknown = Effect.runSync(Effect.flip(selectCells(["k=3"], crossed))).message;
  assertStringIncludes(unknown, '"3" must be a k of this ablation: known are k2, k10');
});

Deno.test("a variant is picked by its change on an axis of that name, and by the name of all its changes", () => {
  const cells = ["mscv", "trpo"].flatMap((variant) =>
    ["kl1", "kl2"].map((step) => ({ task: "hopper", variant: `${variant}-${step}`, seed: 0, axes: { variant, step } }))
  );
  const pick = (...filters: ReadonlyArray<string>) =>
    Effect.runSync(selectCells(filters, cells)).map(({ variant }) => variant);
  assertEquals(pick("variant=trpo"), ["trpo-kl1", "trpo-kl2"]);
  assertEquals(pick("variant=trpo", "step=kl2"), ["trpo-kl2"]);
  assertEquals(pick("variant=mscv-kl2,trpo"), ["mscv-kl2", "trpo-kl1", "trpo-kl2"]);
  const { message } = Effect.runSync(Effect.flip(selectCells(["variant=ppo"], cells)));
  assertStringIncludes(
    message,
    '"ppo" must be a variant of this ablation: known are mscv, mscv-kl1, mscv-kl2, trpo, trpo-kl1, trpo-kl2',
  );
});
