/**
 * HumanoidStandup: the Humanoid lies on its back and has to stand up. Gymnasium's `HumanoidStandup-v5`.
 *
 * Observation [348]: see `humanoid_body.ts`.
 *
 * @module
 */
import { float64Algebra } from "../math/algebra.ts";
import { controlCost } from "./control_cost.ts";
import { defineTask } from "./define_task.ts";
import {
  HUMANOID_OBSERVATION,
  humanoidRange,
  humanoidSimulator,
  impactCost,
  observeHumanoid,
  resetHumanoid,
} from "./humanoid_body.ts";
import { humanoidStandupMjcf } from "./mjcf/humanoid_standup.ts";
import { mujocoScene } from "./mujoco_scene.ts";
import type { MujocoData } from "./mujoco_simulator.ts";
import type { Task } from "./task.ts";
import type { ImaginedDefinition } from "./task_definition.ts";

const CONTROL_COST = 0.1; // reward per squared action
const IMPACT_COST = 0.5e-6; // reward per squared N or N·m

const simulator = humanoidSimulator({ name: "humanoidstandup.xml", xml: humanoidStandupMjcf });

/** (action, data) ⇒ z divided by the physics step, .003 s, − .1 Σ a² − min(.5e-6 Σ cfrcExt², 10) + 1. */
const reward = (_before: Float64Array, action: Float64Array, data: MujocoData): number =>
  simulator.view(data, "qpos")[2]! / simulator.timestep - controlCost(float64Algebra, action, CONTROL_COST) -
  impactCost(simulator, data, IMPACT_COST) + 1;

/** HumanoidStandup without its physics: the model learns the cost of impacts. */
const imagined: ImaginedDefinition = {
  knownReward: (algebra, _observation, action, next) => {
    const height = algebra.scale(next[0]!, 1 / simulator.timestep);
    return algebra.shift(algebra.subtract(height, controlCost(algebra, action, CONTROL_COST)), 1);
  },
  rewardResidual: "learned",
};

/** The task HumanoidStandup. Source: Gymnasium 1.4 `humanoidstandup_v5.py`, with its default options. */
export const humanoidStandup: Task<MujocoData> = defineTask({
  name: "humanoidStandup",
  simulator,
  frameSkip: 5,
  timeLimit: 1000,
  gymnasium: { id: "HumanoidStandup-v5" },
  observationSize: HUMANOID_OBSERVATION,
  controlRange: humanoidRange,
  reset: resetHumanoid(simulator),
  observe: observeHumanoid(simulator),
  reward,
  scene: mujocoScene(simulator, { span: 2.6, follows: "first body" }),
  imagined,
});
