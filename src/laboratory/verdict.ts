/**
 * A measurement in plain words: what is biased, what wins, and by what.
 *
 * @module
 */
import { fixedText } from "../math/fixed_text.ts";
import { formatEstimate, formatPercent } from "../report/quantities.ts";
import type { IntervalEstimate } from "./bootstrap_intervals.ts";
import type { EstimatorResult, Measurement } from "./measurement.ts";
import type { Measured } from "./moments_of_panel.ts";
import type { Decomposition } from "./variance_sources.ts";

/** What is to be thought of an estimator's bias. */
export type Bias = "biased" | "declared biased" | "none found";

/** (estimator) ⇒ biased: bias² is above zero at 95% in one of the metrics; declared: it says so, too little to be seen. */
export const biasOf = ({ euclidean, natural, declaredUnbiased }: EstimatorResult): Bias =>
  euclidean.moments.biasSquared.low > 0 || natural.moments.biasSquared.low > 0
    ? "biased"
    : declaredUnbiased
    ? "none found"
    : "declared biased";

const percent = (x: number): string => Number.isFinite(x) ? `${formatPercent(x)}%` : "an unknown share";

/** (interval, low to high in words) ⇒ " (5% to 20%)"; says where there is none. */
const ends = ({ low, high }: IntervalEstimate, words: () => string): string =>
  Number.isNaN(low) || Number.isNaN(high) || low === high ? " (too few batches for an interval)" : ` (${words()})`;

/** (gain) ⇒ "+12% (5% to 20%)". */
const gainOf = (gain: IntervalEstimate): string =>
  `${gain.value >= 1 ? "+" : ""}${percent(gain.value - 1)}` +
  ends(gain, () => `${percent(gain.low - 1)} to ${percent(gain.high - 1)}`);

const times = (ratio: IntervalEstimate): string =>
  (ratio.value >= 0 ? (1 / ratio.value).toFixed(2).replace("Infinity", "∞") : "an unknown size") +
  ends(ratio, () => `${(1 / ratio.high).toFixed(2)} to ${ratio.low > 0 ? (1 / ratio.low).toFixed(2) : "∞"}`);

const best = <T>(of: ReadonlyArray<T>, score: (x: T) => number): T | undefined =>
  of.filter((x) => Number.isFinite(score(x))).reduce<T | undefined>(
    (found, x) => (found === undefined || score(x) > score(found) ? x : found),
    undefined,
  );

const find = ({ estimators }: Measurement, label: string): EstimatorResult =>
  estimators.find((estimator) => estimator.label === label)!;

/** (one estimator's moments, its match) ⇒ "cuts the variance … by a factor of …". */
const cutOf = ({ relative: { variance }, published }: Measured, match: string): string => {
  const centred = published === null
    ? ""
    : `, and ${times(published.variance)} against the same centred on its own batch, as published TRPO is`;
  return variance.high < 1
    ? `cuts the variance of the gradient that the trust-region step uses by a factor of ${times(variance)} against ` +
      `${match} (same V, λ, γ and batches)${centred}`
    : `does not cut the variance measurably: a factor of ${
      times(variance)
    } against ${match} (same V, λ, γ and batches)` +
      centred;
};

/** Whether the pipeline's own control variate pays: no choice was made among others, so all batches tell. */
const ownLines = (measurement: Measurement): ReadonlyArray<string> => {
  const { label, match, natural, sameMeanAsMatch } = find(measurement, measurement.own);
  if (label === match) return [];
  return [
    `The pipeline's own ${label} ${cutOf(natural, match)}.`,
    `A step along it gains ${gainOf(natural.relative.improvement)} beside one along ${match}; ` +
    (sameMeanAsMatch
      ? "both have the same mean, so this is variance."
      : "it doesn't declare the same mean: a shorter gradient counts as a quieter one, and bias may have a part in the gain."),
  ];
};

/** How far the pipeline's own estimator is from what a perfect model leaves, and what that floor is made of. */
const floorLines = (measurement: Measurement): ReadonlyArray<string> => {
  const { label, aboveFloor } = find(measurement, measurement.own), floor = measurement.floors.at(-1);
  if (floor === undefined || aboveFloor === null) return [];
  const { variance, residual, states } = floor.natural;
  return [
    `A perfect model over ${floor.horizon} steps, G1 and G2 with endless pairs, would leave ${
      within(variance)
    } of the ` +
    `likelihood ratio's variance: ${
      percent(states.value / variance.value)
    } of that is the choice of the states, which ` +
    `no control variate on actions removes, ${percent(residual.value / variance.value)} lies beyond these steps. ` +
    `${label} is ${within(aboveFloor)} times that floor.`,
  ];
};

/** The best of those with the own advantage, picked on half of the batches and quoted from the other. */
const bestLines = (measurement: Measurement): ReadonlyArray<string> => {
  const { match } = find(measurement, measurement.own);
  const among = measurement.estimators.filter((x) => x.match === match && x.label !== match && x.sameMeanAsMatch);
  const winner = best(among, (x) => -x.split.pick.variance);
  if (winner === undefined || (among.length === 1 && winner.label === measurement.own)) return [];
  const { relative: { improvement } } = winner.split.quote;
  return [
    `The best of ${among.length} control variates on half of the batches, ${winner.label}, on the other half ${
      cutOf(winner.split.quote, match)
    }. A step along it gains ${gainOf(improvement)}; the mean is the same, so this is variance.`,
  ];
};

