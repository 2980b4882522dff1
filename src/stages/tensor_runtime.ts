/**
 * The service through which stages use tensors: it proves that the backend is ready, and that a stage leaves as many
 * tensors as it found.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { type BackendReport, startBackend, tensorCount } from "../nn/kernels/backend.ts";
import { SettingInvalid } from "../nn/kernels/environment.ts";
import { OutOfMemory } from "../nn/passes/out_of_memory.ts";
import { TensorsExhausted } from "./errors.ts";

/** What stages do with tensors. */
export interface TensorRuntimeService {
  /** What the backend found on this machine. */
  readonly report: BackendReport;
  /** (stage, work) ⇒ (result of work): lifts heap exhaustion into a typed error and dies on a leaked tensor. */
  readonly scoped: <A>(stage: string, work: () => A) => Effect.Effect<A, TensorsExhausted>;
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

const scoped = <A>(stage: string, work: () => A): Effect.Effect<A, TensorsExhausted> =>
  Effect.suspend(() => {
    const before = tensorCount();
    try {
      const result = work();
      const leaked = tensorCount() - before;
      if (leaked !== 0) {
        return Effect.die(new Error(`Cannot leave "${stage}" as it must leak no tensor: it leaked ${leaked}`));
      }
      return Effect.succeed(result);
    } catch (error) {
      if (error instanceof OutOfMemory) return Effect.fail(new TensorsExhausted({ stage, detail: error.message }));
      return Effect.die(error);
    }
  });

const startedBackend = Effect.tryPromise({ try: () => startBackend(), catch: (error) => error }).pipe(
  Effect.catch((error) => error instanceof SettingInvalid ? Effect.fail(error) : Effect.die(error)),
);

/**
 * The tfjs WebAssembly backend with whatever kernels this machine offers.
 * Fails: SettingInvalid where MSCV_KERNELS or MSCV_BLAS cannot be followed.
 */
export const tensorRuntime: Layer.Layer<TensorRuntime, SettingInvalid> = Layer.effect(
  TensorRuntime,
  Effect.map(startedBackend, (report) => ({ report, scoped })),
);
