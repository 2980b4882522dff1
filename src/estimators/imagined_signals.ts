/**
 * What one fold's networks imagine of a batch, in the order in which it is asked for: A and Ã first, then, at the k that
 * these decide, later residuals and the gradients that weigh w.
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import { embeddedNoise } from "../data/embedded_noise.ts";
import { embed } from "../imagination/embed.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import type { EstimatorFrame, FoldInput } from "./estimator.ts";
import type { FoldSignals, SignalsAtHorizon } from "./fold_signals.ts";
import { laterSums, type OddResiduals, oddResiduals } from "./later_residuals.ts";
import { type DifferentiatedSlopes, earlierStates } from "./earlier_states.ts";
import type { Mixable } from "./mixed_slopes.ts";
import { pathSlopes } from "./paths.ts";
import { mirroredSlopes } from "./mirrored_pairs.ts";
import type {
  AdvantageForm,
  AdvantageOptions,
  CoefficientOptions,
  EarlierStatesOptions,
  HorizonOptions,
  ImaginationOptions,
  LaterResidualsOptions,
} from "./option_groups.ts";
import { type OutputSlopes, slopeRows } from "./output_slopes.ts";
import { foldAdvantage } from "./real_advantage.ts";

/** What decides them. */
export type ImaginedSignalsOptions =
  & AdvantageOptions
  & HorizonOptions
  & ImaginationOptions
  & CoefficientOptions
  & EarlierStatesOptions
  & LaterResidualsOptions;

/** (options) ⇒ k at most. */
export const deepestOf = ({ horizon, maxHorizon }: HorizonOptions): number =>
  horizon === "dynamic" ? maxHorizon : horizon;

/** (options) ⇒ A: of kStep advantages k is that of imagination. */
export const advantageFormOf = (options: AdvantageOptions & HorizonOptions): AdvantageForm => ({
  discount: options.discount,
  advantage: options.advantage,
  lambda: options.lambda,
  advantageSteps: deepestOf(options),
});

/** (options) ⇒ how imagined rewards add up. */
export const formOf = (
  { discount, imaginedReturn, lambda, termination }:
    & AdvantageOptions
    & Pick<ImaginationOptions, "imaginedReturn" | "termination">,
): ReturnForm => ({ discount, weighting: imaginedReturn, lambda, termination });

/** (options) ⇒ whether G2 is taken by path derivatives, in whole or in part. */
export const usesPaths = ({ imaginedGradient }: ImaginationOptions): boolean => imaginedGradient !== "mirroredPairs";

/** (frame, options, key) ⇒ ε of the embedded trajectories [k, T·N, act], as many steps as anything looks ahead. */
export const noiseOf = ({ batch }: EstimatorFrame, options: ImaginedSignalsOptions, key: Key): Float32Array => {
  const { laterResiduals, laterHorizon } = options, horizon = deepestOf(options);
  const deepest = laterResiduals === "kept" ? horizon : Math.max(horizon, laterHorizon);
  return embeddedNoise(batch, deepest, makeStream(fold(key, "embed")));
};

/** The embedded trajectories of one fold. */
export interface EmbeddedSignals extends FoldSignals {
  /** the batch, with this fold's networks */
  readonly own: FoldInput<"value" | "model">;
  /** [≥ k, n, act] ε that they were imagined with */
  readonly noise: Float32Array;
  /** of the action at every state; null where later residuals are kept */
  readonly odd: OddResiduals | null;
}

/** (one fold's input, its observations normalised, ε, options) ⇒ (A, Ã₁ … Ã_k, what later residuals are corrected by). */
export const embeddedSignals = (
  own: FoldInput<"value" | "model">,
  observation: Float32Array,
  noise: Float32Array,
  options: ImaginedSignalsOptions,
): EmbeddedSignals => {
  const horizon = deepestOf(options), form = formOf(options), { batch } = own;
  const deepest = noise.length / batch.noise.length;
  const all = horizon === 0 ? [] : embed(own, batch, noise, deepest, form);
  return {
    own,
    noise,
    advantage: foldAdvantage(own, observation, advantageFormOf(options)),
    imagined: all.slice(0, horizon),
    odd: horizon === 0 ? null : oddResiduals(own, options, form, all, noise),
  };
};

/** What is known at a k, with G2 for w = 1 where it decides w, or is mixed. */
export interface ImaginedAtHorizon extends SignalsAtHorizon, Mixable {
  /** G2 for w = 1 at states of earlier batches; null where none are used */
  readonly earlier: DifferentiatedSlopes | null;
}

/** (one fold's signals, k ≥ 1, options, key of the fresh noise) ⇒ G2 of every row by mirrored pairs, for w = 1. */
const pairSlopesAt = (
  { own, noise, imagined }: EmbeddedSignals,
  horizon: number,
  options: ImaginedSignalsOptions,
  fresh: Key,
): OutputSlopes => mirroredSlopes(own, { noise, imagined, form: formOf(options) }, horizon, options.rollouts, fresh);

/** (one fold's signals, k ≥ 1, options, key of the fresh noise) ⇒ G2 of every row by path derivatives, for w = 1. */
const pathSlopesAt = (
  { own }: EmbeddedSignals,
  horizon: number,
  options: ImaginedSignalsOptions,
  fresh: Key,
): OutputSlopes =>
  pathSlopes(own, horizon, { form: formOf(options), rollouts: options.rollouts }, fold(fresh, "paths"));

/** (one fold's signals, k ≥ 1, options, key of the fresh noise) ⇒ G2 of every row in one of the two ways, for w = 1. */
export const slopesAt = (
  signals: EmbeddedSignals,
  horizon: number,
  options: ImaginedSignalsOptions,
  fresh: Key,
): OutputSlopes =>
  (options.imaginedGradient === "mirroredPairs" ? pairSlopesAt : pathSlopesAt)(signals, horizon, options, fresh);

/** (one fold's signals, k, options, key of the fresh noise) ⇒ what is known at k. */
export const imaginedAt = (
  signals: EmbeddedSignals,
  horizon: number,
  options: ImaginedSignalsOptions,
  fresh: Key,
): ImaginedAtHorizon => {
  const { own, odd } = signals, { rollouts, coefficient, imaginedGradient: way } = options;
  const decides = horizon > 0 && coefficient === "leastVariance";
  const later = horizon === 0 || odd === null ? null : laterSums(own.batch, odd.residual, horizon, odd.decay);
  const known = { horizon, later, gradientRows: null, slopes: null, both: null, shares: null, earlier: null };
  if (way === "mixed" && horizon > 0) {
    const [path, pairs] = [pathSlopesAt, pairSlopesAt].map((at) => at(signals, horizon, options, fresh));
    return { ...known, both: { path, pairs } };
  }
  const earlier = earlierStates(own, options.earlierBatches, horizon, { form: formOf(options), rollouts }, fresh);
  if (!decides && earlier === null) return known;
  const slopes = slopesAt(signals, horizon, options, fresh);
  return { ...known, slopes, earlier, gradientRows: decides ? slopeRows(own.policy, slopes) : null };
};
