/**
 * InvertedDoublePendulum: a cart that has to keep two poles upright, one on the other. Gymnasium's
 * `InvertedDoublePendulum-v5`.
 *
 * Observation [9]: the cart's x (m); sines, then cosines of the two joint angles; ẋ (m/s) and the two angular velocities
 * (rad/s); what the ends of the rail exert on the cart, N, clipped to ±10. Policy and value see each velocity clipped to ±10,
 * as Gymnasium observes it.
 *
 * The force belongs to the last evaluation of the last physics step, as in Gymnasium, and is no function of (qpos, qvel): it is
 * part of the simulator's state, so batches, checkpoints and workers hold it as it was. In imagination it is one more entry that
 * the dynamics predict; they do not read it, as the motion does not depend on it.
 *
 * Departure: Gymnasium reads the tip's pose, and with it reward and termination, from the fourth Runge–Kutta stage of the last
 * physics step, as `replay` shows it; here it belongs to the observed qpos. Rewards differ by up to 1.2e-4.
 *
 * @module
 */
import {
  changePhysics,
  compile,
  type Data,
  invertedDoublePendulum as description,
  kinematics,
  type Model,
  POLE_LENGTH,
} from "../physics/physics.ts";
import { unitRange } from "../math/control_range.ts";
import { type Algebra, float64Algebra } from "../math/algebra.ts";
import { type Corners, type JointLimit, limitFeatures } from "./contact_features.ts";
import { defineTask } from "./define_task.ts";
import { type PhysicsOptions, physicsOptions } from "./gymnasium_options.ts";
import { planarSimulator } from "./planar_simulator.ts";
import { resetNoise } from "./reset_noise.ts";
import type { ImaginedDefinition, TaskParts } from "./task_definition.ts";
import { cartRail, planarScene } from "../scene/planar_scene.ts";
import type { ConfigurableTask } from "./task_options.ts";
import { nonNegative, number, option } from "../options/options.ts";

/** Options of InvertedDoublePendulum. */
export interface InvertedDoublePendulumOptions extends PhysicsOptions {
  /** Reward per step while alive */
  readonly healthyReward: number;
  /** Largest noise of each position of the first state in m or rad; standard deviation of each velocity in m/s or rad/s */
  readonly resetNoiseScale: number;
}

const LEAST_HEIGHT = 1; // m, of the tip
const TARGET_HEIGHT = 2; // m
const LARGEST_FORCE = 10; // N, observed
const LARGEST_VELOCITY = 10; // m/s or rad/s, in Gymnasium

const TIP = 0; // offset of the only site into siteXpos

/** (data) ⇒ out [9]. */
const observe = ({ qpos, qvel, qfrcConstraint }: Data, out: Float64Array): void => {
  out[0] = qpos[0]!;
  for (let i = 1; i < 3; i++) {
    out[i] = Math.sin(qpos[i]!);
    out[2 + i] = Math.cos(qpos[i]!);
  }
  out.set(qvel, 5);
  out[8] = Math.min(LARGEST_FORCE, Math.max(-LARGEST_FORCE, qfrcConstraint[0]!));
};

/** (x and height of the tip in m, angular velocities in rad/s) ⇒ −(what distance and speed cost). */
const priced = <T>(algebra: Algebra<T>, x: T, height: T, rate1: T, rate2: T): T => {
  const { add, scale, shift, square } = algebra;
  const distance = add(scale(square(x), 0.01), square(shift(height, -TARGET_HEIGHT)));
  const speed = add(scale(square(rate1), 1e-3), scale(square(rate2), 5e-3));
  return scale(add(distance, speed), -1);
};

/** (qpos) ⇒ whether the tip is above its least height. Overwrites the poses in `data`. */
const healthy = (model: Model, data: Data): boolean => {
  kinematics(model, data);
  return data.siteXpos[TIP + 2]! > LEAST_HEIGHT;
};

/** (qpos, qvel) ⇒ (reward). Overwrites the poses in `data`. */
const rewardOf = (model: Model, alive: number, data: Data): number => {
  const bonus = healthy(model, data) ? alive : 0, [, rate1, rate2] = data.qvel;
  const { [TIP]: x, [TIP + 2]: height } = data.siteXpos;
  return bonus + priced(float64Algebra, x!, height!, rate1!, rate2!);
};

