/**
 * The service that collects real transitions: policy × task × key ⇒ Batch.
 *
 * @module
 */
import * as Context from "effect/Context";
import type * as Effect from "effect/Effect";
import type { Batch, Envs } from "../data/batch.ts";
import type { Normalizer, PolicyParams } from "../data/parameters.ts";
import type { Key } from "../math/random.ts";
import type { SimulationError } from "../tasks/fault.ts";
import type { TaskUnprepared } from "../tasks/prepare.ts";
import type { TaskUnreachable } from "../tasks/reference.ts";
import type { Task } from "../tasks/task.ts";

/** What a collection needs. */
export interface SampleRequest {
  /** What to act in. */
  readonly task: Task;
  /** Who acts. */
  readonly policy: PolicyParams;
  /** Normalisation of observations in use. */
  readonly normalizer: Normalizer;
  /** Where the environments stand. */
  readonly envs: Envs;
  /** T, environment steps per environment */
  readonly steps: number;
  /** Same key, same bits. */
  readonly key: Key;
}

/** What a collection gives. */
export interface Sample {
  /** The transitions. */
  readonly batch: Batch;
  /** Where the environments stand. */
  readonly envs: Envs;
}

/** What a collection can fail with. */
export type SampleError = SimulationError | TaskUnprepared | TaskUnreachable;

/** What a sampler does. */
export interface SamplerService {
  /** (request) ⇒ (batch, envs). */
  readonly sample: (request: SampleRequest) => Effect.Effect<Sample, SampleError>;
}

/** Names the service in the requirements of an effect. */
export interface Sampler {
  /** Never read. */
  readonly _: unique symbol;
}

/** Collects batches; its layers differ in where the work runs, never in the bits that come back. */
export const Sampler: Context.Service<Sampler, SamplerService> = Context.Service("mscv/rollout/Sampler");
