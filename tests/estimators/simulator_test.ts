/** A simulator as the control variate: the mean stays however wrong it is, and a true one leaves nothing of k-step advantages. */
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import { oneFold } from "../../src/data/folds.ts";
import { batchSize } from "../../src/data/batch.ts";
import { signalOf } from "../../src/estimators/estimate.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { svg1 } from "../../src/estimators/svg1.ts";
import { tallied } from "../../src/imagination/tally.ts";
import { ModelUndifferentiable } from "../../src/imagination/world.ts";
import { StatesUnrecorded } from "../../src/imagination/simulated_rollout.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { simulatedBy } from "../../src/tasks/simulation.ts";
import { analyticGradient, linearPolicy, lqr, simulate } from "./lqr.ts";
import { assertWithin, furthest, sampleMean } from "./sample_mean.ts";
import { type FamilyOptions, folded, optionsOf, randomWorld, unbiasedOptions } from "./world.ts";
import { type LqrFactors, lqrTask, withStates } from "../imagination/wrong_simulator.ts";

const theta = [-0.4, -0.6, 0.1, -0.5], policy = linearPolicy(theta), root = makeKey(31);

/** (factors, batch) ⇒ an estimator's input whose model is the problem with these factors, and V random. */
const inputOf = (physics: Partial<LqrFactors>, i: number, environments = 400) => {
  const { imagined: task } = simulatedBy(lqrTask, physics), factors = Float64Array.from(task.simulation!.factors);
  const batch = withStates(simulate(lqr, policy, environments, fold(fold(root, "batch"), i)));
  const input = folded({ ...randomWorld(fold(root, "world"), 0.5), policy, batch });
  return { ...input, task, model: oneFold({ factors, spread: new Float64Array(3) }) };
};

const pairs: FamilyOptions = { ...unbiasedOptions, imaginedGradient: "mirroredPairs" };

Deno.test("E[G1 + G2] is the analytic gradient for any simulator: true, wrong, upside down, with ends of its own", async () => {
  await startBackend();
  const expected = analyticGradient(lqr, theta).map((g) => g / lqr.steps); // estimators average over the T steps
  const simulators: ReadonlyArray<readonly [Partial<LqrFactors>, Partial<FamilyOptions>]> = [
    [{}, {}],
    [{ drift: 0.6, push: 2 }, {}],
    [{ drift: -1.5, reward: -1 }, { horizon: 2, coefficient: "leastVariance" }],
    [{ push: 3 }, { imaginedReturn: "lambdaWeighted", laterResiduals: "corrected", laterHorizon: 2, rollouts: 2 }],
  ];
  for (const [physics, changes] of simulators) {
    const options = { ...pairs, ...changes };
    const found = sampleMean(60, (i) => {
      const { estimate } = mscv.estimate(inputOf(physics, i), options, fold(fold(root, "estimate"), i));
      assertEquals([estimate.unbiased, estimate.keepsMean], [true, true]);
      return estimate.gradient;
    });
    assertWithin(found, expected, JSON.stringify([physics, changes]));
  }
});

Deno.test("G1 alone, and G2 alone, of a wrong simulator are biased: the test above could fail", async () => {
  await startBackend();
  const expected = analyticGradient(lqr, theta).map((g) => g / lqr.steps);
  for (const term of ["g1", "g2"] as const) {
    const found = sampleMean(60, (i) => {
      const { estimate } = mscv.estimate(inputOf({ push: 3 }, i), { ...pairs, terms: [term] }, fold(root, i));
      assertEquals(estimate.keepsMean, false);
      return estimate.gradient;
    });
    assertGreater(furthest(found, expected), 6); // P(|z| > 6) = 2e-9
  }
});

Deno.test("the true simulator takes variance away, a wrong one less", async () => {
  await startBackend();
  const ratioOf = (physics: Partial<LqrFactors>) =>
    Number(mscv.estimate(inputOf(physics, 0), { ...pairs, coefficient: "optimal" }, root).metrics.varianceRatio);
  const [right, wrong] = [ratioOf({}), ratioOf({ drift: 0.3, push: 0.3 })];
  assertLess(right, wrong);
  assertLess(wrong, 1);
});

