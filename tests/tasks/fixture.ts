/**
 * Trajectories that Gymnasium recorded, see `fixtures/gymnasium/generate.py`.
 *
 * @module
 */

/** Rows of one run, one entry per environment step. */
export interface Run {
  readonly reward: ReadonlyArray<number>;
  readonly qpos: ReadonlyArray<ReadonlyArray<number>>; // [T][nq] m or rad
  readonly qvel: ReadonlyArray<ReadonlyArray<number>>; // [T][nv] m/s or rad/s
}

/** One start and the two runs from it. */
export interface Trajectory {
  readonly name: string;
  readonly qpos: ReadonlyArray<number>; // [nq] m or rad
  readonly qvel: ReadonlyArray<number>; // [nv] m/s or rad/s
  readonly observation: ReadonlyArray<number>; // [obs] of the start
  readonly actions: ReadonlyArray<ReadonlyArray<number>>; // [T][act]
  readonly tight: Run & {
    readonly observation: ReadonlyArray<ReadonlyArray<number>>; // [T][obs]
    readonly terminated: ReadonlyArray<boolean>;
    readonly force?: ReadonlyArray<ReadonlyArray<number>>; // [T][nv] N or N·m, of the constraints
  };
  readonly default: Run;
}

/** A file of `fixtures/gymnasium`. */
export interface Fixture {
  readonly environment: string;
  readonly frameSkip: number;
  readonly timeLimit: number;
  readonly resetBounds: { // [nq + nv] each
    readonly low: ReadonlyArray<number>;
    readonly high: ReadonlyArray<number>;
    readonly deviation: ReadonlyArray<number>;
  };
  readonly trajectories: ReadonlyArray<Trajectory>;
}

/** (name of a task) ⇒ (its file). */
export const readFixture = (task: string): Fixture =>
  JSON.parse(Deno.readTextFileSync(new URL(`../../fixtures/gymnasium/${task}.json`, import.meta.url)));

/** (a [n], b [n]) ⇒ max |a − b|; Infinity where the sizes differ or a difference is not a number. */
export const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
};
