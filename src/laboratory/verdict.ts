/**
 * A measurement in plain words: what is biased, what wins, and by what.
 *
 * @module
 */
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
  const family = estimators.filter((x) => x.match === match && x.label !== match && x.options.terms.length === 2);
  const winner = best(
    family.filter(({ estimator }) => estimator !== "modelGradient"),
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

/** Who gains most along the natural step, and whether bias has a part in it. */
const winnerLines = ({ estimators }: Measurement): ReadonlyArray<string> => {
  const winner = best(estimators, (x) => x.natural.moments.improvement.value);
  if (winner === undefined) return ["The reference is too noisy to say along which estimate a step gains most."];
  const { cosine, direction, coherence, biasSquared } = winner.natural.moments;
  const shown = (x: Interval) => x.value.toFixed(2);
  const parts = `${shown(cosine)} of the steepest ascent: its mean points ${shown(direction)} along the truth, ` +
    `noise leaves ${shown(coherence)}`;
  const bias = {
    biased: `It is biased (bias² ${biasSquared.value.toPrecision(2)}, at least ${
      Math.max(0, biasSquared.low).toPrecision(2)
    }): a biased variant wins here, by less variance and not by a truer mean.`,
    "declared biased": "It declares itself biased; at this precision no bias shows.",
    "none found": "It declares itself unbiased, and no bias shows.",
  }[biasOf(winner)];
  return [`A step gains most along ${winner.label}, ${parts}.`, bias];
};

const sourceLines = ({ sources }: Measurement): ReadonlyArray<string> =>
  sources.slice(0, 1).flatMap(({ label, natural: { sources: { shares }, exactBaseline, perfect, learned } }) => {
    const [first, last] = [perfect.at(0), perfect.at(-1)];
    const bound = first === undefined || last === undefined ? [] : [
      `A control variate over ${last.horizon} steps could remove ${
        percent(last.share.value)
      } of it with a perfect model; ` +
      `the learned model's removes ${percent(learned.at(-1)!.share.value)}. Over ${first.horizon}: ` +
      `${percent(first.share.value)} and ${percent(learned[0].share.value)}.`,
      `Of what an exact V would leave, the learned model's removes ${
        percent(learned.at(-1)!.beyondBaseline.value)
      } over ` +
      `${last.horizon} steps: only that is beyond the reach of a better value function.`,
    ];
    return [
      `The variance of ${label} is ${percent(shares.trajectory.value)} trajectory, ${
        percent(shares.action.value)
      } action ` +
      `and ${percent(shares.state.value)} state; an exact V alone would remove ${percent(exactBaseline.value)} of it.`,
      ...bound,
    ];
  });

/** (measurement) ⇒ sentences. */
export const verdict = (measurement: Measurement): ReadonlyArray<string> => [
  ...controlVariateLines(measurement),
  ...winnerLines(measurement),
  ...sourceLines(measurement),
];
