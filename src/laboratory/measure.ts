/**
 * One checkpoint, measured.
 * (frozen networks, panel, budget, key) ⇒ (measurement)
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import type { Batch } from "../data/batch.ts";
import { fold, type Key } from "../math/random.ts";
import { joinBranches } from "./branches.ts";
import type { Budget } from "./budget.ts";
import { type Crew, makeCrew } from "./crew.ts";
import { MeasurementFailed } from "./errors.ts";
import type { Frozen, FrozenNetworks } from "./frozen.ts";
import type { Estimate } from "./gram.ts";
import { batchOf, type JobInputs, type JobKind, type SubBatch, type SubBatchPlan } from "./jobs.ts";
import type { Measurement } from "./measurement.ts";
import type { FisherMetric } from "./natural.ts";
import { asRead, entryOf, horizonsOf, makePanel, type PanelEntry, type Spec } from "./panel.ts";
import { euclideanDirections, fisherDraws } from "./sketch.ts";
import { summarize } from "./summarize.ts";
import { tailOf, type TruthBlock } from "./truth.ts";

/** (batch, its number) ⇒ networks fitted with that batch, as training fits them before it estimates its gradient. */
export type Refit = (batch: Batch, index: number) => Effect.Effect<FrozenNetworks, MeasurementFailed>;

/** What is to be measured. */
export interface MeasureRequest {
  /** Task, policy, value function and model, which nothing changes. */
  readonly frozen: Frozen;
  /** How the networks are fitted anew for each measured batch; null: they are the frozen ones, which have not seen it. */
  readonly refit: Refit | null;
  /** The pipeline's own estimator: its discount, advantage and λ are those of reference, bound and decomposition. */
  readonly own: Spec;
  /** Every estimator to be measured; their matches are added. */
  readonly specs: ReadonlyArray<Spec>;
  /** Added to the diagonal of the Fisher matrix, as the trust-region step does. */
  readonly damping: number;
  /** How much is sampled. */
  readonly budget: Budget;
  /** Same key, same numbers. */
  readonly key: Key;
  /** Web workers; 0 works in this thread, with the same numbers. */
  readonly workers: number;
  /** Told how much of a part is done. */
  readonly observe: (part: string, done: number, of: number) => void;
}

/** All that was sampled, before it is summed up. */
export interface Samples {
  readonly panel: ReadonlyArray<PanelEntry>;
  /** The pipeline's own. */
  readonly entry: PanelEntry;
  readonly sized: ReadonlyArray<PanelEntry>;
  readonly steps: ReadonlyArray<number>;
  readonly horizons: ReadonlyArray<number>;
  readonly truth: ReadonlyArray<Estimate>;
  readonly blocks: ReadonlyArray<TruthBlock>;
  readonly referenceSteps: number;
  /** steps that the physics goes on for beyond the ends */
  readonly tail: number;
  readonly batches: ReadonlyArray<SubBatch>;
  readonly branches: ReturnType<typeof joinBranches>;
  readonly directions: Readonly<Record<"euclidean" | "natural", ReadonlyArray<Float32Array>>>;
}

const TRUTH_SHAPE = { environments: 10, steps: 2500 }; // of one block, at most
const LEAST_BLOCKS = 10; // the bootstrap resamples them
const STATES_A_JOB = 10;

/** (crew, request, part) ⇒ a crew that tells how far it is. */
const counted =
  (crew: Crew, { observe }: MeasureRequest, part: string) =>
  <K extends JobKind>(kind: K, inputs: ReadonlyArray<JobInputs[K]>) => {
    let done = 0;
    observe(part, 0, inputs.length);
    return crew.run(kind, inputs, () => observe(part, ++done, inputs.length));
  };

const range = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, i) => i);

const joinStates = (blocks: ReadonlyArray<TruthBlock>): Float32Array => {
  const [{ states }] = blocks, all = new Float32Array(states.length * blocks.length);
  blocks.forEach((block, i) => all.set(block.states, i * states.length));
  return all;
};

/** The reference and the metric that its states give. */
const sampleTruth = (crew: Crew, request: MeasureRequest) =>
  Effect.gen(function* () {
    const { budget, own, key, damping } = request;
    const { environments } = TRUTH_SHAPE, perBlock = Math.ceil(budget.reference / (LEAST_BLOCKS * environments));
    const shape = { environments, steps: Math.min(TRUTH_SHAPE.steps, perBlock) };
    const count = Math.max(LEAST_BLOCKS, Math.ceil(budget.reference / (environments * shape.steps)));
    const { discount } = own.options, tail = tailOf(discount);
    const plan = { shape, tail, discount, states: Math.ceil(budget.fisherStates / count) };
    const blocks = yield* counted(crew, request, "reference")(
      "truth",
      range(count).map((i) => ({ plan, key: fold(fold(key, "truth"), i) })),
    );
    const metric: FisherMetric = { observation: joinStates(blocks), damping };
    return { blocks, metric, tail, referenceSteps: count * environments * shape.steps };
  });

