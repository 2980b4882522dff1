/**
 * Ant: a body on four legs that has to walk forward. Gymnasium's `Ant-v5`.
 *
 * Observation [105]: z (m), the torso's quaternion, eight joint angles (rad); the torso's velocity (m/s) and angular velocity
 * (rad/s), eight joint velocities (rad/s); then torque (N·m) and force (N) on each of thirteen bodies, clipped to ±1. With
 * `excludeCurrentPositionsFromObservation: false`, x and y (m) stand before them; without `includeCfrcExtInObservation`, torques and
 * forces are absent.
 *
 * @module
 */
import { float64Algebra } from "../math/algebra.ts";
import { unitRange } from "../math/control_range.ts";
import { between, number, option, type OptionFields, whole, yesOrNo } from "../options/options.ts";
import { controlCost } from "./control_cost.ts";
import { defineTask } from "./define_task.ts";
import {
  type ForwardOptions,
  forwardOptions,
  type PhysicsOptions,
  physicsOptions,
  type Range,
  type StandingOptions,
  standingOptions,
} from "./gymnasium_options.ts";
import { antMjcf } from "./mjcf/ant.ts";
import { mujocoScene } from "./mujoco_scene.ts";
import { lazyMujocoSimulator, type MujocoData, type OwnMujocoSimulator } from "./mujoco_simulator.ts";
import { initialPositions, observeSlices, offsetOf, uniformNoise } from "./mujoco_task.ts";
import { rangeMargins } from "./survival.ts";
import type { ImaginedDefinition, TaskParts } from "./task_definition.ts";
import type { ConfigurableTask } from "./task_options.ts";

/** Options of Ant. */
export interface AntOptions extends ForwardOptions, StandingOptions, PhysicsOptions {
  /** Cost per squared N or N·m, of forces clipped to their range */
  readonly contactCostWeight: number;
  /** N or N·m, to which torques and forces on bodies are clipped */
  readonly contactForceRange: Range;
  /** Number of the body whose velocity is rewarded; 1: the torso */
  readonly mainBody: number;
  /** Whether observations end with torques and forces on the bodies */
  readonly includeCfrcExtInObservation: boolean;
}

const BODIES = 14; // the world with them

const fields: OptionFields<AntOptions> = {
  ...forwardOptions(0.5, 0.1),
  ...standingOptions([0.2, 1]),
  contactCostWeight: option(number, 5e-4, "Cost per squared N or N·m on a body, of forces clipped to their range"),
  contactForceRange: option(between, [-1, 1], "N or N·m, to which torques and forces on bodies are clipped"),
  mainBody: option(whole(1, BODIES - 1), 1, "Number of the body whose velocity is rewarded; 1: the torso"),
  includeCfrcExtInObservation: option(yesOrNo, true, "Whether observations end with torques and forces on the bodies"),
  ...physicsOptions(5),
};

const clippedTo = ([low, high]: Range) => (force: number): number => Math.min(high, Math.max(low, force));

const observing = (simulator: OwnMujocoSimulator, options: AntOptions, skip: number) => {
  const seesForces = options.includeCfrcExtInObservation, clipped = clippedTo(options.contactForceRange);
  const forces = skip + 27; // entry at which they begin
  const all = observeSlices(simulator, [
    { field: "qpos", from: 2 - skip },
    { field: "qvel", from: 0 },
    ...(seesForces ? [{ field: "cfrcExt", from: 6 } as const] : []),
  ]);
  return (data: MujocoData, out: Float64Array): void => {
    all(data, out);
    for (let i = forces; i < out.length; i++) out[i] = clipped(out[i]!);
  };
};

const healthyWithin = (simulator: OwnMujocoSimulator, [low, high]: Range) => (data: MujocoData): boolean => {
  const qpos = simulator.view(data, "qpos"), z = qpos[2]!;
  return z >= low && z <= high && qpos.every(Number.isFinite) && simulator.view(data, "qvel").every(Number.isFinite);
};

/** (state before, action, data) ⇒ v_x of the main body + 1 while healthy − .5 Σ a² − 5e-4 Σ clip(cfrcExt, ±1)². */
const rewarding = (
  simulator: OwnMujocoSimulator,
  options: AntOptions,
  healthy: (data: MujocoData) => boolean,
): TaskParts<MujocoData>["reward"] => {
  const body = 3 * options.mainBody, before0 = offsetOf(simulator, "xpos") + body;
  const seconds = options.frameSkip * simulator.timestep, clipped = clippedTo(options.contactForceRange);
  return (before, action, data) => {
    const velocity = (simulator.view(data, "xpos")[body]! - before[before0]!) / seconds;
    const contact = simulator.view(data, "cfrcExt").reduce((sum, force) => sum + clipped(force) ** 2, 0);
    return options.forwardRewardWeight * velocity + (healthy(data) ? options.healthyReward : 0) -
      controlCost(float64Algebra, action, options.ctrlCostWeight) - options.contactCostWeight * contact;
  };
};

const resetting = (simulator: OwnMujocoSimulator, scale: number): TaskParts<MujocoData>["reset"] => (stream, data) => {
  const noise = uniformNoise(stream, scale, 15);
  const qpos = initialPositions(simulator).map((x, i) => x + noise[i]!);
  simulator.place(data, qpos, Float64Array.from({ length: 14 }, () => scale * stream.normal()));
};

/**
 * Ant without its physics.
 *
 * Departure: the healthy reward counts in full, as imagined rollouts mask what follows a termination (where nothing ends them,
 * the learned residual takes it back). The model learns the displacement and the cost of contacts.
 */
const imaginedOf = (options: AntOptions, skip: number): ImaginedDefinition => ({
  knownReward: (algebra, _observation, action) =>
    algebra.shift(algebra.scale(controlCost(algebra, action, options.ctrlCostWeight), -1), options.healthyReward),
  rewardResidual: "learned",
  ...(options.terminateWhenUnhealthy
    ? { survival: (algebra, next) => rangeMargins(algebra, next[skip]!, options.healthyZRange, 0.01) }
    : {}),
});

/** The task Ant. Source: Gymnasium 1.4 `ant_v5.py`, with its options. */
export const ant: ConfigurableTask<AntOptions, MujocoData> = defineTask({
  name: "ant",
  options: fields,
  make: (options: AntOptions): TaskParts<MujocoData> => {
    const simulator = lazyMujocoSimulator(
      { name: "ant.xml", xml: antMjcf },
      { nq: 15, nv: 14, na: 0, nu: 8, nbody: BODIES, nsite: 0, timestep: 0.01 },
      { remembered: ["xpos", "cfrcExt"], derive: "rnePostConstraint" },
      options.physics,
    );
    const skip = options.excludeCurrentPositionsFromObservation ? 0 : 2; // entries before z
    const healthy = healthyWithin(simulator, options.healthyZRange);
    return {
      simulator,
      frameSkip: options.frameSkip,
      timeLimit: 1000,
      gymnasium: { id: "Ant-v5", threshold: 6000 },
      observationSize: skip + 27 + (options.includeCfrcExtInObservation ? 6 * (BODIES - 1) : 0),
      controlRange: unitRange(8),
      threshold: 6000,
      reset: resetting(simulator, options.resetNoiseScale),
      observe: observing(simulator, options, skip),
      reward: rewarding(simulator, options, healthy),
      ...(options.terminateWhenUnhealthy ? { terminated: (data: MujocoData) => !healthy(data) } : {}),
      scene: mujocoScene(simulator, { span: 3.2, follows: "first body" }),
      imagined: imaginedOf(options, skip),
    };
  },
});
