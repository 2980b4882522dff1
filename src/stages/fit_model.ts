/**
 * Stage `fitModel`: (memory, model) ⇒ (model).
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { MemoryEmpty } from "./errors.ts";
import { type ModelFitError, modelFitter, modelMetrics, modelTrainingOptions } from "./fit_members.ts";
import { fitByTiming, fitMetrics, type FitTiming, fitTiming } from "./fit_timing.ts";
import type { ModelTraining } from "./model_training.ts";
import type { OptionsOf } from "../options/options.ts";
import { defineStage, type Stage, type StageDefinition } from "./stage.ts";
import type { TensorRuntime } from "./tensor_runtime.ts";

/** Options of `fitModel`. */
export const fitModelOptions: OptionsOf<ModelTraining & { fit: FitTiming }> = Schema.Struct({
  ...modelTrainingOptions,
  fit: fitTiming,
});

/** The type of the stage `fitModel`. */
export type FitModel = Stage<"memory" | "model", "model", ModelFitError | MemoryEmpty, TensorRuntime>;

/** Fits the dynamics f, and what it learns of the reward, on k-step segments drawn from the memory. */
export const fitModel: StageDefinition<typeof fitModelOptions, FitModel> = defineStage({
  name: "fitModel",
  summary: "fits the dynamics model on segments from the replay memory",
  options: fitModelOptions,
  metrics: { ...modelMetrics, ...fitMetrics },
  make: (task, { fit: timing, ...training }): FitModel => {
    const fit = modelFitter(task, training, "fitModel");
    return {
      name: "fitModel",
      reads: ["memory", "model"],
      writes: ["model"],
      run: Effect.fnUntraced(function* ({ memory, model: previous }, key) {
        const request = { stage: "fitModel", timing, memory, previous };
        const { params: model, metrics } = yield* fitByTiming(request, (seen, start) => fit(seen, start, key));
        return { model, metrics };
      }),
    };
  },
});
