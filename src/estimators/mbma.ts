/**
 * MBMA, model-based many actions: beside the real action of every state, fresh ones whose advantage the model tells.
 *
 *   g = mean 1/(1 + m)·(∇ log π(a|s)·A + Σᵢ ∇ log π(aⁱ|s)·Ã_k(s, aⁱ)),   aⁱ ~ π(·|s), i = 1 … m
 *
 * Biased as published: m of the 1 + m shares of every state are the model's, and nothing corrects what model and V get
 * wrong. It is the likelihood ratio and `modelGradient`, mixed in fixed shares; `mscv` subtracts what it adds.
 *
 * Source: Nauman and Cygan 2023, "On Many-Actions Policy Gradient", section 4 (arXiv 2210.13011). Departure: the line
 * search sees the fresh actions' term to first order, and imagined returns may be weighted by λ as the real ones are.
 *
 * @module
 */
import { batchSize } from "../data/batch.ts";
import { halfOf } from "../data/halves.ts";
import { fold, type Key } from "../math/random.ts";
import { mean, moments } from "../math/statistics.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { option, whole } from "../options/options.ts";
import { makeBaseline } from "./baseline.ts";
import { decidedFit } from "./control.ts";
import { byFold, crossFittedSignal } from "./cross_fitting.ts";
import { differentiate, twoTermEstimate } from "./estimate.ts";
import { defineEstimator, type Estimated, type Estimator, type EstimatorInput } from "./estimator.ts";
import { type FreshActions, freshActions } from "./fresh_actions.ts";
import { formOf } from "./imagined_signals.ts";
import { advantageLabel, fitLabel, returnLabels } from "./labels.ts";
import {
  advantageOptions,
  advantageStepsOptions,
  baselineOptions,
  fittingOptions,
  type FreshActionsOptions,
  freshActionsOptions,
  type ImaginationOptions,
  imaginationOptions,
  type LikelihoodRatioOptions,
} from "./option_groups.ts";
import { weightedSlopes } from "./output_slopes.ts";
import { foldAdvantage } from "./real_advantage.ts";
import { ratioOf } from "./ratio.ts";

/** Options of `mbma`. */
export interface MbmaOptions
  extends LikelihoodRatioOptions, FreshActionsOptions, Pick<ImaginationOptions, "imaginedReturn" | "termination"> {
  /** k, imagined steps that follow a fresh action */
  readonly horizon: number;
}

/** A and what the model says of fresh actions, by one fold's networks. */
interface ManyActions extends FreshActions {
  /** A [n] */
  readonly advantage: Float64Array;
}

const estimate = (input: EstimatorInput<"value" | "model">, options: MbmaOptions, key: Key): Estimated => {
  const { batch, policy, normalizer, control } = input, { horizon, freshActions: actions } = options;
  const observation = normalizeInto(normalizer, batch.observation), which = halfOf(batch);
  const plan = { horizon, actions, form: formOf(options) }, real = 1 / (1 + actions);

  const folds = byFold(input, (own): ManyActions => ({
    advantage: foldAdvantage(own, observation, options),
    ...freshActions(own, plan, fold(key, "fresh")),
  }));
  const advantage = folds[0].advantage.map((_, i) => folds[which(i)].advantage[i]);
  const imagined = folds[0].mean.map((_, i) => folds[which(i)].mean[i]);
  const signal = crossFittedSignal(
    batch,
    (half) => folds[half].advantage,
    options.fitOn,
    makeBaseline(batch, options),
  ).map((a) => real * a);
  const second = weightedSlopes(batch, observation, (half) => folds[half].slopes, [1 - real, 1 - real]);
  return {
    estimate: twoTermEstimate(
      differentiate(policy, ratioOf(batch, observation, signal)),
      [differentiate(policy, second)],
      { unbiased: false, keepsMean: false },
    ),
    control,
    metrics: {
      advantageMean: mean(advantage),
      advantageStd: Math.sqrt(moments(advantage, advantage).varianceX),
      imaginedMean: batchSize(batch) === 0 ? 0 : mean(imagined),
    },
  };
};

/** (options) ⇒ words behind its name. */
const label = (o: MbmaOptions): string =>
  [advantageLabel(o), `k ${o.horizon}`, `${o.freshActions} fresh actions`, ...returnLabels(o)].join(", ") + fitLabel(o);

const { imaginedReturn, termination } = imaginationOptions;

/** (input, options, key) ⇒ (estimate), biased by model and V. */
export const mbma: Estimator<MbmaOptions, "value" | "model"> = defineEstimator({
  name: "mbma",
  summary: "many actions a state: the real one and fresh ones that the model judges, biased by model and value",
  options: {
    ...advantageOptions,
    ...advantageStepsOptions,
    horizon: option(whole(1, 20), 2, "k, 1 … 20 imagined steps from a fresh action on, before V bootstraps"),
    ...freshActionsOptions,
    imaginedReturn,
    termination,
    ...fittingOptions,
    ...baselineOptions,
  },
  reads: ["value", "model"],
  metrics: {
    advantageMean: "mean of A",
    advantageStd: "standard deviation of A",
    imaginedMean: "mean of Ã over the fresh actions, 0 where V is that of the policy in the model",
  },
  instead: { rollouts: "freshActions" },
  laboratory: { label, canonical: decidedFit, horizon: ({ horizon }) => horizon },
  estimate,
});
