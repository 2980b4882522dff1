/**
 * What every gradient estimator owes, whatever it estimates; its mean is the business of `tests/estimators`.
 *
 * @module
 */
import { inputOfHalf } from "../../src/estimators/cross_fitting.ts";
import { freshPaths } from "../../src/estimators/paths.ts";
import { rollPath } from "../../src/imagination/path.ts";
import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { earlierThan } from "../../src/data/memory.ts";
import { noControl } from "../../src/data/gradient.ts";
import { type Folds, oneFold } from "../../src/data/folds.ts";
import { type GradientEstimate, signalOf } from "../../src/estimators/estimate.ts";
import type { AnyEstimator, EstimatorInput, Estimators } from "../../src/estimators/estimator.ts";
import { estimators } from "../../src/estimators/registry.ts";
import { type Surrogate, totalValue } from "../../src/estimators/surrogate.ts";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { evaluatePolicy } from "../../src/nn/networks/evaluated_policy.ts";
import { normalizeInto } from "../../src/nn/networks/normalizer.ts";
import { startBackend, tensorCount } from "../../src/nn/kernels/backend.ts";
import { stages } from "../../src/stages/registry.ts";
import { tasks } from "../../src/tasks/registry.ts";
import {
  endedTerminally,
  estimateWith,
  type FamilyOptions,
  surrogatesOf,
  unbiasedOptions,
} from "../estimators/world.ts";
import { meetingOf } from "../stages/program.ts";
import { derivedSlopes } from "../estimators/slopes.ts";

const key = makeKey(5);
const plain: FamilyOptions = { ...unbiasedOptions, discount: 0.99, lambda: 0.9, maxHorizon: 4 };

const inputOf = async (task: string): Promise<EstimatorInput> => {
  await startBackend();
  const { memory, envs: _, gradient: __, ...slots } = (await meetingOf(task, "estimateGradient")).slots;
  return { task: tasks[task].imagined, ...slots, earlier: earlierThan(memory, slots.batch) };
};

/** Networks that have not seen the batch that they meet, as those of an earlier iteration. */
const unseen = (input: EstimatorInput): EstimatorInput => {
  const forget = <P>({ first: { network } }: Folds<P>) => oneFold(network);
  return { ...input, value: forget(input.value), model: forget(input.model), critic: forget(input.critic) };
};

const crossed: ReadonlyArray<FamilyOptions> = (["monteCarlo", "gae", "kStep"] as const).flatMap((advantage) =>
  (["kStep", "lambdaWeighted"] as const).flatMap((imaginedReturn) =>
    (["one", "optimal", "leastVariance"] as const).flatMap((coefficient) =>
      ([0, 1, 3, "dynamic"] as const).map((horizon) => ({ ...plain, advantage, imaginedReturn, coefficient, horizon }))
    )
  )
);

/** The matrix of options that a family member may be run with. */
const matrix: ReadonlyArray<FamilyOptions> = [
  ...crossed,
  { ...plain, baseline: "horizonAware" },
  { ...plain, coefficient: "conservative" },
  { ...plain, coefficient: "aggressive" },
  { ...plain, laterResiduals: "corrected" },
  { ...plain, imaginedGradient: "mirroredPairs" },
  { ...plain, imaginedGradient: "mirroredPairs", horizon: "dynamic", coefficient: "leastVariance", rollouts: 2 },
  { ...plain, imaginedGradient: "mirroredPairs", termination: "hard", laterResiduals: "corrected", laterHorizon: 2 },
  { ...plain, imaginedGradient: "mixed" },
  { ...plain, imaginedBound: 0.3, rollouts: 2 },
  { ...plain, imaginedBound: 0.3, imaginedGradient: "mirroredPairs", horizon: "dynamic", coefficient: "leastVariance" },
  { ...plain, imaginedGradient: "mixed", horizon: "dynamic", coefficient: "leastVariance", rollouts: 2 },
  { ...plain, earlierBatches: 1 },
  { ...plain, earlierBatches: 3, horizon: "dynamic", coefficient: "leastVariance", rollouts: 2 },
  { ...plain, advantage: "gae", laterResiduals: "corrected", coefficient: "optimal" },
  { ...plain, fitOn: "previousBatch", coefficient: "optimal" },
  { ...plain, fitOn: "sameBatch", coefficient: "optimal", horizon: "dynamic" },
];

