/**
 * Pipeline and ablation files: YAML ⇒ what runs, with every problem told by line and column.
 *
 * ```ts
 * import { builtIn, printPipeline, resolvePipeline } from "@mscv/mscv/config";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 * import * as Effect from "effect/Effect";
 *
 * const file = Deno.makeTempFileSync({ suffix: ".yaml" });
 * Deno.writeTextFileSync(file, "task: hopper\nprogram: [collect, estimateGradient: { estimator: likelihoodRatio }]\n");
 * const told = Effect.runSync(Effect.flip(resolvePipeline(file, [], builtIn)));
 * assertStringIncludes(told.message, "yaml:2:1 program: "); // line and column: nothing updates the policy
 *
 * Deno.writeTextFileSync(
 *   file,
 *   "task: hopper\nprogram: [collect, store, fitValue, estimateGradient: { estimator: likelihoodRatio }, trpoUpdate]\n",
 * );
 * const pipeline = Effect.runSync(resolvePipeline(file, ["seed=3"], builtIn));
 * assertEquals(pipeline.seed, 3);
 * assertStringIncludes(printPipeline(pipeline), "seed: 3\n");
 * Deno.removeSync(file);
 * ```
 *
 * @module
 */
export { resolveAblation } from "../config/ablation.ts";
export type { Ablation, AblationCell, Comparison } from "../config/ablation_schema.ts";
export { builtIn } from "../config/built_in.ts";
export type { Catalog } from "../config/catalog.ts";
export type {
  CheckpointOptions,
  ModelOptions,
  Networks,
  Pipeline,
  PipelineStage,
  SimulatorOptions,
} from "../config/pipeline.ts";
export { hashPipeline, printPipeline } from "../config/print.ts";
export { ConfigInvalid } from "../config/problems.ts";
export { buildProgram, resolvePipeline } from "../config/resolve.ts";
export * from "../options/options.ts";
