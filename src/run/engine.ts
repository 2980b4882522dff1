/**
 * What runs are made and opened with.
 *
 * @module
 */
import * as Layer from "effect/Layer";
import type { Catalog } from "../config/catalog.ts";
import { completed } from "../config/completed.ts";
import type { SettingInvalid } from "../nn/kernels/environment.ts";
import type { StageServices } from "../stages/stage.ts";

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
export const loadEngine = async (given: Partial<Engine> = {}): Promise<Engine> => ({
  catalog: completed(given.catalog ?? (await import("../config/built_in.ts")).builtIn),
  services: given.services ?? await builtInServices(),
});

/** Collection and the tensor runtime, in this thread alone or on threads that both share. */
const builtInServices = async (): Promise<Engine["services"]> => {
  const [{ inlineSampler }, { pooledSampler }, { threadPool }, { pooledTensorRuntime, tensorRuntime }] = await Promise
    .all([
      import("../rollout/inline.ts"),
      import("../rollout/workers.ts"),
      import("../rollout/thread_pool.ts"),
      import("../stages/tensor_runtime.ts"),
    ]);
  return (workers) =>
    workers < 2
      ? Layer.merge(inlineSampler, tensorRuntime)
      : Layer.provide(Layer.merge(pooledSampler, pooledTensorRuntime), threadPool(workers));
};