/** The panel on each batch, with networks that have seen it where the request says so. */
const samplePanel = (crew: Crew, request: MeasureRequest, plan: SubBatchPlan) =>
  Effect.gen(function* () {
    const { frozen, refit, budget, key } = request;
    const inputs = range(budget.batches).map((i) => ({ plan, key: fold(fold(key, "batch"), i) }));
    if (refit === null) return yield* counted(crew, request, "panel")("subBatch", inputs);
    const fitted: JobInputs["subBatch"][] = [];
    for (const input of inputs) {
      const { batch } = yield* Effect.try({
        try: () => batchOf(frozen, plan.shape, 0, input.key),
        catch: (error) => new MeasurementFailed({ part: "the panel", reason: String(error) }),
      });
      fitted.push({ ...input, networks: yield* refit(batch, fitted.length) });
      request.observe("refits", fitted.length, inputs.length);
    }
    return yield* counted(crew, request, "panel")("subBatch", fitted);
  });

/** Fewer steps of a batch at which variance is measured too: a quarter and a half. */
const fewerSteps = (steps: number): ReadonlyArray<number> =>
  [4, 2].map((part) => Math.floor(steps / part)).filter((count, i, all) => count > 1 && all.indexOf(count) === i);

const sample = (crew: Crew, request: MeasureRequest): Effect.Effect<Samples, MeasurementFailed> =>
  Effect.gen(function* () {
    const { frozen: { policy }, budget, own, specs, key } = request;
    const { environments } = budget, steps = Math.max(2, Math.floor(budget.steps / environments));
    const panel = makePanel([own, ...specs]), horizons = horizonsOf(panel);
    const { blocks, metric, tail, referenceSteps } = yield* sampleTruth(crew, request);
    const draws = fisherDraws(policy, metric, budget.projections, fold(key, "fisherDraws"));
    const gradients = [...blocks.map(({ gradient }) => gradient), ...draws];
    const solved = yield* counted(crew, request, "natural gradients")(
      "natural",
      gradients.map((gradient) => ({ gradients: [gradient], metric })),
    );
    const entry = entryOf(panel, own)!;
    const sized = panel.filter(({ label }) => label === entry.label || label === entry.match);
    const plan = {
      shape: { environments, steps },
      panel,
      steps: request.refit === null ? fewerSteps(steps) : [],
      sized,
      own,
      horizons,
      metric,
    };
    const batches = yield* samplePanel(crew, request, plan);
    const branchKey = fold(key, "branches"), { states } = budget.branches;
    const branches = yield* counted(crew, request, "decomposition")(
      "branches",
      range(Math.ceil(states / STATES_A_JOB)).map((i) => {
        const first = i * STATES_A_JOB;
        const counts = { ...budget.branches, states: Math.min(STATES_A_JOB, states - first) };
        return { plan: { counts, first, tail, options: own.options, horizons }, key: branchKey };
      }),
    );
    return {
      panel,
      entry,
      sized,
      steps: [...plan.steps, steps].map((count) => count * environments),
      horizons,
      blocks,
      referenceSteps,
      tail,
      truth: blocks.map(({ gradient }, i) => ({ gradient, ...solved[i][0] })),
      batches,
      branches: joinBranches(branches),
      directions: {
        euclidean: euclideanDirections(policy, budget.projections, fold(key, "directions")),
        natural: solved.slice(blocks.length).map(([{ natural }]) => natural),
      },
    };
  });

/** (request) ⇒ (measurement). Fails: MeasurementFailed. */
export const measure = (given: MeasureRequest): Effect.Effect<Measurement, MeasurementFailed> =>
  Effect.scoped(Effect.gen(function* () {
    const request = { ...given, own: asRead(given.own) };
    const start = yield* Clock.monotonicTimeNanos;
    const crew = yield* makeCrew(request.frozen, request.workers);
    const samples = yield* sample(crew, request);
    const sampled = yield* Clock.monotonicTimeNanos;
    const measurement = summarize(request, samples);
    const end = yield* Clock.monotonicTimeNanos;
    const seconds = { sampling: Number(sampled - start) / 1e9, summing: Number(end - sampled) / 1e9 };
    return { ...measurement, seconds };
  }));
