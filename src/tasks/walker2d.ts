/**
 * Walker2d: two legs that have to walk forward without falling. Gymnasium's `Walker2d-v5`.
 *
 * Observation [17]: z (m), torso angle, right thigh, leg, foot, left thigh, leg, foot (rad); then ẋ, ż (m/s) and the
 * seven angular velocities X
 *
 * @module
 */
import { changePhysics, compile, type Data, walker2d as description } from "../physics/physics.ts";
import { legFeatures, walkersLeg } from "./contact_features.ts";
import { unitRange } from "../math/control_range.ts";
import { controlCost } from "./control_cost.ts";
import { defineTask } from "./define_task.ts";
import { type Algebra, float64Algebra } from "../math/algebra.ts";
import {
  type ForwardOptions,
  forwardOptions,
  type HealthyOptions,
  healthyOptions,
  type PhysicsOptions,
  physicsOptions,
  within,
} from "./gymnasium_options.ts";
import { observePlanar, observeWhole, planarBound } from "./observe_planar.ts";
import { resetNoise } from "./reset_noise.ts";
import { planarSimulator } from "./planar_simulator.ts";
import { rangeMargins } from "./survival.ts";
import type { ImaginedDefinition, TaskParts } from "./task_definition.ts";
import { planarScene } from "../scene/planar_scene.ts";
import type { ConfigurableTask } from "./task_options.ts";

/** Options of Walker2d. */
export type Walker2dOptions = ForwardOptions & HealthyOptions & PhysicsOptions;

/** (qpos) ⇒ (healthy): z and angle in their open ranges. False where either is not a number. */
const healthy = ({ qpos }: Data, { healthyZRange, healthyAngleRange }: Walker2dOptions): boolean =>
  within(qpos[1]!, healthyZRange) && within(qpos[2]!, healthyAngleRange);

/**
 * (observation [17]) ⇒ (features [67]): the observation, sine and cosine of the torso's angle, and what the kinematics of
 * both legs give.
 *
 * @param skip  1 where x stands first in the observation
 */
const featuresOf = (skip: number, seconds: number) => {
  const both = walkersLeg([0.2, 0], seconds);
  return <T>(algebra: Algebra<T>, observation: ReadonlyArray<T>): ReadonlyArray<T> => {
    const seen = observation.slice(skip), torso = seen[1]!;
    const leg = (angle: number, rate: number) =>
      legFeatures(algebra, {
        height: seen[0]!,
        velocity: [seen[8]!, seen[9]!],
        angles: [torso, ...seen.slice(angle, angle + 3)],
        rates: [seen[10]!, ...seen.slice(rate, rate + 3)],
      }, both);
    return [...observation, algebra.sin(torso), algebra.cos(torso), ...leg(2, 11), ...leg(5, 14)];
  };
};

/**
 * Walker2d without its physics.
 *
 * Departure: the healthy reward counts in full, as imagined rollouts mask what follows a termination (where nothing ends
 * them, the learned residual takes it back). The forward reward is a displacement that observations lack or hold in single
 * precision: the residual is learned.
 */
const imaginedOf = (options: Walker2dOptions, skip: number, seconds: number): ImaginedDefinition => ({
  features: featuresOf(skip, seconds),
  knownReward: (algebra, _observation, action) =>
    algebra.shift(algebra.scale(controlCost(algebra, action, options.ctrlCostWeight), -1), options.healthyReward),
  rewardResidual: "learned",
  // Widths: up to half of what z moves (.009 m) and a quarter of what the torso turns (.06 rad) in a step of a random
  // policy (root mean square): wider ones leave healthy states half dead.
  ...(options.terminateWhenUnhealthy
    ? {
      survival: (algebra, next) => [
        ...rangeMargins(algebra, next[skip]!, options.healthyZRange, 0.004),
        ...rangeMargins(algebra, next[skip + 1]!, options.healthyAngleRange, 0.015),
      ],
    }
    : {}),
});

const TONES = { // colours: of each leg its own
  torso_geom: 0,
  ...{ thigh_geom: 2, leg_geom: 2, foot_geom: 2 },
  ...{ thigh_left_geom: 1, leg_left_geom: 1, foot_left_geom: 1 },
};

/** The task Walker2d. Source: Gymnasium 1.4 `walker2d_v5.py`, with its options. */
export const walker2d: ConfigurableTask<Walker2dOptions, Data> = defineTask({
  name: "walker2d",
  options: { ...forwardOptions(1e-3, 5e-3), ...healthyOptions([0.8, 2], [-1, 1]), ...physicsOptions(4) },
  make: (options: Walker2dOptions): TaskParts<Data> => {
    const model = compile(changePhysics(description, options.physics)), seconds = options.frameSkip * model.timestep;
    const skip = options.excludeCurrentPositionsFromObservation ? 0 : 1;
    return {
      simulator: planarSimulator(model),
      frameSkip: options.frameSkip,
      timeLimit: 1000,
      observationSize: 17 + skip,
      controlRange: unitRange(6),
      threshold: 2500,
      gymnasium: { id: "Walker2d-v5" },
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
