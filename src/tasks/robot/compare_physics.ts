/**
 * The planar engine held against MuJoCo on a robot.
 *
 * (model, steps, stream) ⇒ (largest differences of both)
 *
 * @module
 */
import type { Mjcf } from "../../mujoco/compile.ts";
import type { Stream } from "../../math/random.ts";
import { mujocoRobot, planarRobot, type RobotEngine } from "./engine.ts";

/** Largest differences of positions (m or rad) and velocities (m/s or rad/s). */
export interface PhysicsDifference {
  /** m or rad */
  readonly qpos: number;
  /** m/s or rad/s */
  readonly qvel: number;
}

/** How far the engines are apart. */
export interface PhysicsComparison {
  /** What is compared, in words. */
  readonly engines: string;
  /** After one physics step from equal states, over the states that MuJoCo goes through. */
  readonly single: PhysicsDifference;
  /** After each of the steps, both from the first state on their own. */
  readonly free: ReadonlyArray<PhysicsDifference>;
}

const NUDGE = 0.01; // m or rad, of the first state; 1/s of its velocities

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    most = Number.isNaN(difference) ? Infinity : Math.max(most, difference);
  }
  return most;
};

const differenceOf = <A, B>(one: RobotEngine<A>, a: A, other: RobotEngine<B>, b: B): PhysicsDifference => ({
  qpos: largest(one.qpos(a), other.qpos(b)),
  qvel: largest(one.qvel(a), other.qvel(b)),
});

const worst = (differences: ReadonlyArray<PhysicsDifference>): PhysicsDifference => ({
  qpos: Math.max(...differences.map(({ qpos }) => qpos)),
  qvel: Math.max(...differences.map(({ qvel }) => qvel)),
});

/**
 * (model, physics steps, stream) ⇒ (comparison): a walk from the model's initial state, nudged, under controls that change every
 * tenth step, uniform in their ranges. MuJoCo's solver converges as far as it can. MuJoCo is loaded.
 *
 * Throws MjcfInvalid; NotPlanar where there is nothing to compare.
 */
export const comparePhysics = (mjcf: Mjcf, steps: number, stream: Stream): PhysicsComparison => {
  const planar = planarRobot(mjcf),
    mujoco = mujocoRobot(mjcf, null, "converged"),
    { qpos0, nv, controlRange } = planar.facts;
  const ours = planar.simulator.make(), restarted = planar.simulator.make(), theirs = mujoco.simulator.make();
  const nudged = () => NUDGE * (2 * stream.uniform() - 1);
  const qpos = qpos0.map((x) => x + nudged()), qvel = Float64Array.from({ length: nv }, nudged);
  planar.place(ours, qpos, qvel);
  mujoco.place(theirs, qpos, qvel);
  const control = new Float64Array(controlRange.length),
    single: PhysicsDifference[] = [],
    free: PhysicsDifference[] = [];
  for (let i = 0; i < steps; i++) {
    if (i % 10 === 0) {
      controlRange.forEach((range, j) => {
        const [low, high] = range ?? [-1, 1];
        control[j] = low + (high - low) * stream.uniform();
      });
    }
    planar.place(restarted, mujoco.qpos(theirs), mujoco.qvel(theirs));
    const ended = mujoco.simulator.step(theirs, control) ?? planar.simulator.step(restarted, control);
    if (ended !== null || planar.simulator.step(ours, control) !== null) break;
    single.push(differenceOf(planar, restarted, mujoco, theirs));
    free.push(differenceOf(planar, ours, mujoco, theirs));
  }
  const engines = `${planar.simulator.engine!()}, and ${mujoco.simulator.engine!()}`;
  return { engines, single: worst(single), free };
};