Deno.test("a physics that diverges ends its rollout with what it earned: finite numbers, the mean stays, and it is counted", async () => {
  await startBackend();
  // A drift of 1e9 takes every rollout beyond ±1e6 of reward at its second step, and beyond numbers soon after.
  const expected = analyticGradient(lqr, theta).map((g) => g / lqr.steps);
  const counted = new Set<unknown>();
  const found = sampleMean(60, (i) => {
    const estimated = () => mscv.estimate(inputOf({ drift: 1e9 }, i), pairs, fold(fold(root, "estimate"), i));
    const [{ estimate: { gradient } }, { rollouts, diverged }] = tallied(estimated);
    assert(gradient.every(Number.isFinite));
    counted.add(diverged > 0.4 * rollouts);
    return gradient;
  });
  assertEquals([...counted], [true]); // all but those that end as s₀ exceeds 1.2
  assertWithin(found, expected, "diverging");
});

Deno.test("a batch without states, and derivatives of a simulator, are refused in words", async () => {
  await startBackend();
  const input = inputOf({}, 0, 4), { state: _, ...bare } = input.batch;
  const without = assertThrows(() => mscv.estimate({ ...input, batch: bare }, pairs, root), StatesUnrecorded);
  assertEquals(
    without.message,
    "Cannot imagine by a simulator as the batch must hold 32 numbers of its states: it holds none (collect it on a task " +
      "that simulatedBy made)",
  );
  const other = { ...input.batch, state: new Float64Array(48) };
  const longer = assertThrows(() => mscv.estimate({ ...input, batch: other }, pairs, root), StatesUnrecorded);
  assertEquals([longer.wanted, longer.found], [2 * batchSize(other), 48]);
  for (const estimator of [mscv, svg1]) {
    const options = optionsOf(estimator, unbiasedOptions) as never;
    const refused = assertThrows(() => estimator.estimate(input, options, root), ModelUndifferentiable);
    assertEquals(
      refused.message,
      "Cannot run path derivatives as imaginedGradient must be mirroredPairs where a simulator imagines, whose " +
        "derivatives nobody knows: current value is pathDerivative",
    );
  }
});

Deno.test("by hand: Ã of one step, and its end, of a simulator", async () => {
  await startBackend();
  // V ≡ 0. r(s, a) = −2·(s₀² + .3 s₁² + .2 a²) with the factor 2; s′₀ = s₀ + .2 s₁ + .1 a.
  const input = inputOf({ reward: 2 }, 0, 50), { batch } = input, value = input.value.first.network;
  const flat = oneFold({ ...value, theta: value.theta.map(() => 0) });
  const { estimate } = mscv.estimate({ ...input, value: flat }, {
    ...pairs,
    advantage: "kStep",
    horizon: 2,
    coefficient: "one",
    fitOn: "sameBatch",
  }, root);
  const signal = signalOf(estimate);
  const two = (i: number) => {
    const reward = (s: ArrayLike<number>, a: number) => -(s[0] ** 2 + 0.3 * s[1] ** 2 + 0.2 * a ** 2);
    const step = ([x, y]: ArrayLike<number>[] | number[], a: number) =>
      [Number(x) + 0.2 * Number(y) + 0.1 * a, -0.3 * Number(x) + 0.9 * Number(y) + 0.5 * a] as number[];
    const s = [batch.observation[2 * i], batch.observation[2 * i + 1]], a = batch.action[i], next = step(s, a);
    const later = policyAt(next) + Math.exp(theta[3]) * batch.noise[i + batch.environments];
    const real = batch.reward[i] + batch.reward[i + batch.environments];
    return real - 2 * (reward(s, a) + (next[0] > 1.2 ? 0 : reward(next, later)));
  };
  const policyAt = ([x, y]: number[]) => theta[0] * x + theta[1] * y + theta[2];
  const rows = Array.from({ length: (lqr.steps - 1) * 50 }, (_, i) => i); // those whose second step is real
  const shift = signal[0] - two(0); // a constant baseline
  for (const i of rows) assertAlmostEquals(signal[i] - two(i), shift, 1e-4);
  assert(rows.some((i) => batch.observation[2 * i] + 0.2 * batch.observation[2 * i + 1] + 0.1 * batch.action[i] > 1.2));
});
