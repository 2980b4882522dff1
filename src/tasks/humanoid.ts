/**
 * Humanoid: a body with two legs and two arms that has to walk forward without falling. Gymnasium's `Humanoid-v5`.
 *
 * Observation [348]: see `humanoid_body.ts`.
 *
 * @module
 */
import { float64Algebra } from "../math/algebra.ts";
import { between, number, option } from "../options/options.ts";
import { controlCost } from "./control_cost.ts";
import { defineTask } from "./define_task.ts";
import {
  type ForwardOptions,
  forwardOptions,
  type PhysicsOptions,
  physicsOptions,
  type Range,
  type StandingOptions,
  standingOptions,
  within,
} from "./gymnasium_options.ts";
import {
  entriesBeforeHeight,
  humanoidObservation,
  humanoidRange,
  type HumanoidSight,
  humanoidSimulator,
  impactCost,
  includeOptions,
  observeHumanoid,
  resetHumanoid,
} from "./humanoid_body.ts";
import { humanoidMjcf } from "./mjcf/humanoid.ts";
import { mujocoScene } from "./mujoco_scene.ts";
import type { MujocoData, OwnMujocoSimulator } from "./mujoco_simulator.ts";
import { offsetOf } from "./mujoco_task.ts";
import { rangeMargins } from "./survival.ts";
import type { ImaginedDefinition, TaskParts } from "./task_definition.ts";
import type { ConfigurableTask } from "./task_options.ts";

/** Options of Humanoid. */
export interface HumanoidOptions extends ForwardOptions, StandingOptions, HumanoidSight, PhysicsOptions {
  /** Cost per squared N or N·m on a body */
  readonly contactCostWeight: number;
  /** Reward, to which the cost of contacts is clipped */
  readonly contactCostRange: Range;
}

/** (simulator) ⇒ (positions of bodies' centres of mass [.., nbody, 3] from `at`) ⇒ x of the common one, in m. */
const centreOfMass = (simulator: OwnMujocoSimulator) => (xipos: Float64Array, at: number): number => {
  const mass = simulator.model().body_mass as Float64Array;
  let moment = 0, total = 0;
  for (let body = 0; body < mass.length; body++) {
    moment += mass[body]! * xipos[at + 3 * body]!;
    total += mass[body]!;
  }
  return moment / total;
};

/** (state before, action, data) ⇒ 1.25 v_x of the centre of mass + 5 while healthy − .1 Σ a² − min(5e-7 Σ cfrcExt², 10). */
const rewarding = (
  simulator: OwnMujocoSimulator,
  options: HumanoidOptions,
  healthy: (data: MujocoData) => boolean,
): TaskParts<MujocoData>["reward"] => {
  const x = centreOfMass(simulator), from = offsetOf(simulator, "xipos");
  const seconds = options.frameSkip * simulator.timestep;
  return (before, action, data) => {
    const moved = x(simulator.view(data, "xipos"), 0) - x(before, from);
    return options.forwardRewardWeight * moved / seconds + (healthy(data) ? options.healthyReward : 0) -
      controlCost(float64Algebra, action, options.ctrlCostWeight) -
      impactCost(simulator, data, options.contactCostWeight, options.contactCostRange);
  };
};

/**
 * Humanoid without its physics.
 *
 * Departure: the healthy reward counts in full, as imagined rollouts mask what follows a termination (where nothing ends them,
 * the learned residual takes it back). The model learns the displacement and the cost of impacts.
 */
const imaginedOf = (options: HumanoidOptions): ImaginedDefinition => {
  const height = entriesBeforeHeight(options);
  return {
    knownReward: (algebra, _observation, action) =>
      algebra.shift(algebra.scale(controlCost(algebra, action, options.ctrlCostWeight), -1), options.healthyReward),
    rewardResidual: "learned",
    ...(options.terminateWhenUnhealthy
      ? { survival: (algebra, next) => rangeMargins(algebra, next[height]!, options.healthyZRange, 0.004) }
      : {}),
  };
};

/** The task Humanoid. Source: Gymnasium 1.4 `humanoid_v5.py`, with its options. */
export const humanoid: ConfigurableTask<HumanoidOptions, MujocoData> = defineTask({
  name: "humanoid",
  options: {
    ...forwardOptions(0.1, 0.01, 1.25),
    ...standingOptions([1, 2], 5),
    contactCostWeight: option(number, 5e-7, "Cost per squared N or N·m on a body"),
    contactCostRange: option(between, [-Infinity, 10], "To which the cost of contacts is clipped"),
    ...includeOptions,
    ...physicsOptions(5),
  },
  make: (options: HumanoidOptions): TaskParts<MujocoData> => {
    const simulator = humanoidSimulator({ name: "humanoid.xml", xml: humanoidMjcf }, options.physics);
    const healthy = (data: MujocoData) => within(simulator.view(data, "qpos")[2]!, options.healthyZRange);
    return {
      simulator,
      frameSkip: options.frameSkip,
      timeLimit: 1000,
      gymnasium: { id: "Humanoid-v5" },
      observationSize: humanoidObservation(options),
      controlRange: humanoidRange,
      reset: resetHumanoid(simulator, options.resetNoiseScale),
      observe: observeHumanoid(simulator, options),
      reward: rewarding(simulator, options, healthy),
      ...(options.terminateWhenUnhealthy ? { terminated: (data: MujocoData) => !healthy(data) } : {}),
      scene: mujocoScene(simulator, { span: 2.6, follows: "first body" }),
      imagined: imaginedOf(options),
    };
  },
});
