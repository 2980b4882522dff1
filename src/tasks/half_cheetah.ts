/**
 * HalfCheetah: a body on two legs that has to run forward. Gymnasium's `HalfCheetah-v5`; nothing terminates.
 *
 * Observation [17]: z (m), torso angle, hind thigh, shin, foot, front thigh, shin, foot (rad); then ẋ, ż (m/s) and the
 * seven angular velocities (rad/s). Gymnasium does not clip them.
 *
 * @module
 */
import { compile, type Data, halfCheetah as description } from "../physics/physics.ts";
import { unitRange } from "../math/control_range.ts";
import { type Algebra, float64Algebra } from "../math/algebra.ts";
import { type Corners, type JointLimit, limitFeatures } from "./contact_features.ts";
import { controlCost } from "./control_cost.ts";
import { defineTask } from "./define_task.ts";
import { type Link, linkFeatures } from "./link_features.ts";
import { observePlanar } from "./observe_planar.ts";
import { planarSimulator } from "./planar_simulator.ts";
import { resetNoise } from "./reset_noise.ts";
import type { ImaginedDefinition } from "./task_definition.ts";
import { planarScene } from "../scene/planar_scene.ts";
import type { Task } from "./task.ts";

const CONTROL_COST = 0.1; // reward per squared action
const STEP = 5 * 0.01; // s, one environment step

const model = compile(description);

/** Both ends of each motored joint's range. */
const LIMITS: ReadonlyArray<ReadonlyArray<JointLimit>> = Array.from({ length: model.limit.count }, (_, i) => [
  { side: 1, angle: model.limit.range[2 * i + 1]! },
  { side: -1, angle: model.limit.range[2 * i]! },
]);

const FLOOR: Corners = { seconds: STEP, ahead: 0.02, now: 0.005 }; // m
const JOINT: Corners = { seconds: STEP, ahead: 0.05, now: 0.02 }; // rad

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
 * (observation [17]) ⇒ (features [95]): the observation; sines and cosines of the links' angles; height, velocity and depth in the
 * floor, ahead and now, of the ends of feet, torso and head; depths of the joints beyond their limits.
 */
const features = <T>(algebra: Algebra<T>, observation: ReadonlyArray<T>): ReadonlyArray<T> => {
  const angles = observation.slice(1, 8), rates = observation.slice(10, 17);
  const root = { height: observation[0]!, velocity: [observation[8]!, observation[9]!] as const, angles, rates };
  const limits = angles.slice(1).flatMap((angle, i) => limitFeatures(algebra, angle, rates[i + 1]!, LIMITS[i]!, JOINT));
  return [...observation, ...linkFeatures(algebra, root, LINKS, model.geom.radius[1]!, FLOOR), ...limits];
};

/** HalfCheetah without its physics. The forward reward is a displacement that observations lack: the residual is learned. */
const imagined: ImaginedDefinition = {
  features,
  knownReward: (algebra, _observation, action) => algebra.scale(controlCost(algebra, action, CONTROL_COST), -1),
  rewardResidual: "learned",
};

const TONES = { // colours: of each leg its own
  ...{ torso: 0, head: 0 },
  ...{ bthigh: 1, bshin: 1, bfoot: 1 },
  ...{ fthigh: 2, fshin: 2, ffoot: 2 },
};

/** The task HalfCheetah. Source: Gymnasium 1.4 `half_cheetah_v5.py`, with its default options. */
export const halfCheetah: Task<Data> = defineTask({
  name: "halfCheetah",
  simulator: planarSimulator(model),
  frameSkip: 5,
  timeLimit: 1000,
  observationSize: 17,
  controlRange: unitRange(6),
  threshold: 4800,
  gymnasium: { id: "HalfCheetah-v5", threshold: 4800 },
  reset: (stream, data) => resetNoise(stream, model, data, 0.1, 0.1, "normal"),
  observe: observePlanar,
  reward: (before, action, data) =>
    (data.qpos[0]! - before[0]!) / STEP - controlCost(float64Algebra, action, CONTROL_COST),
  scene: planarScene(description, model, { span: 1.7, follows: "torso", tones: TONES }),
  imagined,
});
