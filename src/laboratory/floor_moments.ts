/**
 * Floors of the batches ⇒ the floor with its interval, its parts, and how far estimators are above it.
 *
 *   floor = Var(G1 + G2) − what the finite number of pairs adds = residual beyond k + states
 *
 * @module
 */
import { bootstrapInterval, type IntervalEstimate, positiveInterval } from "./bootstrap_intervals.ts";
import { type FloorCounts, type FloorEstimate, noiseOfMean, type PairNoise } from "./floor.ts";
import type { Metric, SolvedEstimate } from "./gram.ts";
import { type Draws, replicate } from "./moments_of_panel.ts";

/** All of it beside the variance of one likelihood ratio. */
export interface FloorMoments {
  /** what a perfect model over k steps leaves with endless pairs */
  readonly variance: IntervalEstimate;
  /** of it: G1's residual, what lies beyond k steps and V's errors there */
  readonly residual: IntervalEstimate;
  /** of it: the choice of the states, the rest */
  readonly states: IntervalEstimate;
  /** what one antithetic pair a state adds to it by its first action */
  readonly firstAction: IntervalEstimate;
  /** and by its later noise */
  readonly laterNoise: IntervalEstimate;
}

/** The floor, and estimators beside it. */
export interface FloorBeside {
  readonly floor: FloorMoments;
  /** by estimator: its variance / the floor */
  readonly above: ReadonlyArray<IntervalEstimate>;
}

/** A number of every draw. */
interface Drawn {
  readonly value: number;
  readonly replicates: ReadonlyArray<number>;
}

const combined = (of: (...x: number[]) => number, ...drawn: ReadonlyArray<Drawn>): Drawn => ({
  value: of(...drawn.map(({ value }) => value)),
  replicates: drawn[0].replicates.map((_, b) => of(...drawn.map(({ replicates }) => replicates[b]))),
});

/** (numbers of the batches, draws) ⇒ their mean, as it is and in each draw. */
const meanOf = (x: ReadonlyArray<number>, { batches }: Draws): Drawn => {
  const weighted = (weight: (i: number) => number) =>
    x.reduce((sum, v, i) => sum + weight(i) * v, 0) / x.reduce((sum, _, i) => sum + weight(i), 0);
  return { value: weighted(() => 1), replicates: batches.map((counts) => weighted((i) => counts[i])) };
};

const interval = ({ value, replicates }: Drawn): IntervalEstimate => bootstrapInterval(value, replicates);

const positive = ({ value, replicates }: Drawn): IntervalEstimate => positiveInterval(value, replicates);

/**
 * (floors of the batches, draws that each averaged over, estimates of the match and of estimators on the same batches,
 * truth, metric, draws of batches) ⇒ (floor beside the match, estimators beside the floor), paired by batches.
 */
export const floorBeside = (
  floors: ReadonlyArray<FloorEstimate>,
  counts: FloorCounts,
  match: ReadonlyArray<SolvedEstimate>,
  estimators: ReadonlyArray<ReadonlyArray<SolvedEstimate>>,
  truth: ReadonlyArray<SolvedEstimate>,
  metric: Metric,
  draws: Draws,
): FloorBeside => {
  const varianceOf = (estimates: ReadonlyArray<SolvedEstimate>): Drawn => {
    const { value, replicates } = replicate(estimates, truth, metric, draws);
    return { value: value.variance, replicates: replicates.map(({ variance }) => variance) };
  };
  const noise = (of: (noise: PairNoise) => number) => meanOf(floors.map(({ noise }) => of(noise[metric])), draws);
  const ratio = combined.bind(null, (a, b) => a / b);
  const base = varianceOf(match), left = noise((x) => noiseOfMean(x, counts));
  const whole = combined((a, b) => a - b, varianceOf(floors), left);
  const residual = varianceOf(floors.map(({ residual }) => residual));
  return {
    floor: {
      variance: positive(ratio(whole, base)),
      residual: positive(ratio(residual, base)),
      states: interval(ratio(combined((a, b) => a - b, whole, residual), base)),
      firstAction: interval(ratio(noise(({ firstAction }) => firstAction), base)),
      laterNoise: interval(ratio(noise(({ laterNoise }) => laterNoise), base)),
    },
    above: estimators.map((estimates) => positive(ratio(varianceOf(estimates), whole))),
  };
};
