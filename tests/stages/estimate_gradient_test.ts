/** What `estimateGradient` hands on besides the gradient. */
import { assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { fold } from "../../src/math/random.ts";
import { estimateGradient } from "../../src/stages/estimate_gradient.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { meetingOf, runStage } from "./program.ts";

const options = { estimator: "mscv", horizon: "dynamic", maxHorizon: 4, coefficient: "optimal" } as const;

Deno.test("k and w of this batch are handed on, and the next one uses them as they stand", async () => {
  const { slots, key } = await meetingOf("reacher", "estimateGradient");
  const stage = estimateGradient(tasks.reacher, { ...options, fitOn: "previousBatch" });
  const first = await runStage(stage.run(slots, key));
  const whole = await runStage(estimateGradient(tasks.reacher, { ...options, fitOn: "sameBatch" }).run(slots, key));
  assertEquals(first.control, whole.control); // decided by the whole batch, whatever corrects it
  assertEquals([whole.metrics.horizon, whole.metrics.coefficient], [whole.control.horizon, whole.control.weight]);
  const control = { horizon: 3, weight: 0.25, later: 0 };
  const next = await runStage(stage.run({ ...slots, control }, fold(key, 1)));
  assertEquals([next.metrics.horizon, next.metrics.coefficient], [3, 0.25]);
  assertAlmostEquals(next.gradient.paths[0].weight.reduce((sum, w) => sum + w, 0), 0.25, 1e-5);
  assertNotEquals(next.control, control);
});

Deno.test("unbiased: 1 for Monte-Carlo advantages with networks that have not seen the batch, 0 where V has", async () => {
  const { slots, key } = await meetingOf("reacher", "estimateGradient");
  const stage = estimateGradient(tasks.reacher, { estimator: "likelihoodRatio", advantage: "monteCarlo" });
  const unbiased = async (value: typeof slots.value) =>
    (await runStage(stage.run({ ...slots, value }, key))).metrics.unbiased;
  const { seen, ...unseen } = slots.value;
  assertEquals([await unbiased(slots.value), await unbiased(unseen)], [0, 1]);
  assertEquals(await unbiased({ ...unseen, seen: seen! + 1 }), 1); // another batch than this one
});
