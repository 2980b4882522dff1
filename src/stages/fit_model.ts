/**
 * Stage `fitModel`: (memory, model) ⇒ (model).
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { MemoryEmpty } from "./errors.ts";
import { type FitMembers, type ModelFitError, modelFitter, modelMetrics, modelTrainingOptions } from "./fit_members.ts";
import { fitByTiming, fitMetrics, type FitTiming, fitTiming } from "./fit_timing.ts";
import { identificationMetrics, simulatorFitter } from "./identification.ts";
import type { ModelTraining } from "./model_training.ts";
import { defaultsOf, option, type OptionsOf } from "../options/options.ts";
import { SimulatorInvalid } from "../tasks/simulator_invalid.ts";
import type { Task } from "../tasks/task.ts";
import { defineStage, type Stage, type StageDefinition } from "./stage.ts";
import type { TensorRuntime } from "./tensor_runtime.ts";

/** Options of `fitModel`. */
export const fitModelOptions: OptionsOf<
  ModelTraining & { fit: FitTiming; identify: ReadonlyArray<string> }
> = Schema.Struct({
  ...modelTrainingOptions,
  fit: fitTiming,
  identify: option(
    Schema.Array(Schema.String),
    [],
    "of a simulator in the model's place: factors of its physics that are fitted by one-step errors on batchSize steps, in " +
      "Gauss-Newton updates until they settle; of a learned model: none",
  ),
});

const trainingDefaults = defaultsOf<ModelTraining>(modelTrainingOptions);

/** (task, options) ⇒ nothing. Throws SimulatorInvalid on one that trains a network, and is not as it is by default: no network is trained. */
const refuseInert = ({ name: task }: Task, training: ModelTraining): void => {
  const { updates: _, batchSize: __, recency: ___, ...inert } = training;
  for (const [name, value] of Object.entries(inert)) {
    if (value === trainingDefaults[name as keyof ModelTraining]) continue;
    throw new SimulatorInvalid(task, `"${name}" must be left out beside "identify": it is how a network is trained`);
  }
};

/** The type of the stage `fitModel`. */
export type FitModel = Stage<"memory" | "model", "model", ModelFitError | MemoryEmpty, TensorRuntime>;

/** Fits the dynamics f, or the factors of the simulator that stands in its place, and what it learns of the reward, on k-step segments drawn from the memory. */
export const fitModel: StageDefinition<typeof fitModelOptions, FitModel> = defineStage({
  name: "fitModel",
  summary: "fits the dynamics model on segments from the replay memory",
  options: fitModelOptions,
  metrics: { ...modelMetrics, ...identificationMetrics, ...fitMetrics },
  make: (task, { fit: timing, identify, ...training }): FitModel => {
    const fit: FitMembers = identify.length === 0
      ? modelFitter(task, training, "fitModel")
      : simulatorFitter(task, { ...training, identify });
    if (identify.length > 0) refuseInert(task, training);
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
