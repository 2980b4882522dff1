/**
 * How a sweep goes: counts, speed, time left.
 *
 * @module
 */
import type { CellState, ManifestCell } from "./manifest.ts";

/** A cell at one moment. */
export interface CellProgress extends Pick<ManifestCell, "id" | "iterations"> {
  readonly state: CellState;
  /** Iterations done. */
  readonly done: number;
  /** Environment steps. */
  readonly steps: number;
}

/** A sweep at one moment. */
export interface Tally {
  readonly seconds: number; // since the command began
  readonly counts: Readonly<Record<CellState, number>>;
  readonly iterations: number; // done, of all cells
  readonly iterationsLeft: number; // of cells that are not at their end
  readonly steps: number;
}

/** (cells, seconds since the command began) ⇒ (tally). */
export const tallyCells = (cells: ReadonlyArray<CellProgress>, seconds: number): Tally => {
  const counts = { waiting: 0, running: 0, done: 0, failed: 0 };
  let iterations = 0, iterationsLeft = 0, steps = 0;
  for (const cell of cells) {
    counts[cell.state]++;
    iterations += cell.done;
    steps += cell.steps;
    if (cell.state === "waiting" || cell.state === "running") {
      iterationsLeft += Math.max(0, cell.iterations - cell.done);
    }
  }
  return { seconds, counts, iterations, iterationsLeft, steps };
};

/** How fast a sweep goes; null where nothing has moved yet. */
export interface Pace {
  readonly stepsPerSecond: number | null;
  readonly secondsLeft: number | null;
}

/** (earlier tally, tally now) ⇒ (pace): time left at the speed between the two. */
export const paceOf = (before: Tally, now: Tally): Pace => {
  const seconds = now.seconds - before.seconds;
  const iterations = now.iterations - before.iterations;
  if (seconds <= 0 || iterations <= 0) return { stepsPerSecond: null, secondsLeft: null };
  return {
    stepsPerSecond: (now.steps - before.steps) / seconds,
    secondsLeft: now.iterationsLeft * seconds / iterations,
  };
};
