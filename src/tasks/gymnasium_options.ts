/**
 * Options of Gymnasium's tasks, with Gymnasium's names in camel case, and factors of the physics.
 *
 * @module
 */
import {
  between,
  count,
  nonNegative,
  number,
  option,
  type Optional,
  type OptionFields,
  positive,
  record,
  yesOrNo,
} from "../options/options.ts";
import type { PhysicsFactors } from "../physics/physics.ts";

/** Lower and upper end, neither of them within; infinite where there is none. */
export type Range = readonly [number, number];

/** Options of the tasks that move forward. */
export interface ForwardOptions {
  /** Reward per m/s forward */
  readonly forwardRewardWeight: number;
  /** Cost per squared action */
  readonly ctrlCostWeight: number;
  /** Largest noise of each entry of the first state; m, rad, m/s or rad/s */
  readonly resetNoiseScale: number;
  /** Whether observations lack where the task is along its way */
  readonly excludeCurrentPositionsFromObservation: boolean;
}

/** Options of the tasks that fall. */
export interface StandingOptions {
  /** Reward per step while healthy */
  readonly healthyReward: number;
  /** Whether an unhealthy state ends an episode */
  readonly terminateWhenUnhealthy: boolean;
  /** m, of the torso's height */
  readonly healthyZRange: Range;
}

/** Options of the tasks that fall over. */
export interface HealthyOptions extends StandingOptions {
  /** rad, of the torso's angle */
  readonly healthyAngleRange: Range;
}

/** Options of every task that follows Gymnasium. */
export interface PhysicsOptions {
  /** Steps of the simulator per environment step */
  readonly frameSkip: number;
  /** By what the model's figures are multiplied */
  readonly physics: PhysicsFactors;
}

const factor = (of: string): Optional<number> => option(nonNegative, 1, `Factor of ${of}`);

const physicsFields: OptionFields<PhysicsFactors> = {
  mass: option(positive, 1, "Factor of all masses and inertias"),
  friction: factor("all coefficients of sliding friction"),
  damping: factor("the joints' damping"),
  armature: factor("the joints' armature"),
  stiffness: factor("the springs in the joints"),
  gravity: option(number, 1, "Factor of gravity; below 0: it turns round"),
  gear: factor("the motors' force"),
  fluidDensity: factor("the medium's density"),
  fluidViscosity: factor("the medium's viscosity"),
};

/** Factors of a model's figures, as an option. */
export const physicsOption: Optional<PhysicsFactors> = record(
  physicsFields,
  "By what figures of the model are multiplied",
);

/** (steps of the simulator per environment step) ⇒ (options). */
export const physicsOptions = (frameSkip: number): OptionFields<PhysicsOptions> => ({
  frameSkip: option(count, frameSkip, "Physics steps per environment step"),
  physics: physicsOption,
});

/** (cost per squared action, largest noise of a first state, reward per m/s) ⇒ (options). */
export const forwardOptions = (
  ctrlCostWeight: number,
  resetNoiseScale: number,
  forwardRewardWeight = 1,
): OptionFields<ForwardOptions> => ({
  forwardRewardWeight: option(number, forwardRewardWeight, "Reward per m/s forward"),
  ctrlCostWeight: option(number, ctrlCostWeight, "Cost per squared action"),
  resetNoiseScale: option(nonNegative, resetNoiseScale, "Largest noise of each entry of the first state"),
  excludeCurrentPositionsFromObservation: option(
    yesOrNo,
    true,
    "Whether observations lack the position along the way; else they begin with it",
  ),
});

/** (range of the height in m, reward while healthy) ⇒ (options). */
export const standingOptions = (height: Range, healthyReward = 1): OptionFields<StandingOptions> => ({
  healthyReward: option(number, healthyReward, "Reward per step while healthy"),
  terminateWhenUnhealthy: option(yesOrNo, true, "Whether an unhealthy state ends an episode"),
  healthyZRange: option(between, height, "m, of the torso's height while healthy: between these ends"),
});

/** (range of the height in m, range of the angle in rad) ⇒ (options). */
export const healthyOptions = (height: Range, angle: Range): OptionFields<HealthyOptions> => ({
  ...standingOptions(height),
  healthyAngleRange: option(between, angle, "rad, of the torso's angle while healthy: between these ends"),
});

/** (value, range) ⇒ whether it lies within. False where it is not a number. */
export const within = (value: number, [low, high]: Range): boolean => low < value && value < high;
