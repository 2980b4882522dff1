/** Networks and rewards of the imagined side of the estimators' tests: random, or exactly those of the problem. */
import { type Batch, batchSize } from "../../src/data/batch.ts";
import { ensembleOf, oneFold } from "../../src/data/folds.ts";
import { noControl } from "../../src/data/gradient.ts";
import type { CriticParams, ModelParams, ValueParams } from "../../src/data/parameters.ts";
import type { GradientEstimate } from "../../src/estimators/estimate.ts";
import { inputOfHalf } from "../../src/estimators/cross_fitting.ts";
import type {
  AnyEstimator,
  Estimated,
  EstimatorFrame,
  EstimatorInput,
  FoldInput,
} from "../../src/estimators/estimator.ts";
import type { FreshActionsOptions } from "../../src/estimators/option_groups.ts";
import type { MscvOptions } from "../../src/estimators/mscv.ts";
import type { Surrogate } from "../../src/estimators/surrogate.ts";
import { fold, type Key } from "../../src/math/random.ts";
import { makeAdam } from "../../src/nn/training/adam.ts";
import { makeCritic } from "../../src/nn/networks/critic.ts";
import { makeModel } from "../../src/nn/networks/dynamics.ts";
import { initializeMlp } from "../../src/nn/networks/mlp.ts";
import { defaultsOf, type OptionFields, takes } from "../../src/options/options.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { makeValue } from "../../src/nn/networks/value.ts";
import type { ImaginedTask } from "../../src/tasks/task.ts";
import type { Lqr } from "./lqr.ts";

/** The problem's own reward, known exactly; nothing terminates in imagination. */
export const exactTask = ({ stateCost: q, actionCost: p }: Lqr): ImaginedTask => ({
  features: (_algebra, observation) => observation,
  featureSize: 2,
  knownReward: (algebra, s, a) =>
    algebra.add(
      algebra.add(algebra.scale(algebra.square(s[0]), -q[0]), algebra.scale(algebra.square(s[1]), -q[1])),
      algebra.scale(algebra.square(a[0]), -p),
    ),
  rewardResidual: "zero",
  survival: () => [],
});

/** A reward and a survival that have nothing to do with the problem. */
export const wrongTask: ImaginedTask = {
  features: (algebra, s) => [algebra.sin(s[0]), s[1], algebra.multiply(s[0], s[1])],
  featureSize: 3,
  knownReward: (algebra, s, a, next) =>
    algebra.add(algebra.multiply(s[0], a[0]), algebra.sin(algebra.add(next[1], algebra.scale(a[0], 2)))),
  rewardResidual: "learned",
  survival: (algebra, next) => [{ margin: algebra.shift(algebra.scale(next[0], -1), 1), width: 0.5 }],
};

/** The problem's own dynamics without noise, as a linear model; actions must stay within ±1 to be exact. */
export const exactModel = ({ dynamics: F, input: B }: Lqr): ModelParams => ({
  shape: { sizes: [3, 2], activation: "relu" },
  theta: Float32Array.of(F[0][0] - 1, F[1][0], F[0][1], F[1][1] - 1, B[0], B[1], 0, 0),
  adam: makeAdam(8),
  inputMean: new Float32Array(3),
  inputScale: new Float32Array(3).fill(1),
  outputMean: new Float32Array(2),
  outputScale: new Float32Array(2).fill(1),
  reward: "known",
});

/** Random f (with random reward outputs) of the given gain. */
export const randomModel = (key: Key, gain: number): ModelParams => {
  const model = makeModel({ inputSize: 4, outputSize: 3, hidden: [8], activation: "tanh", reward: "known" }, key);
  return { ...model, theta: initializeMlp(model.shape, key, gain) };
};

/** Random V. */
export const randomValue = (key: Key): ValueParams => makeValue({ observationSize: 2, hidden: [8] }, key);

