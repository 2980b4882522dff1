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
import { makeStateRecord } from "../rollout/state_record.ts";
import { faultError } from "../tasks/fault.ts";
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
  /** By row; the first transition of a continuation is the row's own, with processNoise of its task another draw of it. */
  readonly ends: ReadonlyMap<number, Continuation>;
  /** s, of the batch itself: neither of what comes before nor of what follows */
  readonly seconds: number;
}

/**
 * (frozen, n, key) ⇒ (state): an environment as it stands in the middle of training, from the stationary distribution of
 * states under the policy: a first episode of random age, then as many steps as an episode can last.
 * Fails: throws SimulationError.
 */
export const stationaryState = (frozen: Frozen, index: number, key: Key): EnvironmentState => {
  const { task, policy, normalizer } = frozen;
  const begin = { ...environmentState(task, makeEnvs(task, 1), 0), index };
  const { state } = runEnvironment(task, policy, normalizer, begin, 0, fold(key, "begin"));
  const elapsed = makeStream(fold(fold(key, "age"), index)).integer(task.timeLimit);
  const warm = runEnvironment(task, policy, normalizer, { ...state, elapsed }, task.timeLimit, fold(key, "warm"));
  if (warm.fault !== null) throw faultError(task.name, index, warm.fault);
  return warm.state;
};

/** (frozen, shape, steps beyond the ends, key) ⇒ (batch, ends). Fails: throws SimulationError. */
export const collectStationary = (
  frozen: Frozen,
  { environments, steps }: BatchShape,
  tail: number,
  key: Key,
): Collected => {
  const { task, policy, normalizer } = frozen;
  const records = Array.from({ length: environments }, () => makeStateRecord(task, steps));
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
    if (end.fault !== null) throw faultError(task.name, n, { ...end.fault, step: t + end.fault.step });
    ends.set(row, end);
  }
  return { batch, ends, seconds };
};
