/** Stochastic dynamics in imagination: the embedded trajectory is the real one, and G2 is the surrogate's gradient. */
import { imaginedValue, pathDerivative } from "./path_value.ts";
import { alone } from "./worlds.ts";
import { type Ensemble, ensembleOf, oneFold } from "../../src/data/folds.ts";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Batch } from "../../src/data/batch.ts";
import type { ReturnForm } from "../../src/data/gradient.ts";
import type { ModelParams, ValueParams } from "../../src/data/parameters.ts";
import { kStepAdvantage } from "../../src/data/returns.ts";
import { modelGradient } from "../../src/estimators/model_gradient.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { freshPaths } from "../../src/estimators/paths.ts";
import { noControl } from "../../src/data/gradient.ts";
import { embeddedNoise } from "../../src/data/embedded_noise.ts";
import { embed } from "../../src/imagination/embed.ts";
import { embeddedLatent } from "../../src/imagination/embedded_latent.ts";
import type { World } from "../../src/imagination/world.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { makeAdam } from "../../src/nn/training/adam.ts";
import { startBackend, tensorCount } from "../../src/nn/kernels/backend.ts";
import { makeCritic } from "../../src/nn/networks/critic.ts";
import { makeModel } from "../../src/nn/networks/dynamics.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { makePolicy } from "../../src/nn/networks/policy.ts";
import { makeValue } from "../../src/nn/networks/value.ts";
import type { ImaginedTask } from "../../src/tasks/task.ts";
import { endedTerminally, estimateWith, type FamilyOptions, folded, foldInput } from "../estimators/world.ts";

await startBackend();

const key = makeKey(72), [steps, environments] = [40, 2], horizon = 4;
const form: ReturnForm = { discount: 0.9, weighting: "kStep", lambda: 1, termination: "soft" };

/** One number that actions and noise move: r = s′. */
const task: ImaginedTask = {
  features: (_algebra, s) => s,
  featureSize: 1,
  knownReward: (_algebra, _s, _a, next) => next[0],
  rewardResidual: "zero",
  survival: () => [],
};

/** The true dynamics s′ = s + a + ½η, with the inference network that inverts them: η = 2(s′ − s) − 2a. */
const perfect: ModelParams = {
  ...makeModel(
    { inputSize: 2, outputSize: 1, latentSize: 1, hidden: [], activation: "tanh", reward: "known" },
    key,
  ),
  theta: Float32Array.of(0, 1, 0.5, 0),
  latent: {
    size: 1,
    shape: { sizes: [3, 2], activation: "tanh" },
    theta: Float32Array.of(0, 0, -2, 0, 2, 0, 0, -1e6), // (s, a, s′ − s) ⇒ (mean, raw log deviation)
    adam: makeAdam(8),
  },
};

const value: ValueParams = makeValue({ observationSize: 1, hidden: [4] }, fold(key, 1));
const policy = makePolicy({ observationSize: 1, actionSize: 1, hidden: [3], logStd: -2 }, fold(key, 2));
const world: World = { task, policy, value, model: perfect, normalizer: makeNormalizer(1) };

/** A real trajectory under noise ξ that policy and observation do not know; episodes are cut after step 20. */
const realBatch = (): Batch => {
  const { normal } = makeStream(fold(key, 3)), n = steps * environments;
  const array = () => new Float32Array(n);
  const [observation, nextObservation, action, noise, reward] = [array(), array(), array(), array(), array()];
  const state = [0.3, -0.2], std = Math.exp(-2), hidden = 3;
  const mean = (s: number) => {
    let y = policy.theta[2 * hidden + hidden];
    for (let j = 0; j < hidden; j++) {
      y += policy.theta[2 * hidden + j] * Math.tanh(policy.theta[j] * s + policy.theta[hidden + j]);
    }
    return y;
  };
  for (let i = 0; i < n; i++) {
    const e = i % environments;
    observation[i] = state[e];
    noise[i] = normal();
    action[i] = mean(state[e]) + std * noise[i];
    state[e] += action[i] + 0.5 * normal();
    nextObservation[i] = reward[i] = state[e];
    if (Math.floor(i / environments) === 20) state[e] = 0.1;
  }
  const truncated = Uint8Array.from({ length: n }, (_, i) => Number(Math.floor(i / environments) === 20));
  return {
    steps,
    environments,
    observationSize: 1,
    actionSize: 1,
    observation,
    nextObservation,
    action,
    noise,
    logProb: array(),
    reward,
    terminated: new Uint8Array(n),
    truncated,
    episodeReturns: new Float64Array(0),
    episodeLengths: new Int32Array(0),
  };
};

const batch = realBatch();

const valueOf = (s: ArrayLike<number>): Float32Array =>
  Float32Array.from(s, (x) => {
    let y = value.theta[12];
    for (let j = 0; j < 4; j++) y += value.theta[8 + j] * Math.tanh(value.theta[j] * x + value.theta[4 + j]);
    return y;
  });

Deno.test("with the true model and its inverse the embedded trajectory is the real one, in spite of the noise", () => {
  const before = tensorCount();
  const noise = embeddedNoise(batch, horizon, makeStream(key));
  const imagined = embed(alone(world), batch, noise, horizon, form);
  const values = { value: valueOf(batch.observation), nextValue: valueOf(batch.nextObservation) };
  let compared = 0;
  for (const k of [1, 2, 4]) {
    const real = kStepAdvantage(batch, values, { discount: 0.9, horizon: k });
    real.forEach((a, i) => {
      const t = Math.floor(i / environments);
      if ((t <= 20 && t + k > 21) || t + k > steps) return; // beyond an end noise is fresh
      // q's deviation e⁻⁵ moves s′ by .0034 a step, and a sum of four rewards by about .02.
      assertAlmostEquals(imagined[k - 1][i], a, 0.06);
      compared++;
    });
  }
  assert(compared > 150);
  assertEquals(embed(alone(world), batch, noise, horizon, form), imagined);
  assertEquals(tensorCount(), before);
});