/** Random Q, whose slopes are as large as the advantages. */
export const randomCritic = (key: Key): CriticParams => {
  const critic = makeCritic({ observationSize: 2, actionSize: 1, hidden: [8] }, key);
  return { ...critic, theta: initializeMlp(critic.shape, key, 4) };
};

/** Networks of an estimator's input, one of each kind. */
export interface PlainNetworks {
  readonly value: ValueParams;
  readonly model: ModelParams;
  readonly critic: CriticParams;
}

/** An estimator's input with one network of each kind. */
export type PlainInput = EstimatorFrame & PlainNetworks;

/** What is the same for every batch. */
export type PlainWorld = Omit<PlainInput, "policy" | "batch">;

/** (input with one network of each kind) ⇒ the input of estimators. */
export const folded = (input: PlainInput): EstimatorInput => ({
  ...input,
  value: oneFold(input.value),
  model: oneFold(ensembleOf(input.model)),
  critic: oneFold(input.critic),
});

/** (input with one network of each kind) ⇒ what its one fold sees. */
export const foldInput = (input: PlainInput): FoldInput => inputOfHalf(folded(input), 0);

/** A random world around a policy and a batch. */
export const randomWorld = (key: Key, gain = 0.5): PlainWorld => ({
  task: wrongTask,
  model: randomModel(fold(key, "model"), gain),
  value: randomValue(fold(key, "value")),
  critic: randomCritic(fold(key, "critic")),
  control: noControl,
  normalizer: makeNormalizer(2),
});

/** (batch) ⇒ the same, with a terminal state wherever the time limit or the end of the batch cut an episode. */
export const endedTerminally = (batch: Batch): Batch => ({
  ...batch,
  terminated: batch.terminated.map((t, i) =>
    t | batch.truncated[i] | Number(i >= batchSize(batch) - batch.environments)
  ),
  truncated: new Uint8Array(batch.truncated.length),
});

/** All options of the family; of kStep advantages the horizon is the number of real steps. */
export type FamilyOptions = MscvOptions & FreshActionsOptions;

/** (estimator, options of the family) ⇒ those that it has; a horizon that it does not take stays at its default. */
export const optionsOf = ({ options }: AnyEstimator, family: FamilyOptions): Record<string, unknown> => {
  const fields: OptionFields<Record<string, unknown>> = options;
  const { horizon, maxHorizon, ...rest } = family, advantageSteps = horizon === "dynamic" ? maxHorizon : horizon;
  const looks = "horizon" in fields && !takes(fields.horizon, horizon) ? defaultsOf(fields).horizon : horizon;
  const all = { ...rest, maxHorizon, horizon: looks, advantageSteps };
  return Object.fromEntries(Object.entries(all).filter(([name]) => name in fields));
};

/** (estimator, input, options of the family, key) ⇒ (estimate) with those options that it has. */
export const estimateWith = (
  estimator: AnyEstimator,
  input: EstimatorInput | PlainInput,
  family: FamilyOptions,
  key: Key,
): Estimated =>
  estimator.estimate(
    "first" in input.value ? input as EstimatorInput : folded(input as PlainInput),
    optionsOf(estimator, family),
    key,
  );

/** (estimate, kind) ⇒ its surrogates of that kind. */
export const surrogatesOf = <K extends Surrogate["kind"]>({ surrogates }: GradientEstimate, kind: K) =>
  surrogates.filter((each): each is Extract<Surrogate, { readonly kind: K }> => each.kind === kind);

/** Options of an unbiased MSCV estimate. */
export const unbiasedOptions: FamilyOptions = {
  discount: 1,
  advantage: "monteCarlo",
  lambda: 0.9,
  horizon: 3,
  maxHorizon: 5,
  imaginedReturn: "kStep",
  termination: "soft",
  coefficient: "one",
  fitOn: "otherHalf",
  baseline: "constant",
  laterResiduals: "kept",
  laterHorizon: 1,
  imaginedGradient: "pathDerivative",
  imaginedBound: 0,
  rollouts: 1,
  freshActions: 2,
  earlierBatches: 0,
  terms: ["g1", "g2"],
};
