/**
 * A study: the training runs that a report compares, by task, variant and seed.
 *
 * @module
 */
import type { ProgressRecord } from "./progress.ts";

/** done: all iterations that were wanted; incomplete: fewer, and nobody works on it. */
export type RunState = "done" | "running" | "waiting" | "incomplete" | "failed";

/** One training run. */
export interface StudyRun {
  readonly task: string;
  readonly variant: string;
  readonly seed: number;
  readonly state: RunState;
  /** Null unless the run has failed. */
  readonly error: string | null;
  /** Run folder. */
  readonly folder: string;
  /** Iterations that are wanted. */
  readonly iterations: number;
  /** Return at which the task counts as solved; null: nothing is said of it. */
  readonly threshold: number | null;
  /** What it has logged, one record an iteration. */
  readonly history: ReadonlyArray<ProgressRecord>;
}

/** Runs to be compared. */
export interface Study {
  readonly name: string;
  /** Pairs of variants to compare. */
  readonly compare: ReadonlyArray<{ readonly of: string; readonly with: string }>;
  readonly runs: ReadonlyArray<StudyRun>;
}

/** The runs of one task and variant, by seed. */
export interface Cell {
  readonly task: string;
  readonly variant: string;
  readonly runs: ReadonlyArray<StudyRun>;
}

const distinct = (values: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(values)];

/** (study) ⇒ names of its tasks, in order of appearance. */
export const tasksOf = ({ runs }: Study): ReadonlyArray<string> => distinct(runs.map(({ task }) => task));

/** (study) ⇒ names of its variants, in order of appearance. */
export const variantsOf = ({ runs }: Study): ReadonlyArray<string> => distinct(runs.map(({ variant }) => variant));

/** (study, task) ⇒ its cells that have runs, in the order of the study's variants. */
export const cellsOf = (study: Study, task: string): ReadonlyArray<Cell> =>
  variantsOf(study).map((variant) => ({
    task,
    variant,
    runs: study.runs.filter((run) => run.task === task && run.variant === variant)
      .toSorted((a, b) => a.seed - b.seed),
  })).filter(({ runs }) => runs.length > 0);

/** Fewer seeds carry no interval. */
export const leastSeeds = 5;
