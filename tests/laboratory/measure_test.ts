/**
 * A whole measurement, small.
 *
 * @module
 */
import { oneFold } from "../../src/data/folds.ts";
import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import * as Effect from "effect/Effect";
import { type Batch, batchSize, fingerprint } from "../../src/data/batch.ts";
import { defineEstimator } from "../../src/estimators/estimator.ts";
import { estimators } from "../../src/estimators/registry.ts";
import { scoreEstimate } from "../../src/estimators/score_estimate.ts";
import { measure, type MeasureRequest } from "../../src/laboratory/measure.ts";
import type { Measurement } from "../../src/laboratory/measurement.ts";
import { drawMeasurement } from "../../src/laboratory/figures.ts";
import { printMeasurement } from "../../src/laboratory/measurement_table.ts";
import { formatEstimate } from "../../src/report/quantities.ts";
import { makeKey } from "../../src/math/random.ts";
import { tensorCount } from "../../src/nn/kernels/backend.ts";
import { unbiasedOptions } from "../estimators/world.ts";
import { frozenAt } from "./frozen.ts";
import { specOf } from "./specs.ts";

const options = { ...unbiasedOptions, discount: 0.9, advantage: "gae" as const, lambda: 0.8, horizon: 2 };

const requestAt = async (task: string): Promise<MeasureRequest> => ({
  frozen: await frozenAt(task),
  refit: null,
  estimators,
  modules: [],
  bounds: [],
  unfitted: [],
  own: specOf("mscv", options),
  specs: [
    specOf("modelGradient", options),
    specOf("qprop", options),
    specOf("likelihoodRatio", { ...options, fitOn: "sameBatch" }),
    specOf("likelihoodRatio", { ...options, advantage: "monteCarlo" }),
  ],
  damping: 0.1,
  budget: {
    steps: 60,
    environments: 2,
    batches: 6,
    reference: 800,
    branches: { states: 12, actions: 3, continuations: 2 },
    floor: { firstActions: 2, laterNoise: 2 },
    fisherStates: 100,
    projections: 8,
    replicates: 50,
  },
  key: makeKey(4),
  workers: 0,
  observe: () => {},
});

/** Without what the clock decides. */
const timeless = ({ seconds: _, batchSeconds: __, estimators, ...rest }: Measurement) => ({
  ...rest,
  estimators: estimators.map(({ seconds: _, relativeCost: __, ...row }) => row),
});

Deno.test("workers give the same numbers as this thread, the same key too, another key others; no tensor is left", async () => {
  const request = await requestAt("reacher"), tensors = tensorCount();
  const seen: string[] = [];
  const observe = (part: string, done: number, of: number) => void seen.push(`${part} ${done}/${of}`);
  const here = await Effect.runPromise(measure({ ...request, observe }));
  assertEquals(tensorCount(), tensors);
  assertEquals(timeless(await Effect.runPromise(measure({ ...request, workers: 2 }))), timeless(here));
  const other = await Effect.runPromise(measure({ ...request, key: makeKey(5) }));
  assertNotEquals(timeless(other), timeless(here));
  for (const line of ["reference 0/10", "reference 10/10", "panel 6/6", "decomposition 2/2", "intervals 1/1"]) {
    assert(seen.includes(line), `${line} of ${seen}`);
  }
});

