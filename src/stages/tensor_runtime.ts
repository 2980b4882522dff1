/**
 * The service through which stages use tensors and threads: it proves that the backend is ready, that a stage leaves as
 * many tensors as it found, and that all threads run the same kernels.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { type BackendReport, startBackend, tensorCount } from "../nn/kernels/backend.ts";
import { SettingInvalid } from "../nn/kernels/environment.ts";
import { OutOfMemory } from "../nn/passes/out_of_memory.ts";
import { doOne, type Job } from "../parallel/job.ts";
import { alone, type Threads, withThreads } from "../parallel/threads.ts";
import type { WebThreads } from "../parallel/web_threads.ts";
import { ThreadPool } from "../rollout/thread_pool.ts";
import { TensorsExhausted } from "./errors.ts";
import { startThread } from "./start_thread.ts";

/** What stages do with tensors and threads. */
export interface TensorRuntimeService {
  /** What the backend found on this machine. */
  readonly report: BackendReport;
  /** How many threads compute. */
  readonly threads: number;
  /**
   * (stage, work) ⇒ (result of work): lifts heap exhaustion into a typed error and dies on a leaked tensor. As long as
   * `work` runs, `threads()` shares pieces of jobs among all threads.
   */
  readonly scoped: <A>(stage: string, work: () => A) => Effect.Effect<A, TensorsExhausted>;
  /**
   * (stage, job, what its pieces share, a piece) ⇒ (output), by another thread where there is one, so that this one can
   * run a stage at the same time. Fails as `scoped` does.
   */
  readonly aside: <S, P, O>(
    stage: string,
    job: Job<S, P, O>,
    shared: S,
    piece: P,
  ) => Effect.Effect<O, TensorsExhausted>;
}

/** Names the service in the requirements of an effect. */
export interface TensorRuntime {
  /** Never read. */
  readonly _: unique symbol;
}

/** Runs synchronous tensor work. */
export const TensorRuntime: Context.Service<TensorRuntime, TensorRuntimeService> = Context.Service(
  "mscv/stages/TensorRuntime",
);

const scopedTo = (threads: Threads): TensorRuntimeService["scoped"] => (stage, work) =>
  Effect.andThen(
    Effect.yieldNow, // a stage beside this one asks another thread before this one blocks
    Effect.suspend(() => {
      const before = tensorCount();
      try {
        const result = withThreads(threads, work), leaked = tensorCount() - before;
        if (leaked !== 0) {
          return Effect.die(new Error(`Cannot leave "${stage}" as it must leak no tensor: it leaked ${leaked}`));
        }
        return Effect.succeed(result);
      } catch (error) {
        if (error instanceof OutOfMemory) return Effect.fail(new TensorsExhausted({ stage, detail: error.message }));
        return Effect.die(error);
      }
    }),
  );

const runtimeOf = (report: BackendReport, threads: Threads): TensorRuntimeService => {
  const scoped = scopedTo(threads);
  return {
    report,
    threads: threads.count,
    scoped,
    aside: <S, P, O>(stage: string, job: Job<S, P, O>, shared: S, piece: P) => {
      const here = scoped(stage, () => doOne(job, shared, piece));
      return threads.count === 1 ? here : Effect.catch(
        Effect.tryPromise(() => threads.aside(job, shared, piece) as Promise<O>),
        () => here, // where it throws what it threw there, in its own type
      );
    },
  };
};

const startedBackend = Effect.tryPromise({ try: () => startBackend(), catch: (error) => error }).pipe(
  Effect.catch((error) => error instanceof SettingInvalid ? Effect.fail(error) : Effect.die(error)),
);

/**
 * The tfjs WebAssembly backend with whatever kernels this machine offers, in this thread alone.
 * Fails: SettingInvalid where MSCV_KERNELS or MSCV_BLAS cannot be followed.
 */
export const tensorRuntime: Layer.Layer<TensorRuntime, SettingInvalid> = Layer.effect(
  TensorRuntime,
  Effect.map(startedBackend, (report) => runtimeOf(report, alone)),
);

/** (report) ⇒ all that decides how sums are rounded. */
const decisive = ({ line: _, ...rest }: BackendReport): string => JSON.stringify(rest);

/** Starts the backend of this thread in all others. Dies where one of them cannot run the same kernels. */
const startThreads = ({ everywhere }: WebThreads, report: BackendReport): Effect.Effect<void> =>
  Effect.promise(async () => {
    for (const other of await everywhere(startThread, { kernels: report.kernels })) {
      if (decisive(other) === decisive(report)) continue;
      throw new Error(
        `Cannot share work as all threads must run the kernels of "${report.line}": one runs those of "${other.line}"`,
      );
    }
  });

/** The same on all threads of the pool. */
export const pooledTensorRuntime: Layer.Layer<TensorRuntime, SettingInvalid, ThreadPool> = Layer.effect(
  TensorRuntime,
  Effect.gen(function* () {
    const report = yield* startedBackend, threads = yield* ThreadPool;
    yield* startThreads(threads, report);
    return runtimeOf(report, threads);
  }),
);
