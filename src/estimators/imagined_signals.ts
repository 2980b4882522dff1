/**
 * What one fold's networks imagine of a batch, and one half's control variate made of it, in the order in which it is asked
 * for: A and Ã first, then, at the k that these decide, later residuals and the gradients that weigh w.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { Metrics, ReturnForm } from "../data/gradient.ts";
import { type Half, halfOf } from "../data/halves.ts";
import { embeddedNoise } from "../data/embedded_noise.ts";
import { embed } from "../imagination/embed.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { mean } from "../math/statistics.ts";
import { boundOf, cut } from "./bound.ts";
import type { EstimatorFrame, FoldInput } from "./estimator.ts";
import type { ByFold, ByUse, FoldSignals, SignalsAtHorizon } from "./fold_signals.ts";
import { laterOf, type LaterPairs, laterPairs } from "./later_residuals.ts";
import { type DifferentiatedSlopes, earlierStates } from "./earlier_states.ts";
import type { Mixable } from "./mixed_slopes.ts";
import { type FreshRollouts, pathSlopes, rollPaths } from "./paths.ts";
import { type MirroredPair, pairSlopes, rollPairs } from "./mirrored_pairs.ts";
import type {
  AdvantageForm,
  AdvantageOptions,
  BoundOptions,
  CoefficientOptions,
  EarlierStatesOptions,
  FittingOptions,
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
  & BoundOptions
  & FittingOptions
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

/** What one fold's networks imagine of a batch, without a bound. */
export interface ImaginedFold {
  /** the batch, with this fold's networks */
  readonly own: FoldInput<"value" | "model">;
  /** A [n] */
  readonly advantage: Float64Array;
  /** Ã₁ … Ã_k of the real actions, each [n] */
  readonly imagined: ReadonlyArray<Float32Array>;
  /** of the action at every state; null where later residuals are kept */
  readonly later: LaterPairs | null;
  /** (k ≥ 1) ⇒ antithetic pairs of fresh first actions; rolled out once for each k */
  readonly pairs: (horizon: number) => ReadonlyArray<MirroredPair>;
  /** (k ≥ 1) ⇒ fresh rollouts with their path derivatives; rolled out once for each k */
  readonly paths: (horizon: number) => FreshRollouts;
}

const onceForEach = <A>(of: (horizon: number) => A): (horizon: number) => A => {
  const known = new Map<number, A>();
  return (horizon) => {
    const found = known.get(horizon) ?? of(horizon);
    known.set(horizon, found);
    return found;
  };
};

/** (one fold's input, its observations normalised, ε [≥ k, n, act], options, key of the fresh noise) ⇒ (what is imagined). */
export const imaginedFold = (
  own: FoldInput<"value" | "model">,
  observation: Float32Array,
  noise: Float32Array,
  options: ImaginedSignalsOptions,
  fresh: Key,
): ImaginedFold => {
  const deepest = noise.length / own.batch.noise.length, horizon = deepestOf(options), { rollouts } = options;
  const form = formOf(options), all = horizon === 0 ? [] : embed(own, own.batch, noise, deepest, form);
  return {
    own,
    advantage: foldAdvantage(own, observation, advantageFormOf(options)),
    imagined: all.slice(0, horizon),
    later: horizon === 0 ? null : laterPairs(own, options, form, all, noise),
    pairs: onceForEach((k) => rollPairs(own, { noise, form }, k, rollouts, fresh)),
    paths: onceForEach((k) => rollPaths(own, k, { form, rollouts }, fold(fresh, "paths"))),
  };
};

/** What one half's control variate is made of. */
export interface ImaginedSignals extends FoldSignals {
  /** what its networks imagine */
  readonly from: ImaginedFold;
  /** largest |Ã| */
  readonly bound: number;
}

