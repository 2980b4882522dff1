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
    [
      'Cannot run "estimateGradient" as it reads "batch": no earlier stage writes it',
      'Cannot run "trpoUpdate" as it reads "gradient": no earlier stage writes it', // of the batch that is there
    ],
  );
});

Deno.test("every problem is found: both missing slots of a lone reader", () => {
  const both = flow("both", ["batch", "gradient", "envs"], ["policy"]);
  assertEquals(checkFlow([both]).map(({ slot, position }) => [slot, position]), [["batch", 0], ["gradient", 0]]);
});

Deno.test("a stage does not feed itself, but one that fills the memory may find it empty", () => {
  const read = flow("read", ["batch"], ["policy"]);
  assertEquals(checkFlow([flow("loop", ["batch"], ["batch"]), read]).length, 1);
  assertEquals(checkFlow([collect, flow("store", ["memory", "batch"], ["memory"]), estimate, update]), []);
});

Deno.test("a memory that is read before any stage fills it is named", () => {
  const store = flow("store", ["memory", "batch"], ["memory"]), fit = flow("fitValue", ["memory", "value"], ["value"]);
  assertEquals(checkFlow([collect, store, fit, estimate, update]), []);
  assertEquals(
    checkFlow([collect, fit, store, estimate, update]).map(({ message, position }) => [position, message]),
    [[1, 'Cannot run "fitValue" as it reads "memory": no earlier stage writes it']],
  );
});

Deno.test("a network that is read must be fitted by some stage, an earlier or a later one", () => {
  const imagine = flow("estimateGradient", ["policy", "model", "batch"], ["gradient"]);
  const fit = flow("fitModel", ["model"], ["model"]);
  assertEquals(checkFlow([collect, imagine, update, fit]), []);
  assertEquals(
    checkFlow([collect, imagine, update]).map(({ message, position }) => [position, message]),
    [[1, 'Cannot run "estimateGradient" as it reads "model": no stage of the program fits it']],
  );
});

Deno.test("a batch that no stage reads in time is named with what it is lost to; a gradient may be there for its metrics", () => {
  assertEquals(
    checkFlow([collect, collect, estimate, update, collect]).map(({ message, position }) => [position, message]),
    [
      [
        0,
        'Cannot run "collect" as its "batch" must be read by a later stage: none does before "collect" overwrites it',
      ],
      [4, 'Cannot run "collect" as its "batch" must be read by a later stage: none does before the iteration ends'],
    ],
  );
  assertEquals(checkFlow([collect, estimate, estimate, update]), []);
});

Deno.test("a program that never updates the policy, and an empty one, are refused", () => {
  assertEquals(checkFlow([collect, estimate]).map(({ stage, message }) => [stage, message]), [
    ["", "Cannot run a program as it must update the policy: no stage writes it"],
  ]);
  assertEquals(checkFlow([]).map((problem) => problem.message), [
    "Cannot run a program as it must hold at least one stage: it is empty",
  ]);
});

Deno.test("a gradient is that of its batch: the next batch takes it away", () => {
  assertEquals(
    checkFlow([collect, estimate, collect, update, estimate]).map(({ slot, position }) => [slot, position]),
    [["gradient", 3]],
  );
});
