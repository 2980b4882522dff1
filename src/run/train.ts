/**
 * The training loop: iterate, log, checkpoint.
 * (program, checkpoint, iterations) ⇒ (checkpoint)
 *
 * @module
 */
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { type Key, makeKey } from "../math/random.ts";
import { type Checkpoint, checkpointPath, listCheckpoints, writeCheckpoint } from "./checkpoint.ts";
import type { RunFolderBusy, RunFolderUnwritable } from "../files/errors.ts";
import { TrainingFailed } from "./errors.ts";
import { type Fault, iterate, type StageFailure } from "../program/iterate.ts";
import type { Program } from "../program/program.ts";
import type { RunFolder } from "./run_folder.ts";
import type { RunLock } from "../files/folder_lock.ts";
import { appendLog, type IterationRecord, makeRecord } from "./run_log.ts";

/** What a run needs. */
export interface Training<E, R> {
  readonly program: Program<E, R>;
  readonly folder: RunFolder;
  /** Of the folder. */
  readonly lock: RunLock;
  /** Iteration 0 of a new run, or what a resumed run goes on from. */
  readonly start: Checkpoint;
  /** Total, those before `start` included. */
  readonly iterations: number;
  readonly checkpoint: { readonly every: number; readonly keep: number };
  /** Called after each iteration. */
  readonly observe: (record: IterationRecord) => Effect.Effect<void>;
}

/** What ends a training early. */
export type TrainingEnd = TrainingFailed | RunFolderBusy | RunFolderUnwritable;

const quantityOf = (error: unknown): string =>
  error !== null && typeof error === "object" && "quantity" in error ? String(error.quantity) : "";

const toTrainingFailed = (
  folder: RunFolder,
  iteration: number,
  { stage, error }: StageFailure<unknown>,
): TrainingFailed => {
  const last = listCheckpoints(folder.checkpoints).at(-1);
  const checkpoint = last === undefined ? "" : checkpointPath(folder.checkpoints, last);
  return new TrainingFailed({ iteration, stage, quantity: quantityOf(error), cause: error, checkpoint });
};

/**
 * One iteration made durable: its line in the log is the last thing that happens.
 *
 * @param leave saves `before` where a stage fails, so that the error can name it
 */
const advance = Effect.fnUntraced(function* <E, R>(
  { program, folder, lock, observe }: Training<E, R>,
  before: Checkpoint,
  root: Key,
  leave: Effect.Effect<void>,
): Effect.fn.Return<Checkpoint, TrainingEnd, R> {
  const iteration = before.iteration + 1;
  const result = yield* Effect.catch(
    iterate(program, before.state, root, iteration),
    (failure: StageFailure<E | Fault>) =>
      Effect.flatMap(leave, () => Effect.fail(toTrainingFailed(folder, iteration, failure))),
  );
  const record = makeRecord(iteration, before.steps, result);
  yield* lock.stillOurs;
  yield* appendLog(folder.metrics, record);
  yield* observe(record);
  return { ...before, iteration, steps: record.steps, state: result.state };
});

/**
 * Runs to `iterations`, with a checkpoint every `checkpoint.every` iterations, at both ends, and when interrupted or
 * stopped by a stage.
 *
 * Fails: TrainingFailed names the iteration, the stage, the quantity and the last good checkpoint; RunFolderUnwritable;
 * RunFolderBusy where another machine has taken the folder over.
 */
export const train: <E, R>(
  training: Training<E, R>,
) => Effect.Effect<Checkpoint, TrainingEnd, R> = Effect.fnUntraced(function* <E, R>(
  training: Training<E, R>,
): Effect.fn.Return<Checkpoint, TrainingEnd, R> {
  const { folder, lock, start, iterations, checkpoint: { every, keep } } = training;
  const root = makeKey(start.seed);
  let current = start;
  let saved = listCheckpoints(folder.checkpoints).includes(start.iteration) ? start.iteration : -1;
  const save = Effect.suspend(() => {
    if (saved === current.iteration) return Effect.void;
    return lock.stillOurs.pipe(
      Effect.andThen(writeCheckpoint(folder.checkpoints, current, keep)),
      Effect.andThen(Effect.sync(() => saved = current.iteration)),
    );
  });
  const saveBeforeLeaving = Effect.catch(save, (error) => Console.error(error.message));
  const loop = Effect.gen(function* () {
    yield* save;
    while (current.iteration < iterations) {
      current = yield* advance(training, current, root, saveBeforeLeaving);
      if (current.iteration % every === 0) yield* save;
    }
    yield* save;
    return current;
  });
  return yield* Effect.onInterrupt(loop, () => saveBeforeLeaving);
});
