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
  /** (number of web workers; 0 collects in this thread) ⇒ (services). */
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

/** Collection in this thread or in web workers, and the tensor runtime. */
const builtInServices = async (): Promise<Engine["services"]> => {
  const [{ inlineSampler }, { workerSampler }, { tensorRuntime }] = await Promise.all([
    import("../rollout/inline.ts"),
    import("../rollout/workers.ts"),
    import("../stages/tensor_runtime.ts"),
  ]);
  return (workers) => Layer.merge(workers === 0 ? inlineSampler : workerSampler(workers), tensorRuntime);
};
