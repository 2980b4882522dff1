/**
 * A robot of one's own as a task.
 *
 * (model, definition) ⇒ robotTask ⇒ (task)
 *
 * Observation: positions and velocities of the joints (m or rad, and their rates), without the travel along the ground where
 * forward velocity is rewarded; then what ends an episode, height (m) and angle (rad), so that imagined rollouts see it.
 *
 * @module
 */
import { float64Algebra } from "../../math/algebra.ts";
import type { ControlRange } from "../../math/control_range.ts";
import { controlCost } from "../control_cost.ts";
import { changeNothing, type PhysicsFactors } from "../../physics/factors.ts";
import { defineTask } from "../define_task.ts";
import { physicsOption, type PhysicsOptions } from "../gymnasium_options.ts";
import { uniformNoise } from "../mujoco_task.ts";
import { rangeMargins } from "../survival.ts";
import type { Task } from "../task.ts";
import type { ImaginedDefinition, TaskParts } from "../task_definition.ts";
import type { ConfigurableTask } from "../task_options.ts";
import { mujocoRobot, planarRobot, type RobotEngine, type RobotFacts } from "./engine.ts";
import { angleOf, distanceOf, heightOf, indexOf, type Measure } from "./measures.ts";
import { type Robot, type RobotHealth, RobotInvalid, type RobotReward } from "./robot.ts";

/** A quantity that has to stay in its range. */
interface Condition<D> {
  readonly measure: Measure<D>;
  readonly range: readonly [number, number];
}

/** What can be changed about a robot. */
type RobotOptions = Pick<PhysicsOptions, "physics">;

/** What a robot's names stand for. */
interface Resolved<D> {
  readonly conditions: ReadonlyArray<Condition<D>>;
  readonly terms: ReadonlyArray<{ readonly weight: number; readonly measure: Measure<D> }>;
  /** Body whose velocity along x is rewarded. */
  readonly forward: { readonly body: number; readonly weight: number } | null;
}

const uprightnessTerm = <D>({ uprightness }: RobotEngine<D>, weight: number, body: number) => ({
  weight,
  measure: (data: D) => uprightness(data, body),
});

const resolved = <D>(
  engine: RobotEngine<D>,
  { forwardVelocity, height, uprightness, distance }: RobotReward,
  healthy: RobotHealth,
): Resolved<D> => {
  const body = (name: string, ...path: ReadonlyArray<string>) => indexOf(engine.names, "body", [...path, "body"], name);
  const site = (name: string, key: string) => indexOf(engine.names, "site", ["reward", "distance", key], name);
  const terms = [
    ...height === undefined
      ? []
      : [{ weight: height.weight, measure: heightOf(engine, body(height.body, "reward", "height")) }],
    ...uprightness === undefined
      ? []
      : [uprightnessTerm(engine, uprightness.weight, body(uprightness.body, "reward", "uprightness"))],
    ...distance === undefined ? [] : [{
      weight: distance.weight,
      measure: distanceOf(engine, site(distance.from, "from"), site(distance.to, "to")),
    }],
  ];
  const conditions = [
    ...healthy.height === undefined ? [] : [{
      measure: heightOf(engine, body(healthy.height.body, "healthy", "height")),
      range: healthy.height.range,
    }],
    ...healthy.angle === undefined ? [] : [{
      measure: angleOf(engine, body(healthy.angle.body, "healthy", "angle")),
      range: healthy.angle.range,
    }],
  ];
  const forward = forwardVelocity === undefined
    ? null
    : { body: body(forwardVelocity.body, "reward", "forwardVelocity"), weight: forwardVelocity.weight };
  return { terms, conditions, forward };
};

/** (facts) ⇒ [act] ranges of the motors. Throws RobotInvalid where there is no motor, or one without a range. */
const rangeOf = ({ nv, controlRange }: RobotFacts): ControlRange => {
  if (nv === 0) throw new RobotInvalid(["mjcf"], "must have a body that moves: it has none");
  if (controlRange.length === 0) throw new RobotInvalid(["mjcf"], "must have an actuator: it has none");
  return controlRange.map((range, i) => {
    if (range !== null) return range;
    throw new RobotInvalid(["mjcf"], `must give every actuator a ctrlrange: actuator ${i} has none`);
  });
};

