/**
 * One checkpoint, measured.
 * (frozen networks, panel, budget, key) ⇒ (measurement)
 *
 * @module
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import type { Batch } from "../data/batch.ts";
import type { ReturnForm } from "../data/gradient.ts";
import type { Estimators, NetworkName } from "../estimators/estimator.ts";
import type { LikelihoodRatioOptions } from "../estimators/option_groups.ts";
import { fold, type Key } from "../math/random.ts";
import { joinBranches } from "./branches.ts";
import type { Budget } from "./budget.ts";
import { MeasurementFailed } from "./errors.ts";
import type { FloorCounts } from "./floor.ts";
import type { Frozen, FrozenNetworks } from "./frozen.ts";
import type { SolvedEstimate } from "./gram.ts";
import { batchOf, type JobInputs, type JobKind, type SubBatch, type SubBatchPlan } from "./jobs.ts";
import type { Measurement } from "./measurement.ts";
import type { FisherMetric } from "./natural.ts";
import {
  comparatorOf,
  entryOf,
  type EstimatorSpec,
  horizonsOf,
  imaginedReturnOf,
  makePanel,
  type PanelEntry,
} from "./panel.ts";
import { imaginedByPhysics } from "./physics_model.ts";
import { euclideanDirections, fisherDraws } from "./sketch.ts";
import { summarize } from "./summarize.ts";
import { SimulatorInvalid } from "../tasks/simulator_invalid.ts";
import { isImagined, TaskNotImagined } from "../tasks/survival.ts";
import { tailOf, type TruthBlock } from "./truth.ts";
import { makeWorkerPool, type WorkerPool } from "./worker_pool.ts";

/** (batch, its number) ⇒ networks fitted with that batch, as training fits them before it estimates its gradient. */
export type Refit = (batch: Batch, index: number) => Effect.Effect<FrozenNetworks, MeasurementFailed>;

/** What is to be measured. */
export interface MeasureRequest {
  /** Task, policy, value function and model, which nothing changes. */
  readonly frozen: Frozen;
  /** How the networks are fitted anew for each measured batch; null: they are the frozen ones, which have not seen it. */
  readonly refit: Refit | null;
  /** Every estimator that there is, by name: those of the panel, and the likelihood ratio. */
  readonly estimators: Estimators;
  /** Addresses of the modules that export those of one's own among them, which web workers import. */
  readonly modules: ReadonlyArray<string>;
  /** The pipeline's own estimator: its discount, advantage and λ are those of reference, bound and decomposition. */
  readonly own: EstimatorSpec;
  /** Every estimator to be measured; their matches are added. */
  readonly specs: ReadonlyArray<EstimatorSpec>;
  /** Horizons at which the bound by a perfect model is taken, beside those of the panel. */
  readonly bounds: ReadonlyArray<number>;
  /** Networks that nothing has fitted: of a learned model nothing is said where it is among them. */
  readonly unfitted: ReadonlyArray<NetworkName>;
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
  /** Draws behind the floors; null: there are none. */
  readonly floorCounts: FloorCounts | null;
  /** The pipeline's own. */
  readonly entry: PanelEntry;
  readonly sized: ReadonlyArray<PanelEntry>;
  /** The real advantage of the pipeline's own. */
  readonly advantage: LikelihoodRatioOptions;
  readonly steps: ReadonlyArray<number>;
  readonly horizons: ReadonlyArray<number>;
  readonly truth: ReadonlyArray<SolvedEstimate>;
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

/** (pool, request, part) ⇒ a pool that tells how far it is. */
const counted =
  (pool: WorkerPool, { observe }: MeasureRequest, part: string) =>
  <K extends JobKind>(kind: K, inputs: ReadonlyArray<JobInputs[K]>) => {
    let done = 0;
    observe(part, 0, inputs.length);
    return pool.run(kind, inputs, () => observe(part, ++done, inputs.length));
  };

const range = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, i) => i);

const joinStates = (blocks: ReadonlyArray<TruthBlock>): Float32Array => {
  const [{ states }] = blocks, all = new Float32Array(states.length * blocks.length);
  blocks.forEach((block, i) => all.set(block.states, i * states.length));
  return all;
};

/** The reference and the metric that its states give. */
const sampleTruth = (pool: WorkerPool, request: MeasureRequest, discount: number) =>
  Effect.gen(function* () {
    const { budget, key, damping } = request;
    const { environments } = TRUTH_SHAPE, perBlock = Math.ceil(budget.reference / (LEAST_BLOCKS * environments));
    const shape = { environments, steps: Math.min(TRUTH_SHAPE.steps, perBlock) };
    const count = Math.max(LEAST_BLOCKS, Math.ceil(budget.reference / (environments * shape.steps)));
    const tail = tailOf(discount);
    const plan = { shape, tail, discount, states: Math.ceil(budget.fisherStates / count) };
    const blocks = yield* counted(pool, request, "reference")(
      "truth",
      range(count).map((i) => ({ plan, key: fold(fold(key, "truth"), i) })),
    );
    const metric: FisherMetric = { observation: joinStates(blocks), damping };
    return { blocks, metric, tail, referenceSteps: count * environments * shape.steps };
  });

/** The panel on each batch, with networks that have seen it where the request says so. */
const samplePanel = (pool: WorkerPool, request: MeasureRequest, plan: SubBatchPlan) =>
  Effect.gen(function* () {
    const { frozen, refit, budget, key } = request;
    const inputs = range(budget.batches).map((i) => ({ plan, key: fold(fold(key, "batch"), i) }));
    if (refit === null) return yield* counted(pool, request, "panel")("subBatch", inputs);
    const fitted: JobInputs["subBatch"][] = [];
    for (const input of inputs) {
      const { batch } = yield* Effect.try({
        try: () => batchOf(frozen, plan.shape, 0, input.key),
        catch: (error) => new MeasurementFailed({ part: "the panel", reason: String(error) }),
      });
      fitted.push({ ...input, networks: yield* refit(batch, fitted.length) });
      request.observe("refits", fitted.length, inputs.length);
    }
    return yield* counted(pool, request, "panel")("subBatch", fitted);
  });

