/**
 * A robot of one's own as a task, on MuJoCo's engine.
 *
 * (model, definition) ⇒ robotTask ⇒ (task)
 *
 * Observation: positions and velocities of the joints (m or rad, and their rates), without the travel along the ground where
 * forward velocity is rewarded; then what ends an episode, height (m) and angle (rad), so that imagined rollouts see it.
 *
 * @module
 */
import { loadedMujoco, type Mujoco } from "../../mujoco/engine.ts";
import { float64Algebra } from "../../math/algebra.ts";
import type { ControlRange } from "../../math/control_range.ts";
import { controlCost } from "../control_cost.ts";
import { defineTask } from "../define_task.ts";
import { loadedMujocoSimulator, type MujocoData, type OwnMujocoSimulator } from "../mujoco_simulator.ts";
import { initialPositions, offsetOf, uniformNoise, withinRange } from "../mujoco_task.ts";
import type { Task } from "../task.ts";
import type { ImaginedDefinition } from "../task_definition.ts";
import { angleOf, distanceOf, heightOf, indexOf, type Measure, namesOf, uprightnessOf } from "./measures.ts";
import { type Robot, type RobotHealth, RobotInvalid, type RobotReward } from "./robot.ts";

type Model = ReturnType<OwnMujocoSimulator["model"]>;

/** A quantity that has to stay in its range. */
interface Condition {
  readonly measure: Measure;
  readonly range: readonly [number, number];
}

/** What a robot's names stand for. */
interface Resolved {
  readonly conditions: ReadonlyArray<Condition>;
  readonly terms: ReadonlyArray<{ readonly weight: number; readonly measure: Measure }>;
  /** Body whose velocity along x is rewarded. */
  readonly forward: { readonly body: number; readonly weight: number } | null;
}

const resolved = (
  mujoco: Mujoco,
  simulator: OwnMujocoSimulator,
  { forwardVelocity, height, uprightness, distance }: RobotReward,
  healthy: RobotHealth,
): Resolved => {
  const bodies = namesOf(mujoco, simulator, "body"), sites = namesOf(mujoco, simulator, "site");
  const body = (name: string, ...path: ReadonlyArray<string>) => indexOf(bodies, "body", [...path, "body"], name);
  const site = (name: string, key: string) => indexOf(sites, "site", ["reward", "distance", key], name);
  const terms = [
    ...height === undefined
      ? []
      : [{ weight: height.weight, measure: heightOf(simulator, body(height.body, "reward", "height")) }],
    ...uprightness === undefined ? [] : [{
      weight: uprightness.weight,
      measure: uprightnessOf(simulator, body(uprightness.body, "reward", "uprightness")),
    }],
    ...distance === undefined ? [] : [{
      weight: distance.weight,
      measure: distanceOf(simulator, site(distance.from, "from"), site(distance.to, "to")),
    }],
  ];
  const conditions = [
    ...healthy.height === undefined ? [] : [{
      measure: heightOf(simulator, body(healthy.height.body, "healthy", "height")),
      range: healthy.height.range,
    }],
    ...healthy.angle === undefined ? [] : [{
      measure: angleOf(simulator, body(healthy.angle.body, "healthy", "angle")),
      range: healthy.angle.range,
    }],
  ];
  const forward = forwardVelocity === undefined
    ? null
    : { body: body(forwardVelocity.body, "reward", "forwardVelocity"), weight: forwardVelocity.weight };
  return { terms, conditions, forward };
};

/** (engine, model) ⇒ [act] ranges of the motors. Throws RobotInvalid where there is no motor, or one without a range. */
const rangeOf = ({ nu, nv, actuator_ctrlrange: ends }: Model): ControlRange => {
  if (nv === 0) throw new RobotInvalid(["mjcf"], "must have a body that moves: it has none");
  if (nu === 0) throw new RobotInvalid(["mjcf"], "must have an actuator: it has none");
  return Array.from({ length: nu }, (_, i) => {
    const low = ends[2 * i] as number, high = ends[2 * i + 1] as number;
    if (low < high) return [low, high] as const;
    throw new RobotInvalid(["mjcf"], `must give every actuator a ctrlrange: actuator ${i} has none`);
  });
};

