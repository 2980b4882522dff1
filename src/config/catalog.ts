/**
 * What a pipeline can name.
 *
 * @module
 */
import type { Key } from "../math/random.ts";
import type { AnyStageDefinition, TrainState } from "../stages/stage.ts";
import type { Task } from "../tasks/task.ts";
import type { Pipeline } from "./pipeline.ts";

/** Stages and tasks by name, and how a run begins. */
export interface Catalog {
  /** Stages by name. */
  readonly stages: Readonly<Record<string, AnyStageDefinition>>;
  /** Tasks by name. */
  readonly tasks: Readonly<Record<string, Task>>;
  /** (task, pipeline, key) ⇒ state before the first iteration. */
  readonly initialState: (task: Task, pipeline: Pipeline, key: Key) => TrainState;
}
