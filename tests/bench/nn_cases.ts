/**
 * The work on networks that `nn_bench.ts` times, in a process with kernels of its own.
 *
 *   deno run --allow-all tests/bench/nn_cases.ts   (answers requests)
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { fold, makeKey, makeStream } from "../../src/math/random.ts";
import { makeAdam } from "../../src/nn/training/adam.ts";
import { startBackend } from "../../src/nn/kernels/backend.ts";
import { record } from "../../src/nn/passes/column_program.ts";
import { makeModel } from "../../src/nn/networks/dynamics.ts";
import type { ModelSegments } from "../../src/nn/training/dynamics_fit.ts";
import { makeFisherProduct } from "../../src/nn/networks/fisher.ts";
import { makePolicyInference } from "../../src/nn/inference/inference.ts";
import { mlpEngine } from "../../src/nn/passes/mlp_engine.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { makePolicy } from "../../src/nn/networks/policy.ts";
import { likelihoodGradient } from "../../src/nn/networks/policy_gradient.ts";
import { unrolledGradient } from "../../src/nn/training/unrolled_gradient.ts";
import { makeValue, regressValue } from "../../src/nn/networks/value.ts";
import { adamInPlace } from "../nn/training/plain_training.ts";
import { microseconds, serve } from "./peers/protocol.ts";

/** What is timed. */
export interface Case {
  readonly name: string;
  /** calls between two looks at the clock, where one is too short for it */
  readonly many?: number;
  /** () ⇒ (work): what need not be timed is done here */
  readonly make: () => () => unknown;
}

const OBS = 17, ACT = 6, BATCH = 5000, PARAMETERS = 55_000, LEARNING_RATE = 1e-3;
const key = makeKey(0);

const normals = (label: string, count: number): Float32Array => {
  const { normal } = makeStream(fold(key, label));
  return Float32Array.from({ length: count }, normal);
};

const policyOf = () => makePolicy({ observationSize: OBS, actionSize: ACT, hidden: [64, 64], logStd: 0 }, key);

const modelOf = (width: number) =>
  makeModel(
    { inputSize: OBS + ACT, outputSize: OBS + 1, hidden: [width, width], activation: "relu", reward: "known" },
    key,
  );

const segmentsOf = (count: number, horizon: number): ModelSegments => ({
  horizon,
  count,
  observation: normals("s", (horizon + 1) * count * OBS),
  action: normals("a", horizon * count * ACT),
  residual: normals("r", horizon * count),
  mask: new Float32Array(horizon * count).fill(1),
});

const policyGradient = () => {
  const policy = policyOf(), s = normals("s", BATCH * OBS), a = normals("a", BATCH * ACT), w = normals("w", BATCH);
  return () => likelihoodGradient(policy, s, a, w);
};

const fisherProduct = () => {
  const policy = policyOf(), { product } = makeFisherProduct(policy, normals("s", BATCH * OBS), 0.1);
  const v = normals("v", policy.theta.length);
  return () => product(v);
};

const dynamicsGradient = (rows: number, horizon: number, width: number) => () => {
  const model = modelOf(width), segments = segmentsOf(rows, horizon), program = record(OBS, (_algebra, s) => s);
  const { passes } = mlpEngine();
  return () => unrolledGradient(passes, model, segments, { rewardWeight: 10 }, { program, controlRange: undefined });
};

const oneStep = (rows: number, width: number): Case => ({
  name: `one-step dynamics gradient, B ${rows}, [${width}, ${width}]`,
  make: dynamicsGradient(rows, 1, width),
});

const threeSteps = (width: number): Case => ({
  name: `dynamics gradient of 3 steps, B 256, [${width}, ${width}]`,
  make: dynamicsGradient(256, 3, width),
});

const valueStep = () => {
  const value = makeValue({ observationSize: OBS, hidden: [64, 64] }, key), batchSize = 256;
  const data = { observation: normals("s", batchSize * OBS), target: normals("y", batchSize) };
  const options = { epochs: 1, batchSize, learningRate: LEARNING_RATE, targetNormalization: "standardize" } as const;
  return () => regressValue(value, data, options, key);
};

const ourAdam = () => {
  const theta = normals("θ", PARAMETERS), gradient = normals("g", PARAMETERS);
  let state = makeAdam(PARAMETERS);
  return () => state = adamInPlace(theta, gradient, state, { learningRate: LEARNING_RATE });
};

/** On variables and gradients that are tensors already. */
const tensorAdam = () => {
  const theta = tf.variable(tf.tensor1d(normals("θ", PARAMETERS))), gradient = tf.tensor1d(normals("g", PARAMETERS));
  const optimizer = tf.train.adam(LEARNING_RATE);
  return () => optimizer.applyGradients([{ name: theta.name, tensor: gradient }]);
};

const inference = () => {
  const infer = makePolicyInference(policyOf(), {
    ...makeNormalizer(OBS),
    mean: new Float32Array(OBS),
    scale: new Float32Array(OBS).fill(1),
  });
  const observation = Float64Array.from(normals("s", OBS)), mean = new Float64Array(ACT);
  return () => infer(observation, mean);
};

/** All of it, in the order of the table. */
export const cases: ReadonlyArray<Case> = [
  { name: `policy gradient, B ${BATCH}, [64, 64]`, make: policyGradient },
  { name: `Fisher product, B ${BATCH}, [64, 64]`, make: fisherProduct },
  ...[64, 200, 500].flatMap((width) => [256, 512].map((rows) => oneStep(rows, width))),
  ...[64, 200].map(threeSteps),
  { name: "value regression step, B 256, [64, 64]", make: valueStep },
  { name: `Adam step, ${PARAMETERS} parameters`, make: ourAdam },
  { name: `Adam step, ${PARAMETERS} parameters, tf.train.adam`, make: tensorAdam },
  { name: "inference, B 1, [64, 64]", many: 1000, make: inference },
];

const made = new Map<string, () => unknown>();

/** (case, seconds) ⇒ µs of one call, mean over about so many seconds. */
const time = ({ name, many = 1, make }: Case, seconds: number): number => {
  const work = made.get(name) ?? make();
  made.set(name, work);
  return microseconds(() => {
    for (let i = 0; i < many; i++) work();
  }, seconds) / many;
};

if (import.meta.main) {
  const { line } = await startBackend();
  await serve({
    versions: () => ({ value: 0, versions: { kernels: line } }),
    ...Object.fromEntries(
      cases.map((what) => [what.name, ({ seconds }) => ({ value: time(what, seconds as number) })]),
    ),
  });
}