/** (engine, model) ⇒ positions that are travel along the ground: of the root bodies' free joints and horizontal slides. */
const travel = (mujoco: Mujoco, model: Model): ReadonlySet<number> => {
  const { mjJNT_FREE: free, mjJNT_SLIDE: slide } = mujoco.mjtJoint, found = new Set<number>();
  for (let j = 0; j < model.njnt; j++) {
    const at = model.jnt_qposadr[j] as number, root = model.body_parentid[model.jnt_bodyid[j]] === 0;
    if (!root) continue;
    if (model.jnt_type[j] === free.value) [at, at + 1].forEach((i) => found.add(i));
    if (model.jnt_type[j] === slide.value && Math.abs(model.jnt_axis[3 * j + 2]) < 1e-9) found.add(at);
  }
  return found;
};

const healthyWith = (conditions: ReadonlyArray<Condition>) => (data: MujocoData): boolean =>
  conditions.every(({ measure, range: [low, high] }) => {
    const value = measure(data);
    return value >= low && value <= high;
  });

/** (reward, conditions, columns of what they measure) ⇒ the robot without its physics: what is rewarded is learned. */
const imaginedOf = ({ controlCost: cost, alive }: RobotReward, conditions: ReadonlyArray<Condition>, at: number) => ({
  knownReward: (algebra, _observation, action) =>
    algebra.shift(algebra.scale(controlCost(algebra, action, cost), -1), alive),
  rewardResidual: "learned",
  ...(conditions.length === 0 ? {} : {
    survival: (algebra, next) =>
      conditions.flatMap(({ range: [low, high] }, i) =>
        withinRange(algebra, next[at + i]!, [low, high], Math.min(0.01, (high - low) / 4))
      ),
  }),
} satisfies ImaginedDefinition);

/** (robot) ⇒ (task); MuJoCo is loaded. Throws MjcfInvalid, RobotInvalid, TaskInvalid. */
export const robotTask = (robot: Robot): Task<MujocoData> => {
  const { name, model: mjcf, frameSkip, timeLimit, reward: rewarded, healthy: health, resetNoise } = robot;
  const mujoco = loadedMujoco();
  const simulator = loadedMujocoSimulator(mjcf, { remembered: ["xpos"], derive: "kinematics" });
  const model = simulator.model(), { nq, nv } = simulator.sizes, controlRange = rangeOf(model);
  const { terms, conditions, forward } = resolved(mujoco, simulator, rewarded, health);
  const healthy = healthyWith(conditions), left = forward === null ? new Set<number>() : travel(mujoco, model);
  const positions = Array.from({ length: nq }, (_, i) => i).filter((i) => !left.has(i));
  const seconds = frameSkip * simulator.timestep, before = offsetOf(simulator, "xpos");
  const task = defineTask<MujocoData>({
    name,
    simulator,
    frameSkip,
    timeLimit,
    observationSize: positions.length + nv + conditions.length,
    controlRange,
    reset: (stream, data) => {
      const noise = uniformNoise(stream, resetNoise.positions, nq);
      const qpos = initialPositions(simulator).map((x, i) => x + noise[i]!);
      simulator.place(data, qpos, uniformNoise(stream, resetNoise.velocities, nv));
    },
    observe: (data, out) => {
      const qpos = simulator.view(data, "qpos"), qvel = simulator.view(data, "qvel");
      positions.forEach((i, at) => out[at] = qpos[i]!);
      out.set(qvel, positions.length);
      conditions.forEach(({ measure }, i) => out[positions.length + nv + i] = measure(data));
    },
    reward: (from, action, data) => {
      const moved = forward === null
        ? 0
        : simulator.view(data, "xpos")[3 * forward.body]! - from[before + 3 * forward.body]!;
      return (forward?.weight ?? 0) * moved / seconds +
        terms.reduce((sum, { weight, measure }) => sum + weight * measure(data), 0) +
        (healthy(data) ? rewarded.alive : 0) - controlCost(float64Algebra, action, rewarded.controlCost);
    },
    terminated: (data) => !healthy(data),
    imagined: imaginedOf(rewarded, conditions, positions.length + nv),
  });
  return Object.assign(task, { robot });
};
