/**
 * Stage `pretrainModel`: (policy, normalizer, memory, model) ⇒ (memory, model).
 *
 * @module
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import { batchSize } from "../data/batch.ts";
import { networksOf, oneFold } from "../data/folds.ts";
import { storeBatch } from "../data/memory.ts";
import type { PolicyParams } from "../data/parameters.ts";
import type { ControlRange } from "../math/control_range.ts";
import { fold } from "../math/random.ts";
import { overRange } from "../nn/networks/policy.ts";
import { makeEnvs } from "../rollout/envs.ts";
import { type SampleError, Sampler } from "../rollout/sampler.ts";
import { type ModelFitError, modelFitter, modelMetrics, modelTrainingOptions } from "./fit_members.ts";
import type { ModelTraining } from "./model_training.ts";
import { count, oneOf, option, type OptionsOf } from "../options/options.ts";
import { refuseUneven } from "./collect.ts";
import { defineStage, type Stage, type StageDefinition } from "./stage.ts";
import type { TensorRuntime } from "./tensor_runtime.ts";

/** Options of `pretrainModel`. */
export const pretrainModelOptions: OptionsOf<
  ModelTraining & { steps: number; environments: number; actions: "policy" | "random" }
> = Schema.Struct({
  ...modelTrainingOptions,
  updates: option(count, 2000, "Adam updates; the most of them where steps are held out"),
  steps: option(count, 5000, "transitions that are collected for it; a multiple of environments"),
  environments: option(count, 5, "environments stepped side by side, none of those that collect goes on with"),
  actions: option(
    oneOf("policy", "random"),
    "policy",
    "who acts: policy: the initial policy; random: normal actions whatever the state, σ half of the control's range",
  ),
});

/** The type of the stage `pretrainModel`. */
export type PretrainModel = Stage<
  "policy" | "normalizer" | "memory" | "model",
  "memory" | "model",
  ModelFitError | SampleError,
  Sampler | TensorRuntime
>;

/** (policy, control range) ⇒ one of the same shape whose actions are normal about the middle of the range, whatever the state. */
const randomPolicy = (policy: PolicyParams, range: ControlRange): PolicyParams =>
  overRange({ ...policy, theta: new Float32Array(policy.theta.length) }, range);

/**
 * Before the first iteration: collects transitions, puts them into the memory and fits the model on them. Once the model
 * has been fitted it does nothing. Its transitions count among the steps of the run.
 *
 * Source: MSCV, section 6. Departure: the paper does not count these samples.
 */
export const pretrainModel: StageDefinition<typeof pretrainModelOptions, PretrainModel> = defineStage({
  name: "pretrainModel",
  summary: "collects transitions and fits the model on them, before the first iteration only",
  options: pretrainModelOptions,
  metrics: { ...modelMetrics, steps: "transitions collected for it: 0 in all but the first iteration" },
  make: (task, { steps, environments, actions, ...training }): PretrainModel => {
    refuseUneven("pretrain", steps, environments);
    const fit = modelFitter(task, training, "pretrainModel");
    return {
      name: "pretrainModel",
      reads: ["policy", "normalizer", "memory", "model"],
      writes: ["memory", "model"],
      run: Effect.fnUntraced(function* ({ policy: initial, normalizer, memory: before, model: untrained }, key) {
        const [{ adam }] = networksOf(untrained.first.network, "pretrainModel").members;
        if (adam.step > 0) return { memory: before, model: untrained, metrics: { steps: 0 } };
        const { sample } = yield* Sampler;
        const policy = actions === "random" ? randomPolicy(initial, task.controlRange) : initial;
        const request = { task, policy, normalizer, envs: makeEnvs(task, environments), steps: steps / environments };
        const { batch } = yield* sample({ ...request, key: fold(key, "collect") });
        const memory = storeBatch(before, batch, Infinity);
        const { params, metrics } = yield* fit(memory, untrained.first.network, fold(key, "fit"));
        return { memory, model: oneFold(params), metrics: { ...metrics, steps: batchSize(batch) } };
      }),
    };
  },
});
