/**
 * What Humanoid and HumanoidStandup share: a body of thirteen parts with seventeen motors.
 *
 * Observation [348]: z (m), the torso's quaternion, 17 joint angles (rad); the torso's velocity (m/s) and angular velocity
 * (rad/s), 17 joint velocities (rad/s); inertia of the bodies about the centre of mass (13 × 10: kg·m² six times, kg·m three
 * times, kg); their velocities (13 × 6: rad/s, m/s); forces of the motors (17, N·m); torques and forces on the bodies (13 × 6).
 *
 * @module
 */
import type { ControlRange } from "../math/control_range.ts";
import type { Stream } from "../math/random.ts";
import { lazyMujocoSimulator, type Mjcf, type MujocoData, type OwnMujocoSimulator } from "./mujoco_simulator.ts";
import { initialPositions, observeSlices, type Slice, sumOfSquares, uniformNoise } from "./mujoco_task.ts";

/** Width of an observation. */
export const HUMANOID_OBSERVATION = 348;
/** Range of the motors' controls. */
export const humanoidRange: ControlRange = Array.from({ length: 17 }, () => [-0.4, 0.4] as const);

const RESET_NOISE = 0.01; // m, rad and their rates
const LARGEST_IMPACT = 10; // reward

const observed: ReadonlyArray<Slice> = [
  { field: "qpos", from: 2 },
  { field: "qvel", from: 0 },
  { field: "cinert", from: 10 },
  { field: "cvel", from: 6 },
  { field: "qfrcActuator", from: 6 },
  { field: "cfrcExt", from: 6 },
];

/** (MJCF) ⇒ (simulator) that remembers what is observed. */
export const humanoidSimulator = (mjcf: Mjcf): OwnMujocoSimulator =>
  lazyMujocoSimulator(mjcf, { nq: 24, nv: 23, na: 0, nu: 17, nbody: 14, nsite: 0, timestep: 0.003 }, {
    remembered: ["xipos", "cinert", "cvel", "qfrcActuator", "cfrcExt"],
    derive: "rnePostConstraint",
  });

/** (simulator) ⇒ (data) ⇒ out [348]. */
export const observeHumanoid = (simulator: OwnMujocoSimulator) => observeSlices(simulator, observed);

/** (simulator) ⇒ (stream) ⇒ data about the model's initial state: ± .01, each entry uniform and on its own. */
export const resetHumanoid = (simulator: OwnMujocoSimulator) => (stream: Stream, data: MujocoData): void => {
  const noise = uniformNoise(stream, RESET_NOISE, 24);
  const qpos = initialPositions(simulator).map((x, i) => x + noise[i]!);
  simulator.place(data, qpos, uniformNoise(stream, RESET_NOISE, 23));
};

/** (simulator, data, weight) ⇒ weight · Σ cfrcExt², at most 10. */
export const impactCost = (simulator: OwnMujocoSimulator, data: MujocoData, weight: number): number =>
  Math.min(weight * sumOfSquares(simulator.view(data, "cfrcExt")), LARGEST_IMPACT);
