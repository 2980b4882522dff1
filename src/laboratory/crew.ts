/**
 * Those who do the laboratory's jobs: web workers, or this thread.
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
import type { WorkerAnswer, WorkerMessage } from "./worker.ts";

/** Does jobs of one kind; outputs are in the order of the inputs, whoever did them. */
export interface Crew {
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

/** One who can do one job at a time. */
type Member = <K extends JobKind>(kind: K, input: JobInputs[K]) => Effect.Effect<JobOutputs[K], MeasurementFailed>;

const here = (frozen: Frozen): Member => (kind, input) =>
  Effect.try({
    try: () => runJob(frozen, kind, input),
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
): Effect.Effect<Member, MeasurementFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const reference = yield* Effect.try({
      try: () => referenceOf(task),
      catch: (error) => new MeasurementFailed({ part: "anything", reason: (error as TaskUnreachable).message }),
    });
    const worker = yield* spawn;
    const send = (message: WorkerMessage) => worker.postMessage(message);
    send({ frozen: { task: reference, ...networks }, backend });
    const member: Member = (kind, input) =>
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

/** (frozen, web workers; 0 works in this thread) ⇒ (crew), which ends with the scope. Fails: MeasurementFailed. */
export const makeCrew = (frozen: Frozen, workers: number): Effect.Effect<Crew, MeasurementFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const backend = yield* backendHere;
    const members = workers === 0
      ? [here(frozen)]
      : yield* Effect.all(Array.from({ length: workers }, () => there(frozen, backend)));
    return {
      run: <K extends JobKind>(kind: K, inputs: ReadonlyArray<JobInputs[K]>, done: () => void) =>
        Effect.gen(function* () {
          const outputs: JobOutputs[K][] = [];
          let next = 0;
          const serve = (member: Member) =>
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
