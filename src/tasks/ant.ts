/**
 * Ant: a body on four legs that has to walk forward. Gymnasium's `Ant-v5`.
 *
 * Observation [105]: z (m), the torso's quaternion, eight joint angles (rad); the torso's velocity (m/s) and angular velocity
 * (rad/s), eight joint velocities (rad/s); then torque (N·m) and force (N) on each of thirteen bodies, clipped to ±1.
 *
 * @module
 */
import { float64Algebra } from "../math/algebra.ts";
import { unitRange } from "../math/control_range.ts";
import { controlCost } from "./control_cost.ts";
import { defineTask } from "./define_task.ts";
import { antMjcf } from "./mjcf/ant.ts";
import { mujocoScene } from "./mujoco_scene.ts";
import { lazyMujocoSimulator, type MujocoData } from "./mujoco_simulator.ts";
import { initialPositions, observeSlices, offsetOf, uniformNoise, withinRange } from "./mujoco_task.ts";
import type { Task } from "./task.ts";
import type { ImaginedDefinition } from "./task_definition.ts";
import type { Stream } from "../math/random.ts";

const CONTROL_COST = 0.5; // reward per squared action
const CONTACT_COST = 5e-4; // reward per squared N or N·m, of forces clipped to ±1
const HEIGHTS = [0.2, 1] as const; // m
const RESET_NOISE = 0.1; // m, rad and their rates
const FRAME_SKIP = 5;
const TORSO = 3; // offset of body 1 into xpos

const simulator = lazyMujocoSimulator(
  { name: "ant.xml", xml: antMjcf },
  { nq: 15, nv: 14, na: 0, nu: 8, nbody: 14, nsite: 0, timestep: 0.01 },
  { remembered: ["xpos", "cfrcExt"], derive: "rnePostConstraint" },
);
const TORSO_BEFORE = offsetOf(simulator, "xpos") + TORSO;

const clipped = (force: number): number => Math.min(1, Math.max(-1, force));

const observeAll = observeSlices(simulator, [{ field: "qpos", from: 2 }, { field: "qvel", from: 0 }, {
  field: "cfrcExt",
  from: 6,
}]);

const observe = (data: MujocoData, out: Float64Array): void => {
  observeAll(data, out);
  for (let i = 27; i < 105; i++) out[i] = clipped(out[i]!);
};

const healthy = (data: MujocoData): boolean => {
  const qpos = simulator.view(data, "qpos"), z = qpos[2]!;
  return z >= HEIGHTS[0] && z <= HEIGHTS[1] && qpos.every(Number.isFinite) &&
    simulator.view(data, "qvel").every(Number.isFinite);
};

/** (state before, action, data) ⇒ v_x of the torso + 1 while healthy − .5 Σ a² − 5e-4 Σ clip(cfrcExt, ±1)². */
const reward = (before: Float64Array, action: Float64Array, data: MujocoData): number => {
  const velocity = (simulator.view(data, "xpos")[TORSO]! - before[TORSO_BEFORE]!) / (FRAME_SKIP * simulator.timestep);
  const contact = simulator.view(data, "cfrcExt").reduce((sum, force) => sum + clipped(force) ** 2, 0);
  return velocity + (healthy(data) ? 1 : 0) - controlCost(float64Algebra, action, CONTROL_COST) -
    CONTACT_COST * contact;
};

const reset = (stream: Stream, data: MujocoData): void => {
  const noise = uniformNoise(stream, RESET_NOISE, 15);
  const qpos = initialPositions(simulator).map((x, i) => x + noise[i]!);
  simulator.place(data, qpos, Float64Array.from({ length: 14 }, () => RESET_NOISE * stream.normal()));
};

/**
 * Ant without its physics.
 *
 * Departure: the healthy reward counts as 1, as imagined rollouts mask what follows a termination. The model learns the
 * displacement and the cost of contacts.
 */
const imagined: ImaginedDefinition = {
  knownReward: (algebra, _observation, action) =>
    algebra.shift(algebra.scale(controlCost(algebra, action, CONTROL_COST), -1), 1),
  rewardResidual: "learned",
  survival: (algebra, next) => withinRange(algebra, next[0]!, HEIGHTS, 0.01),
};

/** The task Ant. Source: Gymnasium 1.4 `ant_v5.py`, with its default options. */
export const ant: Task<MujocoData> = defineTask({
  name: "ant",
  simulator,
  frameSkip: FRAME_SKIP,
  timeLimit: 1000,
  gymnasium: { id: "Ant-v5", threshold: 6000 },
  observationSize: 105,
  controlRange: unitRange(8),
  threshold: 6000,
  reset,
  observe,
  reward,
  terminated: (data) => !healthy(data),
  scene: mujocoScene(simulator, { span: 3.2, follows: "first body" }),
  imagined,
});
