/**
 * Hopper: one leg that has to hop forward without falling. Gymnasium's `Hopper-v5`.
 *
 * Observation [11]: z (m), torso angle, thigh, leg, foot (rad); then ẋ, ż (m/s) and the four angular velocities
 * (rad/s). Policy and value see each velocity clipped to ±10, as Gymnasium observes it.
 *
 * @module
 */
import { compile, type Data, hopper as description } from "../physics/physics.ts";
import { legFeatures, walkersLeg } from "./contact_features.ts";
import { unitRange } from "../math/control_range.ts";
import { controlCost } from "./control_cost.ts";
import { defineTask } from "./define_task.ts";
import { type Algebra, float64Algebra } from "../math/algebra.ts";
import { observePlanar, planarBound } from "./observe_planar.ts";
import { resetNoise } from "./reset_noise.ts";
import { planarSimulator } from "./planar_simulator.ts";
import type { ImaginedDefinition } from "./task_definition.ts";
import { planarScene } from "../scene/planar_scene.ts";
import type { Task } from "./task.ts";

const CONTROL_COST = 1e-3; // reward per squared action
const LEAST_HEIGHT = 0.7; // m
const LARGEST_ANGLE = 0.2; // rad, of the torso
const LARGEST_STATE = 100; // m, rad, m/s or rad/s, of every angle and velocity
const STEP = 4 * 0.002; // s, one environment step

const model = compile(description);

/** (qpos, qvel) ⇒ (healthy): z and angle in their ranges, nothing too large. False where any is not a number. */
const healthy = (qpos: Float64Array, qvel: Float64Array): boolean => {
  if (!(qpos[1]! > LEAST_HEIGHT && qpos[1]! < Infinity && Math.abs(qpos[2]!) < LARGEST_ANGLE)) return false;
  for (let i = 3; i < qpos.length; i++) if (!(Math.abs(qpos[i]!) < LARGEST_STATE)) return false;
  for (let i = 0; i < qvel.length; i++) if (!(Math.abs(qvel[i]!) < LARGEST_STATE)) return false;
  return true;
};

const LEG = walkersLeg([0.26, -0.13], STEP);

/**
 * (observation [11]) ⇒ (features [37]): the observation, sine and cosine of the torso's angle, and what the leg's
 * kinematics give. They cut the error of one predicted step to a fifth of that by the observation alone.
 */
const features = <T>(algebra: Algebra<T>, observation: ReadonlyArray<T>): ReadonlyArray<T> => {
  const leg = legFeatures(algebra, {
    height: observation[0]!,
    velocity: [observation[5]!, observation[6]!],
    angles: observation.slice(1, 5),
    rates: observation.slice(7, 11),
  }, LEG);
  return [...observation, algebra.sin(observation[1]!), algebra.cos(observation[1]!), ...leg];
};

/**
 * Hopper without its physics.
 *
 * Departure: the healthy reward counts as 1, as imagined rollouts mask what follows a termination; the bound ±100 on the
 * state is left out, as no angle or height gets there before z or the torso's angle terminates, and no velocity does in
 * training (21 rad/s at most in 150,000 steps). The forward reward is a displacement that observations lack: the residual is learned.
 */
const imagined: ImaginedDefinition = {
  features,
  knownReward: (algebra, _observation, action) =>
    algebra.shift(algebra.scale(controlCost(algebra, action, CONTROL_COST), -1), 1),
  rewardResidual: "learned",
  // Widths: a third of what the torso turns in a step of a random policy (.013 rad, root mean square). Wider ones leave
  // healthy states half dead: .02 moves Ã₁ by more than the real advantage varies.
  survival: (algebra, next) => [
    { margin: algebra.shift(next[0]!, -LEAST_HEIGHT), width: 0.004 },
    { margin: algebra.shift(next[1]!, LARGEST_ANGLE), width: 0.004 },
    { margin: algebra.shift(algebra.scale(next[1]!, -1), LARGEST_ANGLE), width: 0.004 },
  ],
};

const TONES = { torso_geom: 0, thigh_geom: 2, leg_geom: 4, foot_geom: 1 }; // colours

/** The task Hopper. Source: Gymnasium 1.2 `hopper_v5.py`, with its default options. */
export const hopper: Task<Data> = defineTask({
  name: "hopper",
  simulator: planarSimulator(model),
  frameSkip: 4,
  timeLimit: 1000,
  observationSize: 11,
  controlRange: unitRange(3),
  threshold: 2000,
  reset: (stream, data) => resetNoise(stream, model, data, 5e-3, 5e-3),
  observe: observePlanar,
  observationBound: planarBound(model),
  reward: (before, action, data) =>
    (data.qpos[0]! - before[0]!) / STEP + (healthy(data.qpos, data.qvel) ? 1 : 0) -
    controlCost(float64Algebra, action, CONTROL_COST),
  terminated: (data) => !healthy(data.qpos, data.qvel),
  scene: planarScene(description, model, { span: 2, follows: "torso_geom", tones: TONES }),
  imagined,
});
