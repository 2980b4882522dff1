/**
 * Tasks: what a policy is to do, in Gymnasium v5's sense, and recorded controls simulated again.
 *
 * ```ts
 * import { getTask, replay } from "@mscv/mscv/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const rest = { qpos: [0, 0, 0, 0, 0], qvel: [0, 0, 0, 0, 0] };
 * const steps = [...replay(getTask("swimmer"), rest, [[0, 0], [1, -1]])];
 * assertEquals(steps.map(({ truncated }) => truncated), [false, false]);
 * assertEquals(steps[0].reward, 0); // a swimmer at rest earns nothing
 * ```
 *
 * @module
 */
export type { Algebra } from "../math/algebra.ts";
export { fold, type Key, makeKey, makeStream, type Stream } from "../math/random.ts";
export type { Data, Divergence, Model } from "../physics/physics.ts";
export { PhysicsDiverged } from "../tasks/physics_diverged.ts";
export { getTask, tasks } from "../tasks/registry.ts";
export { replay, type ReplayState, type ReplayStep } from "../tasks/replay.ts";
export { resetNoise } from "../tasks/reset_noise.ts";
export {
  boundObservation,
  type ImaginedTask,
  type SurvivalMargin,
  type Task,
  type TaskOptions,
  withTaskOptions,
} from "../tasks/task.ts";
