/**
 * The training state before the first iteration.
 *
 * @module
 */
import { type Ensemble, type Model, oneFold } from "../data/folds.ts";
import { noControl } from "../data/gradient.ts";
import { emptyMemory } from "../data/memory.ts";
import { rewardOutputs, withReward } from "../imagination/model_reward.ts";
import { fold, type Key } from "../math/random.ts";
import { makeCritic } from "../nn/networks/critic.ts";
import type { ModelParams } from "../data/parameters.ts";
import { makeModel } from "../nn/networks/dynamics.ts";
import { makeNormalizer } from "../nn/networks/normalizer.ts";
import { makePolicy, overRange } from "../nn/networks/policy.ts";
import { makeValue } from "../nn/networks/value.ts";
import { makeEnvs } from "../rollout/envs.ts";
import { SimulatorInvalid } from "../tasks/simulator_invalid.ts";
import type { Task } from "../tasks/task.ts";
import type { TrainState } from "./stage.ts";

/** Sizes of the networks. */
export interface NetworkOptions {
  /** Hidden layers of μ, and the initial log standard deviation of every action, in halves of its control's range. */
  readonly policy: { readonly hidden: ReadonlyArray<number>; readonly logStd: number };
  /** Hidden layers of V and of the critic Q. */
  readonly value: { readonly hidden: ReadonlyArray<number> };
  /** f: a simulator, or networks. */
  readonly model: ImaginedBySimulator | ModelNetworkOptions;
}

/** What is said of a simulator in place of a learned model; its factors are those of the task (`simulatedBy`). */
export interface ImaginedBySimulator {
  /** Tells it from networks. */
  readonly kind: "simulator";
}

/** Hidden layers of f, and what it learns of the reward. */
export interface ModelNetworkOptions {
  /** Absent: as if it were said. */
  readonly kind?: "network";
  /** Units of the hidden layers. */
  readonly hidden: ReadonlyArray<number>;
  /** Of the hidden layers. */
  readonly activation: "tanh" | "relu";
  /** known: what the task says of the reward is exact, it learns the rest; learned: all of it. */
  readonly reward: "known" | "learned";
  /** Models of the ensemble, 1 where absent. */
  readonly members?: number;
  /** Width of η of stochastic dynamics; deterministic where 0 or absent. */
  readonly latent?: number;
  /** Predictions stay within ± this many deviations; no bound where 0 or absent. */
  readonly outputBound?: number;
  /** Whether a linear part, fitted by least squares, lies under the network of deterministic dynamics; true where absent. */
  readonly linear?: boolean;
}

/** (task, options, key) ⇒ (ensemble), each member with parameters of its own. */
const networks = (task: Task, options: ModelNetworkOptions, key: Key): Ensemble<ModelParams> => {
  const { members = 1, latent: latentSize = 0, linear = true, kind: _, ...rest } = options,
    network = { ...rest, latentSize, linear },
    imagined = withReward(task.imagined, options.reward);
  const sizes = {
    inputSize: imagined.featureSize + task.actionSize,
    outputSize: task.observationSize + rewardOutputs(imagined),
  };
  const others = Array.from({ length: members - 1 }, (_, i) => makeModel({ ...sizes, ...network }, fold(key, i + 1)));
  return { members: [makeModel({ ...sizes, ...network }, key), ...others] };
};

/** (task, options, key) ⇒ (model). Throws SimulatorInvalid where a simulator is asked for that the task does not have. */
const initialModel = (task: Task, options: NetworkOptions["model"], key: Key): Model => {
  if (options.kind !== "simulator") return networks(task, options, key);
  const { simulation } = task.imagined;
  if (simulation === undefined) {
    throw new SimulatorInvalid(task.name, "the task must say which one (make it by simulatedBy): it says none");
  }
  const factors = Float64Array.from(simulation.factors);
  return { factors, spread: new Float64Array(factors.length) };
};

/** (task, networks, key) ⇒ (state). */
export const initialState = (task: Task, networks: NetworkOptions, key: Key): TrainState => {
  const { observationSize, actionSize } = task;
  const policy = makePolicy({ observationSize, actionSize, ...networks.policy }, fold(key, "policy"));
  return {
    policy: overRange(policy, task.controlRange),
    value: oneFold(makeValue({ observationSize, ...networks.value }, fold(key, "value"))),
    critic: oneFold(makeCritic({ observationSize, actionSize, ...networks.value }, fold(key, "critic"))),
    control: noControl,
    model: oneFold(initialModel(task, networks.model, fold(key, "model"))),
    normalizer: makeNormalizer(observationSize, task.observationBound),
    memory: emptyMemory,
    envs: makeEnvs(task, 0),
  };
};
