/**
 * Reacher: an arm of two links whose fingertip has to get to a target. Gymnasium's `Reacher-v5`; nothing terminates.
 *
 * Observation [10]: cosines, then sines of the two joint angles; target x, y (m); the joints' angular velocities
 * (rad/s); fingertip − target x, y (m).
 *
 * Departure: Gymnasium reads the fingertip from poses that its integrator left at the fourth Runge–Kutta stage of the last
 * physics step, as `replay` shows it; here it belongs to the observed qpos, so that an observation is a function of the
 * state. The two differ by less than 1e-5 m, but for the steps in which a joint is at its limit: by up to 1.5e-2 m where the
 * elbow hits it, by about 1e-3 m with a moving target at its own.
 *
 * @module
 */
import {
  changePhysics,
  compile,
  type Data,
  kinematics,
  type Model,
  reacher as description,
} from "../physics/physics.ts";
import type { Stream } from "../math/random.ts";
import { unitRange } from "../math/control_range.ts";
import { controlCost } from "./control_cost.ts";
import { defineTask } from "./define_task.ts";
import { type Algebra, float64Algebra } from "../math/algebra.ts";
import { resetNoise } from "./reset_noise.ts";
import { planarSimulator } from "./planar_simulator.ts";
import { number, option } from "../options/options.ts";
import { type PhysicsOptions, physicsOptions } from "./gymnasium_options.ts";
import type { ImaginedDefinition, TaskParts } from "./task_definition.ts";
import { type Decor, planarScene } from "../scene/planar_scene.ts";
import type { Point, Solid } from "../scene/scene.ts";
import type { ConfigurableTask } from "./task_options.ts";

const TARGET_RADIUS = 0.2; // m, of the disk that targets are drawn from
const UPPER_ARM = 0.1; // m, shoulder to elbow
const FOREARM = 0.11; // m, elbow to fingertip

/** Options of Reacher. */
export interface ReacherOptions extends PhysicsOptions {
  /** Cost per m between fingertip and target */
  readonly rewardDistWeight: number;
  /** Cost per squared action */
  readonly rewardControlWeight: number;
}

const names = compile(description).bodyName;
const FINGERTIP = 3 * names.indexOf("fingertip"); // offset into xpos
const TARGET = 3 * names.indexOf("target"); // offset into xpos

/** (stream) ⇒ (qpos, qvel): joints ± .1 rad and ± .005 rad/s about rest, the target at rest, uniform in the disk. */
const reset = (stream: Stream, data: Data, model: Model): void => {
  resetNoise(stream, model, data, 0.1, 0.005);
  do {
    data.qpos[2] = TARGET_RADIUS * (2 * stream.uniform() - 1);
    data.qpos[3] = TARGET_RADIUS * (2 * stream.uniform() - 1);
  } while (Math.hypot(data.qpos[2], data.qpos[3]) >= TARGET_RADIUS);
  data.qvel[2] = 0;
  data.qvel[3] = 0;
};

/** (qpos, qvel) ⇒ out [10]. Overwrites the poses in `data`. */
const observe = (data: Data, out: Float64Array, model: Model): void => {
  kinematics(model, data);
  for (let i = 0; i < 2; i++) {
    out[i] = Math.cos(data.qpos[i]!);
    out[2 + i] = Math.sin(data.qpos[i]!);
    out[4 + i] = data.qpos[2 + i]!;
    out[6 + i] = data.qvel[i]!;
    out[8 + i] = data.xpos[FINGERTIP + i]! - data.xpos[TARGET + i]!;
  }
};

/** (qpos, model) ⇒ m, distance of fingertip and target. Overwrites the poses in `data`. */
const distance = (data: Data, model: Model): number => {
  kinematics(model, data);
  const x = data.xpos[FINGERTIP]! - data.xpos[TARGET]!;
  const y = data.xpos[FINGERTIP + 1]! - data.xpos[TARGET + 1]!;
  return Math.sqrt(x * x + y * y);
};

/**
 * (observation [10]) ⇒ (features [12]): the observation and the fingertip's velocity in m/s, to which the change of its
 * last two entries is nearly proportional.
 *
 *   v = l₁ ω₁ (−sin q₁, cos q₁) + l₂ (ω₁ + ω₂) (−sin(q₁ + q₂), cos(q₁ + q₂))
 */
