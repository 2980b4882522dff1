/**
 * Walker2d: two legs that have to walk forward without falling. Gymnasium's `Walker2d-v5`.
 *
 * Observation [17]: z (m), torso angle, right thigh, leg, foot, left thigh, leg, foot (rad); then ẋ, ż (m/s) and the
 * seven angular velocities (rad/s). Policy and value see each velocity clipped to ±10, as Gymnasium observes it.
 *
 * @module
 */
import { compile, type Data, walker2d as description } from "../physics/physics.ts";
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
const LEAST_HEIGHT = 0.8; // m
const LARGEST_HEIGHT = 2; // m
const LARGEST_ANGLE = 1; // rad, of the torso
const STEP = 4 * 0.002; // s, one environment step

const model = compile(description);

/** (qpos) ⇒ (healthy): z and angle in their open ranges. False where either is not a number. */
const healthy = (qpos: Float64Array): boolean =>
  qpos[1]! > LEAST_HEIGHT && qpos[1]! < LARGEST_HEIGHT && Math.abs(qpos[2]!) < LARGEST_ANGLE;

const LEG = walkersLeg([0.2, 0], STEP);

/**
 * (observation [17]) ⇒ (features [67]): the observation, sine and cosine of the torso's angle, and what the kinematics of
 * both legs give.
 */
const features = <T>(algebra: Algebra<T>, observation: ReadonlyArray<T>): ReadonlyArray<T> => {
  const leg = (angle: number, rate: number) =>
    legFeatures(algebra, {
      height: observation[0]!,
      velocity: [observation[8]!, observation[9]!],
      angles: [observation[1]!, ...observation.slice(angle, angle + 3)],
      rates: [observation[10]!, ...observation.slice(rate, rate + 3)],
    }, LEG);
  const torso = observation[1]!;
  return [...observation, algebra.sin(torso), algebra.cos(torso), ...leg(2, 11), ...leg(5, 14)];
};

/**
 * Walker2d without its physics.
 *
 * Departure: the healthy reward counts as 1, as imagined rollouts mask what follows a termination. The forward reward is
 * a displacement that observations lack: the residual is learned.
 */
const imagined: ImaginedDefinition = {
  features,
  knownReward: (algebra, _observation, action) =>
    algebra.shift(algebra.scale(controlCost(algebra, action, CONTROL_COST), -1), 1),
  rewardResidual: "learned",
  // Widths: up to half of what z moves (.009 m) and a quarter of what the torso turns (.06 rad) in a step of a random
  // policy (root mean square): wider ones leave healthy states half dead.
  survival: (algebra, next) => [
    { margin: algebra.shift(next[0]!, -LEAST_HEIGHT), width: 0.004 },
    { margin: algebra.shift(algebra.scale(next[0]!, -1), LARGEST_HEIGHT), width: 0.004 },
    { margin: algebra.shift(next[1]!, LARGEST_ANGLE), width: 0.015 },
    { margin: algebra.shift(algebra.scale(next[1]!, -1), LARGEST_ANGLE), width: 0.015 },
  ],
};

const TONES = { // colours: of each leg its own
  torso_geom: 0,
  ...{ thigh_geom: 2, leg_geom: 2, foot_geom: 2 },
  ...{ thigh_left_geom: 1, leg_left_geom: 1, foot_left_geom: 1 },
};

/** The task Walker2d. Source: Gymnasium 1.2 `walker2d_v5.py`, with its default options. */
export const walker2d: Task<Data> = defineTask({
  name: "walker2d",
  simulator: planarSimulator(model),
  frameSkip: 4,
  timeLimit: 1000,
  observationSize: 17,
  controlRange: unitRange(6),
  threshold: 2500,
  reset: (stream, data) => resetNoise(stream, model, data, 5e-3, 5e-3),
  observe: observePlanar,
  observationBound: planarBound(model),
  reward: (before, action, data) =>
    (data.qpos[0]! - before[0]!) / STEP + (healthy(data.qpos) ? 1 : 0) -
    controlCost(float64Algebra, action, CONTROL_COST),
  terminated: (data) => !healthy(data.qpos),
  scene: planarScene(description, model, { span: 2, follows: "torso_geom", tones: TONES }),
  imagined,
});
