/**
 * A measurement in plain words: what is biased, what wins, and by what.
 *
 * @module
 */
import { formatEstimate } from "../report/quantities.ts";
import type { Interval } from "./intervals.ts";
import type { EstimatorResult, Measurement } from "./measurement.ts";

/** What is to be thought of an estimator's bias. */
export type Bias = "biased" | "declared biased" | "none found";

/** (estimator) ⇒ biased: bias² is above zero at 95% in one of the metrics; declared: it says so, too little to be seen. */
export const biasOf = ({ euclidean, natural, declaredUnbiased }: EstimatorResult): Bias =>
  euclidean.moments.biasSquared.low > 0 || natural.moments.biasSquared.low > 0
    ? "biased"
    : declaredUnbiased
    ? "none found"
    : "declared biased";

const percent = (x: number): string => `${(100 * x).toFixed(0).replace("-", "−")}%`;

/** (gain) ⇒ "+12% (5% to 20%)". */
const gainOf = ({ value, low, high }: Interval): string =>
  `${value >= 1 ? "+" : ""}${percent(value - 1)} (${percent(low - 1)} to ${percent(high - 1)})`;

const times = ({ value, low, high }: Interval): string =>
  `${(1 / value).toFixed(2)} (${(1 / high).toFixed(2)} to ${low > 0 ? (1 / low).toFixed(2) : "∞"})`;

const best = <T>(of: ReadonlyArray<T>, score: (x: T) => number): T | undefined =>
  of.filter((x) => Number.isFinite(score(x))).reduce<T | undefined>(
    (found, x) => (found === undefined || score(x) > score(found) ? x : found),
    undefined,
  );

const find = ({ estimators }: Measurement, label: string): EstimatorResult =>
  estimators.find((estimator) => estimator.label === label)!;

/** Whether the control variate pays, by the longest cut of the variance among those with the own advantage. */
const controlVariateLines = (measurement: Measurement): ReadonlyArray<string> => {
  const { estimators } = measurement, { match } = find(measurement, measurement.own);
  const winner = best(
    estimators.filter((x) => x.match === match && x.label !== match && x.sameMeanAsMatch),
    (x) => -x.natural.relative.variance.value,
  );
  if (winner === undefined) return [];
  const { variance, improvement } = winner.natural.relative;
  const size = variance.high < 1
    ? `cuts the variance of the gradient that the trust-region step uses by a factor of ${times(variance)}`
    : `does not cut the variance measurably: a factor of ${times(variance)}`;
  return [
    `The best control variate, ${winner.label}, ${size} against ${match}: the same V, λ, γ and batches.`,
    `A step along it gains ${
      gainOf(improvement)
    } beside one along ${match}; both have the same mean, so this is variance.`,
  ];
};

const two = ({ value }: Interval): string => value.toFixed(2);

/** Who gains most along the natural step, and whether bias has a part in it. */
const winnerLines = ({ estimators }: Measurement): ReadonlyArray<string> => {
  const gain = (x: EstimatorResult) => x.natural.moments.improvement.value;
  const winner = best(estimators, gain);
  if (winner === undefined || !Number.isFinite(winner.natural.moments.cosine.value)) {
    return ["The reference is too noisy to say along which estimate a step gains most."];
  }
  const { cosine, direction, coherence } = winner.natural.moments;
  const first = `A step gains most along ${winner.label}, ${two(cosine)} of the steepest ascent: its mean points ` +
    `${two(direction)} along the truth, noise leaves ${two(coherence)}.`;
  const found = biasOf(winner);
  if (found === "none found") return [first, "It declares itself unbiased, and no bias shows."];
  if (found === "declared biased") return [first, "It declares itself biased; at this precision no bias shows."];
  const natural = winner.natural.moments.biasSquared.low > 0; // in which metric it is seen
  const seen = winner[natural ? "natural" : "euclidean"].moments.biasSquared;
  const honest = best(estimators.filter((x) => biasOf(x) === "none found"), gain);
  const other = honest === undefined
    ? "No unbiased estimator was measured beside it."
    : `The best in which no bias was found is ${honest.label}, with ${two(honest.natural.moments.cosine)}.`;
  return [
    first,
    `A biased variant wins: its bias² is ${formatEstimate(seen.value)} (${formatEstimate(seen.low)} to ` +
    `${formatEstimate(seen.high)})${natural ? "" : " before the natural-gradient step"}. ${other}`,
  ];
};

/** The pipeline's own estimator beside the unbiased one that everybody starts from: how much is bias, how much variance. */
const causeLines = (measurement: Measurement): ReadonlyArray<string> => {
  const own = find(measurement, measurement.own);
  const plain = measurement.estimators.find((x) =>
    x.estimator === "likelihoodRatio" && x.options.advantage === "monteCarlo" &&
    x.options.discount === own.options.discount
  );
  if (plain === undefined || plain === own) return [];
  const ratio = (of: "cosine" | "direction" | "coherence") =>
    own.natural.moments[of].value / plain.natural.moments[of].value;
  if (!["cosine", "direction", "coherence"].every((of) => ratio(of as "cosine") > 0)) return [];
  return [
    `Beside ${plain.label}, a step along ${own.label} gains a factor of ${ratio("cosine").toFixed(2)}: ` +
    `variance makes it ${ratio("coherence").toFixed(2)}, bias ${ratio("direction").toFixed(2)}.`,
  ];
};

const sourceLines = ({ sources }: Measurement): ReadonlyArray<string> =>
  sources.slice(0, 1).flatMap(({ label, natural: { sources: { shares }, stateBaseline, perfect, learned } }) => {
    const [first, last] = [perfect.at(0), perfect.at(-1)];
    const bound = first === undefined || last === undefined ? [] : [
      `A control variate over ${last.horizon} steps could remove ${
        percent(last.share.value)
      } of it with a perfect model; ` +
      `the learned model's removes ${percent(learned.at(-1)!.share.value)}` +
      (first === last
        ? "."
        : ` (over ${first.horizon}: ${percent(first.share.value)} and ${percent(learned[0].share.value)}).`),
      `Of what the state baseline E[Â|s] would leave, the learned model's removes ${
        percent(learned.at(-1)!.beyondBaseline.value)
      } over ${last.horizon} steps.`,
    ];
    return [
      `The variance of ${label} is ${percent(shares.trajectory.value)} trajectory, ${
        percent(shares.action.value)
      } action ` +
      `and ${percent(shares.state.value)} state; the state baseline E[Â|s] alone would remove ${
        percent(stateBaseline.value)
      } of it.`,
      ...bound,
    ];
  });

/** (measurement) ⇒ sentences. */
export const verdict = (measurement: Measurement): ReadonlyArray<string> => [
  ...controlVariateLines(measurement),
  ...winnerLines(measurement),
  ...causeLines(measurement),
  ...sourceLines(measurement),
];
