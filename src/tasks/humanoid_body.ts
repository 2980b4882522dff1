/**
 * What Humanoid and HumanoidStandup share: a body of thirteen parts with seventeen motors.
 *
 * Observation [348]: z (m), the torso's quaternion, 17 joint angles (rad); the torso's velocity (m/s) and angular velocity
 * (rad/s), 17 joint velocities (rad/s); inertia of the bodies about the centre of mass (13 × 10: kg·m² six times, kg·m three
 * times, kg); their velocities (13 × 6: rad/s, m/s); forces of the motors (17, N·m); torques and forces on the bodies (13 × 6).
 * With `excludeCurrentPositionsFromObservation: false`, x and y (m) stand before them; each of the last four is absent without
 * its option `include…InObservation`.
 *
 * @module
 */
import type { ControlRange } from "../math/control_range.ts";
import { option, type OptionFields, yesOrNo } from "../options/options.ts";
import type { PhysicsFactors } from "../physics/physics.ts";
import type { Range } from "./gymnasium_options.ts";
import { lazyMujocoSimulator, type Mjcf, type MujocoData, type OwnMujocoSimulator } from "./mujoco_simulator.ts";
import { initialPositions, observeSlices, type Slice, sumOfSquares, uniformNoise } from "./mujoco_task.ts";
import type { TaskParts } from "./task_definition.ts";

/** What of the bodies is observed. */
export interface HumanoidSight {
  /** Whether observations lack where the body is on the ground */
  readonly excludeCurrentPositionsFromObservation: boolean;
  /** Whether inertia of the bodies is observed */
  readonly includeCinertInObservation: boolean;
  /** Whether velocities of the bodies are observed */
  readonly includeCvelInObservation: boolean;
  /** Whether forces of the motors are observed */
  readonly includeQfrcActuatorInObservation: boolean;
  /** Whether torques and forces on the bodies are observed */
  readonly includeCfrcExtInObservation: boolean;
}

/** Options of what is observed beside positions and velocities. */
export const includeOptions: OptionFields<Omit<HumanoidSight, "excludeCurrentPositionsFromObservation">> = {
  includeCinertInObservation: option(yesOrNo, true, "Whether inertia of the bodies is observed"),
  includeCvelInObservation: option(yesOrNo, true, "Whether velocities of the bodies are observed"),
  includeQfrcActuatorInObservation: option(yesOrNo, true, "Whether forces of the motors are observed"),
  includeCfrcExtInObservation: option(yesOrNo, true, "Whether torques and forces on the bodies are observed"),
};

/** Range of the motors' controls. */
export const humanoidRange: ControlRange = Array.from({ length: 17 }, () => [-0.4, 0.4] as const);

const sizes = { nq: 24, nv: 23, na: 0, nu: 17, nbody: 14, nsite: 0, timestep: 0.003 };

/** Fields after positions and velocities, with their widths and the options that include them. */
const parts = [
  { field: "cinert", from: 10, size: 130, option: "includeCinertInObservation" },
  { field: "cvel", from: 6, size: 78, option: "includeCvelInObservation" },
  { field: "qfrcActuator", from: 6, size: 17, option: "includeQfrcActuatorInObservation" },
  { field: "cfrcExt", from: 6, size: 78, option: "includeCfrcExtInObservation" },
] as const;

/** (options) ⇒ entries of an observation before z: x and y, or none. */
export const entriesBeforeHeight = ({ excludeCurrentPositionsFromObservation }: HumanoidSight): number =>
  excludeCurrentPositionsFromObservation ? 0 : 2;

/** (options) ⇒ width of an observation. */
export const humanoidObservation = (sight: HumanoidSight): number =>
  parts.reduce((sum, { size, option }) => sum + (sight[option] ? size : 0), 45 + entriesBeforeHeight(sight));

/** (MJCF, factors) ⇒ (simulator) that remembers what can be observed. */
export const humanoidSimulator = (mjcf: Mjcf, factors: PhysicsFactors): OwnMujocoSimulator =>
  lazyMujocoSimulator(mjcf, sizes, {
    remembered: ["xipos", "cinert", "cvel", "qfrcActuator", "cfrcExt"],
    derive: "rnePostConstraint",
  }, factors);

/** (simulator, options) ⇒ (data) ⇒ out [348 with the defaults]. */
export const observeHumanoid = (simulator: OwnMujocoSimulator, sight: HumanoidSight) => {
  const positions: ReadonlyArray<Slice> = [
    { field: "qpos", from: 2 - entriesBeforeHeight(sight) },
    { field: "qvel", from: 0 },
  ];
  return observeSlices(simulator, [...positions, ...parts.filter(({ option }) => sight[option])]);
};

/** (simulator, scale) ⇒ (stream) ⇒ data about the model's initial state: ± scale, each entry uniform and on its own. */
export const resetHumanoid =
  (simulator: OwnMujocoSimulator, scale: number): TaskParts<MujocoData>["reset"] => (stream, data) => {
    const noise = uniformNoise(stream, scale, sizes.nq);
    const qpos = initialPositions(simulator).map((x, i) => x + noise[i]!);
    simulator.place(data, qpos, uniformNoise(stream, scale, sizes.nv));
  };

/** (simulator, data, weight, range) ⇒ weight · Σ cfrcExt², clipped to the range. */
export const impactCost = (
  simulator: OwnMujocoSimulator,
  data: MujocoData,
  weight: number,
  [least, most]: Range,
): number => Math.max(least, Math.min(weight * sumOfSquares(simulator.view(data, "cfrcExt")), most));
