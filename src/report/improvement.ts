/**
 * How probable it is that a run of one variant beats a run of another.
 * (tasks, pairs to compare, key) ⇒ (improvements)
 *
 * @module
 */
import { pairedImprovement, probabilityOfImprovement } from "../math/aggregate.ts";
import type { Strata } from "../math/bootstrap.ts";
import { fold, type Key } from "../math/random.ts";
import { doneValues, type TaskReport } from "./cells.ts";
import { type Estimate, estimateAll } from "./estimate.ts";

/** One comparison over some tasks. */
export interface ImprovementRow {
  /** Null: over all tasks that both have. */
  readonly task: string | null;
  /** P(X > Y) for independent runs, as rliable has it. */
  readonly independent: Estimate;
  /** P(X > Y) on the same seed; null where no seed is done in both. */
  readonly paired: Estimate | null;
  /** Seeds that are done in both, over the tasks. */
  readonly pairs: number;
  /** Mean of X − Y on the same seed, in the task's return; null over several tasks. */
  readonly difference: Estimate | null;
}

/** X against Y by one measure. */
export interface Improvement {
  readonly of: string;
  readonly with: string;
  readonly measure: "final" | "average";
  readonly rows: ReadonlyArray<ImprovementRow>;
}

type Pairs = ReadonlyArray<readonly [number, number]>;

/** What two variants have on one task. */
interface Contest {
  readonly task: string;
  readonly x: ReadonlyArray<number>;
  readonly y: ReadonlyArray<number>;
  readonly pairs: Pairs;
}

const contestOn = (
  { task, cells }: TaskReport,
  of: string,
  against: string,
  measure: "final" | "average",
): ReadonlyArray<Contest> => {
  const runsOf = (variant: string) => cells.find((cell) => cell.variant === variant)?.runs ?? [];
  const x = doneValues(runsOf(of), measure), y = doneValues(runsOf(against), measure);
  const pairs = runsOf(of).flatMap((run) => {
    const [a] = doneValues([run], measure);
    const [b] = doneValues(runsOf(against).filter(({ seed }) => seed === run.seed), measure);
    return a === undefined || b === undefined ? [] : [[a, b] as const];
  });
  return x.length === 0 || y.length === 0 ? [] : [{ task, x, y, pairs }];
};

const compareOver = (task: string | null, contests: ReadonlyArray<Contest>, key: Key): ImprovementRow => {
  const x = contests.map((contest) => contest.x), y = contests.map((contest) => contest.y);
  const pairs: Strata<readonly [number, number]> = contests.map((contest) => contest.pairs);
  const [independent] = estimateAll([x, y], ([a, b]) => [probabilityOfImprovement(a, b)], fold(key, "independent"));
  const differences = ([strata]: ReadonlyArray<typeof pairs>) => [
    strata.flat().reduce((sum, [a, b]) => sum + a - b, 0) / strata.flat().length,
  ];
  const paired = pairs.some((seeds) => seeds.length === 0) ? null : pairs;
  return {
    task,
    independent,
    paired: paired && estimateAll([paired], ([drawn]) => [pairedImprovement(drawn)], fold(key, "paired"))[0],
    pairs: pairs.flat().length,
    difference: paired && task !== null ? estimateAll([paired], differences, fold(key, "difference"))[0] : null,
  };
};

/** (tasks, pairs, key) ⇒ (improvements), by final and by average return. */
export const reportImprovements = (
  tasks: ReadonlyArray<TaskReport>,
  compare: ReadonlyArray<{ readonly of: string; readonly with: string }>,
  key: Key,
): ReadonlyArray<Improvement> =>
  compare.flatMap((pair) =>
    (["final", "average"] as const).map((measure) => {
      const contests = tasks.flatMap((task) => contestOn(task, pair.of, pair.with, measure));
      const keyOf = (task: string) => fold(fold(fold(fold(key, pair.of), pair.with), measure), task);
      const rows = contests.map((contest) => compareOver(contest.task, [contest], keyOf(contest.task)));
      return {
        ...pair,
        measure,
        rows: contests.length > 1 ? [compareOver(null, contests, keyOf("")), ...rows] : rows,
      };
    })
  );
