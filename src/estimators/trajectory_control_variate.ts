/**
 * The trajectory-wise control variate: at every state of a trajectory the model's Q loses its mean over actions, so that
 * the noise of the first action and of all later ones goes.
 *
 *   Q(s, a) = r(s, a) + γ·V(f(s, a)),   Q̄(s) = mean of Q over fresh actions
 *   G1 = mean ∇ log π(aₜ|sₜ)·(Aₜ − (Q(sₜ, aₜ) − V(sₜ)) − Σ_{j≥1} decayʲ·(Q − Q̄)(sₜ₊ⱼ, aₜ₊ⱼ))
 *   G2 = mean ∇ log π(aⁱ|sₜ)·(Q(sₜ, aⁱ) − V(sₜ)) over the same fresh actions
 *
 * decay is γ, with GAE γλ; the sum goes to the end of the episode or of the batch, with kStep advantages over their steps.
 * Given the states, every summand has mean zero, for any r, V and f, so that E[G1 + G2] is the likelihood-ratio gradient.
 *
 * Source: Cheng, Yan and Boots 2019, "Trajectory-wise Control Variates for Variance Reduction in Policy Gradient Methods".
 * Departure: λ of GAE weighs the later terms as it weighs the residuals that they correct. `laterResiduals: corrected` of
 * `mscv` does the same by mirrored noise, over more imagined steps, and with weights that the other half decides.
 *
 * @module
 */
import { latentSize } from "../imagination/world.ts";
import type { Batch } from "../data/batch.ts";
import type { Control, ReturnForm } from "../data/gradient.ts";
import { embed } from "../imagination/embed.ts";
import { fold, type Key } from "../math/random.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import { type Controlled, controlledSignal, controlMeanings, controlMetrics, decidedFit } from "./control.ts";
import { byFold, isCrossFitted } from "./cross_fitting.ts";
import { declarations } from "./declarations.ts";
import { differentiate, twoTermEstimate } from "./estimate.ts";
import { defineEstimator, type Estimated, type Estimator, type EstimatorInput, type FoldInput } from "./estimator.ts";
import { atHorizons, type FoldSignals } from "./fold_signals.ts";
import { freshActions } from "./fresh_actions.ts";
import { advantageLabel, fitLabel } from "./labels.ts";
import { laterSums } from "./later_residuals.ts";
import {
  type AdvantageForm,
  advantageOptions,
  advantageStepsOptions,
  baselineOptions,
  fittingOptions,
  type FreshActionsOptions,
  freshActionsOptions,
  type LikelihoodRatioOptions,
} from "./option_groups.ts";
import { type OutputSlopes, weightedSlopes } from "./output_slopes.ts";
import { foldAdvantage } from "./real_advantage.ts";
import { ratioOf } from "./ratio.ts";

/** Options of `trajectoryControlVariate`. */
export interface TrajectoryOptions extends LikelihoodRatioOptions, FreshActionsOptions {}

/** The whole of it is subtracted, at the first action and at later ones. */
const whole: Control = { horizon: 1, weight: 1, nearWeight: 0, farWeight: 1 };

/** Signals of one fold, with what its model says of the actions at every state. */
interface TrajectorySignals extends FoldSignals {
  /** [n] Σ_{j≥1} decayʲ·(Q − Q̄)ₜ₊ⱼ */
  readonly later: Float64Array;
  /** mean of ∇log π(aⁱ|s)·(Q − V) */
  readonly slopes: OutputSlopes;
}

/** (batch, Q − Q̄ [n], form of A) ⇒ the sum over the later steps that A counts [n]. */
const laterOf = (batch: Batch, residual: Float64Array, form: AdvantageForm): Float64Array => {
  const { advantage, discount, lambda, advantageSteps } = form;
  switch (advantage) {
    case "monteCarlo":
      return laterSums(batch, residual, 1, discount).far;
    case "gae":
      return laterSums(batch, residual, 1, discount * lambda).far;
    case "kStep":
      return laterSums(batch, residual, advantageSteps, discount).near;
  }
};

/** (one fold's input, the batch's observations normalised, options, key) ⇒ (A, Q − V, later sums, slopes). */
const trajectorySignals = (
  own: FoldInput<"value" | "model">,
  observation: Float32Array,
  options: TrajectoryOptions,
  key: Key,
): TrajectorySignals => {
  const { batch } = own, { discount, lambda, freshActions: actions } = options;
  const form: ReturnForm = { discount, weighting: "kStep", lambda, termination: "hard" }; // no derivative passes it
  const [taken] = embed(own, batch, batch.noise, 1, form);
  const { slopes, mean } = freshActions(own, { horizon: 1, actions, form }, key);
  const residual = Float64Array.from(taken, (q, i) => q - mean[i]);
  return {
    advantage: foldAdvantage(own, observation, options),
    imagined: [taken],
    later: laterOf(batch, residual, options),
    slopes,
  };
};

const estimate = (input: EstimatorInput<"value" | "model">, options: TrajectoryOptions, key: Key): Estimated => {
  const { batch, policy, normalizer, model } = input;
  const observation = normalizeInto(normalizer, batch.observation);
  const signals = byFold(input, (own) => trajectorySignals(own, observation, options, fold(key, "fresh")));
  const controlled: Controlled = {
    signals,
    atHorizons: atHorizons({ halves: [1, 1], next: 1 }, isCrossFitted(input), (half, horizon) => {
      const { later: far } = signals[half];
      return { horizon, later: { near: new Float64Array(far.length), far }, gradientRows: null };
    }),
    controls: { halves: [whole, whole], next: whole },
  };
  const signal = controlledSignal(input, controlled, options);
  const second = weightedSlopes(batch, observation, (half) => signals[half].slopes, [1, 1]);
  return {
    estimate: twoTermEstimate(
      differentiate(policy, ratioOf(batch, observation, signal)),
      [differentiate(policy, second)],
      declarations(input, options, [input.value, model], latentSize(model.first.network) === 0),
    ),
    control: whole,
    metrics: controlMetrics(input, controlled),
  };
};

/** (options) ⇒ words behind its name. */
const label = (o: TrajectoryOptions): string => `${advantageLabel(o)}, ${o.freshActions} fresh actions${fitLabel(o)}`;

/** (input, options, key) ⇒ (estimate). */
export const trajectoryControlVariate: Estimator<TrajectoryOptions, "value" | "model"> = defineEstimator({
  name: "trajectoryControlVariate",
  summary: "the model's one-step Q without its mean over actions, at every state of the trajectory",
  options: {
    ...advantageOptions,
    ...advantageStepsOptions,
    ...freshActionsOptions,
    ...fittingOptions,
    ...baselineOptions,
  },
  reads: ["value", "model"],
  metrics: controlMeanings,
  instead: { horizon: "advantageSteps", rollouts: "freshActions" },
  laboratory: { label, canonical: decidedFit, horizon: () => 1 },
  estimate,
});
