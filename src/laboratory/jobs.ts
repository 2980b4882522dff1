/**
 * The laboratory's work in independent pieces: plain records in, plain records out, the same bits wherever they run.
 *
 * @module
 */
import type { ReturnForm } from "../data/gradient.ts";
import type { Estimators } from "../estimators/estimator.ts";
import type { AdvantageForm } from "../estimators/option_groups.ts";
import { realAdvantage } from "../estimators/real_advantage.ts";
import { fold, type Key } from "../math/random.ts";
import { type Branches, type BranchPlan, sampleBranches } from "./branches.ts";
import { type BatchShape, type Collected, collectStationary } from "./collection.ts";
import { type FloorCounts, type FloorEstimate, floorEstimate } from "./floor.ts";
import type { Frozen, FrozenNetworks } from "./frozen.ts";
import type { Solved } from "./gram.ts";
import { type FisherMetric, withNatural } from "./natural.ts";
import type { PanelEntry } from "./panel.ts";
import { withPhysics } from "./physics_model.ts";
import { estimatePanel, type PanelOnBatch } from "./sub_batch.ts";
import { perfectAdvantage } from "./true_advantage.ts";
import { type TruthBlock, truthBlock, type TruthPlan } from "./truth.ts";

/** What is to be done with one batch. */
export interface SubBatchPlan {
  readonly shape: BatchShape;
  readonly panel: ReadonlyArray<PanelEntry>;
  /** Numbers of steps, less than the shape's, at which `sized` is measured too. */
  readonly steps: ReadonlyArray<number>;
  readonly sized: ReadonlyArray<PanelEntry>;
  /** Whose advantage the perfect model imagines, how its rewards add up, and over which horizons. */
  readonly own: AdvantageForm;
  readonly form: ReturnForm;
  readonly horizons: ReadonlyArray<number>;
  /** Draws of the floor's G2; null: the task's physics cannot imagine, so that there is no floor. */
  readonly floor: FloorCounts | null;
  readonly metric: FisherMetric;
}

/** The panel on one batch, and the floor below it. */
export interface SubBatch extends PanelOnBatch {
  /** by horizon; none where there is no floor */
  readonly floors: ReadonlyArray<FloorEstimate>;
  /** s, of collecting the batch */
  readonly seconds: number;
}

/** Inputs by kind of job. */
export interface JobInputs {
  readonly truth: { readonly plan: TruthPlan; readonly key: Key };
  readonly natural: { readonly gradients: ReadonlyArray<Float32Array>; readonly metric: FisherMetric };
  readonly subBatch: {
    readonly plan: SubBatchPlan;
    readonly key: Key;
    /** Those that have been fitted with this batch; absent: the frozen ones, which have not seen it. */
    readonly networks?: FrozenNetworks;
  };
  readonly branches: { readonly plan: BranchPlan; readonly key: Key };
}

/** Outputs by kind of job. */
export interface JobOutputs {
  readonly truth: TruthBlock;
  readonly natural: ReadonlyArray<Solved>;
  readonly subBatch: SubBatch;
  readonly branches: Branches;
}

/** Kinds of jobs. */
export type JobKind = keyof JobInputs;

/** (frozen, shape, steps beyond the ends, key of the job) ⇒ the batch that the job measures, whatever the networks. */
export const batchOf = (frozen: Frozen, shape: BatchShape, tail: number, key: Key): Collected =>
  collectStationary(frozen, shape, tail, fold(key, "collect"));

const subBatch = (
  unseen: Frozen,
  estimators: Estimators,
  { plan, key, networks: fitted }: JobInputs["subBatch"],
): SubBatch => {
  const { shape, panel, steps, sized, own, form, horizons, floor, metric } = plan;
  const frozen = { ...unseen, ...fitted }, { task, ...networks } = frozen;
  const collected = batchOf(unseen, shape, Math.max(0, ...horizons), key);
  const input = { task: task.imagined, ...networks, batch: collected.batch };
  return withNatural(frozen.policy, metric, (solve) => {
    const inputOf = ({ model }: PanelEntry) => model === undefined ? input : withPhysics(input, task, model);
    const measured = estimatePanel(input, estimators, panel, steps, sized, solve, fold(key, "estimate"), inputOf);
    const advantage = realAdvantage(input, own);
    const physical = floor === null ? null : withPhysics(input, task, { physics: {} });
    const floors = physical === null ? [] : horizons.map((k) => {
      const imagined = perfectAdvantage(frozen, collected, form, k);
      return floorEstimate(physical, advantage, imagined, k, form, floor!, solve, fold(fold(key, "floor"), k));
    });
    return { ...measured, floors, seconds: collected.seconds };
  });
};

const work: {
  readonly [K in JobKind]: (frozen: Frozen, estimators: Estimators, input: JobInputs[K]) => JobOutputs[K];
} = {
  truth: (frozen, _, { plan, key }) => truthBlock(frozen, plan, key),
  natural: ({ policy }, _, { gradients, metric }) => withNatural(policy, metric, (solve) => gradients.map(solve)),
  subBatch,
  branches: (frozen, _, { plan, key }) => sampleBranches(frozen, plan, key),
};

/** (frozen, estimators of the panel by name, kind, input) ⇒ (output). Needs a started backend. Fails: throws SimulationError, OutOfMemory. */
export const runJob = <K extends JobKind>(
  frozen: Frozen,
  estimators: Estimators,
  kind: K,
  input: JobInputs[K],
): JobOutputs[K] => work[kind](frozen, estimators, input);
