/**
 * What a task says where nothing moves in it and nothing is earned: for tests of how tasks are made.
 *
 * @module
 */
import type { PlainTask } from "../../src/tasks/task_definition.ts";

/** A definition without a name. */
export const still = {
  stateSize: 1,
  timeLimit: 9,
  observationSize: 1,
  controlRange: [[-1, 1]],
  reset: () => {},
  step: () => {},
  observe: (_state: Float64Array, out: Float64Array) => out.fill(0),
  reward: () => 0,
} satisfies Omit<PlainTask, "name">;
