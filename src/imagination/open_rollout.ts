/**
 * An imagined rollout made ready: networks, programs and memory.
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import { mlpParameterCount, type MlpShape, type PolicyParams } from "../data/parameters.ts";
import { type ControlEnds, controlEnds } from "../math/control_range.ts";
import type { ColumnKernels } from "../nn/passes/column_program.ts";
import { foldNormalisation, outputRange } from "../nn/networks/dynamics.ts";
import type { RangePlaces } from "../nn/passes/block_passes.ts";
import { normalizedRange } from "../nn/networks/normalized_range.ts";
import { type Passes, type PlacedMlp, placedMlp } from "../nn/passes/passes.ts";
import { withReward } from "./model_reward.ts";
import type { World } from "./world.ts";
import { openArena, type Take } from "../nn/passes/arena.ts";
import { stepPrograms } from "./step_programs.ts";
import {
  type BackwardPlaces,
  type ImaginedStepPlaces,
  takeGradients,
  takeSteps,
  type TapeShape,
} from "./rollout_places.ts";

/** What a rollout starts from and how far it goes. */
export interface RolloutInput {
  /** the networks and the task */
  readonly world: World;
  /** [n, obs] not normalised */
  readonly observation: Float32Array;
  /** [n, act] the first actions as given, or θ of the policy that takes them with ε₀ */
  readonly first: { readonly action: Float32Array } | { readonly theta: Float32Array };
  /** [k, n, act] ε */
  readonly noise: Float32Array;
  /** [k, n, latent] η of stochastic dynamics, 0 where there is none; not read where the dynamics are deterministic */
  readonly latent: Float32Array | null;
  /** k */
  readonly horizon: number;
  /** how rewards add up */
  readonly form: ReturnForm;
}

/** Whether every step's values are kept for the backward pass. */
export type Keep = "steps" | "nothing";

/** A policy: its mean's network and σ [act]. */
export interface PlacedPolicy {
  /** μ */
  readonly mean: PlacedMlp;
  /** [act] σ */
  readonly std: Float32Array;
}

/** Networks and memory of a rollout. */
export interface RolloutPlaces {
  /** of the steps after the first */
  readonly policy: PlacedPolicy;
  /** of the first step */
  readonly firstPolicy: PlacedPolicy;
  /** V */
  readonly value: PlacedMlp;
  /** f, with its normalisation folded in */
  readonly model: PlacedMlp;
  /** what normalises the observations that policy and V see */
  readonly seen: RangePlaces;
  /** a ring */
  readonly steps: ReadonlyArray<ImaginedStepPlaces>;
  /** null where nothing is kept */
  readonly gradients: BackwardPlaces | null;
  /** [parameters of the policy] ∂/∂θ, sums over chunks */
  readonly thetaGradient: number;
}

/** A rollout ready to run over chunks of up to `capacity` starts. */
export interface Rollout extends RolloutInput {
  /** what it runs on */
  readonly passes: Passes;
  /** sizes */
  readonly shape: TapeShape;
  /** n */
  readonly count: number;
  /** rows of a chunk */
  readonly capacity: number;
  /** mean and reach of the model's outputs; null: no bound */
  readonly range: ReturnType<typeof outputRange>;
  /** what actions are clipped to */
  readonly control: ControlEnds;
  /** the programs of `shape`, ready to run */
  readonly kernels: { readonly features: ColumnKernels; readonly outcome: ColumnKernels };
  /** networks and memory */
  readonly places: RolloutPlaces;
  /** Frees its memory. */
  readonly close: () => void;
}

const CACHE = 768 * 1024; // floats of the tape that a chunk may take
const [FEWEST, MOST] = [64, 1024]; // rows of a chunk

const tapeShape = ({ world, form }: RolloutInput): TapeShape => {
  const observationSize = world.normalizer.mean.length;
  const actionSize = world.policy.theta.length - mlpParameterCount(world.policy.shape);
  const task = withReward(world.task, world.model.reward);
  const { policy: { shape: policy }, value: { shape: value }, model: { shape: model } } = world;
  const inputSize = model.sizes[0];
  const programs = stepPrograms(task, observationSize, actionSize, form.termination);
  const featureSize = programs.features.outputs.length;
  return { policy, value, model, programs, observationSize, actionSize, featureSize, inputSize };
};

/** (shape, steps kept, n) ⇒ rows of a chunk, whose tape stays in the processor's cache. */
const rowsOf = (shape: TapeShape, steps: number, count: number): number => {
  let floats = 0;
  takeSteps((size) => floats += size, shape, 1, steps);
  const rows = Math.floor(CACHE / floats / FEWEST) * FEWEST;
  return Math.max(1, Math.min(count, MOST, Math.max(FEWEST, rows)));
};

const placePolicy = ({ shape }: PolicyParams, theta: Float32Array, place: number): PlacedPolicy => ({
  mean: placedMlp(shape, place),
  std: theta.slice(mlpParameterCount(shape)).map(Math.exp),
});

/** (passes, input, keep) ⇒ (rollout), to be closed. Fails: `OutOfMemory`, with nothing left allocated. */
export const openRollout = (passes: Passes, input: RolloutInput, keep: Keep): Rollout => {
  const { world, first, horizon } = input, { policy } = world;
  const shape = tapeShape(input);
  const count = input.observation.length / shape.observationSize;
  const kept = keep === "steps" ? horizon + 1 : 2;
  const capacity = rowsOf(shape, kept, count);
  const { features, outcome } = shape.programs;
  const kernels = { features: passes.columns(features), outcome: passes.columns(outcome) };
  const modelTheta = foldNormalisation(world.model);
  const seen = normalizedRange(world.normalizer);
  const load: Array<readonly [number, Float32Array]> = [];
  const place = (take: Take, theta: Float32Array): number => {
    const at = take(theta.length);
    load.push([at, theta]);
    return at;
  };
  const network = (take: Take, network: MlpShape, theta: Float32Array) => placedMlp(network, place(take, theta));
  const arena = openArena(passes, (take): RolloutPlaces => {
    load.length = 0;
    const firstTheta = "theta" in first ? first.theta : policy.theta;
    return {
      policy: placePolicy(policy, policy.theta, place(take, policy.theta)),
      firstPolicy: placePolicy(policy, firstTheta, place(take, firstTheta)),
      value: network(take, world.value.shape, world.value.theta),
      model: network(take, world.model.shape, modelTheta),
      seen: {
        mean: place(take, world.normalizer.mean),
        scale: place(take, world.normalizer.scale),
        low: place(take, Float32Array.from(seen.low)),
        high: place(take, Float32Array.from(seen.high)),
      },
      steps: takeSteps(take, shape, capacity, kept),
      gradients: keep === "steps" ? takeGradients(take, shape, capacity) : null,
      thetaGradient: place(take, new Float32Array(policy.theta.length)),
    };
  });
  const heap = passes.floats();
  for (const [at, theta] of load) heap.set(theta, at);
  const range = outputRange(world.model), { places, free: close } = arena;
  const control = controlEnds(world.task.controlRange, shape.actionSize);
  return { ...input, passes, shape, kernels, count, capacity, range, control, places, close };
};

/** (rollout) ⇒ (first row, rows) of each chunk of starts. */
export const chunksOf = ({ count, capacity }: Rollout): ReadonlyArray<readonly [start: number, rows: number]> =>
  Array.from({ length: Math.ceil(count / capacity) }, (_, i) => {
    const start = i * capacity;
    return [start, Math.min(capacity, count - start)] as const;
  });
