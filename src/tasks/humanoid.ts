/**
 * Humanoid: a body with two legs and two arms that has to walk forward without falling. Gymnasium's `Humanoid-v5`.
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
import { humanoidMjcf } from "./mjcf/humanoid.ts";
import { mujocoScene } from "./mujoco_scene.ts";
import type { MujocoData } from "./mujoco_simulator.ts";
import { offsetOf, withinRange } from "./mujoco_task.ts";
import type { Task } from "./task.ts";
import type { ImaginedDefinition } from "./task_definition.ts";

const FORWARD = 1.25; // reward per m/s
const HEALTHY = 5; // reward
const CONTROL_COST = 0.1; // reward per squared action
const IMPACT_COST = 5e-7; // reward per squared N or N·m
const HEIGHTS = [1, 2] as const; // m
const FRAME_SKIP = 5;

const simulator = humanoidSimulator({ name: "humanoid.xml", xml: humanoidMjcf });
const INERTIAL_BEFORE = offsetOf(simulator, "xipos");

/** (positions of bodies' centres of mass [.., nbody, 3] from `at`) ⇒ x of the common one, in m. */
const centreOfMass = (xipos: Float64Array, at: number): number => {
  const mass = simulator.model().body_mass as Float64Array;
  let moment = 0, total = 0;
  for (let body = 0; body < mass.length; body++) {
    moment += mass[body]! * xipos[at + 3 * body]!;
    total += mass[body]!;
  }
  return moment / total;
};

const healthy = (data: MujocoData): boolean => {
  const z = simulator.view(data, "qpos")[2]!;
  return z > HEIGHTS[0] && z < HEIGHTS[1];
};

/** (state before, action, data) ⇒ 1.25 v_x of the centre of mass + 5 while healthy − .1 Σ a² − min(5e-7 Σ cfrcExt², 10). */
const reward = (before: Float64Array, action: Float64Array, data: MujocoData): number => {
  const moved = centreOfMass(simulator.view(data, "xipos"), 0) - centreOfMass(before, INERTIAL_BEFORE);
  return FORWARD * moved / (FRAME_SKIP * simulator.timestep) + (healthy(data) ? HEALTHY : 0) -
    controlCost(float64Algebra, action, CONTROL_COST) - impactCost(simulator, data, IMPACT_COST);
};

/**
 * Humanoid without its physics.
 *
 * Departure: the healthy reward counts as 5, as imagined rollouts mask what follows a termination. The model learns the
 * displacement and the cost of impacts.
 */
const imagined: ImaginedDefinition = {
  knownReward: (algebra, _observation, action) =>
    algebra.shift(algebra.scale(controlCost(algebra, action, CONTROL_COST), -1), HEALTHY),
  rewardResidual: "learned",
  survival: (algebra, next) => withinRange(algebra, next[0]!, HEIGHTS, 0.004),
};

/** The task Humanoid. Source: Gymnasium 1.4 `humanoid_v5.py`, with its default options. */
export const humanoid: Task<MujocoData> = defineTask({
  name: "humanoid",
  simulator,
  frameSkip: FRAME_SKIP,
  timeLimit: 1000,
  gymnasium: { id: "Humanoid-v5" },
  observationSize: HUMANOID_OBSERVATION,
  controlRange: humanoidRange,
  reset: resetHumanoid(simulator),
  observe: observeHumanoid(simulator),
  reward,
  terminated: (data) => !healthy(data),
  scene: mujocoScene(simulator, { span: 2.6, follows: "first body" }),
  imagined,
});
