/**
 * How much is sampled.
 *
 * @module
 */
import type { BranchCounts } from "./branches.ts";
import type { FloorCounts } from "./floor.ts";

/** Sizes of a measurement. */
export interface Budget {
  /** transitions of a batch whose estimate is measured */
  readonly steps: number;
  /** environments of that batch */
  readonly environments: number;
  /** m, independent batches */
  readonly batches: number;
  /** transitions that the reference averages over, at least */
  readonly reference: number;
  /** states, actions of each, continuations of each action for the decomposition */
  readonly branches: BranchCounts;
  /** draws that a perfect model's G2 averages over, on each batch */
  readonly floor: FloorCounts;
  /** states of the Fisher matrix */
  readonly fisherStates: number;
  /** random projections of scores, in each metric */
  readonly projections: number;
  /** bootstrap replicates */
  readonly replicates: number;
}

/** Budgets by name; environments and steps of a batch are those of the pipeline where nothing else is asked for. */
export const budgets = {
  full: {
    batches: 60,
    reference: 1_000_000,
    branches: { states: 400, actions: 4, continuations: 2 },
    floor: { firstActions: 4, laterNoise: 2 },
    fisherStates: 5000,
    projections: 64,
    replicates: 1000,
  },
  quick: {
    batches: 40,
    reference: 600_000,
    branches: { states: 200, actions: 4, continuations: 2 },
    floor: { firstActions: 4, laterNoise: 2 },
    fisherStates: 3000,
    projections: 32,
    replicates: 500,
  },
} as const satisfies Record<string, Omit<Budget, "steps" | "environments">>;

/** With fewer batches a measurement says that they are few: how often intervals hold is known from there on. */
export const fewBatches = 20;

/** Steps of a measured batch where nothing else is asked for: small ones show what a control variate does. */
export const batchSteps = 1000;
