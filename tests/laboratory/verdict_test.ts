/**
 * The plain words of a measurement.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { IntervalEstimate } from "../../src/laboratory/bootstrap_intervals.ts";
import type { EstimatorResult, Measurement } from "../../src/laboratory/measurement.ts";
import { biasOf, verdict } from "../../src/laboratory/verdict.ts";
import { unbiasedOptions } from "../estimators/world.ts";

const around = (value: number, half = 0.1): IntervalEstimate => ({ value, low: value - half, high: value + half });

interface Facts {
  readonly label: string;
  readonly estimator?: string;
  readonly match?: string;
  readonly bias?: IntervalEstimate;
  readonly cosine: number;
  readonly direction?: number;
  readonly coherence?: number;
  readonly variance?: IntervalEstimate;
  readonly declared?: boolean;
  readonly sameMean?: boolean;
  readonly published?: IntervalEstimate;
  /** On the first half of the batches, by which a choice is made; as in the second where not given. */
  readonly picked?: { readonly variance?: number; readonly gain?: number };
  readonly options?: Partial<EstimatorResult["options"]>;
}

const estimator = (x: Facts): EstimatorResult => {
  const { estimator = "mscv", match = "ratio", declared = false, direction = 1, coherence = x.cosine } = x;
  const moments = {
    biasSquared: x.bias ?? around(0),
    cosine: around(x.cosine),
    improvement: around(x.cosine),
    direction: around(direction),
    coherence: around(coherence),
  };
  const relative = { variance: x.variance ?? around(1), improvement: around(1.2) };
  const published = x.published === undefined ? null : { variance: x.published, improvement: around(1) };
  const measured = { moments, relative, published } as unknown as EstimatorResult["natural"];
  const pick = {
    variance: x.picked?.variance ?? relative.variance.value,
    improvement: x.picked?.gain ?? moments.improvement.value,
  };
  return {
    label: x.label,
    estimator,
    match,
    declaredUnbiased: declared,
    sameMeanAsMatch: x.sameMean ?? true,
    options: { ...unbiasedOptions, advantage: "gae", ...x.options },
    euclidean: measured,
    natural: measured,
    split: { pick, quote: measured },
    metrics: {},
    seconds: 1,
    relativeCost: around(1),
    aboveFloor: null,
  };
};

const ratio = estimator({ label: "ratio", estimator: "likelihoodRatio", cosine: 0.3, bias: around(0.5) });
const plain = estimator({
  label: "plain",
  estimator: "likelihoodRatio",
  match: "plain",
  cosine: 0.2,
  declared: true,
  options: { advantage: "monteCarlo" },
});

const measurementOf = (own: string, ...estimators: EstimatorResult[]): Measurement =>
  ({ own, estimators, sources: [], cause: null, floors: [] }) as unknown as Measurement;

Deno.test("bias is seen, declared, or not found", () => {
  assertEquals(biasOf(ratio), "biased");
  assertEquals(biasOf({ ...ratio, natural: plain.natural, euclidean: plain.euclidean }), "declared biased");
  assertEquals(biasOf({ ...plain, natural: ratio.natural }), "biased"); // whatever it declares, in either metric
  assertEquals(biasOf({ ...plain, euclidean: ratio.euclidean }), "biased");
  assertEquals(biasOf(plain), "none found");
});

Deno.test("a biased winner is called one, beside the best in which no bias was found", () => {
  const wild = estimator({ label: "wild", estimator: "modelGradient", cosine: 0.6, bias: around(2), direction: 0.7 });
  const words = verdict(measurementOf("ratio", ratio, plain, wild)).join("\n");
  assertStringIncludes(
    words,
    "A step gains most along wild (picked on half of the batches), on the others 0.60 of the steepest ascent",
  );
  assertStringIncludes(words, "A biased variant wins: its bias² is 2.00 (1.90 to 2.10).");
  assertStringIncludes(words, "The best in which no bias was found is plain, with 0.20.");
});

Deno.test("an unbiased winner is called one", () => {
  const honest = estimator({ label: "honest", cosine: 0.9, declared: true });
  const words = verdict(measurementOf("honest", ratio, plain, honest)).join("\n");
  assertStringIncludes(words, "It declares itself unbiased, and no bias shows.");
});

