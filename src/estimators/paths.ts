/**
 * Fresh-noise rollouts behind G2.
 *
 * @module
 */
import { batchSize } from "../data/batch.ts";
import type { Control, ReturnForm } from "../data/gradient.ts";
import { mlpParameterCount } from "../data/parameters.ts";
import { type Half, halfOf } from "../data/halves.ts";
import { pathDerivative, type Paths } from "../imagination/path.ts";
import { latentSize, learnedWorld } from "../imagination/world.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { normalizeInto } from "../nn/networks/normalizer.ts";
import type { EstimatorInput, FoldInput } from "./estimator.ts";
import type { LinearSurrogate } from "./linear.ts";
import { inputOfHalf, isCrossFitted } from "./cross_fitting.ts";

/** How many rollouts of which form. */
export interface PathOptions {
  readonly form: ReturnForm;
  /** fresh rollouts a start */
  readonly rollouts: number;
}

/** (input with the networks in use, rows, k, w, key) ⇒ (paths): `rollouts` fresh-noise rollouts from each start. */
export const freshPath = (
  { batch, task, policy, normalizer, value, model }: FoldInput<"value" | "model">,
  rows: ReadonlyArray<number>,
  horizon: number,
  weight: (i: number) => number,
  { form, rollouts }: PathOptions,
  key: Key,
): Paths => {
  const { observationSize: width, actionSize } = batch, count = rows.length * rollouts;
  const observation = new Float32Array(count * width);
  const weights = new Float32Array(count);
  const { normal } = makeStream(key);
  for (let i = 0; i < count; i++) {
    const row = rows[i % rows.length];
    observation.set(batch.observation.subarray(row * width, (row + 1) * width), i * width);
    weights[i] = weight(row) / (batchSize(batch) * rollouts);
  }
  const noise = Float32Array.from({ length: horizon * count * actionSize }, normal);
  const world = learnedWorld({ task, policy, normalizer, value, model }, "path derivatives");
  const paths = { world, observation, noise, weight: weights, horizon, form };
  const size = latentSize(model);
  return size === 0 ? paths : { ...paths, latent: Float32Array.from({ length: horizon * count * size }, normal) };
};

/** (controls of both halves) ⇒ paths: one record for each horizon in use, and for each half that has networks of its own. */
export const freshPaths = (
  input: EstimatorInput<"value" | "model">,
  controls: readonly [Control, Control],
  options: PathOptions,
  key: Key,
): Paths[] => {
  const which = halfOf(input.batch), rows = Array.from({ length: batchSize(input.batch) }, (_, i) => i);
  const inUse = (half: Half) => controls[half].horizon > 0 && controls[half].weight !== 0;
  const apart = isCrossFitted(input) || controls[0].horizon !== controls[1].horizon;
  const groups: ReadonlyArray<ReadonlyArray<Half>> = apart ? [[0], [1]] : [[0, 1]];
  return groups.map((halves) => halves.filter(inUse)).filter((halves) => halves.length > 0).map((halves) => {
    const [half] = halves, { horizon } = controls[half];
    const starts = rows.filter((i) => halves.includes(which(i)));
    const keyOf = apart ? fold(fold(key, horizon), half) : fold(key, horizon);
    return freshPath(inputOfHalf(input, half), starts, horizon, (i) => controls[which(i)].weight, options, keyOf);
  });
};

/** A term of G2 by path derivatives. */
export interface PathTerm {
  /** to first order in the policy's outputs at the starts */
  readonly surrogate: LinearSurrogate;
  /** [parameters] */
  readonly gradient: Float32Array;
  /** [n, act] by the first action: weightᵢ·∂Ãᵢ/∂aᵢ */
  readonly slope: Float32Array;
}

/** (paths) ⇒ (term). */
export const pathTerm = (paths: Paths): PathTerm => {
  const { world: { policy, normalizer }, observation } = paths, { gradient, slope } = pathDerivative(paths);
  const logStd = gradient.slice(mlpParameterCount(policy.shape));
  const surrogate = { kind: "linear", observation: normalizeInto(normalizer, observation), slope, logStd } as const;
  return { surrogate, gradient, slope };
};
