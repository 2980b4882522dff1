/**
 * Ã of an imagined rollout, and its derivatives: what `embed` and `pathDerivative` run for one model.
 *
 * The same code serves tensors' heap with kernels and plain arrays without: `Passes` is what differs. Threads share the
 * chunks of starts, whose sums are added in their order.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import { mlpParameterCount, type PolicyParams } from "../data/parameters.ts";
import { mlpEngine } from "../nn/passes/mlp_engine.ts";
import type { MemberPaths } from "./path.ts";
import type { World } from "./world.ts";
import { rollBack } from "./rollout_backward.ts";
import { rollForward, stepAt, type Valued } from "./rollout_forward.ts";
import { type Chunk, chunksOf, openRollout, type Rollout, type RolloutInput, rolloutInput } from "./open_rollout.ts";
import { defineJob, type Job } from "../parallel/job.ts";
import { threads } from "../parallel/threads.ts";

const actionSizeOf = ({ theta, shape }: PolicyParams): number => theta.length - mlpParameterCount(shape);

/** Ã of the horizons of a chunk: `found(t, Ã_{t+1} [rows])` after each step, in memory that the next step overwrites. */
const advantages = (
  rollout: Rollout,
  start: number,
  rows: number,
  found: (t: number, advantage: Float32Array) => void,
): void => {
  const { form: { discount, lambda, weighting }, passes } = rollout;
  const [rewards, previous, advantage] = [0, 1, 2].map(() => new Float32Array(rows));
  rollForward(rollout, start, rows, () => true, (t) => {
    const step = stepAt(rollout, t), next = stepAt(rollout, t + 1), f = passes.floats();
    const decay = discount ** t, gain = lambda ** t, after = next.value[next.value.length - 1];
    const before = step.value[step.value.length - 1];
    for (let i = 0; i < rows; i++) {
      rewards[i] += decay * f[step.alive + i] * f[step.reward + i] - (t > 0 ? 0 : f[before + i]);
    }
    for (let i = 0; i < rows; i++) {
      const q = rewards[i] + decay * discount * f[next.alive + i] * f[after + i];
      advantage[i] = weighting === "kStep" ? q : advantage[i] + gain * (q - previous[i]);
      previous[i] = q;
    }
    found(t, advantage);
  });
};

/** (rollouts' input; chunks of its starts) ⇒ Ã₁ … Ã_k of each chunk. */
export const embeddedChunks: Job<RolloutInput, Chunk, ReadonlyArray<Float32Array>> = defineJob(
  import.meta.url,
  "embeddedChunks",
  function* (input, chunks) {
    const rollout = openRollout(mlpEngine().passes, input, "nothing");
    try {
      for (const [start, rows] of chunks) {
        const found = Array.from({ length: input.horizon }, () => new Float32Array(rows));
        advantages(rollout, start, rows, (t, advantage) => found[t].set(advantage));
        yield found;
      }
    } finally {
      rollout.close();
    }
  },
);

/** As `embed`. Fails: `OutOfMemory`. */
export const embedMember = (
  world: World,
  { observation, action }: Batch,
  noise: Float32Array,
  horizon: number,
  form: ReturnForm,
  latent: Float32Array | null,
): Float32Array[] => {
  const input = rolloutInput(world, { observation, action, noise, latent, horizon, form });
  const chunks = chunksOf(input, "nothing"), parts = threads().each(embeddedChunks, input, chunks);
  return Array.from({ length: horizon }, (_, t) => {
    const found = new Float32Array(action.length / actionSizeOf(world.policy));
    chunks.forEach(([start], i) => found.set(parts[i][t], start));
    return found;
  });
};

/** Rollouts with the weights of their starts. */
interface Weighted {
  readonly input: RolloutInput;
  /** [n] */
  readonly weight: Float32Array;
}

const weightedInput = (paths: MemberPaths): Weighted => {
  const { world, weight, latent = null } = paths;
  return { input: rolloutInput(world, { ...paths, latent, action: null }), weight };
};

/** Where V counts in Ã. */
const valuedOf = ({ horizon, form: { weighting } }: RolloutInput): Valued => (t) =>
  t === 0 || t === horizon || weighting === "lambdaWeighted";

/** What the starts of a chunk add to the derivatives. */
interface ChunkDerivative {
  /** [parameters] */
  readonly gradient: Float32Array;
  /** [rows, act] */
  readonly slope: Float32Array;
}

const chunkDerivative = (rollout: Rollout, weight: Float32Array, chunk: Chunk): ChunkDerivative => {
  const { places, passes, policy: { theta, shape } } = rollout, [start, rows] = chunk, at = places.thetaGradient;
  const { mean, spare } = places.gradients!, actionSize = places.policy.std.length;
  rollForward(rollout, start, rows, valuedOf(rollout), () => {});
  rollBack(rollout, rows, weight.subarray(start, start + rows));
  const slope = passes.floats().slice(mean, mean + rows * actionSize);
  passes.floats().fill(0, at, at + theta.length);
  const out = { spare, input: null, theta: at };
  passes.backward(places.policy.mean, stepAt(rollout, 0).policy, mean, rows, out);
  const gradient = passes.floats().slice(at, at + theta.length);
  gradient.set(byLogStd(rollout, start, slope), mlpParameterCount(shape));
  return { gradient, slope };
};

/** (weighted rollouts; chunks of their starts) ⇒ derivatives of each chunk. */
export const chunkDerivatives: Job<Weighted, Chunk, ChunkDerivative> = defineJob(
  import.meta.url,
  "chunkDerivatives",
  function* ({ input, weight }, chunks) {
    const rollout = openRollout(mlpEngine().passes, input, "steps");
    try {
      for (const chunk of chunks) yield chunkDerivative(rollout, weight, chunk);
    } finally {
      rollout.close();
    }
  },
);

/** As `pathDerivative`. Fails: `OutOfMemory`. */
export const memberDerivative = (paths: MemberPaths): ChunkDerivative => {
  const { policy, policy: { theta } } = paths.world, weighted = weightedInput(paths);
  const chunks = chunksOf(weighted.input, "steps"), size = actionSizeOf(policy);
  const parts = threads().each(chunkDerivatives, weighted, chunks);
  const slope = new Float32Array(paths.weight.length * size), sum = new Float64Array(theta.length);
  parts.forEach((part, i) => {
    slope.set(part.slope, chunks[i][0] * size);
    for (let j = 0; j < sum.length; j++) sum[j] += part.gradient[j];
  });
  return { gradient: Float32Array.from(sum), slope };
};

/** (rollout, first row, ∂/∂μ [rows, act]) ⇒ ∂/∂log σⱼ = Σᵢ ∂/∂μᵢⱼ·σⱼ·ε₀ᵢⱼ. */
const byLogStd = ({ places, noise }: Rollout, start: number, slope: Float32Array): Float64Array => {
  const { std } = places.policy, size = std.length, found = new Float64Array(size);
  for (let i = 0, at = start * size; i < slope.length; i++, at++) {
    found[i % size] += slope[i] * std[i % size] * noise[at];
  }
  return found;
};
