/**
 * Ã of an imagined rollout, and its derivatives: what `embed`, `pathDerivative` and `pathValue` run for one model.
 *
 * The same code serves tensors' heap with kernels and plain arrays without: `Passes` is what differs.
 *
 * @module
 */
import { type Batch, batchSize } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import { mlpParameterCount } from "../data/parameters.ts";
import { mlpEngine } from "../nn/passes/mlp_engine.ts";
import type { MemberPaths } from "./path.ts";
import type { World } from "./world.ts";
import { rollBack } from "./rollout_backward.ts";
import { rollForward, stepAt, type Valued } from "./rollout_forward.ts";
import { chunksOf, type Keep, openRollout, type Rollout, type RolloutInput } from "./open_rollout.ts";

/** Runs `visit` on a rollout and frees its memory, whatever happens. */
const within = <A>(input: RolloutInput, keep: Keep, visit: (rollout: Rollout) => A): A => {
  const rollout = openRollout(mlpEngine().passes, input, keep);
  try {
    return visit(rollout);
  } finally {
    rollout.close();
  }
};

/** Ã of the horizons of a chunk: `found(t, Ã_{t+1} [rows])` after each step, in memory that the next step overwrites. */
const advantages = (
  rollout: Rollout,
  start: number,
  rows: number,
  valued: Valued,
  found: (t: number, advantage: Float32Array) => void,
): void => {
  const { form: { discount, lambda, weighting }, passes } = rollout;
  const [rewards, previous, advantage] = [0, 1, 2].map(() => new Float32Array(rows));
  rollForward(rollout, start, rows, valued, (t) => {
    const step = stepAt(rollout, t), next = stepAt(rollout, t + 1), f = passes.floats();
    const decay = discount ** t, gain = lambda ** t, after = next.value[next.value.length - 1];
    const before = step.value[step.value.length - 1];
    for (let i = 0; i < rows; i++) {
      rewards[i] += decay * f[step.alive + i] * f[step.reward + i] - (t > 0 ? 0 : f[before + i]);
    }
    if (!valued(t + 1)) return;
    for (let i = 0; i < rows; i++) {
      const q = rewards[i] + decay * discount * f[next.alive + i] * f[after + i];
      advantage[i] = weighting === "kStep" ? q : advantage[i] + gain * (q - previous[i]);
      previous[i] = q;
    }
    found(t, advantage);
  });
};

/** As `embed`. Fails: `OutOfMemory`. */
export const embedMember = (
  world: World,
  batch: Batch,
  noise: Float32Array,
  horizon: number,
  form: ReturnForm,
  latent: Float32Array | null,
): Float32Array[] => {
  const found = Array.from({ length: horizon }, () => new Float32Array(batchSize(batch)));
  const { observation, action } = batch;
  const input: RolloutInput = { world, observation, first: { action }, noise, latent, horizon, form };
  within(input, "nothing", (rollout) => {
    for (const [start, rows] of chunksOf(rollout)) {
      advantages(rollout, start, rows, () => true, (t, advantage) => found[t].set(advantage, start));
    }
  });
  return found;
};

const inputOf = (paths: MemberPaths, theta: Float32Array): RolloutInput => ({
  ...paths,
  latent: paths.latent ?? null,
  first: { theta },
});

/** Where V counts in Ã. */
const valuedOf = ({ horizon, form: { weighting } }: MemberPaths): Valued => (t) =>
  t === 0 || t === horizon || weighting === "lambdaWeighted";

/** (weight [n], first row, Ã [rows]) ⇒ Σ weight·Ã of the rows. */
const weighted = (weight: Float32Array, start: number, advantage: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < advantage.length; i++) sum += weight[start + i] * advantage[i];
  return sum;
};

/** As `imaginedValue`. Fails: `OutOfMemory`. */
export const memberValue = (paths: MemberPaths, theta: Float32Array): number => {
  const { weight, horizon } = paths, valued = valuedOf(paths);
  let total = 0;
  within(inputOf(paths, theta), "nothing", (rollout) => {
    for (const [start, rows] of chunksOf(rollout)) {
      advantages(rollout, start, rows, valued, (t, advantage) => {
        if (t + 1 === horizon) total += weighted(weight, start, advantage);
      });
    }
  });
  return total;
};

/** The surrogate's value and derivatives at the θ of its world's policy, as `pathDerivative`. Fails: `OutOfMemory`. */
export const memberDerivative = (
  paths: MemberPaths,
): { readonly value: number; readonly gradient: Float32Array; readonly slope: Float32Array } => {
  const { weight, horizon } = paths, { policy: { theta, shape } } = paths.world;
  const count = mlpParameterCount(shape), actionSize = theta.length - count;
  const byLogStd = new Float64Array(actionSize), slope = new Float32Array(weight.length * actionSize);
  return within(inputOf(paths, theta), "steps", (rollout) => {
    const { places, passes } = rollout, { mean, spare } = places.gradients!, valued = valuedOf(paths);
    let value = 0;
    for (const [start, rows] of chunksOf(rollout)) {
      advantages(rollout, start, rows, valued, (t, advantage) => {
        if (t + 1 === horizon) value += weighted(weight, start, advantage);
      });
      rollBack(rollout, rows, weight.subarray(start, start + rows));
      slope.set(passes.floats().subarray(mean, mean + rows * actionSize), start * actionSize);
      const out = { spare, input: null, theta: places.thetaGradient };
      passes.backward(places.policy.mean, stepAt(rollout, 0).policy, mean, rows, out);
      addByLogStd(rollout, start, rows, byLogStd);
    }
    const gradient = passes.floats().slice(places.thetaGradient, places.thetaGradient + theta.length);
    gradient.set(byLogStd, count);
    return { value, gradient, slope };
  });
};

/** ∂/∂log σⱼ ← … + Σᵢ ∂/∂μᵢⱼ·σⱼ·ε₀ᵢⱼ. */
const addByLogStd = (
  { passes, places, noise }: Rollout,
  start: number,
  rows: number,
  byLogStd: Float64Array,
): void => {
  const f = passes.floats(), { std } = places.firstPolicy, { mean } = places.gradients!, size = std.length;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < size; j++) {
      byLogStd[j] += f[mean + i * size + j] * std[j] * noise[(start + i) * size + j];
    }
  }
};
