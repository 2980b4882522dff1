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
import { number, option } from "../options/options.ts";
import { controlCost } from "./control_cost.ts";
import { defineTask } from "./define_task.ts";
import { type PhysicsOptions, physicsOptions } from "./gymnasium_options.ts";
import { pusherMjcf } from "./mjcf/pusher.ts";
import { mujocoScene } from "./mujoco_scene.ts";
import { lazyMujocoSimulator, type MujocoData, type OwnMujocoSimulator } from "./mujoco_simulator.ts";
import { initialPositions, uniformNoise } from "./mujoco_task.ts";
import type { ImaginedDefinition, TaskParts } from "./task_definition.ts";
import type { ConfigurableTask } from "./task_options.ts";

/** Options of Pusher. */
export interface PusherOptions extends PhysicsOptions {
  /** Cost per m between the cylinder and the fingertips */
  readonly rewardNearWeight: number;
  /** Cost per m between the cylinder and the goal */
  readonly rewardDistWeight: number;
  /** Cost per squared action */
  readonly rewardControlWeight: number;
}

const LEAST_DISTANCE = 0.17; // m, of the cylinder from the goal after a reset
const VELOCITY_NOISE = 0.005; // rad/s
const BODIES = [10, 11, 12]; // fingertips, cylinder, goal
const range: ControlRange = Array.from({ length: 7 }, () => [-2, 2] as const);

const observing = (simulator: OwnMujocoSimulator) => (data: MujocoData, out: Float64Array): void => {
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

/** (weights) ⇒ (positions of fingertips, cylinder, goal, action) ⇒ −‖cylinder − goal‖ − .1 Σ a² − .5‖cylinder − fingertips‖. */
const rewardOf = ({ rewardNearWeight, rewardDistWeight, rewardControlWeight }: PusherOptions) =>
<T>(
  algebra: Algebra<T>,
  positions: ReadonlyArray<T>,
  action: ReadonlyArray<T>,
  rounding: number,
): T => {
  const near = algebra.scale(distance(algebra, positions, 3, 0, rounding), rewardNearWeight);
  const far = algebra.scale(distance(algebra, positions, 3, 6, rounding), rewardDistWeight);
  const costs = algebra.add(far, controlCost(algebra, action, rewardControlWeight));
  return algebra.scale(algebra.add(costs, near), -1);
};

/** (stream) ⇒ the arm at rest, the cylinder uniform in y ∈ [−.3, 0], x ∈ [−.2, .2] at .17 m or more from the goal. */
const resetting = (simulator: OwnMujocoSimulator) => (stream: Stream, data: MujocoData): void => {
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
 * most 1e-6 times the sum of the weights of the distances.
 */
const imaginedOf = (options: PusherOptions): ImaginedDefinition => {
  const reward = rewardOf(options);
  return {
    knownReward: (algebra, _observation, action, next) => reward(algebra, next.slice(14), action, 1e-6),
    rewardResidual: "zero",
  };
};

/** The task Pusher. Source: Gymnasium 1.4 `pusher_v5.py`, with its options. */
export const pusher: ConfigurableTask<PusherOptions, MujocoData> = defineTask({
  name: "pusher",
  options: {
    rewardNearWeight: option(number, 0.5, "Cost per m between the cylinder and the fingertips"),
    rewardDistWeight: option(number, 1, "Cost per m between the cylinder and the goal"),
    rewardControlWeight: option(number, 0.1, "Cost per squared action"),
    ...physicsOptions(5),
  },
  make: (options: PusherOptions): TaskParts<MujocoData> => {
    const simulator = lazyMujocoSimulator(
      { name: "pusher_v5.xml", xml: pusherMjcf },
      { nq: 11, nv: 11, na: 0, nu: 7, nbody: 13, nsite: 0, timestep: 0.01 },
      { remembered: ["xpos"], derive: "nothing" },
      options.physics,
    );
    const reward = rewardOf(options);
    return {
      simulator,
      frameSkip: options.frameSkip,
      timeLimit: 100,
      gymnasium: { id: "Pusher-v5", threshold: 0 },
      observationSize: 23,
      controlRange: range,
      threshold: 0,
      reset: resetting(simulator),
      observe: observing(simulator),
      reward: (_before, action, data) => {
        const xpos = simulator.view(data, "xpos");
        const positions = BODIES.flatMap((body) => [...xpos.subarray(3 * body, 3 * body + 3)]);
        return reward(float64Algebra, positions, [...action], 0);
      },
      scene: mujocoScene(simulator, { span: 2.2, follows: "nothing" }),
      imagined: imaginedOf(options),
    };
  },
});
