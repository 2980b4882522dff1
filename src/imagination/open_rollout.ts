/**
 * An imagined rollout made ready: networks, programs and memory.
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import { mlpParameterCount, type MlpShape, type PolicyParams } from "../data/parameters.ts";
import { type ControlEnds, controlEnds } from "../math/control_range.ts";
import { type ColumnKernels, ROW_GROUP } from "../nn/passes/column_program.ts";
import { foldNormalisation, outputRange } from "../nn/networks/dynamics.ts";
import type { RangePlaces } from "../nn/passes/block_passes.ts";
import { normalizedRange } from "../nn/networks/normalized_range.ts";
import { type Passes, type PlacedMlp, placedMlp } from "../nn/passes/passes.ts";
import { withReward } from "./model_reward.ts";
import type { World } from "./world.ts";
import { openArena, type Take } from "../nn/passes/arena.ts";
import { type StepPrograms, stepPrograms } from "./step_programs.ts";
import {
  type BackwardPlaces,
  type ImaginedStepPlaces,
  takeGradients,
  takeSteps,
  type TapeShape,
} from "./rollout_places.ts";

/** What a rollout is imagined with and how far it goes: plain records, which travel to other threads. */
export interface RolloutInput extends Omit<World, "task"> {
  /** what the task says about a step */
  readonly programs: StepPrograms;
  /** what actions are clipped to */
  readonly controlRange: World["task"]["controlRange"];
  /** [n, obs] not normalised */
  readonly observation: Float32Array;
  /** [n, act] the first actions; null: the policy takes them with ε₀ */
  readonly action: Float32Array | null;
  /** [k, n, act] ε */
  readonly noise: Float32Array;
  /** [k, n, latent] η of stochastic dynamics, 0 where there is none; not read where the dynamics are deterministic */
  readonly latent: Float32Array | null;
  /** k */
  readonly horizon: number;
  /** how rewards add up */
  readonly form: ReturnForm;
}

/** What is imagined in a world. */
export type Imagined = Omit<RolloutInput, "programs" | "controlRange" | Exclude<keyof World, "task">>;

/** (policy that acts, normaliser) ⇒ obs, act. */
const sizesOf = ({ policy, normalizer }: Pick<World, "policy" | "normalizer">) => ({
  observationSize: normalizer.mean.length,
  actionSize: policy.theta.length - mlpParameterCount(policy.shape),
});

/** (world, what is imagined in it) ⇒ (input): the task as programs, since functions do not travel. */
export const rolloutInput = (
  { task, policy, value, model, normalizer }: World,
  { observation, action, noise, latent, horizon, form }: Imagined,
): RolloutInput => {
  const { observationSize, actionSize } = sizesOf({ policy, normalizer }), own = withReward(task, model.reward);
  const programs = stepPrograms(own, observationSize, actionSize, form.termination), { controlRange } = task;
  const networks = { policy, value, model, normalizer };
  return { ...networks, programs, controlRange, observation, action, noise, latent, horizon, form };
};

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
  /** π */
  readonly policy: PlacedPolicy;
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
}

/** A rollout ready to run over its chunks. */
export interface Rollout extends RolloutInput {
  /** what it runs on */
  readonly passes: Passes;
  /** sizes */
  readonly shape: TapeShape;
  /** n */
  readonly count: number;
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

const CACHE = 192 * 1024; // floats of the tape that a chunk may take
const [FEWEST, MOST] = [64, 1024]; // rows of a chunk
const SHARES = 8; // chunks at least, where there are rows for them, whatever the number of threads

const tapeShape = (input: RolloutInput): TapeShape => {
  const { policy: { shape: policy }, value: { shape: value }, model: { shape: model }, programs } = input;
  const inputSize = model.sizes[0], featureSize = programs.features.outputs.length;
  return { policy, value, model, programs, ...sizesOf(input), featureSize, inputSize };
};

/** (input, keep) ⇒ steps whose values have places. */
const keptSteps = ({ horizon }: RolloutInput, keep: Keep): number => keep === "steps" ? horizon + 1 : 2;

const countOf = ({ observation, normalizer }: RolloutInput): number => observation.length / normalizer.mean.length;

/** (shape, steps kept, n) ⇒ rows of a chunk, whose tape stays in the processor's cache. */
const rowsOf = (shape: TapeShape, steps: number, count: number): number => {
  let floats = 0;
  takeSteps((size) => floats += size / ROW_GROUP, shape, ROW_GROUP, steps);
  const [inCache, share] = [CACHE / floats / FEWEST, count / SHARES / FEWEST].map((x) => Math.floor(x) * FEWEST);
  return Math.max(1, Math.min(count, MOST, Math.max(FEWEST, Math.min(inCache, share))));
};

/** Rows of a rollout's starts that run together. */
export type Chunk = readonly [start: number, rows: number];

/** (input, keep) ⇒ its starts in chunks, which follow from their number and the networks alone. */
export const chunksOf = (input: RolloutInput, keep: Keep): ReadonlyArray<Chunk> => {
  const count = countOf(input), capacity = rowsOf(tapeShape(input), keptSteps(input, keep), count);
  return Array.from({ length: Math.ceil(count / capacity) }, (_, i) => {
    const start = i * capacity;
    return [start, Math.min(capacity, count - start)] as const;
  });
};

const placePolicy = ({ shape, theta }: PolicyParams, place: number): PlacedPolicy => ({
  mean: placedMlp(shape, place),
  std: theta.slice(mlpParameterCount(shape)).map(Math.exp),
});

/** (passes, input, keep) ⇒ (rollout), to be closed. Fails: `OutOfMemory`, with nothing left allocated. */
export const openRollout = (passes: Passes, input: RolloutInput, keep: Keep): Rollout => {
  const { policy, value, model, normalizer } = input;
  const shape = tapeShape(input), count = countOf(input), kept = keptSteps(input, keep);
  const capacity = rowsOf(shape, kept, count);
  const { features, outcome } = shape.programs;
  const kernels = { features: passes.columns(features), outcome: passes.columns(outcome) };
  const modelTheta = foldNormalisation(model);
  const seen = normalizedRange(normalizer);
  const load: Array<readonly [number, Float32Array]> = [];
  const place = (take: Take, theta: Float32Array): number => {
    const at = take(theta.length);
    load.push([at, theta]);
    return at;
  };
  const network = (take: Take, network: MlpShape, theta: Float32Array) => placedMlp(network, place(take, theta));
  const arena = openArena(passes, (take): RolloutPlaces => {
    load.length = 0;
    return {
      policy: placePolicy(policy, place(take, policy.theta)),
      value: network(take, value.shape, value.theta),
      model: network(take, model.shape, modelTheta),
      seen: {
        mean: place(take, normalizer.mean),
        scale: place(take, normalizer.scale),
        low: place(take, Float32Array.from(seen.low)),
        high: place(take, Float32Array.from(seen.high)),
      },
      steps: takeSteps(take, shape, capacity, kept),
      gradients: keep === "steps" ? takeGradients(take, shape, capacity) : null,
    };
  });
  const heap = passes.floats();
  for (const [at, theta] of load) heap.set(theta, at);
  const range = outputRange(model), { places, free: close } = arena;
  const control = controlEnds(input.controlRange, shape.actionSize);
  return { ...input, passes, shape, kernels, count, range, control, places, close };
};