Deno.test("a measurement names its estimators with their matches, and prints and draws whole", async () => {
  const measurement = await Effect.runPromise(measure(await requestAt("hopper")));
  const { estimators, own, horizons, floors, sizes, sources, referenceSteps } = measurement;
  assertEquals(estimators.map(({ label, match }) => [label, match]), [
    ["likelihoodRatio GAE .8", "likelihoodRatio GAE .8"],
    ["mscv GAE .8, k 2, w 1", "likelihoodRatio GAE .8"],
    ["modelGradient GAE .8, k 2", "likelihoodRatio GAE .8"],
    ["qprop GAE .8, w 1", "likelihoodRatio GAE .8"],
    ["likelihoodRatio GAE .8, fit on the same batch", "likelihoodRatio GAE .8, fit on the same batch"],
    ["likelihoodRatio MC", "likelihoodRatio MC"],
  ]);
  assertEquals([own, referenceSteps], ["mscv GAE .8, k 2, w 1", 800]);
  assertEquals([horizons, floors.map(({ horizon }) => horizon)], [[2], [2]]);
  assertEquals(sizes.map(({ steps }) => steps), [[14, 30, 60], [14, 30, 60]]);
  sizes.forEach(({ variance }, i) =>
    // the whole batch's is the panel's, in the natural metric
    assertAlmostEquals(variance[2].value, estimators[i].natural.moments.variance.value, 1e-9)
  );
  assertEquals(sources.map(({ label }) => label), ["likelihoodRatio GAE .8", "likelihoodRatio MC"]);
  const [match] = estimators;
  for (const metric of ["euclidean", "natural"] as const) {
    assertAlmostEquals(match[metric].relative.variance.value, 1, 1e-9);
    const { shares } = sources[0][metric].sources;
    assertAlmostEquals(shares.state.value + shares.action.value + shares.trajectory.value, 1, 1e-9);
  }
  // the likelihood ratio centred on its own batch stands beside those that have its advantage, not beside itself
  const [centred, ...others] = [estimators[4], ...estimators.slice(0, 4)];
  assertEquals([centred.natural.published, estimators[5].natural.published], [null, null]);
  for (const { natural: { moments, published } } of others) {
    const ratio = moments.variance.value / centred.natural.moments.variance.value;
    assertAlmostEquals(published!.variance.value, ratio, 1e-9);
  }
  const { beside, coherence } = measurement.cause!;
  assertEquals(beside, "likelihoodRatio MC");
  const [mine, plain] = [estimators[1], estimators[5]].map((row) => row.natural.moments.coherence.value);
  assert(Number.isNaN(coherence.value) ? Number.isNaN(mine / plain) : Math.abs(coherence.value - mine / plain) < 1e-9);
  const text = printMeasurement(measurement, "heading");
  for (const { label } of estimators) assert(text.includes(label));
  assert(text.includes("mscv GAE .8, k 2, w 1 ←"));
  // both ρ of the bound are those of the branches
  const [, rho, , , , learned] = text.split("\n").find((line) => line.startsWith("perfect model"))!.split(/  +/);
  const { perfect: [bound], learned: [found] } = sources[0].natural;
  assertEquals([rho, learned], [bound, found].map(({ correlation }) => formatEstimate(correlation)));
  const drawings = await drawMeasurement(measurement, "heading");
  assertEquals(drawings.map(({ name }) => name), ["variance", "cosine", "bias", "sources", "horizon", "batch_size"]);
  for (const { svg, png } of drawings) {
    assert(svg.startsWith("<svg ") && !svg.includes("NaN"));
    assertEquals([...png.slice(1, 4)], [0x50, 0x4e, 0x47]); // "PNG"
  }
});

Deno.test("variance by size is that of as many steps, worked by hand; each metric has its own", async () => {
  // g = (T·z, 0, …), z the first observation of the batch, which its first steps share: variance T²·Var(z), and slope 2.
  const request = await requestAt("reacher"), seen: number[] = [];
  const growing = defineEstimator({
    name: "growing",
    summary: "a gradient as long as its batch",
    reads: [],
    options: {},
    estimate: (input) => {
      const { batch: { steps, observation: [z] } } = input;
      const { estimate, ...rest } = scoreEstimate(input, new Float32Array(input.batch.reward.length));
      if (steps === 30) seen.push(z);
      return {
        ...rest,
        estimate: { ...estimate, gradient: estimate.gradient.map((_, i) => (i === 0 ? steps * z : 0)) },
      };
    },
  });
  const { sizes, estimators: rows } = await Effect.runPromise(measure({
    ...request,
    estimators: { ...estimators, growing },
    own: { estimator: "growing", options: {} },
    specs: [],
    bounds: [1],
    budget: {
      ...request.budget,
      reference: 400,
      branches: { states: 4, actions: 2, continuations: 2 },
      replicates: 10,
    },
  }));
  const { steps, variance, slope } = sizes.find(({ label }) => label === "growing")!;
  assertEquals(steps, [14, 30, 60]); // of two environments
  [7, 15].forEach((count, i) => assertAlmostEquals(variance[i].value / variance[2].value, (count / 30) ** 2, 1e-5));
  assertAlmostEquals(slope.value, 2, 1e-5);
  const mean = seen.reduce((sum, z) => sum + z / 6, 0), square = seen.reduce((sum, z) => sum + (z - mean) ** 2 / 5, 0);
  assertEquals(seen.length, 6);
  const { euclidean, natural } = rows.find(({ label }) => label === "growing")!;
  assertAlmostEquals(euclidean.moments.variance.value / (900 * square), 1, 1e-5);
  assert(Math.abs(natural.moments.variance.value / (900 * square) - 1) > 0.1); // its metric is (F + .1)⁻¹
});

