/**
 * A robot of one's own: an MJCF model, and what it is rewarded for in a small vocabulary.
 *
 * @module
 */
import type { Mjcf } from "../../mujoco/compile.ts";

/** A part of the reward that grows with a quantity of one body. */
export interface BodyTerm {
  /** Name of the body. */
  readonly body: string;
  /** Reward per unit of the quantity. */
  readonly weight: number;
}

/** What is rewarded, each step; the sum of its parts. */
export interface RobotReward {
  /** Per m/s along x of the body's origin. */
  readonly forwardVelocity?: BodyTerm;
  /** Per m of the body's origin above z = 0. */
  readonly height?: BodyTerm;
  /** Per unit of the cosine between the body's z axis and the vertical: 1 upright, −1 upside down. */
  readonly uprightness?: BodyTerm;
  /** Per m between two sites. */
  readonly distance?: { readonly from: string; readonly to: string; readonly weight: number };
  /** Is charged per squared control. */
  readonly controlCost: number;
  /** Where the robot is healthy. */
  readonly alive: number;
}

/** Ends of an episode: it goes on while each quantity lies within its range. */
export interface RobotHealth {
  /** m, of the body's origin */
  readonly height?: { readonly body: string; readonly range: readonly [number, number] };
  /** rad, between the body's z axis and the vertical, at least 0 */
  readonly angle?: { readonly body: string; readonly range: readonly [number, number] };
}

/** All that makes a robot a task. */
export interface RobotDefinition {
  /** The task's name. */
  readonly name: string;
  /** mujoco: MuJoCo's own engine, which runs anything; planar: ours, which is faster and takes what moves in a plane. */
  readonly backend: "mujoco" | "planar";
  /** physics steps per environment step */
  readonly frameSkip: number;
  /** environment steps */
  readonly timeLimit: number;
  /** Noise of a reset about the model's initial state, uniform in ±: m or rad, and their rates. */
  readonly resetNoise: { readonly positions: number; readonly velocities: number };
  /** What is rewarded. */
  readonly reward: RobotReward;
  /** When an episode ends before its time. */
  readonly healthy: RobotHealth;
}

/** A robot with its model, which a worker can be sent. */
export interface Robot extends RobotDefinition {
  /** The model. */
  readonly model: Mjcf;
}

/** A definition that does not fit its model. */
export class RobotInvalid extends Error {
  /** Discriminates typed errors. */
  readonly _tag = "RobotInvalid";
  /** The class name, as shown in a failure. */
  override readonly name = "RobotInvalid";

  /**
   * (where in the definition, what it must be: "X must be Y: current value is V", names that there are) ⇒ (error with a
   * message).
   */
  constructor(
    readonly path: ReadonlyArray<string>,
    readonly flaw: string,
    readonly said: string | null = null,
    readonly known: ReadonlyArray<string> = [],
  ) {
    super(`Cannot make a task of a robot as ${path.join(".")} ${flaw}`);
  }
}
