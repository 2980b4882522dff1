/**
 * Backtracking line search.
 *
 * @module
 */

/** Options of `backtrack`. */
export interface BacktrackOptions {
  /** candidates tried at most */
  readonly steps: number;
  /** factor between candidates, in (0, 1) */
  readonly shrink: number;
}

/** What a candidate came to: accepted or not, with whatever the caller wants to know of it. */
export interface Candidate<T> {
  readonly accepted: boolean;
  readonly value: T;
}

/** What `backtrack` found: the accepted candidate, or the last one tried. */
export interface BacktrackResult<T> {
  readonly outcome: "accepted" | "rejected";
  /** of the full step: the accepted one; 0 when rejected */
  readonly fraction: number;
  /** candidates tried */
  readonly tried: number;
  /** of the last candidate tried */
  readonly value: T;
}

/**
 * (evaluate) ⇒ (first accepted of the fractions 1, shrink, shrink² …).
 *
 * Fails: when `steps` is less than one.
 */
export const backtrack = <T>(
  evaluate: (fraction: number) => Candidate<T>,
  options: BacktrackOptions,
): BacktrackResult<T> => {
  if (!(options.steps >= 1)) {
    throw new RangeError(`Cannot backtrack as "steps" must be at least 1: current value is ${options.steps}`);
  }
  let fraction = 1;
  for (let tried = 1;; tried++) {
    const { accepted, value } = evaluate(fraction);
    if (accepted) return { outcome: "accepted", fraction, tried, value };
    if (tried >= options.steps) return { outcome: "rejected", fraction: 0, tried, value };
    fraction *= options.shrink;
  }
};
