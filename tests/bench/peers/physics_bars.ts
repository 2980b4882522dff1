/**
 * What a physics step has to reach. Imports the engine alone, as a cold process loads no more.
 *
 * @module
 */
import { models } from "../../../src/physics/physics.ts";

/** Least ratio of native MuJoCo's time to ours, by model. */
export const physicsBars: Readonly<Record<string, number>> = {
  hopper: 15,
  swimmer: 14,
  reacher: 25,
  walker2d: 12,
  halfCheetah: 3,
  invertedPendulum: 25,
  invertedDoublePendulum: 25,
};

/** (name of a model) ⇒ what its step is called. */
export const stepName = (model: string): string =>
  `${models[model].integrator === "rk4" ? "RK4" : "Euler"} step, ${model}`;
