/**
 * Ã of an imagined rollout, and its derivatives: what `embed` and `rollPath` run for one model.
 *
 * The same code serves tensors' heap with kernels and plain arrays without: `Passes` is what differs. Threads share the
 * chunks of starts.
 *
 * @module
 */
import type { Batch } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import { mlpParameterCount, type PolicyParams } from "../data/parameters.ts";
import { mlpEngine } from "../nn/passes/mlp_engine.ts";
import type { MemberPaths, RolledPath } from "./path.ts";
import type { World } from "./world.ts";
import { rollBack } from "./rollout_backward.ts";
import { rollForward, stepAt, type Valued } from "./rollout_forward.ts";
import { type Chunk, chunksOf, openRollout, type Rollout, type RolloutInput, rolloutInput } from "./open_rollout.ts";
import { defineJob, type Job } from "../parallel/job.ts";
import { threads } from "../parallel/threads.ts";

const actionSizeOf = ({ theta, shape }: PolicyParams): number => theta.length - mlpParameterCount(shape);

/**
 * Ã of the horizons of a chunk: `found(t, Ã_{t+1} [rows])` after each step, in memory that the next step overwrites; of no
 * account at horizons where V is not valued.
 */
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
        advantages(rollout, start, rows, () => true, (t, advantage) => found[t].set(advantage));
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

/** Where V counts in Ã_k. */
const valuedOf = ({ horizon, form: { weighting } }: RolloutInput): Valued => (t) =>
  t === 0 || t === horizon || weighting === "lambdaWeighted";

/** (rollouts' input; chunks of its starts) ⇒ (Ã_k [rows], ∂Ã_k/∂a₀ [rows, act]) of each chunk. */
export const rolledChunks: Job<RolloutInput, Chunk, RolledPath> = defineJob(
  import.meta.url,
  "rolledChunks",
  function* (input, chunks) {
    const rollout = openRollout(mlpEngine().passes, input, "steps"), { places, passes } = rollout;
    try {
      for (const [start, rows] of chunks) {
        const advantage = new Float32Array(rows), { mean } = places.gradients!;
        advantages(rollout, start, rows, valuedOf(input), (_, found) => advantage.set(found));
        rollBack(rollout, rows);
        yield { advantage, slope: passes.floats().slice(mean, mean + rows * places.policy.std.length) };
      }
    } finally {
      rollout.close();
    }
  },
);

/** As `rollPath`, in the world of one member. Fails: `OutOfMemory`. */
export const rollMember = ({ world, ...paths }: MemberPaths): RolledPath => {
  const input = rolloutInput(world, { ...paths, latent: paths.latent ?? null, action: null });
  const chunks = chunksOf(input, "steps"), size = actionSizeOf(world.policy);
  const count = paths.observation.length / world.normalizer.mean.length;
  const advantage = new Float32Array(count), slope = new Float32Array(count * size);
  threads().each(rolledChunks, input, chunks).forEach((part, i) => {
    advantage.set(part.advantage, chunks[i][0]);
    slope.set(part.slope, chunks[i][0] * size);
  });
  return { advantage, slope };
};
