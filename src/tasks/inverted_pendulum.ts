/**
 * InvertedPendulum: a cart that has to keep its pole upright. Gymnasium's `InvertedPendulum-v5`.
 *
 * Observation [4]: the cart's x (m), the pole's angle (rad); their velocities (m/s, rad/s).
 *
 * @module
 */
import { changePhysics, compile, type Data, invertedPendulum as description } from "../physics/physics.ts";
import type { ControlRange } from "../math/control_range.ts";
import type { Algebra } from "../math/algebra.ts";
import { type Corners, type JointLimit, limitFeatures } from "./contact_features.ts";
import { defineTask } from "./define_task.ts";
import { type PhysicsOptions, physicsOptions } from "./gymnasium_options.ts";
import { planarSimulator } from "./planar_simulator.ts";
import { resetNoise } from "./reset_noise.ts";
import type { ImaginedDefinition, TaskParts } from "./task_definition.ts";
import { cartRail, planarScene } from "../scene/planar_scene.ts";
import type { ConfigurableTask } from "./task_options.ts";
import { nonNegative, option } from "../options/options.ts";

/** Options of InvertedPendulum. */
export interface InvertedPendulumOptions extends PhysicsOptions {
  /** Largest noise of each entry of the first state; m, rad, m/s or rad/s */
  readonly resetNoiseScale: number;
}

const LARGEST_ANGLE = 0.2; // rad
const CONTROL: ControlRange = [[-3, 3]]; // hundreds of N

/** (data) ⇒ out [4]. */
const observe = ({ qpos, qvel }: Data, out: Float64Array): void => {
  out.set(qpos);
  out.set(qvel, 2);
};

/** (data) ⇒ (healthy): the pole's angle within its bound. Departure: not finite is no case, as such a step ends the run. */
const healthy = ({ qpos }: Data): boolean => Math.abs(qpos[1]!) <= LARGEST_ANGLE;

const LIMITS: ReadonlyArray<JointLimit> = [{ side: 1, angle: 1 }, { side: -1, angle: -1 }]; // m, of the rail

/** (observation [4]) ⇒ (features [10]): the observation, sine and cosine of the pole's angle, depths beyond the rail's ends. */
const featuresOf = (seconds: number) => {
  const corners: Corners = { seconds, ahead: 0.01, now: 0.005 }; // m
  return <T>(algebra: Algebra<T>, observation: ReadonlyArray<T>): ReadonlyArray<T> => {
    const [x, angle, velocity] = observation as [T, T, T, T];
    const rail = limitFeatures(algebra, x, velocity, LIMITS, corners);
    return [...observation, algebra.sin(angle), algebra.cos(angle), ...rail];
  };
};

/** InvertedPendulum without its physics. Departure: the reward counts as 1, as imagined rollouts mask what follows a termination. */
const imaginedOf = (seconds: number): ImaginedDefinition => ({
  features: featuresOf(seconds),
  knownReward: (algebra) => algebra.constant(1),
  rewardResidual: "zero",
  // Widths: a fifth of what the pole turns in a step of a random policy (.053 rad, root mean square).
  survival: (algebra, next) => [
    { margin: algebra.shift(next[1]!, LARGEST_ANGLE), width: 0.01 },
    { margin: algebra.shift(algebra.scale(next[1]!, -1), LARGEST_ANGLE), width: 0.01 },
  ],
});

const TONES = { cart: 0, cpole: 1 } as const; // colours

/** The task InvertedPendulum. Source: Gymnasium 1.4 `inverted_pendulum_v5.py`, with its options. */
export const invertedPendulum: ConfigurableTask<InvertedPendulumOptions, Data> = defineTask({
  name: "invertedPendulum",
  options: {
    resetNoiseScale: option(nonNegative, 0.01, "Largest noise of each entry of the first state"),
    ...physicsOptions(2),
  },
  make: ({ resetNoiseScale: noise, frameSkip, physics }: InvertedPendulumOptions): TaskParts<Data> => {
    const model = compile(changePhysics(description, physics));
    return {
      simulator: planarSimulator(model),
      frameSkip,
      timeLimit: 1000,
      observationSize: 4,
      controlRange: CONTROL,
      threshold: 950,
      gymnasium: { id: "InvertedPendulum-v5", threshold: 950 },
      reset: (stream, data) => resetNoise(stream, model, data, noise, noise),
      observe,
      scene: planarScene(description, model, { span: 1.8, tones: TONES, decor: [cartRail(1)] }),
      reward: (_before, _action, data) => (healthy(data) ? 1 : 0),
      terminated: (data) => !healthy(data),
      imagined: imaginedOf(frameSkip * model.timestep),
    };
  },
});
