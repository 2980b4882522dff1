/** Keys that a definition does not have, whatever it defines; tests/tasks has those of tasks. */
import { assertThrows } from "@std/assert";
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { defineEstimator } from "../../src/estimators/estimator.ts";
import { estimators } from "../../src/estimators/registry.ts";
import { defineSlot } from "../../src/stages/slot.ts";
import { defineStage } from "../../src/stages/stage.ts";

const stage = {
  name: "mine",
  summary: "does nothing",
  options: Schema.Struct({}),
  metrics: {},
  make: () => ({ name: "mine", reads: [], writes: [], run: () => Effect.succeed({ metrics: {} }) }),
};
const slot = { name: "mine", summary: "holds nothing", initial: () => ({}) };
const estimator = { ...estimators.svg1, name: "mine", reads: [], options: {}, laboratory: {} };
const { name, summary, options, reads, estimate } = estimator;
const plain = { name, summary, options, reads, estimate } as never as Parameters<typeof defineEstimator>[0];

const refused: ReadonlyArray<readonly [kind: string, define: () => unknown, key: string, meant: string]> = [
  ["stage", () => defineStage({ ...stage, slot: [] } as never), "slot", "slots"],
  ["slot", () => defineSlot({ ...slot, inital: 1 } as never), "inital", "initial"],
  ["estimator", () => defineEstimator({ ...plain, metric: {} } as never), "metric", "metrics"],
  ["estimator", () => defineEstimator({ ...plain, laboratory: { lable: 1 } } as never), "lable", "label"],
];

for (const [kind, define, key, meant] of refused) {
  Deno.test(`a key that no ${kind} has is refused with the one that was meant: ${key}`, () => {
    const words = `Cannot define ${kind} "mine" as its keys must be known: "${key}" is not, did you mean "${meant}"?`;
    assertThrows(define, RangeError, words);
  });
}

Deno.test("what has no such key is taken", () => {
  defineStage(stage);
  defineSlot(slot);
  defineEstimator(plain);
});
