/** What `estimateGradient` hands on besides the gradient. */
import { oneFold } from "../../src/data/folds.ts";
import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import type { Batch } from "../../src/data/batch.ts";
import { noControl } from "../../src/data/gradient.ts";
import { estimators } from "../../src/estimators/registry.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { makeValue } from "../../src/nn/networks/value.ts";
import { inlineSampler } from "../../src/rollout/inline.ts";
import { estimateGradient } from "../../src/stages/estimate_gradient.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { simulatedBy } from "../../src/tasks/simulation.ts";
import type { Task } from "../../src/tasks/task.ts";
import { endedTerminally } from "../estimators/world.ts";
import { collectWith, requestFor } from "../rollout/collection.ts";
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

/** (simulator, environments) ⇒ the slots of a short batch of it, with V that nobody has fitted. */
const simulatedSlots = async (task: Task, environments: number) => {
  await startBackend();
  const request = requestFor(task, environments, 40), [{ batch }] = await collectWith(inlineSampler, [request]);
  const { policy, normalizer } = request, { factors } = task.imagined.simulation!, key = makeKey(5);
  const value = oneFold(makeValue({ observationSize: task.observationSize, hidden: [8] }, key));
  const model = oneFold({ factors: Float64Array.from(factors), spread: new Float64Array(factors.length) });
  return { slots: { policy, normalizer, batch, value, model, control: noControl }, key };
};

Deno.test("whatever imagines by a simulator says how many of its rollouts the physics' divergence ended, those of G2 too", async () => {
  const { mbma, modelGradient, mscv, svg1, trajectoryControlVariate } = estimators;
  for (const [gear, least, most] of [[1, 0, 0], [1e12, 0.5, 1]]) {
    const task = simulatedBy(tasks.hopper, { gear }), { slots, key } = await simulatedSlots(task, 2);
    for (const { name, options } of [mbma, modelGradient, mscv, svg1, trajectoryControlVariate]) {
      const pairs = "imaginedGradient" in options ? { imaginedGradient: "mirroredPairs" } : {};
      const stage = estimateGradient(task, { estimator: name, ...pairs } as never);
      const { divergence } = (await runStage(stage.run(slots, key))).metrics;
      assert(
        typeof divergence === "number" && divergence >= least && divergence <= most,
        `${name} ${gear} ${divergence}`,
      );
    }
  }
});

Deno.test("one environment is too few for halves that share no return: the metric says that the mean may move", async () => {
  const task = simulatedBy(tasks.hopper), declared = [];
  for (const environments of [1, 2]) {
    const { slots, key } = await simulatedSlots(task, environments);
    const stage = estimateGradient(task, { estimator: "mscv", imaginedGradient: "mirroredPairs" });
    declared.push((await runStage(stage.run(slots, key))).metrics.keepsMean);
  }
  assertEquals(declared, [0, 1]);
});
