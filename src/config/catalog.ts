/**
 * What a pipeline can name.
 *
 * @module
 */
import type { Estimators } from "../estimators/estimator.ts";
import type { Key } from "../math/random.ts";
import type { AnyStageDefinition, TrainState } from "../stages/stage.ts";
import type { Task } from "../tasks/task.ts";
import type { Pipeline } from "./pipeline.ts";

/** Stages, estimators and tasks by name, and how a run begins. */
export interface Catalog {
  /** The estimators among which `estimateGradient` chooses; whoever reads a catalog gives that stage those that are here. */
  readonly estimators: Estimators;
  /** By the names that pipeline files write. */
  readonly stages: Readonly<Record<string, AnyStageDefinition>>;
  /** By the names that pipeline files write. */
  readonly tasks: Readonly<Record<string, Task>>;
  /** (task, pipeline, key) ⇒ state before the first iteration. */
  readonly initialState: (task: Task, pipeline: Pipeline, key: Key) => TrainState;
}
