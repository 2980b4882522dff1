/**
 * What the laboratory measures at: the networks of one moment of training, which nothing changes any more.
 *
 * @module
 */
import type { EstimatorInput } from "../estimators/estimator.ts";
import type { Task } from "../tasks/task.ts";

/** All that an estimator sees besides its batch. These networks have seen none of the laboratory's batches. */
export type FrozenNetworks = Omit<EstimatorInput, "task" | "batch">;

/** A task and frozen networks. */
export interface Frozen extends FrozenNetworks {
  /** The task, with its physics. */
  readonly task: Task;
}
