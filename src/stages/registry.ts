/**
 * Every stage by name.
 *
 * @module
 */
import { collect } from "./collect.ts";
import { estimateGradient } from "./estimate_gradient.ts";
import { fitCritic } from "./fit_critic.ts";
import { fitModel } from "./fit_model.ts";
import { fitValue } from "./fit_value.ts";
import { pretrainModel } from "./pretrain_model.ts";
import type { AnyStageDefinition } from "./stage.ts";
import { store } from "./store.ts";
import { trpoUpdate } from "./trpo_update.ts";

/** Name ⇒ definition. */
export const stages: Readonly<Record<string, AnyStageDefinition>> = {
  collect,
  estimateGradient,
  fitCritic,
  fitModel,
  fitValue,
  pretrainModel,
  store,
  trpoUpdate,
};