/** (batch, what is imagined by fold, options) ⇒ signals by half; one and the same where networks and bounds are. */
export const imaginedSignals = (
  batch: Batch,
  folds: ByFold<ImaginedFold>,
  options: ImaginedSignalsOptions,
): ByFold<ImaginedSignals> => {
  const bounds = folds.map(({ advantage }, half) => boundOf(batch, half as Half, advantage, options));
  const ofHalf = (half: Half): ImaginedSignals => {
    const from = folds[half], { advantage, imagined } = from, bound = bounds[half];
    const within = bound === Infinity ? imagined : imagined.map((all) => all.map((x) => cut(x, bound)));
    return { from, advantage, imagined: within, bound };
  };
  const first = ofHalf(0);
  return [first, folds[0] === folds[1] && bounds[0] === bounds[1] ? first : ofHalf(1)];
};

/** What is known at a k, with G2 for w = 1 where it decides w, or is mixed. */
export interface ImaginedAtHorizon extends SignalsAtHorizon, Mixable {
  /** G2 for w = 1 at states of earlier batches; null where none are used */
  readonly earlier: DifferentiatedSlopes | null;
}

/** (one half's signals, k ≥ 1) ⇒ G2 of every row by mirrored pairs, for w = 1. */
const pairSlopesAt = ({ from: { own, imagined, pairs }, bound }: ImaginedSignals, horizon: number): OutputSlopes =>
  pairSlopes(own.policy, pairs(horizon), imagined[horizon - 1], bound);

/** (one half's signals, k ≥ 1) ⇒ G2 of every row by path derivatives, for w = 1. */
const pathSlopesAt = ({ from: { own, paths }, bound }: ImaginedSignals, horizon: number): OutputSlopes =>
  pathSlopes(own.policy, paths(horizon), bound);

/** (one half's signals, k ≥ 1, options) ⇒ G2 of every row in one of the two ways, for w = 1. */
export const slopesAt = (
  signals: ImaginedSignals,
  horizon: number,
  { imaginedGradient }: ImaginedSignalsOptions,
): OutputSlopes => (imaginedGradient === "mirroredPairs" ? pairSlopesAt : pathSlopesAt)(signals, horizon);

/** (one half's signals, k, options, key of the fresh noise) ⇒ what is known at k. */
export const imaginedAt = (
  signals: ImaginedSignals,
  horizon: number,
  options: ImaginedSignalsOptions,
  fresh: Key,
): ImaginedAtHorizon => {
  const { from: { own, later: pairs }, bound } = signals, { rollouts, coefficient, imaginedGradient: way } = options;
  const decides = horizon > 0 && coefficient === "leastVariance";
  const later = horizon === 0 || pairs === null ? null : laterOf(own.batch, pairs, horizon, bound);
  const known = { horizon, later, gradientRows: null, slopes: null, both: null, shares: null, earlier: null };
  if (way === "mixed" && horizon > 0) {
    return { ...known, both: { path: pathSlopesAt(signals, horizon), pairs: pairSlopesAt(signals, horizon) } };
  }
  const earlier = earlierStates(own, options.earlierBatches, horizon, { form: formOf(options), rollouts }, fresh);
  if (!decides && earlier === null) return known;
  const slopes = slopesAt(signals, horizon, options);
  return { ...known, slopes, earlier, gradientRows: decides ? slopeRows(own.policy, slopes) : null };
};

/** Meanings of `cutMetrics`. */
export const cutMeanings: Readonly<Record<string, string>> = {
  imaginedCut: "share of transitions whose Ã is cut to imaginedBound",
};

/** (batch, signals and k by half) ⇒ what to report of the bound; nothing where there is none. */
export const cutMetrics = (
  batch: Batch,
  signals: ByFold<ImaginedSignals>,
  { halves }: ByUse<number>,
  { imaginedBound }: BoundOptions,
): Metrics => {
  if (imaginedBound === 0) return {};
  const which = halfOf(batch);
  const isCut = (i: number): boolean => {
    const half = which(i), { from: { imagined }, bound } = signals[half], k = halves[half];
    return k > 0 && Math.abs(imagined[k - 1][i]) >= bound;
  };
  return { imaginedCut: mean(Float64Array.from(batch.reward, (_, i) => (isCut(i) ? 1 : 0))) };
};
