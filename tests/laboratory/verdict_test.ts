/**
 * The plain words of a measurement.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Interval } from "../../src/laboratory/intervals.ts";
import type { EstimatorResult, Measurement } from "../../src/laboratory/measurement.ts";
import { biasOf, verdict } from "../../src/laboratory/verdict.ts";
import { unbiasedOptions } from "../estimators/world.ts";

const around = (value: number, half = 0.1): Interval => ({ value, low: value - half, high: value + half });

interface Facts {
  readonly label: string;
  readonly estimator?: string;
  readonly match?: string;
  readonly bias?: Interval;
  readonly cosine: number;
  readonly direction?: number;
  readonly coherence?: number;
  readonly variance?: Interval;
  readonly declared?: boolean;
  readonly sameMean?: boolean;
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
  const measured = { moments, relative } as unknown as EstimatorResult["natural"];
  return {
    label: x.label,
    estimator,
    match,
    declaredUnbiased: declared,
    sameMeanAsMatch: x.sameMean ?? true,
    options: { ...unbiasedOptions, advantage: "gae", ...x.options },
    euclidean: measured,
    natural: measured,
    metrics: {},
    seconds: 1,
    relativeCost: 1,
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
  ({ own, estimators, sources: [] }) as unknown as Measurement;

Deno.test("bias is seen, declared, or not found", () => {
  assertEquals(biasOf(ratio), "biased");
  assertEquals(biasOf({ ...ratio, natural: plain.natural, euclidean: plain.euclidean }), "declared biased");
  assertEquals(biasOf({ ...plain, natural: ratio.natural }), "biased"); // whatever it declares, in either metric
  assertEquals(biasOf(plain), "none found");
});

Deno.test("a biased winner is called one, beside the best in which no bias was found", () => {
  const wild = estimator({ label: "wild", estimator: "modelGradient", cosine: 0.6, bias: around(2), direction: 0.7 });
  const words = verdict(measurementOf("ratio", ratio, plain, wild)).join("\n");
  assertStringIncludes(words, "A step gains most along wild, 0.60 of the steepest ascent");
  assertStringIncludes(words, "A biased variant wins: its bias² is 2.00 (1.90 to 2.10).");
  assertStringIncludes(words, "The best in which no bias was found is plain, with 0.20.");
});

Deno.test("an unbiased winner is called one", () => {
  const honest = estimator({ label: "honest", cosine: 0.9, declared: true });
  const words = verdict(measurementOf("honest", ratio, plain, honest)).join("\n");
  assertStringIncludes(words, "It declares itself unbiased, and no bias shows.");
});

Deno.test("a control variate's cut is a factor; one that cuts nothing, or only by losing the mean, is not praised", () => {
  const good = estimator({ label: "good", cosine: 0.4, variance: { value: 0.5, low: 0.4, high: 0.625 } });
  const half = estimator({ label: "half", cosine: 0.5, variance: around(0.15), sameMean: false });
  const words = verdict(measurementOf("ratio", ratio, plain, half, good)).join("\n");
  assertStringIncludes(words, "The best control variate, good, cuts the variance");
  assertStringIncludes(words, "by a factor of 2.00 (1.60 to 2.50) against ratio: the same V, λ, γ and batches."); // 1/.625, 1/.4
  const poor = estimator({ label: "poor", cosine: 0.4, variance: around(0.95) });
  assertStringIncludes(verdict(measurementOf("ratio", ratio, poor)).join("\n"), "does not cut the variance measurably");
});

Deno.test("the gain over Monte-Carlo is split into variance and bias", () => {
  // .4/.2 = 2 = (.8/.2)·(.5/1): variance 4, bias .5
  const own = estimator({ label: "own", cosine: 0.4, direction: 0.5, coherence: 0.8 });
  const words = verdict(measurementOf("own", ratio, plain, own)).join("\n");
  assertStringIncludes(
    words,
    "Beside plain, a step along own gains a factor of 2.00: variance makes it 4.00, bias 0.50.",
  );
});

Deno.test("a reference too noisy for a cosine is said to be that", () => {
  const lost = estimator({ label: "lost", estimator: "modelGradient", cosine: NaN, sameMean: false });
  assertEquals(verdict(measurementOf("lost", lost)), [
    "The reference is too noisy to say along which estimate a step gains most.",
  ]);
});
