/**
 * Whoever does the laboratory's jobs: web workers, or this thread.
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { type BackendOptions, startBackend } from "../nn/kernels/backend.ts";
import { referenceOf, type TaskUnreachable } from "../tasks/reference.ts";
import { MeasurementFailed } from "./errors.ts";
import type { Frozen } from "./frozen.ts";
import { type JobInputs, type JobKind, type JobOutputs, runJob } from "./jobs.ts";
import type { Estimators } from "../estimators/estimator.ts";
import type { WorkerAnswer, WorkerMessage } from "./worker.ts";

/** Does jobs of one kind; outputs are in the order of the inputs, whoever did them. */
export interface WorkerPool {
  /** (kind, inputs, told after each of them) ⇒ (outputs). */
  readonly run: <K extends JobKind>(
    kind: K,
    inputs: ReadonlyArray<JobInputs[K]>,
    done: () => void,
  ) => Effect.Effect<ReadonlyArray<JobOutputs[K]>, MeasurementFailed>;
}

/** Names of the parts, as errors write them. */
const parts: Readonly<Record<JobKind, string>> = {
  truth: "the reference gradient",
  natural: "the natural gradient",
  subBatch: "the panel",
  branches: "the decomposition",
};

/** A worker: does one job at a time. */
type PoolWorker = <K extends JobKind>(kind: K, input: JobInputs[K]) => Effect.Effect<JobOutputs[K], MeasurementFailed>;

const here = (frozen: Frozen, estimators: Estimators): PoolWorker => (kind, input) =>
  Effect.try({
    try: () => runJob(frozen, estimators, kind, input),
    catch: (error) =>
      new MeasurementFailed({ part: parts[kind], reason: error instanceof Error ? error.message : String(error) }),
  });

const spawn = Effect.acquireRelease(
  Effect.sync(() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })),
  (worker) => Effect.sync(() => worker.terminate()),
);

const there = (
  { task, ...networks }: Frozen,
  backend: BackendOptions,
  modules: ReadonlyArray<string>,
): Effect.Effect<PoolWorker, MeasurementFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const reference = yield* Effect.try({
      try: () => referenceOf(task),
      catch: (error) => new MeasurementFailed({ part: "anything", reason: (error as TaskUnreachable).message }),
    });
    const worker = yield* spawn;
    const send = (message: WorkerMessage) => worker.postMessage(message);
    send({ frozen: { task: reference, ...networks }, backend, modules });
    const member: PoolWorker = (kind, input) =>
      Effect.callback((resume) => {
        const fail = (reason: string) => resume(Effect.fail(new MeasurementFailed({ part: parts[kind], reason })));
        worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) =>
          "reason" in data ? fail(data.reason) : resume(Effect.succeed(data.output as JobOutputs[typeof kind]));
        worker.onerror = (event) => {
          event.preventDefault();
          fail(event.message);
        };
        send({ kind, input } as WorkerMessage);
      });
    return member;
  });

/** What is summed up is summed up here, and workers run the kernels that run here. */
const backendHere: Effect.Effect<BackendOptions, MeasurementFailed> = Effect.tryPromise({
  try: async () => ({ kernels: (await startBackend()).kernels }),
  catch: (error) =>
    new MeasurementFailed({ part: "anything", reason: error instanceof Error ? error.message : String(error) }),
});

/** What the jobs are done with. */
export interface PoolOptions {
  /** Web workers; 0 works in this thread. */
  readonly workers: number;
  /** The estimators that a panel may hold, by name. */
  readonly estimators: Estimators;
  /** Addresses of the modules that export those of one's own among them: web workers import them. */
  readonly modules: ReadonlyArray<string>;
}

/** (frozen, options) ⇒ (pool), which ends with the scope. Fails: MeasurementFailed. */
export const makeWorkerPool = (
  frozen: Frozen,
  { workers, estimators, modules }: PoolOptions,
): Effect.Effect<WorkerPool, MeasurementFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const backend = yield* backendHere;
    const members = workers === 0
      ? [here(frozen, estimators)]
      : yield* Effect.all(Array.from({ length: workers }, () => there(frozen, backend, modules)));
    return {
      run: <K extends JobKind>(kind: K, inputs: ReadonlyArray<JobInputs[K]>, done: () => void) =>
        Effect.gen(function* () {
          const outputs: JobOutputs[K][] = [];
          let next = 0;
          const serve = (member: PoolWorker) =>
            Effect.gen(function* () {
              while (next < inputs.length) {
                const index = next++;
                outputs[index] = yield* member(kind, inputs[index]);
                done();
                yield* Effect.yieldNow;
              }
            });
          yield* Effect.all(members.map(serve), { concurrency: "unbounded", discard: true });
          return outputs;
        }),
    };
  });