Deno.test("η beyond an end is drawn anew: none of its numbers is one of those behind the inferred ones", () => {
  const latent = { ...perfect.latent!, theta: new Float32Array(8) }; // q is N(0, 1) whatever the transition
  const ended = { ...batch, truncated: new Uint8Array(steps * environments).fill(1) };
  const eta = embeddedLatent({ task, model: { ...perfect, latent } }, ended, 3); // the first inferred, two beyond the end
  assertEquals(eta.length, 3 * steps * environments);
  assertEquals(new Set(eta).size, eta.length);
});

const options: FamilyOptions = {
  discount: 0.9,
  advantage: "monteCarlo",
  lambda: 1,
  horizon,
  maxHorizon: 20,
  imaginedReturn: "kStep",
  termination: "soft",
  coefficient: "one",
  baseline: "constant",
  laterResiduals: "kept",
  laterHorizon: 1,
  imaginedGradient: "pathDerivative",
  imaginedBound: 0,
  fitOn: "otherHalf",
  rollouts: 1,
  freshActions: 2,
  earlierBatches: 0,
  terms: ["g1", "g2"],
};

Deno.test("an estimate with stochastic dynamics draws η for G2, is its surrogate's gradient, and says that it is biased", () => {
  const critic = makeCritic({ observationSize: 1, actionSize: 1, hidden: [4] }, key);
  const input = { ...world, batch: endedTerminally(batch), critic, control: noControl };
  const { estimate } = mscv.estimate(folded(input), options, key);
  assertEquals([estimate.unbiased, estimate.keepsMean], [false, false]);
  const { latent: _, ...deterministic } = perfect;
  const plain = { ...deterministic, shape: { ...perfect.shape, sizes: [2, 1] }, theta: Float32Array.of(0, 1, 0) };
  const declared = mscv.estimate(folded({ ...input, model: plain }), options, key).estimate;
  assertEquals([declared.unbiased, declared.keepsMean], [true, true]);
  const fresh = fold(fold(key, "fresh"), "paths"), n = steps * environments; // as the estimate draws its noise
  const rollouts = freshPaths(foldInput(input), horizon, { form, rollouts: 1 }, fresh);
  const path = { ...rollouts, weight: new Float32Array(n).fill(1 / n) };
  assertEquals(path.latent!.length, horizon * n);
  const { gradient } = pathDerivative(path), h = 1e-2;
  estimate.terms.g2.forEach((g, i) => assertAlmostEquals(g, gradient[i], 1e-5 * Math.hypot(...gradient)));
  for (const i of [0, 4, 7, 9, 10]) {
    const at = (step: number) => imaginedValue(path, policy.theta.map((t, j) => (i === j ? t + step : t)));
    assertAlmostEquals(gradient[i], (at(h) - at(-h)) / (2 * h), 2e-3 * Math.hypot(...gradient) + 1e-5);
  }
});

Deno.test("mirrored pairs draw η anew: with stochastic dynamics, and with an ensemble, their mean is that of paths", () => {
  const critic = makeCritic({ observationSize: 1, actionSize: 1, hidden: [4] }, key);
  const { latent: _, ...rest } = perfect;
  const plain = (gain: number): ModelParams => ({
    ...rest,
    shape: { ...perfect.shape, sizes: [2, 1] },
    theta: Float32Array.of(0.3, gain, 0),
  });
  const models: Ensemble<ModelParams>[] = [ensembleOf(perfect), { members: [plain(1), plain(-0.5)] }];
  for (const model of models) {
    const input = {
      ...folded({ ...world, batch: endedTerminally(batch), critic, control: noControl }),
      model: oneFold(model),
    };
    const [pairs, paths] = (["mirroredPairs", "pathDerivative"] as const).map((imaginedGradient) => {
      const found = Array.from(
        { length: 60 },
        (_, i) =>
          estimateWith(
            modelGradient,
            input,
            { ...options, horizon: 1, imaginedGradient },
            fold(fold(key, imaginedGradient), i),
          )
            .estimate
            .gradient,
      );
      const mean = policy.theta.map((_, j) => found.reduce((sum, g) => sum + g[j] / found.length, 0));
      const square = mean.map((m, j) => found.reduce((sum, g) => sum + (g[j] - m) ** 2, 0) / found.length ** 2);
      return { mean, square };
    });
    const error = pairs.mean.map((_, j) => Math.sqrt(pairs.square[j] + paths.square[j]));
    pairs.mean.forEach((g, j) => assertAlmostEquals(g, paths.mean[j], 4 * error[j]));
    assert(pairs.mean.some((g, j) => Math.abs(g) > 20 * error[j]), "the means are no noise");
  }
  const input = { ...world, batch: endedTerminally(batch), critic, control: noControl };
  const { estimate } = mscv.estimate(folded(input), { ...options, imaginedGradient: "mirroredPairs" }, key);
  assertEquals([estimate.unbiased, estimate.keepsMean], [false, false]);
  assert(estimate.gradient.every(Number.isFinite));
});
