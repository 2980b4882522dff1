/**
 * Swimmer: three links in a viscous medium that have to swim forward. Gymnasium's `Swimmer-v5`; nothing terminates.
 *
 * Observation [8]: angle of the front body, two joint angles (rad); ẋ, ẏ of the front body's frame (m/s), its angular
 * velocity and the joints' (rad/s). With `excludeCurrentPositionsFromObservation: false`, x and y (m) stand before them [10].
 *
 * @module
 */
import { changePhysics, compile, type Data, swimmer as description } from "../physics/physics.ts";
import { type Corners, type JointLimit, limitFeatures } from "./contact_features.ts";
import { unitRange } from "../math/control_range.ts";
import { controlCost } from "./control_cost.ts";
import { defineTask } from "./define_task.ts";
import { type Algebra, float64Algebra } from "../math/algebra.ts";
import { resetNoise } from "./reset_noise.ts";
import { planarSimulator } from "./planar_simulator.ts";
import { type ForwardOptions, forwardOptions, type PhysicsOptions, physicsOptions } from "./gymnasium_options.ts";
import { observeWhole } from "./observe_planar.ts";
import type { ImaginedDefinition, TaskParts } from "./task_definition.ts";
import { type Decor, planarScene } from "../scene/planar_scene.ts";
import type { ConfigurableTask } from "./task_options.ts";

/** Options of Swimmer. */
export type SwimmerOptions = ForwardOptions & PhysicsOptions;

/** (qpos, qvel) ⇒ out [8]: positions without x and y, then velocities. */
const observe = (data: Data, out: Float64Array): void => {
  for (let i = 2; i < 5; i++) out[i - 2] = data.qpos[i]!;
  for (let i = 0; i < 5; i++) out[3 + i] = data.qvel[i]!;
};

const LIMIT = 100 * Math.PI / 180; // rad, of both joints
const LIMITS: ReadonlyArray<JointLimit> = [{ side: 1, angle: LIMIT }, { side: -1, angle: -LIMIT }];

/**
 * (observation [8]) ⇒ (features [23]): sine and cosine of the three angles; the front body's velocity along its own
 * axis and across it, along x and along y; the three angular velocities; the joints' angles and depths beyond their limits.
 *
 * The motion looks the same in every direction, hence the body's own frame; the world's joins it because the predicted
 * differences and the forward reward are in the world's frame. A quarter of a trained swimmer's steps meet a limit, where
 * the depths cut the error of one predicted step to a sixth.
 */
const features = <T>(algebra: Algebra<T>, observation: ReadonlyArray<T>, corners: Corners): ReadonlyArray<T> => {
  const { add, subtract, multiply, sin, cos } = algebra;
  const [angle, joint1, joint2, vx, vy, turn, rate1, rate2] = observation as [T, T, T, T, T, T, T, T];
  const [s, c] = [sin(angle), cos(angle)];
  const along = add(multiply(c, vx), multiply(s, vy));
  const across = subtract(multiply(c, vy), multiply(s, vx));
  const depths = (joint: T, rate: T) => limitFeatures(algebra, joint, rate, LIMITS, corners);
  const turns = [s, c, sin(joint1), cos(joint1), sin(joint2), cos(joint2)];
  const motion = [along, across, vx, vy, turn, rate1, rate2, joint1, joint2];
  return [...turns, ...motion, ...depths(joint1, rate1), ...depths(joint2, rate2)];
};

/**
 * Swimmer without its physics. The forward reward is a displacement that observations lack or hold in single precision: it is
 * learned.
 *
 * @param skip  2 where x and y stand first in the observation: the features are of what follows, as nothing depends on them
 */
const imaginedOf = ({ ctrlCostWeight }: SwimmerOptions, skip: number, seconds: number): ImaginedDefinition => ({
  features: (algebra, observation) => features(algebra, observation.slice(skip), { seconds, ahead: 0.03, now: 0.01 }), // rad
  knownReward: (algebra, _observation, action) => algebra.scale(controlCost(algebra, action, ctrlCostWeight), -1),
  rewardResidual: "learned",
});

const TONES = { torso_geom: 0, mid_geom: 2, back_geom: 1 }; // colours

const FLOOR: ReadonlyArray<Decor> = [{
  solid: { name: "floor", shape: "plane", size: [40, 40], tone: "ground" },
  from: [0, 0, -0.1],
  to: [0, 0, -0.1],
}];

/** The task Swimmer. Source: Gymnasium 1.4 `swimmer_v5.py`, with its options. */
export const swimmer: ConfigurableTask<SwimmerOptions, Data> = defineTask({
  name: "swimmer",
  options: { ...forwardOptions(1e-4, 0.1), ...physicsOptions(4) },
  make: (options: SwimmerOptions): TaskParts<Data> => {
    const model = compile(changePhysics(description, options.physics)), seconds = options.frameSkip * model.timestep;
    const skip = options.excludeCurrentPositionsFromObservation ? 0 : 2;
    return {
      simulator: planarSimulator(model),
      frameSkip: options.frameSkip,
      timeLimit: 1000,
      observationSize: 8 + skip,
      controlRange: unitRange(2),
      threshold: 90,
      gymnasium: { id: "Swimmer-v5", threshold: 360 },
      reset: (stream, data) => resetNoise(stream, model, data, options.resetNoiseScale, options.resetNoiseScale),
      observe: skip === 0 ? observe : observeWhole,
      reward: (before, action, data) =>
        options.forwardRewardWeight * ((data.qpos[0]! - before[0]!) / seconds) -
        controlCost(float64Algebra, action, options.ctrlCostWeight),
      scene: planarScene(description, model, { span: 5, follows: "mid_geom", tones: TONES, decor: FLOOR }),
      imagined: imaginedOf(options, skip, seconds),
    };
  },
});
