/**
 * The networks' hot paths, on the same data as `networks.py`; `check` is what both must agree on.
 *
 *   deno run --allow-all tests/bench/peers/our_networks.ts   (answers requests; MSCV_BLAS=off: without BLAS)
 */
import { pathDerivative } from "../../imagination/path_value.ts";
import { ensembleOf } from "../../../src/data/folds.ts";
import type { Batch } from "../../../src/data/batch.ts";
import type { MlpShape, Normalizer, PolicyParams } from "../../../src/data/parameters.ts";
import { scoreGradient } from "../../../src/estimators/ratio.ts";
import { makeKey } from "../../../src/math/random.ts";
import { startBackend } from "../../../src/nn/kernels/backend.ts";
import { makeModel } from "../../../src/nn/networks/dynamics.ts";
import type { ModelSegments } from "../../../src/nn/training/dynamics_fit.ts";
import { makeFisherProduct } from "../../../src/nn/networks/fisher.ts";
import { makePolicyInference } from "../../../src/nn/inference/inference.ts";
import { makeNormalizer } from "../../../src/nn/networks/normalizer.ts";
import { record } from "../../../src/nn/passes/column_program.ts";
import { mlpEngine } from "../../../src/nn/passes/mlp_engine.ts";
import { unrolledGradient } from "../../../src/nn/training/unrolled_gradient.ts";
import { makeValue } from "../../../src/nn/networks/value.ts";
import { tasks } from "../../../src/tasks/registry.ts";
import type { ImaginedTask } from "../../../src/tasks/task.ts";
import { type Answer, fill, microseconds, type Request, serve } from "./protocol.ts";

const OBS = 17, ACT = 6;
const shape: MlpShape = { sizes: [OBS, 64, 64, ACT], activation: "tanh" };
const parameters = (OBS + 1) * 64 + 65 * 64 + 65 * ACT;
const policy: PolicyParams = { shape, theta: fill(parameters + ACT, 1, 0.15) };
const normalizer: Normalizer = {
  ...makeNormalizer(OBS),
  mean: new Float32Array(OBS),
  scale: new Float32Array(OBS).fill(1),
};

/** From raw observations: normalised within the work, as the peer's are. */
const policyGradient = (rows: number) => {
  const batch = {
    steps: rows,
    environments: 1,
    observationSize: OBS,
    actionSize: ACT,
    observation: fill(rows * OBS, 2),
    action: fill(rows * ACT, 3),
  } as Batch;
  const signal = fill(rows, 4);
  return () => scoreGradient(policy, normalizer, batch, signal);
};

const fisherProduct = (rows: number) => {
  const { product } = makeFisherProduct(policy, fill(rows * OBS, 2), 0.1), v = fill(policy.theta.length, 5);
  return () => product(v);
};

/** Of the mean squared error on ready inputs and targets, as the peer's: training makes them for many updates at once. */
const dynamicsGradient = (rows: number, width: number) => {
  const model = makeModel(
    { inputSize: OBS + ACT, outputSize: OBS, hidden: [width, width], activation: "relu", reward: "known" },
    makeKey(0),
  );
  model.theta.set(fill(model.theta.length, 6, 0.1));
  const observation = new Float32Array(2 * rows * OBS);
  observation.set(fill(rows * OBS, 2));
  observation.set(fill(rows * OBS, 7), rows * OBS);
  const segments: ModelSegments = {
    horizon: 1,
    count: rows,
    observation,
    action: fill(rows * ACT, 3),
    residual: new Float32Array(0),
    mask: new Float32Array(rows).fill(1),
  };
  const { passes } = mlpEngine(), program = record(OBS, (_algebra, s) => s);
  return () =>
    unrolledGradient(passes, model, segments, { rewardWeight: 1 }, { program, controlRange: undefined }).gradient;
};

/** The Walker2d task with the network inputs of the peer's: the observation, sine and cosine of the torso's angle. */
const walker: ImaginedTask = {
  ...tasks.walker2d.imagined,
  features: (algebra, s) => [...s, algebra.sin(s[1]), algebra.cos(s[1])],
  featureSize: OBS + 2,
};

/** Gradient of its imagined advantage through its first action. */
const imaginedGradient = (rows: number, width: number, horizon: number) => {
  const task = walker;
  const model = makeModel({
    inputSize: task.featureSize + ACT,
    outputSize: OBS + 1,
    hidden: [width, width],
    activation: "relu",
    reward: "known",
  }, makeKey(0));
  model.theta.set(fill(model.theta.length, 6, 0.05));
  const value = makeValue({ observationSize: OBS, hidden: [64, 64] }, makeKey(0));
  value.theta.set(fill(value.theta.length, 8, 0.15));
  const observation = fill(rows * OBS, 2, 0.3);
  for (let i = 0; i < observation.length; i += OBS) observation[i] += 1.25; // m, torso at rest
  const form = { discount: 0.995, weighting: "kStep", lambda: 1, termination: "soft" } as const;
  const path = {
    observation,
    noise: fill(horizon * rows * ACT, 3),
    weight: fill(rows, 4),
    horizon,
    form,
    world: { task, policy, normalizer, value, model: ensembleOf(model) },
  };
  return () => pathDerivative(path).gradient;
};

const inference = () => {
  const infer = makePolicyInference(policy, normalizer);
  const observation = Float64Array.from(fill(OBS, 2)), mean = new Float64Array(ACT);
  return () => {
    infer(observation, mean);
    return mean;
  };
};

const makers: Readonly<Record<string, (request: Request) => () => ArrayLike<number>>> = {
  policyGradient: ({ rows }) => policyGradient(rows as number),
  fisherProduct: ({ rows }) => fisherProduct(rows as number),
  dynamicsGradient: ({ rows, width }) => dynamicsGradient(rows as number, width as number),
  imaginedGradient: ({ rows, width, horizon }) => imaginedGradient(rows as number, width as number, horizon as number),
  inference: () => inference(),
};

const made = new Map<string, () => ArrayLike<number>>();

const measure = (request: Request): Answer => {
  const { seconds, ...what } = request, key = JSON.stringify(what);
  if (!made.has(key)) made.set(key, makers[request.case](request));
  const work = made.get(key)!;
  const many = request.case === "inference" ? 1000 : 1; // calls between two looks at the clock
  const value = microseconds(() => {
    for (let i = 0; i < many; i++) work();
  }, seconds as number) / many;
  return { value, check: Math.sqrt(Array.from(work()).reduce((sum, x) => sum + x * x, 0)) };
};

const { line } = await startBackend();
await serve({
  versions: () => ({ value: 0, versions: { [`kernels, MSCV_BLAS=${Deno.env.get("MSCV_BLAS") ?? ""}`]: line } }),
  ...Object.fromEntries(Object.keys(makers).map((name) => [name, measure])),
});
