/**
 * An estimator of one's own, as a user would write it: Monte-Carlo returns, less the mean of the other environments'.
 *
 *   Rₜ = Σⱼ γʲ rₜ₊ⱼ to the end of the episode or of the batch;  signalₜⁿ = Rₜⁿ − 1/(N − 1)·Σ_{m≠n} Rₜᵐ
 */
import {
  type Batch,
  bootstrapWeights,
  defineEstimator,
  discountedSums,
  fraction,
  oneOf,
  option,
  scoreEstimate,
} from "../../mod.ts";

/** (batch, R [T, N]) ⇒ mean over the other environments [T, N]. */
const meanOfOthers = ({ environments: n }: Batch, returns: Float64Array): Float64Array => {
  const sums = new Float64Array(returns.length / n);
  returns.forEach((r, i) => sums[Math.floor(i / n)] += r);
  return returns.map((r, i) => (sums[Math.floor(i / n)] - r) / (n - 1));
};

export const leaveOneOut = defineEstimator({
  name: "leaveOneOut",
  summary: "Monte-Carlo returns less the mean of the other environments'",
  reads: [],
  options: {
    discount: option(fraction, 0.995, "γ"),
    baseline: option(
      oneOf("others", "none"),
      "others",
      "the mean return of the other environments at that time, or nothing",
    ),
  },
  metrics: { signalStd: "standard deviation of the returns less the baseline" },
  laboratory: {
    label: ({ baseline }) => `MC, ${baseline}`,
    comparator: () => ({ advantage: "monteCarlo" }),
  },
  estimate: (input, { discount, baseline }) => {
    const { batch } = input, returns = discountedSums(batch, Float64Array.from(batch.reward), discount);
    const level = baseline === "others" ? meanOfOthers(batch, returns) : new Float64Array(returns.length);
    const unbiased = bootstrapWeights(batch, discount).every((weight) => weight < 0.01); // no return is cut
    return scoreEstimate(input, Float32Array.from(returns, (r, i) => r - level[i]), { unbiased, keepsMean: unbiased });
  },
});