const features = <T>(algebra: Algebra<T>, observation: ReadonlyArray<T>): ReadonlyArray<T> => {
  const { add, subtract, multiply, scale } = algebra;
  const [c1, c2, s1, s2, , , w1, w2] = observation as [T, T, T, T, T, T, T, T, T, T];
  const sum = add(w1, w2);
  const s12 = add(multiply(s1, c2), multiply(c1, s2));
  const c12 = subtract(multiply(c1, c2), multiply(s1, s2));
  const vx = add(scale(multiply(w1, s1), -UPPER_ARM), scale(multiply(sum, s12), -FOREARM));
  const vy = add(scale(multiply(w1, c1), UPPER_ARM), scale(multiply(sum, c12), FOREARM));
  return [...observation, vx, vy];
};

/**
 * Reacher without its physics: the reward is a function of the next observation and the action.
 *
 * Departure: (1 µm)² is added under the root, so that its derivative exists where the fingertip meets the target; the
 * reward is less by at most 1e-6.
 */
const imaginedOf = ({ rewardDistWeight, rewardControlWeight }: ReacherOptions): ImaginedDefinition => ({
  features,
  knownReward: (algebra, _observation, action, next) => {
    const squared = algebra.add(algebra.square(next[8]!), algebra.square(next[9]!));
    const cost = algebra.scale(algebra.sqrt(algebra.shift(squared, 1e-12)), rewardDistWeight);
    return algebra.scale(algebra.add(cost, controlCost(algebra, action, rewardControlWeight)), -1);
  },
  rewardResidual: "zero",
});

const TONES = { link0: 0, link1: 2, fingertip_geom: 1, target_geom: "target" } as const; // colours

const wall = (name: string, from: Point, to: Point): Decor => {
  const solid: Solid = { name, shape: "capsule", size: [0.02, 0.3], tone: "arena" };
  return { solid, from, to };
};

/** What Gymnasium's `reacher.xml` has around the arm. */
const ARENA: ReadonlyArray<Decor> = [
  { solid: { name: "ground", shape: "plane", size: [1, 1], tone: "ground" }, from: [0, 0, 0], to: [0, 0, 0] },
  wall("sideS", [-0.3, -0.3, 0.01], [0.3, -0.3, 0.01]),
  wall("sideE", [0.3, -0.3, 0.01], [0.3, 0.3, 0.01]),
  wall("sideN", [-0.3, 0.3, 0.01], [0.3, 0.3, 0.01]),
  wall("sideW", [-0.3, -0.3, 0.01], [-0.3, 0.3, 0.01]),
  {
    solid: { name: "root", shape: "cylinder", size: [0.011, 0.01], tone: "arena" },
    from: [0, 0, 0],
    to: [0, 0, 0.02],
  },
];

/** The task Reacher. Source: Gymnasium 1.4 `reacher_v5.py`, with its options. */
export const reacher: ConfigurableTask<ReacherOptions, Data> = defineTask({
  name: "reacher",
  options: {
    rewardDistWeight: option(number, 1, "Cost per m between fingertip and target"),
    rewardControlWeight: option(number, 1, "Cost per squared action"),
    ...physicsOptions(2),
  },
  make: (options: ReacherOptions): TaskParts<Data> => {
    const model = compile(changePhysics(description, options.physics));
    return {
      simulator: planarSimulator(model),
      frameSkip: options.frameSkip,
      timeLimit: 50,
      observationSize: 10,
      controlRange: unitRange(2),
      threshold: -7,
      gymnasium: { id: "Reacher-v5", threshold: -3.75 },
      reset: (stream, data) => reset(stream, data, model),
      observe: (data, out) => observe(data, out, model),
      laggingEntries: [8, 9],
      reward: (_before, action, data) =>
        -distance(data, model) * options.rewardDistWeight -
        controlCost(float64Algebra, action, options.rewardControlWeight),
      scene: planarScene(description, model, { span: 0.68, tones: TONES, decor: ARENA }),
      imagined: imaginedOf(options),
    };
  },
});