Deno.test("in-sample: each measured batch is given to the refit, whose networks estimate on it, here and in workers", async () => {
  const plain = await requestAt("reacher"), { frozen: { task: _, ...networks } } = plain;
  const given: Batch[] = [];
  const same = (batch: Batch) => Effect.sync(() => (given.push(batch), networks)); // the same networks: the same estimates
  const without = await Effect.runPromise(measure(plain));
  const unchanged = await Effect.runPromise(measure({ ...plain, refit: same }));
  assertEquals(timeless(unchanged).estimators, timeless(without).estimators);
  assertEquals([given.length, new Set(given.map(fingerprint)).size, batchSize(given[0])], [6, 6, 60]);
  assertEquals(unchanged.sizes.map(({ steps }) => steps), [[60], [60]]); // part of a batch is not what was fitted
  // V that has seen the batch, and is 3 more at every state than the frozen one: the constant falls out of MC advantages
  // where nothing terminates, but estimates don't declare their match's mean any more
  const { value: { first: { network: value } } } = networks,
    theta = value.theta.map((x, i) => i === value.theta.length - 1 ? x + 3 : x);
  const refit = (batch: Batch) =>
    Effect.succeed({ ...networks, value: { first: { network: { ...value, theta }, seen: fingerprint(batch) } } });
  const [here, there] = [0, 1].map((workers) => Effect.runPromise(measure({ ...plain, refit, workers })));
  const { estimators } = await here;
  assertEquals(timeless(await there), timeless(await here));
  assert(estimators.every(({ sameMeanAsMatch, declaredUnbiased }) => !sameMeanAsMatch && !declaredUnbiased));
  const shift = (label: string) =>
    estimators.find((row) => row.label === label)!.metrics.advantageMean.value -
    without.estimators.find((row) => row.label === label)!.metrics.advantageMean.value;
  assert(shift("likelihoodRatio MC") < -0.5); // A = R − V: the new V is the one that is used
});

Deno.test("what half of the batches picks is quoted from the others: the two halves share none", async () => {
  const request = await requestAt("reacher"), { frozen: { task: _, ...networks } } = request;
  // V is 100 more in the first half of the batches: in k-step advantages the ends of episodes are then noise
  const { value: { first: { network: value } } } = networks,
    theta = value.theta.map((x, i) => i === value.theta.length - 1 ? x + 100 : x);
  const raised = { ...networks, value: oneFold({ ...value, theta }) };
  const refit = (_: Batch, i: number) => Effect.succeed(i < 3 ? raised : networks);
  const [mixed, plain] = [
    await Effect.runPromise(measure({ ...request, refit })),
    await Effect.runPromise(
      measure({ ...request, refit: () => Effect.succeed(networks) }),
    ),
  ];
  mixed.estimators.forEach((row, i) => {
    if (row.estimator === "modelGradient") return; // a constant in V does nothing to it
    assertEquals(row.split.quote.moments.variance.value, plain.estimators[i].split.quote.moments.variance.value);
    assertNotEquals(row.split.pick.improvement, plain.estimators[i].split.pick.improvement);
    assertNotEquals(row.natural.moments.variance.value, plain.estimators[i].natural.moments.variance.value);
  });
});

Deno.test("a simulation that leaves the real numbers ends the measurement with its reason, here and in workers", async () => {
  const request = await requestAt("reacher"), { policy } = request.frozen;
  const frozen = { ...request.frozen, policy: { ...policy, theta: policy.theta.map(() => NaN) } };
  for (const workers of [0, 1]) {
    const error = await Effect.runPromise(Effect.flip(measure({ ...request, frozen, workers })));
    assertEquals([error._tag, error.part], ["MeasurementFailed", "the reference gradient"]);
    assert(error.message.includes("Cannot simulate reacher"), error.message);
  }
});
