/**
 * What a new run can be made from: a pipeline file, or a pipeline that is resolved already.
 * (source, engine) ⇒ (pipeline, engine)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import type { Pipeline } from "../config/pipeline.ts";
import type { ConfigInvalid } from "../config/problems.ts";
import { resolvePipeline } from "../config/resolve.ts";
import type { NewRun } from "./begin_run.ts";
import type { Engine } from "./engine.ts";

/** A pipeline for a new run. */
export interface PipelineSource {
  /** Path of a file, or a pipeline without a gap. */
  readonly pipeline: string | Pipeline;
  /** Changes to a file, as `stage.option=value` or `key=value`; default: none. */
  readonly set?: ReadonlyArray<string>;
}

/** (source, engine) ⇒ what a new run is made from. Fails: ConfigInvalid. */
export const resolveSource = (
  { pipeline, set = [] }: PipelineSource,
  engine: Engine,
): Effect.Effect<NewRun, ConfigInvalid> =>
  typeof pipeline === "string"
    ? Effect.map(resolvePipeline(pipeline, set, engine.catalog), (resolved) => ({ pipeline: resolved, engine }))
    : Effect.succeed({ pipeline, engine });
