/**
 * What the laboratory measures at: the networks of one checkpoint, which nothing changes any more.
 *
 * @module
 */
import type { ModelParams, Normalizer, PolicyParams, ValueParams } from "../data/parameters.ts";
import type { Task } from "../tasks/task.ts";

/** A task and the networks of a checkpoint. They have seen none of the laboratory's batches. */
export interface Frozen {
  readonly task: Task;
  readonly policy: PolicyParams;
  readonly value: ValueParams;
  readonly model: ModelParams;
  readonly normalizer: Normalizer;
}
