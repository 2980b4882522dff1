/** Broken copies are caught where the honest estimator passes, by the same statistic on the same batches. */
import { assertGreater, assertLess } from "@std/assert";
import type { AnyEstimator } from "../../src/estimators/estimator.ts";
import { likelihoodRatio } from "../../src/estimators/likelihood_ratio.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { qprop } from "../../src/estimators/qprop.ts";
import { trajectoryControlVariate } from "../../src/estimators/trajectory_control_variate.ts";
import { fold, makeKey } from "../../src/math/random.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import {
  type BrokenEstimator,
  cutInFirstTermAlone,
  hardTermination,
  laterReturns,
  meanActionForMean,
  pairsOfTheRealNoise,
  perSampleGate,
  sameBatch,
  sameHalfMix,
  scalingSlip,
  sharesOfOneKind,
  truncatedHorizon,
} from "./broken.ts";
import { analyticGradient, linearPolicy, type Lqr, lqr, simulate } from "./lqr.ts";
import { acrossOf, furthest, minus, sampleMean } from "./sample_mean.ts";
import {
  estimateWith,
  exactModel,
  exactTask,
  type FamilyOptions,
  folded,
  type PlainWorld,
  randomWorld,
  unbiasedOptions,
} from "./world.ts";

const theta = [-0.4, -0.6, 0.1, -0.5];
const policy = linearPolicy(theta);
const root = makeKey(7);

/** What is drawn: a problem, the size of a batch, how many of them, and a world. */
interface Setting {
  readonly problem?: Lqr;
  readonly environments?: number;
  readonly batches?: number;
  readonly world?: PlainWorld;
  readonly options?: Partial<FamilyOptions>;
}

const plainWorld = randomWorld(fold(fold(root, "world"), 0));

/** Being alive is worth 5 and more: what happens at a termination counts. */
const worthLiving = {
  ...plainWorld,
  value: { ...plainWorld.value, theta: plainWorld.value.theta.with(-1, 5) },
};

const draws =
  (estimator: BrokenEstimator, { problem = lqr, environments = 400, world = plainWorld, options }: Setting) =>
  (i: number) => {
    const batch = simulate(problem, policy, environments, fold(fold(root, "batch"), i));
    return estimator(
      folded({ ...world, policy, batch }),
      { ...unbiasedOptions, ...options },
      fold(fold(root, "estimate"), i),
    );
  };

const honest = (estimator: AnyEstimator): BrokenEstimator => (input, options, key) =>
  estimateWith(estimator, input, options, key).estimate.gradient;

/**
 * The mean of the paired difference from the likelihood ratio on the same batches, whose own mean `unbiased_test.ts` holds
 * against the closed form: the furthest of 4 components in standard errors.
 */
const bias = (estimator: BrokenEstimator, setting: Setting): number => {
  const plain = draws(honest(likelihoodRatio), setting), found = draws(estimator, setting);
  return furthest(sampleMean(setting.batches ?? 60, (i) => minus(found(i), plain(i))), [0, 0, 0, 0]);
};

/** Honest within 4 standard errors (P = 4·6.3e-5 = 2.5e-4), broken beyond 6 (P = 8e-9). */
const assertCaught = (good: BrokenEstimator, broken: BrokenEstimator, setting: Setting) => {
  assertLess(bias(good, setting), 4);
  assertGreater(bias(broken, setting), 6);
};

Deno.test("direction: scaling G1's signal alone turns the mean away from the gradient", async () => {
  await startBackend();
  const across = acrossOf(analyticGradient(lqr, theta));
  for (const estimator of [qprop, mscv]) {
    const turned = (broken: BrokenEstimator) => {
      const draw = draws(broken, {});
      return furthest(sampleMean(150, (i) => across(draw(i))), [0, 0, 0]);
    };
    assertLess(turned(honest(estimator)), 4);
    assertGreater(turned(scalingSlip(estimator)), 6);
  }
});

Deno.test("per-sample gate: a control variate used where it agrees with its own sample biases Q-Prop", async () => {
  await startBackend();
  assertCaught(honest(qprop), perSampleGate, {});
});

Deno.test("hard termination: a survival without derivative biases G2", async () => {
  await startBackend();
  assertCaught(honest(mscv), hardTermination, { world: worthLiving, batches: 120 });
});

Deno.test("later residuals: forgetting the expectation over the action biases G1", async () => {
  await startBackend();
  assertCaught(honest(mscv), laterReturns, {
    options: { laterResiduals: "corrected", horizon: 1 },
    world: worthLiving,
  });
});

Deno.test("mean action: the model's Q at μ is not its mean over actions, at the later steps of a trajectory", async () => {
  await startBackend();
  // Actions cost much, and no more beyond ±1: what chance adds to the cost depends on the state that the action led to.
  const world = { ...plainWorld, task: exactTask({ ...lqr, actionCost: 20 }), model: exactModel(lqr) };
  assertCaught(honest(trajectoryControlVariate), meanActionForMean, { world });
});

Deno.test("mirrored pairs: taking the real action's noise for the fresh one biases G2 in log σ", async () => {
  await startBackend();
  // Actions cost much in imagination: what is even in their noise, which the real noise's own pair loses, is large.
  const world = { ...plainWorld, task: exactTask({ ...lqr, actionCost: 3 }), model: exactModel(lqr) };
  assertCaught(honest(mscv), pairsOfTheRealNoise, {
    options: { imaginedGradient: "mirroredPairs", horizon: 2 },
    world,
  });
});

Deno.test("shares: paths and pairs whose shares do not sum to 1", async () => {
  await startBackend();
  assertCaught(honest(mscv), sharesOfOneKind, { options: { imaginedGradient: "mixed", horizon: 2 } });
});

Deno.test("mix of the same half: shares from the few rows that they mix shrink G2", async () => {
  await startBackend();
  // Four rows a half: α of p and q about m holds −m·(Σ(q − p))/Σ(q − p)², which takes some m/4 away.
  const problem = { ...lqr, steps: 1 }, options = { imaginedGradient: "mixed" as const, horizon: 1 };
  const world = { ...plainWorld, task: exactTask({ ...lqr, actionCost: 3 }), model: exactModel(lqr) };
  assertCaught(honest(mscv), sameHalfMix, { problem, environments: 8, batches: 2000, options, world });
});

Deno.test("same batch: w from the few samples that it corrects", async () => {
  await startBackend();
  const options = { coefficient: "aggressive" as const, horizon: 1 };
  // One step whose reward is the action's cost alone: a strong gradient, so that A·Ã and ∇ log π·Ã share their sign.
  const problem = { ...lqr, steps: 1, stateCost: [0, 0] };
  assertCaught(honest(mscv), sameBatch(mscv), { problem, environments: 8, batches: 2000, options });
});

Deno.test("bound: cutting Ã in G1 and not in G2, by path derivatives and by pairs", async () => {
  await startBackend();
  for (const imaginedGradient of ["pathDerivative", "mirroredPairs"] as const) {
    assertCaught(honest(mscv), cutInFirstTermAlone, { options: { imaginedBound: 0.5, horizon: 2, imaginedGradient } });
  }
});

Deno.test("truncated horizon: cutting imagination at the real termination lets the action decide the horizon", async () => {
  await startBackend();
  const problem = { ...lqr, input: [1.2, 0.5], steps: 8, bound: 1.2 }; // the action decides whether an episode ends
  assertCaught(honest(mscv), truncatedHorizon, { problem, world: worthLiving, options: { horizon: 4 } });
});
