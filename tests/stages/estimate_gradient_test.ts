/** What `estimateGradient` hands on besides the gradient. */
import { oneFold } from "../../src/data/folds.ts";
import { assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import type { Batch } from "../../src/data/batch.ts";
import { fold } from "../../src/math/random.ts";
import { estimateGradient } from "../../src/stages/estimate_gradient.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { endedTerminally } from "../estimators/world.ts";
import { meetingOf, runStage } from "./program.ts";

const options = { estimator: "mscv", horizon: "dynamic", maxHorizon: 4, coefficient: "optimal" } as const;

Deno.test("k and w of this batch are handed on, and the next one uses them as they stand", async () => {
  const { slots, key } = await meetingOf("reacher", "estimateGradient");
  const stage = estimateGradient(tasks.reacher, { ...options, fitOn: "previousBatch" });
  const first = await runStage(stage.run(slots, key));
  const whole = await runStage(estimateGradient(tasks.reacher, { ...options, fitOn: "sameBatch" }).run(slots, key));
  assertEquals(first.control, whole.control); // decided by the whole batch, whatever corrects it
  assertEquals([whole.metrics.horizon, whole.metrics.coefficient], [whole.control.horizon, whole.control.weight]);
  const control = { horizon: 3, weight: 0.25, nearWeight: 0, farWeight: 0 };
  const next = await runStage(stage.run({ ...slots, control }, fold(key, 1)));
  assertEquals([next.metrics.horizon, next.metrics.coefficient], [3, 0.25]);
  const twice = await runStage(stage.run({ ...slots, control: { ...control, weight: 0.5 } }, fold(key, 1)));
  const { g2 } = next.gradient.terms;
  g2.forEach((g, i) => assertAlmostEquals(2 * g, twice.gradient.terms.g2[i], 1e-6 * Math.abs(g) + 1e-9));
  assertNotEquals(g2, new Float32Array(g2.length));
  assertNotEquals(next.control, control);
});

Deno.test("unbiased: 1 for Monte-Carlo advantages with networks that have not seen the batch, 0 where V has", async () => {
  const { slots: cut, key } = await meetingOf("reacher", "estimateGradient");
  const slots = { ...cut, batch: endedTerminally(cut.batch) };
  const stage = estimateGradient(tasks.reacher, { estimator: "likelihoodRatio", advantage: "monteCarlo" });
  const unbiased = async (value: typeof slots.value) =>
    (await runStage(stage.run({ ...slots, value }, key))).metrics.unbiased;
  const { network, seen } = slots.value.first, unseen = oneFold(network);
  assertEquals([await unbiased(slots.value), await unbiased(unseen)], [0, 1]);
  assertEquals(await unbiased({ first: { network, seen: seen! + 1 } }), 1); // another batch than this one
  assertEquals((await runStage(stage.run({ ...cut, value: unseen }, key))).metrics.unbiased, 0); // V bootstraps
});

Deno.test("bootstrapWeight: two environments of 100 steps, Reacher's time limit 50: mean of γ, …, γ⁵⁰", async () => {
  const { slots, key } = await meetingOf("reacher", "estimateGradient");
  const weight = async (batch: Batch, discount: number) => {
    const stage = estimateGradient(tasks.reacher, { estimator: "likelihoodRatio", discount });
    return (await runStage(stage.run({ ...slots, batch }, key))).metrics.bootstrapWeight as number;
  };
  assertEquals(await weight(endedTerminally(slots.batch), 0.9), 0);
  assertAlmostEquals(await weight(slots.batch, 0.9), 0.9 * (1 - 0.9 ** 50) / (1 - 0.9) / 50, 1e-12);
});

Deno.test("k-step advantages without a step are refused", () => {
  const make = (horizon: number) => estimateGradient(tasks.reacher, { advantage: "kStep", horizon });
  assertThrows(() => make(0), Error, "at least 1 with kStep advantages");
  assertEquals(make(1).name, "estimateGradient");
});
