/**
 * What runs are made and opened with.
 *
 * @module
 */
import type * as Layer from "effect/Layer";
import type { Catalog } from "../config/catalog.ts";
import type { SettingInvalid } from "../nn/kernels/environment.ts";
import type { StageServices } from "../stages/stage.ts";

/** Stages, tasks and the services that stages ask for. */
export interface Engine {
  readonly catalog: Catalog;
  /** (number of web workers; 0 collects in this thread) ⇒ (services). */
  readonly services: (workers: number) => Layer.Layer<StageServices, SettingInvalid>;
}