/** Fewer steps of a batch at which variance is measured too: a quarter and a half. */
const fewerSteps = (steps: number): ReadonlyArray<number> =>
  [4, 2].map((part) => Math.floor(steps / part)).filter((count, i, all) => count > 1 && all.indexOf(count) === i);

/** (request, panel) ⇒ horizons of the bound, ascending. */
const allHorizons = ({ estimators, bounds }: MeasureRequest, panel: ReadonlyArray<PanelEntry>): ReadonlyArray<number> =>
  [...new Set([...horizonsOf(estimators, panel), ...bounds])].filter((k) => k > 0).sort((a, b) => a - b);

/** (request) ⇒ draws of the floor; null where the task's physics cannot imagine. */
const floorOf = ({ frozen: { task }, budget }: MeasureRequest): FloorCounts | null => {
  try {
    imaginedByPhysics(task, { physics: {} });
    return budget.floor;
  } catch (error) {
    if (error instanceof SimulatorInvalid) return null;
    throw error;
  }
};

/** (request, horizons of the bound) ⇒ those at which the learned model stands beside it: all, or none. */
const learnedHorizonsOf = (
  { frozen: { task }, unfitted }: MeasureRequest,
  horizons: ReadonlyArray<number>,
): ReadonlyArray<number> => unfitted.includes("model") || !isImagined(task) ? [] : horizons;

/** (request, panel) ⇒ nothing where every row can be measured on the task. Fails: MeasurementFailed before anything is sampled. */
const refuseUnimagined = ({ frozen: { task }, estimators }: MeasureRequest, panel: ReadonlyArray<PanelEntry>) => {
  const reader = panel.find(({ estimator, model }) =>
    model === undefined && estimators[estimator].reads.includes("model")
  );
  if (reader === undefined || isImagined(task)) return Effect.void;
  const reason = new TaskNotImagined(`"${reader.estimator}"`, task.name).message;
  return Effect.fail(new MeasurementFailed({ part: "the panel", reason }));
};

/** (request, the real advantage) ⇒ how imagined rewards add up beside it. */
const formOf = ({ estimators, own }: MeasureRequest, { discount, lambda }: LikelihoodRatioOptions): ReturnForm => ({
  discount,
  lambda,
  weighting: imaginedReturnOf(estimators, own),
  termination: own.options.termination === "hard" ? "hard" : "soft",
});

const sample = (pool: WorkerPool, request: MeasureRequest): Effect.Effect<Samples, MeasurementFailed> =>
  Effect.gen(function* () {
    const { frozen: { policy }, estimators, budget, own, specs, key } = request;
    const { environments } = budget, steps = Math.max(2, Math.floor(budget.steps / environments));
    const panel = makePanel(estimators, [own, ...specs]), horizons = allHorizons(request, panel);
    const advantage = comparatorOf(estimators, own), form = formOf(request, advantage);
    yield* refuseUnimagined(request, panel);
    const { blocks, metric, tail, referenceSteps } = yield* sampleTruth(pool, request, advantage.discount);
    const draws = fisherDraws(policy, metric, budget.projections, fold(key, "fisherDraws"));
    const gradients = [...blocks.map(({ gradient }) => gradient), ...draws];
    const solved = yield* counted(pool, request, "natural gradients")(
      "natural",
      gradients.map((gradient) => ({ gradients: [gradient], metric })),
    );
    const entry = entryOf(estimators, panel, own)!;
    const sized = panel.filter(({ label }) => label === entry.label || label === entry.match);
    const plan = {
      shape: { environments, steps },
      panel,
      steps: request.refit === null ? fewerSteps(steps) : [],
      sized,
      own: advantage,
      form,
      horizons,
      floor: floorOf(request),
      metric,
    };
    const batches = yield* samplePanel(pool, request, plan);
    const branchKey = fold(key, "branches"), { states } = budget.branches;
    const learnedHorizons = learnedHorizonsOf(request, horizons);
    const branches = yield* counted(pool, request, "decomposition")(
      "branches",
      range(Math.ceil(states / STATES_A_JOB)).map((i) => {
        const first = i * STATES_A_JOB;
        const counts = { ...budget.branches, states: Math.min(STATES_A_JOB, states - first) };
        return { plan: { counts, first, tail, advantage, form, horizons, learnedHorizons }, key: branchKey };
      }),
    );
    return {
      panel,
      floorCounts: plan.floor,
      entry,
      sized,
      advantage,
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
export const measure = (request: MeasureRequest): Effect.Effect<Measurement, MeasurementFailed> =>
  Effect.scoped(Effect.gen(function* () {
    const start = yield* Clock.monotonicTimeNanos;
    const pool = yield* makeWorkerPool(request.frozen, request);
    const samples = yield* sample(pool, request);
    const sampled = yield* Clock.monotonicTimeNanos;
    request.observe("intervals", 0, 1); // by resampling, which takes seconds
    const measurement = summarize(request, samples);
    request.observe("intervals", 1, 1);
    const end = yield* Clock.monotonicTimeNanos;
    const seconds = { sampling: Number(sampled - start) / 1e9, summing: Number(end - sampled) / 1e9 };
    return { ...measurement, seconds };
  }));
