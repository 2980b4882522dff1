/**
 * A panel with an estimator of one's own, here and in web workers.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import * as Effect from "effect/Effect";
import { estimators } from "../../src/estimators/registry.ts";
import { measure, type MeasureRequest } from "../../src/laboratory/measure.ts";
import { makeKey } from "../../src/math/random.ts";
import { leaveOneOut } from "../estimators/leave_one_out.ts";
import { frozenAt } from "./frozen.ts";

const modules = [new URL("../estimators/leave_one_out.ts", import.meta.url).href];

const request = async (changes: Partial<MeasureRequest>): Promise<MeasureRequest> => ({
  frozen: await frozenAt("reacher"),
  refit: null,
  estimators: { ...estimators, leaveOneOut },
  modules,
  own: { estimator: "leaveOneOut", options: { discount: 0.8, baseline: "others" } },
  specs: [],
  bounds: [3],
  unfitted: [],
  damping: 0.1,
  budget: {
    steps: 40,
    environments: 2,
    batches: 4,
    reference: 400,
    branches: { states: 6, actions: 2, continuations: 2 },
    floor: { firstActions: 2, laterNoise: 2 },
    fisherStates: 50,
    projections: 4,
    replicates: 20,
  },
  key: makeKey(12),
  workers: 0,
  observe: () => {},
  ...changes,
});

Deno.test("workers import the module of an estimator of one's own and give the same numbers; its comparator is its own word", async () => {
  const [here, there] = [0, 1].map(async (workers) => Effect.runPromise(measure(await request({ workers }))));
  const { estimators: rows, horizons, own } = await here;
  assertEquals(own, "leaveOneOut MC, others");
  assertEquals(rows.map(({ label, match }) => [label, match]), [
    ["likelihoodRatio MC", "likelihoodRatio MC"],
    ["leaveOneOut MC, others", "likelihoodRatio MC"],
  ]);
  assertEquals(horizons, [3]); // asked for, though it imagines nothing
  assertEquals((await there).estimators.map(({ natural }) => natural), rows.map(({ natural }) => natural));
});

Deno.test("a worker that is told no module says whom it does not know", async () => {
  const { message } = await Effect.runPromise(Effect.flip(measure(await request({ workers: 1, modules: [] }))));
  assertStringIncludes(
    message,
    "Cannot measure leaveOneOut as whoever measures must know it: known are likelihoodRatio,",
  );
});