const nameOf = (options: FamilyOptions): string =>
  `${options.advantage}, ${options.imaginedReturn}, ${options.coefficient}, ${options.laterResiduals}, ${options.imaginedGradient}, ${options.fitOn}, ` +
  `horizon ${options.horizon}`;

/** (estimator) ⇒ whether it has a likelihood-ratio term, from whose signal a baseline is subtracted. */
const hasScore = ({ options }: AnyEstimator): boolean => "baseline" in options;
/** (estimator) ⇒ whether nothing corrects what its model gets wrong. */
const isBiasedByDesign = ({ name }: AnyEstimator): boolean => ["mbma", "modelGradient"].includes(name);
/** (estimator) ⇒ whether it has a second term for all options that leave w at 1: a network besides V makes one. */
const hasSecondTerm = ({ reads }: AnyEstimator): boolean => reads.some((network) => network !== "value");

const dot = (a: Float32Array, b: ArrayLike<number>): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
const norm = (a: Float32Array): number => Math.sqrt(dot(a, a));

/** (g) ⇒ a direction of length 1, half g's own and half random: a slip in g's length shows, and one in its direction. */
const directionOf = (gradient: Float32Array): Float64Array => {
  const { normal } = makeStream(fold(key, "direction")), own = norm(gradient) || 1;
  const random = Float64Array.from(gradient, () => normal() / Math.sqrt(gradient.length));
  const d = random.map((x, i) => x + gradient[i] / own), size = Math.hypot(...d);
  return d.map((x) => x / size);
};

/** (f, θ, d) ⇒ (f(θ + h·d) − f(θ − h·d)) / 2h. */
const slope = (f: (theta: Float32Array) => number, theta: Float32Array, d: Float64Array, h: number): number =>
  (f(theta.map((x, i) => x + h * d[i])) - f(theta.map((x, i) => x - h * d[i]))) / (2 * h);

const estimatesOf = (estimator: AnyEstimator, input: EstimatorInput, options: FamilyOptions): GradientEstimate =>
  estimateWith(estimator, input, options, key).estimate;

/** (numbers, expected, tolerance) ⇒ the first that is as expected, or the last. */
const firstWithin = (numbers: ReadonlyArray<() => number>, expected: number, tolerance: number): number => {
  let found = NaN;
  for (const number of numbers) {
    found = number();
    if (Math.abs(found - expected) <= tolerance) break;
  }
  return found;
};