/** (observation [9]) ⇒ sine and cosine of the upper pole's angle in the world. */
const upperTurn = <T>({ add, subtract, multiply }: Algebra<T>, observation: ReadonlyArray<T>): readonly [T, T] => {
  const [, s1, s2, c1, c2] = observation as [T, T, T, T, T];
  return [add(multiply(s1, c2), multiply(c1, s2)), subtract(multiply(c1, c2), multiply(s1, s2))];
};

/** (observation [9]) ⇒ height of the tip, m. */
const tipHeight = <T>(algebra: Algebra<T>, observation: ReadonlyArray<T>): T =>
  algebra.scale(algebra.add(observation[3]!, upperTurn(algebra, observation)[1]), POLE_LENGTH);

const LIMITS: ReadonlyArray<JointLimit> = [{ side: 1, angle: 0.99 }, { side: -1, angle: -0.99 }]; // m, less the margin

/**
 * (observation [9]) ⇒ (features [14]): the observation without the force, sine and cosine of the upper pole's angle in the
 * world, depths beyond the rail's ends.
 */
const featuresOf = (seconds: number) => {
  const corners: Corners = { seconds, ahead: 0.01, now: 0.005 }; // m
  return <T>(algebra: Algebra<T>, observation: ReadonlyArray<T>): ReadonlyArray<T> => {
    const rail = limitFeatures(algebra, observation[0]!, observation[5]!, LIMITS, corners);
    return [...observation.slice(0, 8), ...upperTurn(algebra, observation), ...rail];
  };
};

/**
 * InvertedDoublePendulum without its physics: the reward is a function of the next observation.
 *
 * Departure: the reward of being alive counts in full, as imagined rollouts mask what follows a termination.
 */
const imaginedOf = (alive: number, seconds: number): ImaginedDefinition => ({
  features: featuresOf(seconds),
  knownReward: (algebra, _observation, _action, next) => {
    const [sine] = upperTurn(algebra, next);
    const x = algebra.add(next[0]!, algebra.scale(algebra.add(next[1]!, sine), POLE_LENGTH));
    return algebra.shift(priced(algebra, x, tipHeight(algebra, next), next[6]!, next[7]!), alive);
  },
  rewardResidual: "zero",
  // Width: a seventh of what the tip falls or rises in a step of a random policy (.068 m, root mean square).
  survival: (algebra, next) => [{ margin: algebra.shift(tipHeight(algebra, next), -LEAST_HEIGHT), width: 0.01 }],
});

const TONES = { cart: 0, cpole: 2, cpole2: 1 } as const; // colours
const BOUND = [...new Array<number>(5).fill(Infinity), ...new Array<number>(3).fill(LARGEST_VELOCITY), Infinity];

/** The task InvertedDoublePendulum. Source: Gymnasium 1.4 `inverted_double_pendulum_v5.py`, with its options. */
export const invertedDoublePendulum: ConfigurableTask<InvertedDoublePendulumOptions, Data> = defineTask({
  name: "invertedDoublePendulum",
  options: {
    healthyReward: option(number, 10, "Reward per step while alive"),
    resetNoiseScale: option(nonNegative, 0.1, "Largest noise of positions in the first state, deviation of velocities"),
    ...physicsOptions(5),
  },
  make: (options: InvertedDoublePendulumOptions): TaskParts<Data> => {
    const { healthyReward, resetNoiseScale: noise, frameSkip } = options;
    const model = compile(changePhysics(description, options.physics));
    return {
      simulator: planarSimulator(model),
      frameSkip,
      timeLimit: 1000,
      observationSize: 9,
      controlRange: unitRange(1),
      threshold: 9100,
      gymnasium: { id: "InvertedDoublePendulum-v5", threshold: 9100 },
      reset: (stream, data) => resetNoise(stream, model, data, noise, noise, "normal"),
      observe,
      observationBound: BOUND,
      laggingEntries: [], // reward and termination lag alone
      reward: (_before, _action, data) => rewardOf(model, healthyReward, data),
      terminated: (data) => !healthy(model, data),
      scene: planarScene(description, model, { span: 3, tones: TONES, decor: [cartRail(1)] }),
      imagined: imaginedOf(healthyReward, frameSkip * model.timestep),
    };
  },
});