Deno.test("the pipeline's own control variate comes first, whatever others reach; its cut is a factor, against both ratios", () => {
  const own = estimator({
    label: "own",
    cosine: 0.4,
    variance: { value: 0.5, low: 0.4, high: 0.625 },
    published: { value: 0.8, low: 0.5, high: 1.25 },
  });
  const better = estimator({ label: "better", cosine: 0.4, variance: around(0.2) });
  const [first, second, third] = verdict(measurementOf("own", ratio, plain, own, better));
  assertEquals(
    first, // 1/.5, 1/.625, 1/.4; 1/.8, 1/1.25, 1/.5
    "The pipeline's own own cuts the variance of the gradient that the trust-region step uses by a factor of 2.00 " +
      "(1.60 to 2.50) against ratio (same V, λ, γ and batches), and 1.25 (0.80 to 2.00) against the same centred on its " +
      "own batch, as published TRPO is.",
  );
  assertStringIncludes(second, "both have the same mean, so this is variance.");
  assertStringIncludes(third, "The best of 2 control variates on half of the batches, better, on the other half cuts");
  const moved = verdict(measurementOf("own", ratio, plain, { ...own, sameMeanAsMatch: false })).join("\n");
  assertStringIncludes(
    moved,
    "it doesn't declare the same mean: a shorter gradient counts as a quieter one, and bias may have a part in the gain.",
  );
  assert(!moved.includes("The best of"));
});

Deno.test("the distance from the floor is told, and of what the floor is made", () => {
  const own = { ...estimator({ label: "own", cosine: 0.4 }), aboveFloor: around(1.3) };
  const parts = { variance: around(0.25), residual: around(0.05), states: around(0.2) };
  const floors = [{ horizon: 10, natural: parts }] as unknown as Measurement["floors"];
  assertStringIncludes(
    verdict({ ...measurementOf("own", ratio, own), floors }).join("\n"),
    "A perfect model over 10 steps, G1 and G2 with endless pairs, would leave 0.25 (0.15 to 0.35) of the likelihood " +
      "ratio's variance: 80% of that is the choice of the states, which no control variate on actions removes, 20% lies " +
      "beyond these steps. own is 1.30 (1.20 to 1.40) times that floor.",
  );
});

Deno.test("what half of the batches picks is quoted from the other half; what loses the mean is not picked", () => {
  const lucky = { picked: { variance: 0.3 }, variance: around(0.9) };
  const half = estimator({ label: "half", cosine: 0.5, variance: around(0.15), sameMean: false });
  const good = estimator({ label: "good", cosine: 0.4, variance: around(0.5) });
  const words = verdict(
    measurementOf("ratio", ratio, half, good, estimator({ label: "lucky", cosine: 0.4, ...lucky })),
  );
  assertStringIncludes(
    words[0],
    "The best of 2 control variates on half of the batches, lucky, on the other half does not cut the variance " +
      "measurably: a factor of 1.11",
  );
  const steep = estimator({ label: "steep", cosine: 0.2, picked: { gain: 0.9 } });
  assertStringIncludes(
    verdict(measurementOf("ratio", ratio, steep)).join("\n"),
    "A step gains most along steep (picked on half of the batches), on the others 0.20 of the steepest ascent",
  );
});

Deno.test("the gain over Monte-Carlo is split into variance and bias, with intervals", () => {
  const own = estimator({ label: "own", cosine: 0.4, direction: 0.5, coherence: 0.8 });
  const cause = { beside: "plain", cosine: around(2, 0.5), coherence: around(4, 1), direction: around(0.5, 0.25) };
  assertStringIncludes(
    verdict({ ...measurementOf("own", ratio, plain, own), cause }).join("\n"),
    "Beside plain, a step along own gains a factor of 2.00 (1.50 to 2.50): variance makes it 4.00 (3.00 to 5.00), " +
      "bias 0.50 (0.25 to 0.75) (plain itself points 1.00 along the truth).",
  );
});

Deno.test("a reference too noisy for a cosine is said to be that", () => {
  const lost = estimator({ label: "lost", estimator: "modelGradient", cosine: NaN, sameMean: false });
  assertEquals(verdict(measurementOf("lost", { ...lost, match: "lost" })), [
    "The reference is too noisy to say along which estimate a step gains most.",
  ]);
});

Deno.test("what the batches are too few for is said, and no number that is none is printed", () => {
  const none = { value: 1.5, low: NaN, high: NaN };
  const own = estimator({ label: "own", cosine: 0.4, variance: none, published: none, direction: NaN, coherence: NaN });
  const gained = { ...own.natural, relative: { ...own.natural.relative, improvement: none } };
  const cause = { beside: "plain", cosine: none, coherence: none, direction: none };
  const rows = [ratio, plain, { ...own, natural: gained, split: { ...own.split, quote: gained } }];
  const words = verdict({ ...measurementOf("own", ...rows), cause }).join("\n");
  assertStringIncludes(words, "measurably: a factor of 0.67 (too few batches for an interval) against ratio");
  assertStringIncludes(words, "A step along it gains +50% (too few batches for an interval) beside one along ratio");
  assertStringIncludes(
    words,
    "on the others 0.40 of the steepest ascent: these batches are too few to tell its mean from noise",
  );
  assertStringIncludes(
    words,
    "gains a factor of 1.50 (too few batches for an interval): variance makes it 1.50 (too few",
  );
  assert(!words.includes("NaN"), words);
});
