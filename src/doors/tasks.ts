/**
 * Tasks: what a policy is to do, in Gymnasium v5's sense, built in or defined by `defineTask`; and recorded controls
 * simulated again.
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
export { type ControlRange, unitRange } from "../math/control_range.ts";
export { fold, type Key, makeKey, makeStream, type Stream } from "../math/random.ts";
export type { Data, Model } from "../physics/physics.ts";
export { TaskInvalid } from "../tasks/check_task.ts";
export { controlCost } from "../tasks/control_cost.ts";
export { type DefineTask, defineTask, isTask } from "../tasks/define_task.ts";
export * from "../options/options.ts";
export { type Decor, planarScene, type PlanarSceneOptions } from "../scene/planar_scene.ts";
export { placeAt, placeBetween, type Point, type Scene, type SceneView, type Solid } from "../scene/scene.ts";
export { PhysicsDiverged, type SimulationPlace } from "../tasks/physics_diverged.ts";
export { MjcfInvalid } from "../mujoco/compile.ts";
export { type MjcfOnDisk, readMjcf } from "../mujoco/mjcf_files.ts";
export { NotPlanar } from "../mujoco/planar.ts";
export { loadMjcf } from "../tasks/robot/load_mjcf.ts";
export * from "../tasks/robot/robot.ts";
export { MujocoMissing } from "../mujoco/engine.ts";
export {
  type Field,
  type Mjcf,
  type MujocoData,
  type MujocoMemory,
  type MujocoSimulator,
  mujocoSimulator,
  type MujocoSizes,
} from "../tasks/mujoco_simulator.ts";
export { planarSimulator } from "../tasks/planar_simulator.ts";
export { prepareTask, TaskUnprepared } from "../tasks/prepare.ts";
export { getTask, tasks } from "../tasks/registry.ts";
export { replay, type ReplayState, type ReplayStep } from "../tasks/replay.ts";
export { resetNoise } from "../tasks/reset_noise.ts";
export type { Simulator, StateByParts, StateDivergence, StatePart } from "../tasks/simulator.ts";
export { simulatedBy, type Simulation, type TaskImaginedBySimulator } from "../tasks/simulation.ts";
export { SimulatorInvalid } from "../tasks/simulator_invalid.ts";
export { TaskNotImagined } from "../tasks/survival.ts";
export { TaskDefect, type TaskFunction, type ThrownByTask } from "../tasks/task_defect.ts";
export * from "../tasks/task_definition.ts";
export {
  boundObservation,
  type ImaginedTask,
  type KnownReward,
  type Survival,
  type SurvivalMargin,
  type Task,
  type TaskFeatures,
  withModules,
} from "../tasks/task.ts";
export {
  type ConfigurableTask,
  type ControlOptions,
  type OptionsOfTask,
  type TaskChanges,
  type TaskConfiguration,
  type TaskOptions,
  withTaskOptions,
} from "../tasks/task_options.ts";