for (const [name, estimator] of Object.entries(estimators as Estimators)) {
  for (const task of ["hopper", "reacher"]) {
    Deno.test(`${task}, ${name}: the surrogate's slope at the old θ is the gradient, term by term, for all options`, async () => {
      const input = await inputOf(task), { policy, normalizer, batch } = input;
      const observation = normalizeInto(normalizer, batch.observation);
      let withSecond = 0;
      for (const options of matrix) {
        const estimate = estimatesOf(estimator, input, options), { gradient, terms, surrogates } = estimate;
        const total = gradient.map((_, i) => Object.values(terms).reduce((sum, term) => sum + term[i], 0));
        assertEquals(gradient, total, nameOf(options));
        const zero = new Float32Array(gradient.length), { g1 = zero, g2 = zero } = terms;
        const second = surrogates.filter(({ kind }) => kind !== "ratio"), first = surrogatesOf(estimate, "ratio");
        const at = (some: ReadonlyArray<Surrogate>) => (theta: Float32Array) =>
          totalValue(some, evaluatePolicy({ ...policy, theta }, observation));
        // float32 sums of a few hundred terms: some 1e-6 of their size over 2h; actions that pass ±1 within h bend the slope
        const size = Math.max(...signalOf(estimate).map(Math.abs), 1);
        for (const [surrogate, g] of [[at(first), g1], [at(second), g2]] as const) {
          const direction = directionOf(g), expected = dot(g, direction), tolerance = 4e-3 * norm(g) + 2e-5 * size;
          const slopes = [5e-3, 1e-2, 5e-4].map((h) => () => slope(surrogate, policy.theta, direction, h));
          const found = firstWithin(slopes, expected, tolerance);
          assertAlmostEquals(found, expected, tolerance, nameOf(options));
        }
        if (second.length > 0) withSecond++;
        if (second.length > 0 && estimator.reads.includes("model")) assert(norm(g2) > 0, nameOf(options));
        const none = !hasScore(estimator) || (options.advantage === "kStep" && options.horizon === 0);
        assert(norm(g1) > 0 || none, nameOf(options));
      }
      // at least those of a fixed horizon and w = 1
      if (hasSecondTerm(estimator)) assert(withSecond >= 24, `${withSecond} of ${matrix.length}`);
      else assertEquals(withSecond, 0);
    });
  }

  Deno.test(`${name}: reads no network but those that it says, and no option but its own`, async () => {
    const input = await inputOf("hopper"), { task, policy, control, normalizer, batch } = input;
    const networks = Object.fromEntries(estimator.reads.map((network) => [network, input[network]]));
    const bare = { task, policy, control, normalizer, batch, ...networks } as EstimatorInput; // no earlier batch: none asked for
    const all = { ...plain, advantageSteps: 3 };
    assertEquals(estimateWith(estimator, bare, plain, key), estimator.estimate(input, all, key));
  });

  Deno.test(`${name}: same key same bits, inputs unmutated, no tensor left, documented finite metrics`, async () => {
    const input = await inputOf("hopper"), { task, ...records } = input;
    const before = structuredClone(records), tensors = tensorCount();
    const mixed = { ...plain, imaginedGradient: "mixed" as const };
    for (
      const options of [plain, mixed, { ...plain, earlierBatches: 1 }, {
        ...plain,
        horizon: "dynamic" as const,
        coefficient: "optimal" as const,
      }]
    ) {
      const one = estimateWith(estimator, input, options, key);
      assertEquals(estimateWith(estimator, { task, ...structuredClone(before) }, options, key), one);
      for (const [metric, value] of Object.entries(one.metrics)) {
        assert(metric in estimator.metrics && metric in stages.estimateGradient.metrics, `${metric} is not documented`);
        assert(Number.isFinite(value), `${metric} is ${value}`);
      }
      assertEquals([signalOf(one.estimate).length, one.estimate.gradient.length], [200, input.policy.theta.length]);
    }
    assertEquals(records, before);
    assertEquals(tensorCount(), tensors);
  });

  Deno.test(`${name}: says that it is unbiased with the options and networks that make it so, and with no others`, async () => {
    const cut = await inputOf("hopper"), seen = { ...cut, batch: endedTerminally(cut.batch) }, input = unseen(seen);
    const sound = !isBiasedByDesign(estimator);
    assertEquals(estimatesOf(estimator, input, plain).unbiased, sound);
    const biased: ReadonlyArray<Partial<FamilyOptions>> = [
      { advantage: "gae" },
      { advantage: "kStep" },
      { fitOn: "sameBatch" },
      { termination: "hard" },
      { imaginedGradient: "mixed", termination: "hard" },
      { earlierBatches: 1 },
      { terms: ["g2"] },
      { terms: ["g1"] },
    ];
    for (
      const change of biased.filter((change) => Object.keys(change).every((option) => option in estimator.options))
    ) {
      assertEquals(estimatesOf(estimator, input, { ...plain, ...change }).unbiased, false, JSON.stringify(change));
    }
    const others = [{ fitOn: "previousBatch" }, { laterResiduals: "corrected" }, {
      imaginedGradient: "mixed",
    }] as const;
    for (const change of others) {
      assertEquals(estimatesOf(estimator, input, { ...plain, ...change }).unbiased, sound);
    }
    assertEquals(estimatesOf(estimator, unseen(cut), plain).unbiased, false); // V stands in for the rest of returns
    const shortSighted = { ...plain, discount: 0.01 }; // and counts no more than 1%
    assertEquals(estimatesOf(estimator, unseen(cut), shortSighted).unbiased, sound);
    const swims = unseen(await inputOf("swimmer")), deathless = { ...swims, batch: endedTerminally(swims.batch) };
    const hard = { ...plain, termination: "hard" as const }; // nothing ends in imagination
    assertEquals(estimatesOf(estimator, deathless, hard).unbiased, sound);
    for (const network of ["value", "model", "critic"] as const) {
      const fitted = { ...input, [network]: seen[network] }; // fitted on this batch
      assertEquals(
        estimatesOf(estimator, fitted, plain).unbiased,
        !estimator.reads.includes(network) && sound,
        network,
      );
    }
  });
}

