/**
 * HalfCheetah: a body on two legs that has to run forward. Gymnasium's `HalfCheetah-v5`; nothing terminates.
 *
 * Observation [17]: z (m), torso angle, hind thigh, shin, foot, front thigh, shin, foot (rad); then ẋ, ż (m/s) and the
 * seven angular velocities (rad/s). Gymnasium does not clip them.
 *
 * @module
 */
import { changePhysics, compile, type Data, halfCheetah as description } from "../physics/physics.ts";
import { unitRange } from "../math/control_range.ts";
import { type Algebra, float64Algebra } from "../math/algebra.ts";
import { type Corners, type JointLimit, limitFeatures } from "./contact_features.ts";
import { controlCost } from "./control_cost.ts";
import { defineTask } from "./define_task.ts";
import { type ForwardOptions, forwardOptions, type PhysicsOptions, physicsOptions } from "./gymnasium_options.ts";
import { type Link, linkFeatures } from "./link_features.ts";
import { observePlanar, observeWhole } from "./observe_planar.ts";
import { planarSimulator } from "./planar_simulator.ts";
import { resetNoise } from "./reset_noise.ts";
import type { ImaginedDefinition, TaskParts } from "./task_definition.ts";
import { planarScene } from "../scene/planar_scene.ts";
import type { ConfigurableTask } from "./task_options.ts";

/** Options of HalfCheetah. */
export interface HalfCheetahOptions extends ForwardOptions, PhysicsOptions {}

const model = compile(description); // whose lengths and ranges no option changes

/** Both ends of each motored joint's range. */
const LIMITS: ReadonlyArray<ReadonlyArray<JointLimit>> = Array.from({ length: model.limit.count }, (_, i) => [
  { side: 1, angle: model.limit.range[2 * i + 1]! },
  { side: -1, angle: model.limit.range[2 * i]! },
]);

/** (link) ⇒ ends of its capsules' axes from its anchor, m. */
const endsOf = (link: number): ReadonlyArray<readonly [number, number]> => {
  const { ends } = model.geom, geoms = Array.from(model.geom.link).flatMap((l, g) => (l === link ? [g] : []));
  return geoms.flatMap((g) => [[ends[4 * g]!, ends[4 * g + 1]!], [ends[4 * g + 2]!, ends[4 * g + 3]!]] as const);
};

/** Links in the order of their joints' angles, with the ends of the capsules that meet the floor: torso, head and feet. */
const LINKS: ReadonlyArray<Link> = Array.from({ length: model.nlink }, (_, l) => ({
  parent: model.linkParent[l]!,
  stem: [model.linkStem0[2 * l]!, model.linkStem0[2 * l + 1]!],
  ends: l % 3 === 0 ? endsOf(l) : [], // three links a leg after the torso, the foot last
}));

/**
 * (observation [17]) ⇒ (features [95]): the observation; sines and cosines of the links' angles; height, velocity and depth
 * in the floor, ahead and now, of the ends of feet, torso and head; depths of the joints beyond their limits.
 *
 * @param skip  1 where x stands first in the observation
 */
const featuresOf = (skip: number, seconds: number) => {
  const floor: Corners = { seconds, ahead: 0.02, now: 0.005 }; // m
  const joint: Corners = { seconds, ahead: 0.05, now: 0.02 }; // rad
  return <T>(algebra: Algebra<T>, observation: ReadonlyArray<T>): ReadonlyArray<T> => {
    const seen = observation.slice(skip), angles = seen.slice(1, 8), rates = seen.slice(10, 17);
    const root = { height: seen[0]!, velocity: [seen[8]!, seen[9]!] as const, angles, rates };
    const limits = angles.slice(1).flatMap((angle, i) =>
      limitFeatures(algebra, angle, rates[i + 1]!, LIMITS[i]!, joint)
    );
    return [...observation, ...linkFeatures(algebra, root, LINKS, model.geom.radius[1]!, floor), ...limits];
  };
};

/**
 * HalfCheetah without its physics. The forward reward is a displacement that observations lack or hold in single precision:
 * the residual is learned.
 */
const imaginedOf = ({ ctrlCostWeight }: HalfCheetahOptions, skip: number, seconds: number): ImaginedDefinition => ({
  features: featuresOf(skip, seconds),
  knownReward: (algebra, _observation, action) => algebra.scale(controlCost(algebra, action, ctrlCostWeight), -1),
  rewardResidual: "learned",
});

const TONES = { // colours: of each leg its own
  ...{ torso: 0, head: 0 },
  ...{ bthigh: 1, bshin: 1, bfoot: 1 },
  ...{ fthigh: 2, fshin: 2, ffoot: 2 },
} as const;

/** The task HalfCheetah. Source: Gymnasium 1.4 `half_cheetah_v5.py`, with its options. */
export const halfCheetah: ConfigurableTask<HalfCheetahOptions, Data> = defineTask({
  name: "halfCheetah",
  options: { ...forwardOptions(0.1, 0.1), ...physicsOptions(5) },
  make: (options: HalfCheetahOptions): TaskParts<Data> => {
    const changed = compile(changePhysics(description, options.physics)),
      { frameSkip, resetNoiseScale: noise } = options;
    const seconds = frameSkip * changed.timestep, skip = options.excludeCurrentPositionsFromObservation ? 0 : 1;
    return {
      simulator: planarSimulator(changed),
      frameSkip,
      timeLimit: 1000,
      observationSize: 17 + skip,
      controlRange: unitRange(6),
      threshold: 4800,
      gymnasium: { id: "HalfCheetah-v5", threshold: 4800 },
      reset: (stream, data) => resetNoise(stream, changed, data, noise, noise, "normal"),
      observe: skip === 0 ? observePlanar : observeWhole,
      reward: (before, action, data) =>
        options.forwardRewardWeight * ((data.qpos[0]! - before[0]!) / seconds) -
        controlCost(float64Algebra, action, options.ctrlCostWeight),
      scene: planarScene(description, model, { span: 2.1, follows: "torso", tones: TONES }),
      imagined: imaginedOf(options, skip, seconds),
    };
  },
});
