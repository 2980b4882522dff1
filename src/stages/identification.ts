/**
 * `fitModel` where a simulator stands in the place of a learned model: its factors are fitted to the memory.
 *
 * (memory, factors) ⇒ (factors, their standard errors)
 *
 * @module
 */
import * as Effect from "effect/Effect";
import { isSimulator, type Model } from "../data/folds.ts";
import type { Metrics } from "../data/gradient.ts";
import type { ReplayMemory } from "../data/memory.ts";
import { sampleSteps } from "../data/step_sample.ts";
import { identify } from "../imagination/identify.ts";
import { StatesUnrecorded } from "../imagination/simulated_rollout.ts";
import { type Key, makeStream } from "../math/random.ts";
import { didYouMean } from "../options/did_you_mean.ts";
import { SimulatorInvalid } from "../tasks/simulator_invalid.ts";
import type { Simulation } from "../tasks/simulation.ts";
import type { Task } from "../tasks/task.ts";
import type { FitResult } from "./fit_timing.ts";

/** What is identified, and from how much. */
export interface IdentificationOptions {
  /** Names of factors; none: nothing is */
  readonly identify: ReadonlyArray<string>;
  /** Gauss–Newton updates at most */
  readonly updates: number;
  /** real steps behind a fit */
  readonly batchSize: number;
  /** of the steps' ages */
  readonly recency: number;
}

/** Metrics of an identification. */
export const identificationMetrics: Readonly<Record<string, string>> = {
  "factor.*": "of a simulator: a factor that is identified, relative to the task's nominal figure",
  "spread.*":
    "of a simulator: the standard error of that factor; absent where no step of the sample depends on it, or where nobody can " +
    "tell it from others that are identified",
};

/**
 * (task, factors that are asked for) ⇒ nothing. Throws SimulatorInvalid on one that the simulator does not have, that is 0, or
 * that is named twice.
 */
const refuseUnknown = ({ name: task }: Task, { names, factors }: Simulation, asked: ReadonlyArray<string>): void => {
  asked.forEach((name, i) => {
    const at = names.indexOf(name);
    if (at < 0) {
      const known = names.length === 0 ? "it has none" : didYouMean(name, names);
      throw new SimulatorInvalid(task, `"identify" must name factors of it: "${name}" is none, ${known}`);
    }
    if (factors[at] === 0) {
      throw new SimulatorInvalid(task, `the factor that "identify" names must begin above 0: "${name}" is 0`);
    }
    if (asked.indexOf(name) !== i) {
      throw new SimulatorInvalid(task, `"identify" must name a factor once: "${name}" is there twice`);
    }
  });
};

/**
 * (task, options) ⇒ (memory, model, key) ⇒ the model with its factors fitted. Throws a RangeError where there is no simulator,
 * SimulatorInvalid where none of its factors is asked for.
 */
export const simulatorFitter = (
  task: Task,
  { identify: asked, updates, batchSize, recency }: IdentificationOptions,
) => {
  const { simulation } = task.imagined;
  if (simulation === undefined) {
    throw new RangeError(
      `Cannot identify factors of task "${task.name}" as its model must be a simulator (networks.model: { kind: simulator }): ` +
        "current value is a network, which has none",
    );
  }
  refuseUnknown(task, simulation, asked);
  const chosen = simulation.names.map((_, i) => i).filter((i) => asked.includes(simulation.names[i]));
  return (memory: ReplayMemory, model: Model, key: Key): Effect.Effect<FitResult<Model>> =>
    Effect.sync(() => {
      if (!isSimulator(model)) {
        throw new TypeError("Cannot identify a simulator as the model must be one: it is learned");
      }
      const sample = sampleSteps(memory, batchSize, recency, makeStream(key));
      if (sample === null) throw new StatesUnrecorded(task.simulator.stateSize * batchSize, null);
      const { factors, spread, error, updates: made } = identify(simulation, model.factors, chosen, sample, updates);
      const found = chosen.flatMap((i): ReadonlyArray<readonly [string, number]> => {
        const name = simulation.names[i];
        return [[`factor.${name}`, factors[i]], ...spread[i] > 0 ? [[`spread.${name}`, spread[i]] as const] : []];
      });
      const metrics: Metrics = { ...Object.fromEntries(found), error, updates: made };
      return { params: { factors, spread }, metrics };
    });
};
