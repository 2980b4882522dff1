/**
 * What runs are made and opened with.
 *
 * @module
 */
import * as Layer from "effect/Layer";
import type { Catalog } from "../config/catalog.ts";
import type { SettingInvalid } from "../nn/kernels/environment.ts";
import type { StageServices } from "../stages/stage.ts";
import { loadModule } from "../files/load_module.ts";

/** Stages, tasks and the services that stages ask for. */
export interface Engine {
  /** What a pipeline can name. */
  readonly catalog: Catalog;
  /** (number of threads that share the work, this one among them; 0 and 1: this one alone) ⇒ (services). */
  readonly services: (workers: number) => Layer.Layer<StageServices, SettingInvalid>;
}

/**
 * (parts of an engine) ⇒ (engine): a part that is not given is the one of this package, which is loaded only then, since
 * tensors and physics take a moment.
 */
export const loadEngine = async (given: Partial<Engine> = {}): Promise<Engine> => {
  const { completed } = await loadModule<typeof import("../config/completed.ts")>(
    import.meta.resolve("../config/completed.ts"),
  );
  return {
    catalog: completed(given.catalog ?? await loadBuiltIn()),
    services: given.services ?? await builtInServices(),
  };
};

/** ⇒ the catalog of everything that comes with this package. */
const loadBuiltIn = async (): Promise<Catalog> =>
  (await loadModule<typeof import("../config/built_in.ts")>(import.meta.resolve("../config/built_in.ts"))).builtIn;

/** Collection and the tensor runtime, in this thread alone or on threads that both share. */
const builtInServices = async (): Promise<Engine["services"]> => {
  const [{ inlineSampler }, { pooledSampler }, { threadPool }, { pooledTensorRuntime, tensorRuntime }] = await Promise
    .all([
      loadModule<typeof import("../rollout/inline.ts")>(import.meta.resolve("../rollout/inline.ts")),
      loadModule<typeof import("../rollout/workers.ts")>(import.meta.resolve("../rollout/workers.ts")),
      loadModule<typeof import("../rollout/thread_pool.ts")>(import.meta.resolve("../rollout/thread_pool.ts")),
      loadModule<typeof import("../stages/tensor_runtime.ts")>(import.meta.resolve("../stages/tensor_runtime.ts")),
    ]);
  return (workers) =>
    workers < 2
      ? Layer.merge(inlineSampler, tensorRuntime)
      : Layer.provide(Layer.merge(pooledSampler, pooledTensorRuntime), threadPool(workers));
};
