/**
 * A thread's share of a collection, as a job.
 *
 * @module
 */
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import type { Key } from "../math/random.ts";
import { defineJob, type Job } from "../parallel/job.ts";
import { taskAt, type TaskReference, unreachableReason } from "../tasks/reference.ts";
import { type EnvironmentState, runEnvironment, type Trajectory } from "./environment.ts";

/** What all shares of a collection have in common. */
export interface Collection {
  readonly task: TaskReference;
  readonly policy: PolicyParams;
  readonly normalizer: Normalizer;
  readonly steps: number;
  readonly key: Key;
}

/** Trajectories in the order of the states, or why the task cannot be made there. */
export type Share = ReadonlyArray<Trajectory> | { readonly unreachable: string };

const collected = async (
  { task: reference, policy, normalizer, steps, key }: Collection,
  states: ReadonlyArray<EnvironmentState>,
): Promise<Share> => {
  const task = await taskAt(reference).catch((thrown): string => unreachableReason(thrown));
  if (typeof task === "string") return { unreachable: task };
  return states.map((state) => runEnvironment(task, policy, normalizer, state, steps, key));
};

/** (collection; states of some environments) ⇒ (their trajectories). */
export const collectShare: Job<Collection, ReadonlyArray<EnvironmentState>, Promise<Share>> = defineJob(
  import.meta.url,
  "collectShare",
  function* (collection, shares) {
    for (const states of shares) yield collected(collection, states);
  },
);
