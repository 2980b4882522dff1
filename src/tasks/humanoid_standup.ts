/**
 * HumanoidStandup: the Humanoid lies on its back and has to stand up. Gymnasium's `HumanoidStandup-v5`.
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
import { humanoidStandupMjcf } from "./mjcf/humanoid_standup.ts";
import { mujocoScene } from "./mujoco_scene.ts";
import type { MujocoData } from "./mujoco_simulator.ts";
import type { ImaginedDefinition, TaskParts } from "./task_definition.ts";
import type { ConfigurableTask } from "./task_options.ts";

/** Options of HumanoidStandup. Departure: Gymnasium's `uph_cost_weight` is absent, as its task takes it and does not use it. */
export interface HumanoidStandupOptions
  extends Omit<ForwardOptions, "forwardRewardWeight">, HumanoidSight, PhysicsOptions {
  /** Cost per squared N or N·m on a body */
  readonly impactCostWeight: number;
  /** Reward, to which the cost of impacts is clipped */
  readonly impactCostRange: Range;
}

const { forwardRewardWeight: _, ...motion } = forwardOptions(0.1, 0.01);

/** HumanoidStandup without its physics: the model learns the cost of impacts. */
const imaginedOf = (options: HumanoidStandupOptions, timestep: number): ImaginedDefinition => {
  const at = entriesBeforeHeight(options);
  return {
    knownReward: (algebra, _observation, action, next) => {
      const height = algebra.scale(next[at]!, 1 / timestep);
      return algebra.shift(algebra.subtract(height, controlCost(algebra, action, options.ctrlCostWeight)), 1);
    },
    rewardResidual: "learned",
  };
};

/** The task HumanoidStandup. Source: Gymnasium 1.4 `humanoidstandup_v5.py`, with its options. */
export const humanoidStandup: ConfigurableTask<HumanoidStandupOptions, MujocoData> = defineTask({
  name: "humanoidStandup",
  options: {
    ...motion,
    impactCostWeight: option(number, 0.5e-6, "Cost per squared N or N·m on a body"),
    impactCostRange: option(between, [-Infinity, 10], "To which the cost of impacts is clipped"),
    ...includeOptions,
    ...physicsOptions(5),
  },
  make: (options: HumanoidStandupOptions): TaskParts<MujocoData> => {
    const mjcf = { name: "humanoidstandup.xml", xml: humanoidStandupMjcf };
    const simulator = humanoidSimulator(mjcf, options.physics);
    return {
      simulator,
      frameSkip: options.frameSkip,
      timeLimit: 1000,
      gymnasium: { id: "HumanoidStandup-v5" },
      observationSize: humanoidObservation(options),
      controlRange: humanoidRange,
      reset: resetHumanoid(simulator, options.resetNoiseScale),
      observe: observeHumanoid(simulator, options),
      // z divided by the physics step, .003 s, − .1 Σ a² − min(.5e-6 Σ cfrcExt², 10) + 1
      reward: (_before, action, data) =>
        simulator.view(data, "qpos")[2]! / simulator.timestep -
        controlCost(float64Algebra, action, options.ctrlCostWeight) -
        impactCost(simulator, data, options.impactCostWeight, options.impactCostRange) + 1,
      scene: mujocoScene(simulator, { span: 2.6, follows: "first body" }),
      imagined: imaginedOf(options, simulator.timestep),
    };
  },
});
