/**
 * The service through which stages use tensors: it proves that the backend is ready, and that a stage leaves as many
 * tensors as it found.
 *
 * @module
 */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { type BackendReport, startBackend, tensorCount } from "../nn/backend.ts";
import { OutOfMemory } from "../nn/out_of_memory.ts";
import { TensorsExhausted } from "./errors.ts";

/** Runs synchronous tensor work. */
export class TensorRuntime extends Context.Service<TensorRuntime, {
  /** What the backend found on this machine. */
  readonly report: BackendReport;
  /** (stage, work) ⇒ (result of work): lifts heap exhaustion into a typed error and dies on a leaked tensor. */
  readonly scoped: <A>(stage: string, work: () => A) => Effect.Effect<A, TensorsExhausted>;
}>()("mscv/stages/TensorRuntime") {
  /** The tfjs WebAssembly backend with whatever kernels this machine offers. */
  static readonly layer: Layer.Layer<TensorRuntime> = Layer.effect(
    TensorRuntime,
    Effect.map(Effect.promise(() => startBackend()), (report) => ({ report, scoped })),
  );
}

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
