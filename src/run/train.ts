/**
 * The training loop: iterate, evaluate, log, checkpoint.
 * (program, checkpoint, iterations) ⇒ (checkpoint)
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import { type Key, makeKey } from "../math/random.ts";
import { type Checkpoint, checkpointPath, listCheckpoints, writeCheckpoint } from "./checkpoint.ts";
import type { RunFolderBusy, RunFolderUnwritable } from "../files/errors.ts";
import { TrainingFailed } from "./errors.ts";
import { type Fault, iterate, StageFailure } from "../program/iterate.ts";
import type { Program } from "../program/program.ts";
import type { RunFolder } from "./run_folder.ts";
import type { RunLock } from "../files/folder_lock.ts";
import { appendLog, type IterationRecord, makeRecord, readLog, type TimedEvaluation } from "./run_log.ts";
import type { SampleError } from "../rollout/sampler.ts";
import type { TrainState } from "../stages/stage.ts";
import { betterOf, evaluationIn, iterationOfBest, type LoggedEvaluation, writeBest } from "./best_checkpoint.ts";
import type { Evaluation } from "./evaluation.ts";

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
  /** After every so many iterations and after the last one; null: never. It decides nothing of the training. */
  readonly evaluation: {
    readonly every: number;
    readonly run: (state: TrainState, iteration: number) => Effect.Effect<Evaluation, SampleError, R>;
  } | null;
  /** Called after each iteration. */
  readonly observe: (record: IterationRecord) => void;
}

/** What ends a training early. */
export type TrainingEnd = TrainingFailed | RunFolderBusy | RunFolderUnwritable;

/** An iteration done, and what the log says of it. */
interface Advanced {
  readonly checkpoint: Checkpoint;
  readonly record: IterationRecord;
}

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

/** An iteration's state evaluated, where it is due. */
const evaluated = Effect.fnUntraced(function* <E, R>(
  { evaluation, iterations }: Training<E, R>,
  state: TrainState,
  iteration: number,
): Effect.fn.Return<TimedEvaluation | null, StageFailure<SampleError>, R> {
  if (evaluation === null || !(iteration % evaluation.every === 0 || iteration === iterations)) return null;
  const begin = yield* Clock.monotonicTimeNanos;
  const found = yield* Effect.mapError(
    evaluation.run(state, iteration),
    (error) => new StageFailure("evaluation", error),
  );
  return { evaluation: found, seconds: Number((yield* Clock.monotonicTimeNanos) - begin) / 1e9 };
});

/**
 * One iteration made durable: its line in the log is the last thing that happens.
 *
 * @param leave saves `before` where a stage fails, so that the error can name it
 */
const advance = Effect.fnUntraced(function* <E, R>(
  training: Training<E, R>,
  before: Checkpoint,
  root: Key,
  leave: Effect.Effect<void>,
): Effect.fn.Return<Advanced, TrainingEnd, R> {
  const { program, folder, lock, observe } = training, iteration = before.iteration + 1;
  const work = Effect.gen(function* () {
    const result = yield* iterate(program, before.state, root, iteration);
    return { result, evaluation: yield* evaluated(training, result.state, iteration) };
  });
  const { result, evaluation } = yield* Effect.catch(
    work,
    (failure: StageFailure<E | Fault | SampleError>) =>
      Effect.flatMap(leave, () => Effect.fail(toTrainingFailed(folder, iteration, failure))),
  );
  const record = makeRecord(iteration, before.steps, result, evaluation);
  yield* lock.stillOurs;
  yield* appendLog(folder.metrics, record);
  observe(record);
  return { checkpoint: { ...before, iteration, steps: record.steps, state: result.state }, record };
});

/**
 * (folder, checkpoint that training starts from) ⇒ the best evaluation up to there, by the log. Where that is the start's
 * own, and a kill came before it was kept, it is kept now.
 */
const bestAtStart = Effect.fnUntraced(function* ({ metrics, checkpoints }: RunFolder, start: Checkpoint) {
  const logged = readLog(metrics).records.filter(({ iteration }) => iteration <= start.iteration);
  const best = logged.map(evaluationIn).reduce(betterOf, null);
  if (best?.iteration === start.iteration && iterationOfBest(checkpoints) !== best.iteration) {
    yield* writeBest(checkpoints, start);
  }
  return best;
});

/**
 * Runs to `iterations`, with a checkpoint every `checkpoint.every` iterations, at both ends, and when interrupted or
 * stopped by a stage; and with the one that has evaluated best.
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
  let current = start, best: LoggedEvaluation | null = null;
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
    best = training.evaluation === null ? null : yield* bestAtStart(folder, start);
    while (current.iteration < iterations) {
      const { checkpoint, record } = yield* advance(training, current, root, saveBeforeLeaving);
      current = checkpoint;
      const better = betterOf(best, evaluationIn(record));
      if (better !== best) yield* Effect.andThen(lock.stillOurs, writeBest(folder.checkpoints, current));
      best = better;
      if (current.iteration % every === 0) yield* save;
    }
    yield* save;
    return current;
  });
  return yield* Effect.onInterrupt(loop, () => saveBeforeLeaving);
});
