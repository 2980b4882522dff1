/**
 * On real tasks no gradient is known; but whatever the networks, the mean of an unbiased estimator is that of the
 * likelihood ratio on the same batches. Untrained networks, Hopper with a policy that falls within some twenty steps: most
 * imagined rollouts start where the real episode is about to end.
 */
import { assertGreater, assertLess } from "@std/assert";
import { ensembleOf, networksOf, oneFold } from "../../src/data/folds.ts";
import type { AnyEstimator, EstimatorInput } from "../../src/estimators/estimator.ts";
import { likelihoodRatio } from "../../src/estimators/likelihood_ratio.ts";
import { mscv } from "../../src/estimators/mscv.ts";
import { qprop } from "../../src/estimators/qprop.ts";
import { trajectoryControlVariate } from "../../src/estimators/trajectory_control_variate.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { collect } from "../../src/stages/collect.ts";
import { initialState } from "../../src/stages/initial_state.ts";
import { tasks } from "../../src/tasks/registry.ts";
import { runStage } from "../stages/program.ts";
import type { BrokenEstimator } from "./broken.ts";
import { furthest, minus, sampleMean } from "./sample_mean.ts";
import { estimateWith, type FamilyOptions, unbiasedOptions } from "./world.ts";

const root = makeKey(17), BATCHES = 200;

/** Independent batches of one frozen policy, and networks that have seen none of them. */
const inputsOf = async (name: string): Promise<EstimatorInput[]> => {
  const task = tasks[name], net = { hidden: [8] };
  const model = { ...net, activation: "tanh" as const, reward: "known" as const };
  const state = initialState(task, { policy: { ...net, logStd: -0.5 }, value: net, model }, root);
  const { value: { first: { network: value } } } = state, [f] = networksOf(state.model.first.network, "").members;
  const stage = collect(task, { steps: 160, environments: 8 });
  // Networks that are wrong and steep: Ã and Ā depend on the action far more than the task does.
  const frozen = {
    ...state,
    value: oneFold({ ...value, theta: value.theta.map((x) => 2 * x) }),
    model: oneFold(ensembleOf({ ...f, theta: f.theta.map((x) => 3 * x), outputScale: f.outputScale.map(() => 0.2) })),
  };
  const inputs: EstimatorInput[] = [];
  for (let i = 0; i < BATCHES; i++) {
    const { batch } = await runStage(stage.run(state, fold(fold(root, "batch"), i)));
    inputs.push({ ...frozen, task: task.imagined, batch });
  }
  return inputs;
};

const honest = (estimator: AnyEstimator): BrokenEstimator => (input, options, key) =>
  estimateWith(estimator, input, options, key).estimate.gradient;

/** Three random directions and the bias of the last layer, which every action shares. */
const projections = (gradient: Float32Array): number[] =>
  [0, 1, 2].map((direction) => {
    const { normal } = makeStream(fold(root, direction));
    return gradient.reduce((sum, g) => sum + g * normal(), 0);
  }).concat([...gradient.subarray(-6)]);

const bias = (inputs: ReadonlyArray<EstimatorInput>, estimator: BrokenEstimator, change: Partial<FamilyOptions>) => {
  const options = { ...unbiasedOptions, discount: 0.99, ...change };
  const differences = sampleMean(inputs.length, (i) => {
    const key = fold(fold(root, "estimate"), i);
    return projections(minus(estimator(inputs[i], options, key), honest(likelihoodRatio)(inputs[i], options, key)));
  });
  return furthest(differences, differences.map(() => 0));
};

for (const name of ["hopper", "reacher"]) {
  Deno.test(`${name}: every unbiased estimator has the mean of the likelihood ratio`, async () => {
    const inputs = await inputsOf(name);
    const variants: ReadonlyArray<readonly [AnyEstimator, Partial<FamilyOptions>]> = [
      [mscv, { horizon: 1 }],
      [mscv, { horizon: 5, imaginedReturn: "lambdaWeighted", coefficient: "optimal" }],
      [mscv, { horizon: 2, laterResiduals: "corrected" }],
      [mscv, {
        horizon: 5,
        imaginedReturn: "lambdaWeighted",
        imaginedGradient: "mirroredPairs",
        termination: "hard",
        coefficient: "leastVariance",
        laterResiduals: "corrected",
        laterHorizon: 3,
      }],
      [mscv, { horizon: 2, imaginedGradient: "mixed", rollouts: 2 }],
      [trajectoryControlVariate, {}],
      [qprop, {}],
    ];
    // 9 components each: P(any |z| > 4.5) = 9·6.8e-6 = 6e-5
    for (const [estimator, change] of variants) {
      assertLess(bias(inputs, honest(estimator), change), 4.5, JSON.stringify(change));
    }
    // the same statistic sees a bias where there is one: P(any |z| > 6) = 2e-8
    for (const estimator of [mscv, qprop]) {
      assertGreater(bias(inputs, honest(estimator), { horizon: 1, terms: ["g1"] }), 6);
    }
  });
}