for (const [name, estimator] of Object.entries(estimators as Estimators)) {
  Deno.test(`${name}: what the laboratory takes for the same estimator has the same bits`, async () => {
    const input = { ...await inputOf("hopper"), control: { ...noControl, horizon: 2, weight: 0.3 } };
    const changes = [{}, { fitOn: "previousBatch" }, { fitOn: "previousBatch", coefficient: "optimal" }, {
      fitOn: "previousBatch",
      horizon: "dynamic",
    }, { terms: ["g2"], coefficient: "optimal", laterResiduals: "corrected", baseline: "horizonAware" }] as const;
    for (const change of changes) {
      const options = { ...plain, advantage: "gae", horizon: 2, ...change } as FamilyOptions;
      const [one, other] = [options, estimator.laboratory.canonical(options)].map((o) =>
        estimatesOf(estimator, input, o).gradient
      );
      assertEquals(other, one, JSON.stringify(change));
    }
  });
}

Deno.test("without an imagined step there is no g2 to stand alone: options that leave nothing are refused", () => {
  const nothing = { ...plain, advantage: "gae", horizon: 0 } as const;
  assertEquals(estimators.modelGradient.check(nothing)?.option, "horizon");
  assertEquals(estimators.mscv.check({ ...nothing, terms: ["g2"] })?.option, "horizon");
  assertEquals(estimators.mscv.check(nothing), null);
  assertEquals(estimators.modelGradient.check({ ...nothing, horizon: 1 }), null);
});

Deno.test("horizon 0 is the likelihood ratio, bit for bit", async () => {
  for (const task of ["hopper", "reacher"]) {
    const input = await inputOf(task);
    for (const options of matrix.filter(({ horizon }) => horizon === 0)) {
      const [a, b] = [estimators.mscv, estimators.likelihoodRatio].map((e) => estimatesOf(e, input, options));
      assertEquals([a.gradient, a.surrogates], [b.gradient, b.surrogates], nameOf(options));
    }
  }
});

Deno.test("mscv: a term that is left out is zero, and leaves the other one as it is", async () => {
  const input = await inputOf("hopper");
  const [both, first, second] = (["g1 g2", "g1", "g2"] as const).map((terms) =>
    estimatesOf(estimators.mscv, input, { ...plain, terms: terms.split(" ") as FamilyOptions["terms"] })
  );
  const zero = new Float32Array(both.gradient.length);
  assertEquals([first.terms.g1, first.terms.g2, first.gradient], [both.terms.g1, zero, both.terms.g1]);
  assertEquals([second.terms.g1, second.terms.g2, second.gradient], [zero, both.terms.g2, both.terms.g2]);
  assertEquals([surrogatesOf(first, "linear").length, signalOf(second).some((x) => x !== 0)], [0, false]);
  assertEquals([first.unbiased, second.unbiased], [false, false]);
});

Deno.test("mscv: the key moves the fresh noise alone where no episode ends early", async () => {
  const input = await inputOf("hopper");
  const one = estimatesOf(estimators.mscv, input, { ...plain, horizon: 1 });
  const other = estimators.mscv.estimate(input, { ...plain, horizon: 1 }, fold(key, 1)).estimate;
  assertEquals(other.terms.g1, one.terms.g1); // with k = 1 the embedded rollout uses the real first noise alone
  assertNotEquals(other.terms.g2, one.terms.g2);
});

Deno.test("mscv: path derivatives of a state are the mean over its rollouts", async () => {
  const input = inputOfHalf(await inputOf("hopper"), 0), rollouts = 3;
  const form = { discount: 0.9, weighting: "kStep", lambda: 1, termination: "soft" } as const;
  const paths = freshPaths(input, 2, { form, rollouts }, key), { observation } = input.batch;
  assertEquals(paths.observation, Float32Array.of(...observation, ...observation, ...observation));
  const { slope: each } = rollPath(paths), { mean } = derivedSlopes(input, 2, { form, rollouts }, key), n = 200 * 3;
  assertEquals([each.length, mean.length], [3 * n, n]);
  mean.forEach((x, i) =>
    assertAlmostEquals(x, (each[i] + each[n + i] + each[2 * n + i]) / 3, 1e-5 * Math.abs(x) + 1e-6)
  );
});
