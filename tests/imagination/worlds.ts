/** Small random networks of a task, and rollouts from states that lie near its limits. */
import type { WeightedPaths } from "./path_value.ts";
import { ensembleOf } from "../../src/data/folds.ts";
import type { Batch } from "../../src/data/batch.ts";
import type { ReturnForm } from "../../src/data/gradient.ts";
import { type ModelParams, type Normalizer, type PolicyParams, skipCount } from "../../src/data/parameters.ts";
import { rewardOutputs, withReward } from "../../src/imagination/model_reward.ts";
import type { World } from "../../src/imagination/world.ts";
import { fold, type Key, makeStream } from "../../src/math/random.ts";
import { makeModel } from "../../src/nn/networks/dynamics.ts";
import { initializeMlp } from "../../src/nn/networks/mlp.ts";
import { makeNormalizer } from "../../src/nn/networks/normalizer.ts";
import { makePolicy } from "../../src/nn/networks/policy.ts";
import { makeValue } from "../../src/nn/networks/value.ts";
import { swimmer } from "../../src/tasks/swimmer.ts";
import type { ImaginedTask } from "../../src/tasks/task.ts";

/** A task's imagined side, the sizes of its observations and actions, and where what networks see is bounded. */
export interface TaskSizes {
  readonly imagined: ImaginedTask;
  readonly observationSize: number;
  readonly actionSize: number;
  readonly observationBound?: ReadonlyArray<number>;
  /** width of η; deterministic dynamics where absent */
  readonly latentSize?: number;
}

/** Swimmer's imagined side with a narrow control, and one whose range holds neither 0 nor most of the random actions. */
export const unevenControls: TaskSizes = {
  ...swimmer,
  imagined: { ...swimmer.imagined, controlRange: [[-0.4, 0.7], [0.1, 3]] },
};

const normalsOf = (key: Key, count: number, deviation: number): Float32Array => {
  const { normal } = makeStream(key);
  return Float32Array.from({ length: count }, () => deviation * normal());
};

/** Where a task has a bound, that of its random worlds: three of five entries of random states lie within it. */
export const SMALL_BOUND = 0.25;

/** (key, size, bound) ⇒ a normaliser in use that clips some entries of the first column, and of those with a bound. */
const randomNormalizer = (key: Key, size: number, bound: TaskSizes["observationBound"]): Normalizer => ({
  ...makeNormalizer(size, bound?.map((most) => (most === Infinity ? Infinity : SMALL_BOUND))),
  mean: normalsOf(fold(key, 0), size, 0.3),
  scale: normalsOf(fold(key, 1), size, 0.2).map((x, i) => (i === 0 ? 15 : 1 + Math.abs(x))),
});

/** (task, kind of reward, activation, key) ⇒ random networks; their normalisations change what passes; with relu a linear part. */
export const randomWorldOf = (
  { imagined, observationSize, actionSize, observationBound, latentSize = 0 }: TaskSizes,
  reward: ModelParams["reward"],
  activation: "tanh" | "relu",
  key: Key,
): World => {
  const task = withReward(imagined, reward);
  const [inputs, outputs] = [task.featureSize + actionSize, observationSize + rewardOutputs(task)];
  const sizes = { inputSize: inputs, outputSize: outputs, latentSize, hidden: [9, 7] };
  const linear = activation === "relu", made = makeModel({ ...sizes, activation, reward, linear }, key);
  const policy = makePolicy({ observationSize, actionSize, hidden: [8, 5], logStd: -0.6 }, key);
  const theta: PolicyParams["theta"] = policy.theta.slice();
  theta.set(initializeMlp(policy.shape, fold(key, "policy"), 0.6));
  const dynamics = initializeMlp(made.shape, fold(key, "model"), 0.4), skip = skipCount(made.shape);
  dynamics.set(normalsOf(fold(key, 7), skip, 0.3), dynamics.length - skip);
  const outputScale = normalsOf(fold(key, 5), outputs, 0.02).map((x) => 0.05 + Math.abs(x));
  return {
    task: imagined,
    policy: { ...policy, theta },
    value: makeValue({ observationSize, hidden: [6] }, fold(key, "value")),
    model: {
      ...made,
      theta: dynamics,
      inputMean: normalsOf(fold(key, 2), inputs, 0.2),
      inputScale: normalsOf(fold(key, 3), inputs, 0.1).map((x) => 1 + Math.abs(x)),
      outputMean: normalsOf(fold(key, 4), outputs, 0.01),
      outputScale,
      ...(linear ? { outputDeviation: outputScale.map((s, i) => (2 + i) * s) } : {}),
    },
    normalizer: randomNormalizer(fold(key, 6), observationSize, observationBound),
  };
};

/** (world, n, key) ⇒ n states: some near the limits of z and of the torso's angle, some beyond them. */
export const randomStates = ({ normalizer }: World, n: number, key: Key): Float32Array => {
  const size = normalizer.mean.length, states = normalsOf(key, n * size, 0.3);
  for (let i = 0; i < n; i++) {
    states[i * size] = 0.75 + 0.2 * states[i * size];
    states[i * size + 1] *= 0.5;
  }
  return states;
};

/** (world) ⇒ the same, its model an ensemble of one. */
export const alone = <W extends World>(world: W) => ({ ...world, model: ensembleOf(world.model) });

/** (world, n, horizon, form, key) ⇒ rollouts in that world. */
export const randomPath = (world: World, n: number, horizon: number, form: ReturnForm, key: Key): WeightedPaths => ({
  world: alone(world),
  observation: randomStates(world, n, fold(key, "s")),
  noise: normalsOf(fold(key, "ε"), horizon * n * world.policy.shape.sizes.at(-1)!, 1),
  weight: normalsOf(fold(key, "w"), n, 1 / n),
  horizon,
  form,
  ...(world.model.latent === undefined ? {} : { latent: randomLatent(world, n, horizon, key) }),
});

/** (world, n, horizon, key) ⇒ η [horizon, n, latent]. */
const randomLatent = ({ model }: World, n: number, horizon: number, key: Key): Float32Array =>
  normalsOf(fold(key, "η"), horizon * n * model.latent!.size, 1);

/** (world, n, key) ⇒ a batch of n transitions, of which a rollout reads states and actions. */
export const randomBatch = (world: World, n: number, key: Key): Batch => {
  const observation = randomStates(world, n, key), actionSize = world.policy.shape.sizes.at(-1)!;
  return {
    steps: n,
    environments: 1,
    observationSize: world.normalizer.mean.length,
    actionSize,
    observation,
    nextObservation: observation,
    action: normalsOf(fold(key, "a"), n * actionSize, 0.8),
    noise: normalsOf(fold(key, "ε"), n * actionSize, 1),
    logProb: new Float32Array(n),
    reward: new Float32Array(n),
    terminated: new Uint8Array(n),
    truncated: new Uint8Array(n),
    episodeReturns: new Float64Array(0),
    episodeLengths: new Int32Array(0),
  };
};