/** (interval) ⇒ "1.20 (1.10 to 1.30)". */
const within = (x: IntervalEstimate): string =>
  fixedText(x.value, 2) + ends(x, () => `${fixedText(x.low, 2)} to ${fixedText(x.high, 2)}`);

const two = ({ value }: IntervalEstimate): string => fixedText(value, 2);

/** Who gains most along the natural step, and whether bias has a part in it. */
const winnerLines = ({ estimators }: Measurement): ReadonlyArray<string> => {
  const gain = (x: EstimatorResult) => x.split.pick.improvement;
  const winner = best(estimators, gain);
  if (winner === undefined || !Number.isFinite(winner.split.quote.moments.cosine.value)) {
    return ["The reference is too noisy to say along which estimate a step gains most."];
  }
  const { cosine, direction, coherence } = winner.split.quote.moments;
  const first =
    `A step gains most along ${winner.label} (picked on half of the batches), on the others ${
      two(cosine)
    } of the steepest ascent: ` +
    (Number.isFinite(direction.value) && Number.isFinite(coherence.value)
      ? `its mean points ${two(direction)} along the truth, noise leaves ${two(coherence)}.`
      : "these batches are too few to tell its mean from noise, and so bias from variance.");
  const found = biasOf(winner);
  if (found === "none found") return [first, "It declares itself unbiased, and no bias shows."];
  if (found === "declared biased") return [first, "It declares itself biased; at this precision no bias shows."];
  const natural = winner.natural.moments.biasSquared.low > 0; // in which metric it is seen
  const seen = winner[natural ? "natural" : "euclidean"].moments.biasSquared;
  const honest = best(estimators.filter((x) => biasOf(x) === "none found"), gain);
  const other = honest === undefined
    ? "No unbiased estimator was measured beside it."
    : `The best in which no bias was found is ${honest.label}, with ${two(honest.split.quote.moments.cosine)}.`;
  return [
    first,
    `A biased variant wins: its bias² is ${formatEstimate(seen.value)} (${formatEstimate(seen.low)} to ` +
    `${formatEstimate(seen.high)})${natural ? "" : " before the natural-gradient step"}. ${other}`,
  ];
};

/** The pipeline's own estimator beside the one that everybody starts from: how much is bias, how much variance. */
const causeLines = (measurement: Measurement): ReadonlyArray<string> => {
  const { cause, own } = measurement;
  if (cause === null) return [];
  const { cosine, direction, coherence } = cause;
  if (![cosine, direction, coherence].every(({ value }) => value > 0)) return [];
  const bias = find(measurement, cause.beside).natural.moments.direction;
  return [
    `Beside ${cause.beside}, a step along ${own} gains a factor of ${within(cosine)}: variance makes it ${
      within(coherence)
    }, bias ${within(direction)} (${cause.beside} itself points ${two(bias)} along the truth).`,
  ];
};

/** What a control variate could remove by a perfect model, and what the learned one's does, where there is one. */
const boundLines = ({ perfect, learned }: Decomposition): ReadonlyArray<string> => {
  const [first, last] = [perfect.at(0), perfect.at(-1)], [near, far] = [learned.at(0), learned.at(-1)];
  if (first === undefined || last === undefined) return [];
  const could =
    `In G1 alone, whose noise G2 brings back in part, a control variate over ${last.horizon} steps could remove ` +
    `${percent(last.share.value)} of that with a perfect model`;
  const over = (share: string) => first === last ? "." : ` (over ${first.horizon}: ${share}).`;
  if (near === undefined || far === undefined) return [could + over(percent(first.share.value))];
  return [
    `${could}; the run's model removes ${percent(far.share.value)}` +
    over(`${percent(first.share.value)} and ${percent(near.share.value)}`),
    `Of what the state baseline E[Â|s] would leave, the run's model removes ${
      percent(far.beyondBaseline.value)
    } over ${last.horizon} steps.`,
  ];
};

const sourceLines = ({ sources }: Measurement): ReadonlyArray<string> =>
  sources.slice(0, 1).flatMap(({ label, natural }) => {
    const { sources: { shares }, stateBaseline } = natural;
    return [
      `One sample of ${label} varies by ${percent(shares.trajectory.value)} trajectory, ${
        percent(shares.action.value)
      } action ` +
      `and ${percent(shares.state.value)} state; the state baseline E[Â|s] alone would remove ${
        percent(stateBaseline.value)
      } of that variance.`,
      ...boundLines(natural),
    ];
  });

/** (measurement) ⇒ sentences. */
export const verdict = (measurement: Measurement): ReadonlyArray<string> => [
  ...ownLines(measurement),
  ...floorLines(measurement),
  ...bestLines(measurement),
  ...winnerLines(measurement),
  ...causeLines(measurement),
  ...sourceLines(measurement),
];
