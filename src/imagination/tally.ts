/**
 * How many rollouts of a simulator some work imagines, and how many of them its divergence ends, whoever asks for them.
 *
 * @module
 */

/** Rollouts that were imagined by a simulator. */
export interface Tally {
  /** all of them */
  readonly rollouts: number;
  /** those that ended because the physics left the numbers that it allows, or threw */
  readonly diverged: number;
  /** what the first of them threw, in words; null: none did */
  readonly thrown: string | null;
}

const none: Tally = { rollouts: 0, diverged: 0, thrown: null };
let current = none;

/** (rollouts): adds them to what the work at hand has imagined. */
export const count = ({ rollouts, diverged, thrown }: Tally): void => {
  current = {
    rollouts: current.rollouts + rollouts,
    diverged: current.diverged + diverged,
    thrown: current.thrown ?? thrown,
  };
};

/** (work) ⇒ (what it returns, the rollouts of simulators that it imagined). */
export const tallied = <A>(work: () => A): readonly [A, Tally] => {
  const before = current;
  current = none;
  try {
    return [work(), current];
  } finally {
    current = before;
  }
};
