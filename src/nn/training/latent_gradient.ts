/**
 * The loss of stochastic dynamics and their inference network, as a conditional variational auto-encoder, and its gradient:
 * forward and back through both networks without a tape.
 *
 *   η = m + s·ε, (m, s) = q(η | input, target),  e = f(input, η) − target
 *   loss = mean over transitions of (mean over obs of e² + α·e_residual² + β·KL(q ‖ N(0, I)))
 *
 *   ∂/∂m = ∂/∂η + β·m/n,   ∂/∂log s = ∂/∂η·s·ε + β·(s² − 1)/n
 *
 * @module
 */
import type { ModelParams } from "../../data/parameters.ts";
import { latentDivergence, posteriorOf, posteriorSlope } from "../networks/latent.ts";
import { openArena } from "../passes/arena.ts";
import { widestLayer } from "../passes/layers.ts";
import { mlpEngine } from "../passes/mlp_engine.ts";
import { type Passes, type PlacedMlp, placedMlp } from "../passes/passes.ts";
import type { TransitionTable } from "./transition_table.ts";

/** What the loss weighs. */
export interface LatentLossOptions {
  /** α of the reward's squared error */
  readonly rewardWeight: number;
  /** β of KL(q ‖ N(0, I)) */
  readonly latentWeight: number;
}

/** Places of a network's parameters and of the gradient by them. */
export interface NetworkPlaces {
  readonly theta: number;
  readonly gradient: number;
}

/** A loss ready to be computed many times. */
export interface LatentLoss {
  /** (transitions [n], ε [n, latent]) ⇒ (loss); adds ∂loss/∂θ to both gradients. */
  readonly add: (table: TransitionTable, noise: Float32Array) => number;
  /** Frees its memory. */
  readonly free: () => void;
}

/** What a loss is computed with. */
interface Setting {
  readonly passes: Passes;
  readonly model: ModelParams;
  readonly dynamics: PlacedMlp;
  readonly encoder: PlacedMlp;
  readonly gradients: { readonly dynamics: number; readonly encoder: number };
  /** [out] of a squared error */
  readonly weights: ReadonlyArray<number>;
  /** β */
  readonly latentWeight: number;
  readonly at: {
    readonly ofDynamics: ReadonlyArray<number>; // layers
    readonly ofEncoder: ReadonlyArray<number>;
    readonly output: number; // [rows, out] by the prediction
    readonly input: number; // [rows, in] by the input of the dynamics
    readonly posterior: number; // [rows, 2·latent] by the output of the inference network
    readonly spare: number;
  };
}

/** Some of the transitions. */
interface Rows {
  readonly table: TransitionTable;
  readonly noise: Float32Array;
  readonly first: number;
  readonly count: number;
  /** n */
  readonly total: number;
}

/**
 * (passes, model, places of both networks, most transitions, obs, options) ⇒ (loss), to be freed.
 * Fails: `OutOfMemory`, with nothing left allocated.
 */
export const openLatentLoss = (
  passes: Passes,
  model: ModelParams,
  networks: { readonly dynamics: NetworkPlaces; readonly encoder: NetworkPlaces },
  most: number,
  observationSize: number,
  { rewardWeight, latentWeight }: LatentLossOptions,
): LatentLoss => {
  const { shape } = model, ofLatent = model.latent!.shape, outputs = model.outputMean.length;
  const capacity = Math.min(most, passes.rows);
  const { places: at, free } = openArena(passes, (take) => ({
    ofDynamics: shape.sizes.map((size) => take(capacity * size)),
    ofEncoder: ofLatent.sizes.map((size) => take(capacity * size)),
    output: take(capacity * outputs),
    input: take(capacity * shape.sizes[0]),
    posterior: take(capacity * 2 * model.latent!.size),
    spare: take(2 * capacity * Math.max(widestLayer(shape), widestLayer(ofLatent))),
  }));
  const setting: Setting = {
    passes,
    model,
    dynamics: placedMlp(shape, networks.dynamics.theta),
    encoder: placedMlp(ofLatent, networks.encoder.theta),
    gradients: { dynamics: networks.dynamics.gradient, encoder: networks.encoder.gradient },
    weights: Array.from(model.outputScale, (scale, j) => { // what never changes counts nothing
      if (scale === 0) return 0;
      return j < observationSize ? 1 / observationSize : rewardWeight;
    }),
    latentWeight,
    at,
  };
  const add: LatentLoss["add"] = (table, noise) => {
    const total = table.target.length / outputs;
    let loss = 0;
    for (let first = 0; first < total; first += capacity) {
      loss += addRows(setting, { table, noise, first, count: Math.min(capacity, total - first), total });
    }
    return loss / total;
  };
  return { add, free };
};

