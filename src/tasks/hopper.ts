/**
 * Hopper: one leg that has to hop forward without falling. Gymnasium's `Hopper-v5`.
 *
 * Observation [11]: z (m), torso angle, thigh, leg, foot (rad); then ẋ, ż (m/s) and the four angular velocities
 * (rad/s). Policy and value see each velocity clipped to ±10, as Gymnasium observes it. With
 * `excludeCurrentPositionsFromObservation: false`, x (m) stands before them [12].
 *
 * @module
 */
import { changePhysics, compile, type Data, hopper as description } from "../physics/physics.ts";
import { legFeatures, walkersLeg } from "./contact_features.ts";
import { unitRange } from "../math/control_range.ts";
import { controlCost } from "./control_cost.ts";
import { defineTask } from "./define_task.ts";
import { between, option } from "../options/options.ts";
import { type Algebra, float64Algebra } from "../math/algebra.ts";
import {
  type ForwardOptions,
  forwardOptions,
  type HealthyOptions,
  healthyOptions,
  type PhysicsOptions,
  physicsOptions,
  type Range,
  within,
} from "./gymnasium_options.ts";
import { observePlanar, observeWhole, planarBound } from "./observe_planar.ts";
import { resetNoise } from "./reset_noise.ts";
import { planarSimulator } from "./planar_simulator.ts";
import { rangeMargins } from "./survival.ts";
import type { ImaginedDefinition, TaskParts } from "./task_definition.ts";
import type { SurvivalMargin } from "./task.ts";
import { planarScene } from "../scene/planar_scene.ts";
import type { ConfigurableTask } from "./task_options.ts";

/** Options of Hopper. */
export interface HopperOptions extends ForwardOptions, HealthyOptions, PhysicsOptions {
  /** m, rad, m/s or rad/s, of every angle and velocity */
  readonly healthyStateRange: Range;
}

const STATE_RANGE: Range = [-100, 100]; // Gymnasium's default

/** (qpos, qvel) ⇒ (healthy): z and angle in their ranges, nothing too large. False where any is not a number. */
const healthy = ({ qpos, qvel }: Data, options: HopperOptions): boolean => {
  const { healthyZRange, healthyAngleRange, healthyStateRange } = options;
  if (!within(qpos[1]!, healthyZRange) || !within(qpos[2]!, healthyAngleRange) || qpos[1] === Infinity) return false;
  for (let i = 2; i < qpos.length; i++) if (!within(qpos[i]!, healthyStateRange)) return false;
  for (let i = 0; i < qvel.length; i++) if (!within(qvel[i]!, healthyStateRange)) return false;
  return true;
};

/**
 * (observation [11]) ⇒ (features [37]): the observation, sine and cosine of the torso's angle, and what the leg's
 * kinematics give. They cut the error of one predicted step to a fifth of that by the observation alone.
 *
 * @param skip  1 where x stands first in the observation
 */
const featuresOf = (skip: number, seconds: number) => {
  const leg = walkersLeg([0.26, -0.13], seconds);
  return <T>(algebra: Algebra<T>, observation: ReadonlyArray<T>): ReadonlyArray<T> => {
    const seen = observation.slice(skip);
    const state = {
      height: seen[0]!,
      velocity: [seen[5]!, seen[6]!] as const,
      angles: seen.slice(1, 5),
      rates: seen.slice(7, 11),
    };
    return [...observation, algebra.sin(seen[1]!), algebra.cos(seen[1]!), ...legFeatures(algebra, state, leg)];
  };
};

/** (algebra, observation from z on, options) ⇒ margins of its angles and velocities, where their range is not Gymnasium's. */
const stateMargins = <T>(algebra: Algebra<T>, seen: ReadonlyArray<T>, range: Range): ReadonlyArray<SurvivalMargin<T>> =>
  range[0] === STATE_RANGE[0] && range[1] === STATE_RANGE[1]
    ? []
    : seen.slice(1).flatMap((each, i) => rangeMargins(algebra, each, range, i < 4 ? 0.004 : 0.5));

/**
 * Hopper without its physics.
 *
 * Departure: the healthy reward counts in full, as imagined rollouts mask what follows a termination (where nothing ends
 * them, the learned residual takes it back); Gymnasium's bound ±100 on the state is left out, as no angle or height gets
 * there before z or the torso's angle terminates, and no velocity does in training (21 rad/s at most in 150,000 steps).
 * The forward reward is a displacement that observations lack or hold in single precision: the residual is learned.
 */
const imaginedOf = (options: HopperOptions, skip: number, seconds: number): ImaginedDefinition => ({
  features: featuresOf(skip, seconds),
  knownReward: (algebra, _observation, action) =>
    algebra.shift(algebra.scale(controlCost(algebra, action, options.ctrlCostWeight), -1), options.healthyReward),
  rewardResidual: "learned",
  // Widths: a third of what the torso turns in a step of a random policy (.013 rad, root mean square). Wider ones leave
  // healthy states half dead: .02 moves Ã₁ by more than the real advantage varies.
  ...(options.terminateWhenUnhealthy
    ? {
      survival: (algebra, next) => [
        ...rangeMargins(algebra, next[skip]!, options.healthyZRange, 0.004),
        ...rangeMargins(algebra, next[skip + 1]!, options.healthyAngleRange, 0.004),
        ...stateMargins(algebra, next.slice(skip), options.healthyStateRange),
      ],
    }
    : {}),
});

const TONES = { torso_geom: 0, thigh_geom: 2, leg_geom: 4, foot_geom: 1 }; // colours

/** The task Hopper. Source: Gymnasium 1.4 `hopper_v5.py`, with its options. */
export const hopper: ConfigurableTask<HopperOptions, Data> = defineTask({
  name: "hopper",
  options: {
    ...forwardOptions(1e-3, 5e-3),
    ...healthyOptions([0.7, Infinity], [-0.2, 0.2]),
    healthyStateRange: option(between, STATE_RANGE, "Of every angle and velocity while healthy: between these ends"),
    ...physicsOptions(4),
  },
  make: (options: HopperOptions): TaskParts<Data> => {
    const model = compile(changePhysics(description, options.physics)), seconds = options.frameSkip * model.timestep;
    const skip = options.excludeCurrentPositionsFromObservation ? 0 : 1;
    return {
      simulator: planarSimulator(model),
      frameSkip: options.frameSkip,
      timeLimit: 1000,
      observationSize: 11 + skip,
      controlRange: unitRange(3),
      threshold: 2000,
      gymnasium: { id: "Hopper-v5", threshold: 3800 },
      reset: (stream, data) => resetNoise(stream, model, data, options.resetNoiseScale, options.resetNoiseScale),
      observe: skip === 0 ? observePlanar : observeWhole,
      observationBound: planarBound(model, model.nq - 1 + skip),
      reward: (before, action, data) =>
        options.forwardRewardWeight * ((data.qpos[0]! - before[0]!) / seconds) +
        (healthy(data, options) ? options.healthyReward : 0) -
        controlCost(float64Algebra, action, options.ctrlCostWeight),
      ...(options.terminateWhenUnhealthy ? { terminated: (data: Data) => !healthy(data, options) } : {}),
      scene: planarScene(description, model, { span: 2, follows: "torso_geom", tones: TONES }),
      imagined: imaginedOf(options, skip, seconds),
    };
  },
});
