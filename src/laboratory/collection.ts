/**
 * Independent batches of the frozen policy, each with what would have happened beyond its ends.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Result from "effect/Result";
import { type Batch, batchSize } from "../data/batch.ts";
import { fold, type Key, makeStream } from "../math/random.ts";
import { type Continuation, makeContinue } from "../rollout/continuation.ts";
import { type EnvironmentState, runEnvironment } from "../rollout/environment.ts";
import { assembleSample, environmentState, makeEnvs } from "../rollout/envs.ts";
import { PhysicsDiverged } from "../rollout/physics_diverged.ts";
import { makePhysicsRecord } from "../rollout/physics_record.ts";
import type { Frozen } from "./frozen.ts";

/** Size of a batch. */
export interface BatchShape {
  /** N */
  readonly environments: number;
  /** T, steps of each */
  readonly steps: number;
}

/** A batch, and for each of its rows that the time limit or the batch's end cuts off, how it would have gone on. */
export interface Collected {
  readonly batch: Batch;
  /** By row; the first transition of a continuation is the row's own. */
  readonly ends: ReadonlyMap<number, Continuation>;
  /** s, of the batch itself: neither of what comes before nor of what follows */
  readonly seconds: number;
}

/**
 * (frozen, n, key) ⇒ (state): an environment as it stands in the middle of training, from the stationary distribution of
 * states under the policy: a first episode of random age, then as many steps as an episode can last.
 * Fails: throws PhysicsDiverged.
 */
export const stationaryState = (frozen: Frozen, index: number, key: Key): EnvironmentState => {
  const { task, policy, normalizer } = frozen;
  const begin = { ...environmentState(task, makeEnvs(task, 1), 0), index };
  const { state } = runEnvironment(task, policy, normalizer, begin, 0, fold(key, "begin"));
  const elapsed = makeStream(fold(fold(key, "age"), index)).integer(task.timeLimit);
  const warm = runEnvironment(task, policy, normalizer, { ...state, elapsed }, task.timeLimit, fold(key, "warm"));
  if (warm.divergedAt >= 0) throw divergence(frozen, index, warm.divergedAt);
  return warm.state;
};

/** (frozen, environment, step) ⇒ the error of a simulation that left the real numbers. */
export const divergence = ({ task }: Frozen, environment: number, step: number): PhysicsDiverged =>
  new PhysicsDiverged({ task: task.name, environment, step, quantity: "qpos, qvel or reward" });

/** (frozen, shape, steps beyond the ends, key) ⇒ (batch, ends). Fails: throws PhysicsDiverged. */
export const collectStationary = (
  frozen: Frozen,
  { environments, steps }: BatchShape,
  tail: number,
  key: Key,
): Collected => {
  const { task, policy, normalizer } = frozen;
  const records = Array.from({ length: environments }, () => makePhysicsRecord(task, steps));
  const starts = records.map((_, n) => stationaryState(frozen, n, key));
  const begin = performance.now();
  const trajectories = records.map((record, n) =>
    runEnvironment(task, policy, normalizer, starts[n], steps, fold(key, "batch"), record)
  );
  const seconds = (performance.now() - begin) / 1000;
  const sample = Effect.runSync(Effect.result(assembleSample(task, trajectories)));
  if (Result.isFailure(sample)) throw sample.failure;
  const { batch } = sample.success, { actionSize: na } = batch;
  const go = makeContinue(task, policy, normalizer);
  const ends = new Map<number, Continuation>();
  for (let row = 0; row < batchSize(batch); row++) {
    const n = row % environments, t = (row - n) / environments;
    if (batch.terminated[row] || (t < steps - 1 && !batch.truncated[row])) continue;
    const [action, noise] = [batch.action, batch.noise].map((x) => x.slice(row * na, (row + 1) * na));
    const end = go({ state: records[n].state(t), action, noise }, tail + 1, makeStream(fold(fold(key, "tail"), row)));
    if (end.divergedAt >= 0) throw divergence(frozen, n, t + end.divergedAt);
    ends.set(row, end);
  }
  return { batch, ends, seconds };
};