/** (rows) ⇒ (their part of n·loss); adds theirs of the gradients. */
const addRows = (setting: Setting, rows: Rows): number => {
  const { passes, dynamics, encoder, gradients, at } = setting, { count } = rows;
  const divergence = infer(setting, rows);
  passes.forward(dynamics, at.ofDynamics, count);
  const errors = slopes(setting, rows);
  const through = { spare: at.spare, input: at.input, theta: gradients.dynamics };
  passes.backward(dynamics, at.ofDynamics, at.output, count, through);
  throughPosterior(setting, rows);
  passes.backward(encoder, at.ofEncoder, at.posterior, count, {
    spare: at.spare,
    input: null,
    theta: gradients.encoder,
  });
  return errors + divergence;
};

/** (input, target) ⇒ (m, raw log s); (input, η) as the input of the dynamics; (β·Σ KL). */
const infer = ({ passes, model, encoder, latentWeight, at }: Setting, { table, noise, first, count }: Rows): number => {
  const known = model.inputMean.length, outputs = model.outputMean.length, size = model.latent!.size;
  const f = passes.floats(), [x] = at.ofEncoder, [input] = at.ofDynamics;
  for (let i = 0; i < count; i++) {
    const row = table.input.subarray((first + i) * known, (first + i + 1) * known);
    f.set(row, x + i * (known + outputs));
    f.set(row, input + i * (known + size));
    const target = table.target.subarray((first + i) * outputs, (first + i + 1) * outputs);
    f.set(target, x + i * (known + outputs) + known);
  }
  passes.forward(encoder, at.ofEncoder, count);
  const values = passes.floats(), q = at.ofEncoder[at.ofEncoder.length - 1];
  let divergence = 0;
  for (let i = 0; i < count; i++) {
    for (let l = 0; l < size; l++) {
      const { mean, logStd } = posteriorOf(values, q + 2 * size * i, size, l);
      values[input + i * (known + size) + known + l] = mean + Math.exp(logStd) * noise[(first + i) * size + l];
      divergence += latentWeight * latentDivergence({ mean, logStd });
    }
  }
  return divergence;
};

/** (prediction) ⇒ (Σ weighted e²), ∂loss/∂prediction. */
const slopes = ({ passes, weights, at }: Setting, { table: { target }, first, count, total }: Rows): number => {
  const f = passes.floats(), y = at.ofDynamics[at.ofDynamics.length - 1], outputs = weights.length;
  let loss = 0;
  for (let i = 0, from = first * outputs; i < count * outputs; i++) {
    const weight = weights[i % outputs], error = f[y + i] - target[from + i];
    f[at.output + i] = 2 * weight * error / total;
    loss += weight * error * error;
  }
  return loss;
};

/** (∂loss/∂η) ⇒ (∂loss/∂output of the inference network). */
const throughPosterior = (
  { passes, model, latentWeight, at }: Setting,
  { noise, first, count, total }: Rows,
): void => {
  const f = passes.floats(), known = model.inputMean.length, size = model.latent!.size, share = latentWeight / total;
  const q = at.ofEncoder[at.ofEncoder.length - 1];
  for (let i = 0; i < count; i++) {
    for (let l = 0; l < size; l++) {
      const { mean, logStd } = posteriorOf(f, q + 2 * size * i, size, l), std = Math.exp(logStd);
      const by = f[at.input + i * (known + size) + known + l], to = at.posterior + 2 * size * i + l;
      f[to] = by + share * mean;
      f[to + size] = (by * std * noise[(first + i) * size + l] + share * (std * std - 1)) * posteriorSlope(logStd);
    }
  }
};

/** A loss and its gradients by the parameters of both networks. */
export interface LatentGradient {
  readonly loss: number;
  readonly dynamics: Float32Array;
  readonly encoder: Float32Array;
}

/**
 * (model, transitions, ε [n, latent], obs, options) ⇒ (loss, its gradients). Fails: `OutOfMemory`.
 */
export const latentGradient = (
  model: ModelParams,
  table: TransitionTable,
  noise: Float32Array,
  observationSize: number,
  options: LatentLossOptions,
): LatentGradient => {
  const { passes } = mlpEngine(), thetas = [model.theta, model.latent!.theta];
  const { places, free } = openArena(passes, (take) => {
    const [dynamics, encoder] = thetas.map(({ length }) => ({ theta: take(length), gradient: take(length) }));
    return { dynamics, encoder };
  });
  try {
    const most = noise.length / model.latent!.size;
    const latentLoss = openLatentLoss(passes, model, places, most, observationSize, options);
    try {
      [places.dynamics, places.encoder].forEach(({ theta, gradient }, i) => {
        passes.floats().set(thetas[i], theta);
        passes.floats().fill(0, gradient, gradient + thetas[i].length);
      });
      const loss = latentLoss.add(table, noise);
      const read = ({ gradient }: NetworkPlaces, i: number) =>
        passes.floats().slice(gradient, gradient + thetas[i].length);
      return { loss, dynamics: read(places.dynamics, 0), encoder: read(places.encoder, 1) };
    } finally {
      latentLoss.free();
    }
  } finally {
    free();
  }
};