const healthyWith = <D>(conditions: ReadonlyArray<Condition<D>>) => (data: D): boolean =>
  conditions.every(({ measure, range: [low, high] }) => {
    const value = measure(data);
    return value >= low && value <= high;
  });

/** (reward, conditions, columns of what they measure) ⇒ the robot without its physics: what is rewarded is learned. */
const imaginedOf = (
  { controlCost: cost, alive }: RobotReward,
  conditions: ReadonlyArray<Pick<Condition<never>, "range">>,
  at: number,
) => ({
  knownReward: (algebra, _observation, action) =>
    algebra.shift(algebra.scale(controlCost(algebra, action, cost), -1), alive),
  rewardResidual: "learned",
  ...(conditions.length === 0 ? {} : {
    survival: (algebra, next) =>
      conditions.flatMap(({ range: [low, high] }, i) =>
        rangeMargins(algebra, next[at + i]!, [low, high], Math.min(0.01, (high - low) / 4))
      ),
  }),
} satisfies ImaginedDefinition);

/** (simulated robot, what is rewarded) ⇒ what the task is. */
const definitionOn = <D>(engine: RobotEngine<D>, robot: Robot): TaskParts<D> => {
  const { frameSkip, timeLimit, reward: rewarded, healthy: health, resetNoise } = robot;
  const { simulator, facts } = engine, { qpos0, nv } = facts, controlRange = rangeOf(facts);
  const { terms, conditions, forward } = resolved(engine, rewarded, health), healthy = healthyWith(conditions);
  const left = forward === null ? new Set<number>() : facts.travel, seconds = frameSkip * simulator.timestep;
  const positions = Array.from(qpos0, (_, i) => i).filter((i) => !left.has(i));
  const measured = positions.length + nv; // first column of what ends an episode
  return {
    simulator,
    frameSkip,
    timeLimit,
    observationSize: measured + conditions.length,
    controlRange,
    reset: (stream, data) => {
      const noise = uniformNoise(stream, resetNoise.positions, qpos0.length);
      engine.place(data, qpos0.map((x, i) => x + noise[i]!), uniformNoise(stream, resetNoise.velocities, nv));
    },
    observe: (data, out) => {
      const qpos = engine.qpos(data), qvel = engine.qvel(data);
      positions.forEach((i, at) => out[at] = qpos[i]!);
      out.set(qvel, positions.length);
      conditions.forEach(({ measure }, i) => out[measured + i] = measure(data));
    },
    reward: (before, action, data) => {
      const moved = forward === null ? 0 : engine.xpos(data)[3 * forward.body]! - engine.xIn(before, forward.body);
      return (forward?.weight ?? 0) * moved / seconds +
        terms.reduce((sum, { weight, measure }) => sum + weight * measure(data), 0) +
        (healthy(data) ? rewarded.alive : 0) - controlCost(float64Algebra, action, rewarded.controlCost);
    },
    ...(conditions.length === 0 ? {} : { terminated: (data: D) => !healthy(data) }), // else imagination would look for ends
    imagined: imaginedOf(rewarded, conditions, measured),
  };
};

/** (robot, factors of its figures) ⇒ what the task is, on the engine that the robot asks for. */
const definitionOf = (robot: Robot, physics: PhysicsFactors): TaskParts<unknown> => {
  const factors = changeNothing(physics) ? null : physics;
  return (robot.backend === "planar"
    ? definitionOn(planarRobot(robot.model, factors), robot)
    : definitionOn(mujocoRobot(robot.model, factors), robot)) as TaskParts<unknown>;
};

/**
 * (robot) ⇒ (task) whose option `physics` multiplies figures of the model, as the built-in tasks have it; MuJoCo is loaded.
 * Throws MjcfInvalid, NotPlanar, RobotInvalid, TaskInvalid.
 */
export const robotTask = (robot: Robot): ConfigurableTask<RobotOptions> => {
  const task = defineTask<RobotOptions, unknown>({
    name: robot.name,
    options: { physics: physicsOption },
    make: ({ physics }) => definitionOf(robot, physics),
  });
  return Object.assign<ConfigurableTask<RobotOptions>, Pick<Task, "robot">>(task, { robot });
};
