/**
 * Pusher: an arm of seven joints pushes a cylinder to a goal. Gymnasium's `Pusher-v5`.
 *
 * Observation [23]: seven joint angles (rad) and velocities (rad/s); positions (m) of the fingertips, the cylinder and the
 * goal.
 *
 * @module
 */
import { type Algebra, float64Algebra } from "../math/algebra.ts";
import type { ControlRange } from "../math/control_range.ts";
import type { Stream } from "../math/random.ts";
import { controlCost } from "./control_cost.ts";
import { defineTask } from "./define_task.ts";
import { pusherMjcf } from "./mjcf/pusher.ts";
import { mujocoScene } from "./mujoco_scene.ts";
import { lazyMujocoSimulator, type MujocoData } from "./mujoco_simulator.ts";
import { initialPositions, uniformNoise } from "./mujoco_task.ts";
import type { Task } from "./task.ts";
import type { ImaginedDefinition } from "./task_definition.ts";

const CONTROL_COST = 0.1; // reward per squared action
const NEAR = 0.5; // reward per m between the cylinder and the fingertips
const LEAST_DISTANCE = 0.17; // m, of the cylinder from the goal after a reset
const VELOCITY_NOISE = 0.005; // rad/s
const BODIES = [10, 11, 12]; // fingertips, cylinder, goal
const range: ControlRange = Array.from({ length: 7 }, () => [-2, 2] as const);

const simulator = lazyMujocoSimulator(
  { name: "pusher_v5.xml", xml: pusherMjcf },
  { nq: 11, nv: 11, na: 0, nu: 7, nbody: 13, nsite: 0, timestep: 0.01 },
  { remembered: ["xpos"], derive: "nothing" },
);

const observe = (data: MujocoData, out: Float64Array): void => {
  const qpos = simulator.view(data, "qpos"), qvel = simulator.view(data, "qvel"), xpos = simulator.view(data, "xpos");
  for (let i = 0; i < 7; i++) {
    out[i] = qpos[i]!;
    out[7 + i] = qvel[i]!;
  }
  BODIES.forEach((body, i) => out.set(xpos.subarray(3 * body, 3 * body + 3), 14 + 3 * i));
};

/** (positions [.., 3], two offsets, distance below which it is rounded) ⇒ their distance in m. */
const distance = <T>(algebra: Algebra<T>, at: ReadonlyArray<T>, a: number, b: number, rounding: number): T => {
  const squares = [0, 1, 2].map((i) => algebra.square(algebra.subtract(at[a + i]!, at[b + i]!)));
  return algebra.sqrt(algebra.shift(squares.reduce(algebra.add), rounding * rounding));
};

/** (positions of fingertips, cylinder, goal from `at` on, action) ⇒ −‖cylinder − goal‖ − .1 Σ a² − .5‖cylinder − fingertips‖. */
const rewardOf = <T>(
  algebra: Algebra<T>,
  positions: ReadonlyArray<T>,
  action: ReadonlyArray<T>,
  rounding: number,
): T => {
  const near = algebra.scale(distance(algebra, positions, 3, 0, rounding), NEAR);
  const costs = algebra.add(distance(algebra, positions, 3, 6, rounding), controlCost(algebra, action, CONTROL_COST));
  return algebra.scale(algebra.add(costs, near), -1);
};

const reward = (_before: Float64Array, action: Float64Array, data: MujocoData): number => {
  const xpos = simulator.view(data, "xpos");
  const positions = BODIES.flatMap((body) => [...xpos.subarray(3 * body, 3 * body + 3)]);
  return rewardOf(float64Algebra, positions, [...action], 0);
};

/** (stream) ⇒ the arm at rest, the cylinder uniform in y ∈ [−.3, 0], x ∈ [−.2, .2] at .17 m or more from the goal. */
const reset = (stream: Stream, data: MujocoData): void => {
  const qpos = initialPositions(simulator).slice();
  do {
    qpos[7] = -0.3 * stream.uniform();
    qpos[8] = 0.2 * (2 * stream.uniform() - 1);
  } while (Math.hypot(qpos[7], qpos[8]) <= LEAST_DISTANCE);
  const qvel = uniformNoise(stream, VELOCITY_NOISE, 11);
  simulator.place(data, qpos, qvel.fill(0, 7));
};

/**
 * Pusher without its physics: the reward is a function of the next observation and the action.
 *
 * Departure: (1 µm)² is added under the roots, so that their derivatives exist where bodies meet; the reward is less by at
 * most 1.5e-6.
 */
const imagined: ImaginedDefinition = {
  knownReward: (algebra, _observation, action, next) => rewardOf(algebra, next.slice(14), action, 1e-6),
  rewardResidual: "zero",
};

/** The task Pusher. Source: Gymnasium 1.4 `pusher_v5.py`, with its default options. */
export const pusher: Task<MujocoData> = defineTask({
  name: "pusher",
  simulator,
  frameSkip: 5,
  timeLimit: 100,
  gymnasium: { id: "Pusher-v5", threshold: 0 },
  observationSize: 23,
  controlRange: range,
  threshold: 0,
  reset,
  observe,
  reward,
  scene: mujocoScene(simulator, { span: 2.2, follows: "nothing" }),
  imagined,
});
