import { assertEquals } from "@std/assert";
import { checkFlow } from "../../src/program/flow_check.ts";
import type { SlotName } from "../../src/stages/stage.ts";

const flow = (name: string, reads: ReadonlyArray<SlotName>, writes: ReadonlyArray<SlotName>) => ({
  name,
  reads,
  writes,
});
const collect = flow("collect", ["policy", "envs"], ["batch", "envs"]);
const estimate = flow("estimateGradient", ["policy", "batch"], ["gradient"]);
const update = flow("trpoUpdate", ["policy", "gradient"], ["policy"]);

Deno.test("stages in order have no problem", () => {
  assertEquals(checkFlow([collect, estimate, update]), []);
});

Deno.test("a read that no earlier stage writes is named, with the stage", () => {
  assertEquals(
    checkFlow([estimate, collect, update]).map((problem) => problem.message),
    ['Cannot run "estimateGradient" as it reads "batch": no earlier stage writes it'],
  );
});

Deno.test("every problem is found: both missing slots of a lone reader", () => {
  const both = flow("both", ["batch", "gradient", "memory"], []);
  assertEquals(checkFlow([both]).map(({ slot, position }) => [slot, position]), [["batch", 0], ["gradient", 0]]);
});

Deno.test("a stage does not feed itself", () => {
  assertEquals(checkFlow([flow("loop", ["batch"], ["batch"])]).length, 1);
});

Deno.test("an empty program is refused", () => {
  assertEquals(checkFlow([]).map((problem) => problem.message), [
    "Cannot run a program as it must hold at least one stage: it is empty",
  ]);
});
