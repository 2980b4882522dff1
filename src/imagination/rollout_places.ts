/**
 * Where an imagined rollout keeps what it computes: every step's values, for the backward pass, and scratch.
 *
 * @module
 */
import type { MlpShape } from "../data/parameters.ts";
import { type Columns, type Program, wholeGroups } from "../nn/passes/column_program.ts";
import { widestLayer } from "../nn/passes/layers.ts";
import type { Take } from "../nn/passes/arena.ts";
import { joinColumns, matrixColumns, ownColumns } from "../nn/passes/column_places.ts";
import type { StepPrograms } from "./step_programs.ts";

/** What the sizes of a tape follow from. */
export interface TapeShape {
  /** of μ */
  readonly policy: MlpShape;
  /** of V */
  readonly value: MlpShape;
  /** of f */
  readonly model: MlpShape;
  /** of the task */
  readonly programs: StepPrograms;
  /** obs */
  readonly observationSize: number;
  /** act */
  readonly actionSize: number;
  /** columns of features among the inputs of f */
  readonly featureSize: number;
  /** columns of all inputs of f: features, clipped action, η */
  readonly inputSize: number;
}

/** Places of one step's values; those of the state that it starts from, then those of the step. */
export interface ImaginedStepPlaces {
  /** [rows, obs] s */
  readonly state: number;
  /** [rows] probability S that the rollout is still going on in s */
  readonly alive: number;
  /** layers of μ, from the normalised s */
  readonly policy: ReadonlyArray<number>;
  /** layers of V, from the same place */
  readonly value: ReadonlyArray<number>;
  /** layers of the model, from (features, clipped action, η) */
  readonly model: ReadonlyArray<number>;
  /** [rows] r */
  readonly reward: number;
  /** values of the features' program */
  readonly features: Columns;
  /** values of the outcome's program */
  readonly outcome: Columns;
}

/** Places of the gradients by what one step computes; each step overwrites them. */
export interface BackwardPlaces {
  /** two times [rows, obs]: by s and by s′, which change roles from step to step */
  readonly state: readonly [number, number];
  /** [rows, obs] by the normalised s′, through V */
  readonly normalByValue: number;
  /** [rows, obs] by the normalised s′, through the policy */
  readonly normalByPolicy: number;
  /** [rows, act] by the clipped action through the reward */
  readonly action: number;
  /** [rows, act] by μ */
  readonly mean: number;
  /** [rows, inputs of the model] */
  readonly input: number;
  /** [rows, outputs of the model] */
  readonly output: number;
  /** [rows] by S */
  readonly alive: number;
  /** [rows] by V(s′) */
  readonly value: number;
  /** of the networks' passes */
  readonly spare: number;
  /** by the values of the features' program, for both roles of `state` */
  readonly features: readonly [Columns, Columns];
  /** by those of the outcome's program */
  readonly outcome: readonly [Columns, Columns];
}

const last = (shape: MlpShape): number => shape.sizes[shape.sizes.length - 1];

/** Pieces of hidden layers, between given first and last ones. */
const layersOf = (take: Take, shape: MlpShape, rows: number, input: number, output: number): number[] => [
  input,
  ...shape.sizes.slice(1, -1).map((size) => take(rows * size)),
  output,
];

const operations = (program: Program): number => program.operations.length;

/** (take, shape, rows, of which whole groups are made; steps): the steps follow one another in a ring, so that two do where nothing has to be kept. */
export const takeSteps = (take: Take, shape: TapeShape, count: number, steps: number): ImaginedStepPlaces[] => {
  const rows = wholeGroups(count);
  const { observationSize: no, actionSize: na, featureSize: nf, inputSize: ni, programs } = shape;
  const mean = take(rows * na); // overwritten by every step
  const states = Array.from({ length: steps }, () => take(rows * no));
  return states.map((state, t) => {
    const normal = take(rows * no), input = take(rows * ni);
    const [s, next] = [state, states[(t + 1) % steps]].map((place) => matrixColumns(place, no, no));
    const own = (program: Program) => ownColumns(take(rows * operations(program)), rows, operations(program));
    return {
      state,
      alive: take(rows),
      policy: layersOf(take, shape.policy, rows, normal, mean),
      value: layersOf(take, shape.value, rows, normal, take(rows)),
      model: layersOf(take, shape.model, rows, input, take(rows * last(shape.model))),
      reward: take(rows),
      features: joinColumns(s, own(programs.features)),
      outcome: joinColumns(s, matrixColumns(input + nf, ni, na), next, own(programs.outcome)),
    };
  });
};

/** (take, shape, rows): scratch of the backward pass. */
export const takeGradients = (take: Take, shape: TapeShape, count: number): BackwardPlaces => {
  const rows = wholeGroups(count);
  const { observationSize: no, actionSize: na, inputSize: ni, programs } = shape;
  const state = [take(rows * no), take(rows * no)] as const;
  const action = take(rows * na);
  const own = (program: Program) => ownColumns(take(rows * operations(program)), rows, operations(program));
  const [ofFeatures, ofOutcome] = [own(programs.features), own(programs.outcome)];
  const matrix = (role: 0 | 1) => matrixColumns(state[role], no, no);
  const outcome = (s: 0 | 1, next: 0 | 1) =>
    joinColumns(matrix(s), matrixColumns(action, na, na), matrix(next), ofOutcome);
  return {
    state,
    action,
    normalByValue: take(rows * no),
    normalByPolicy: take(rows * no),
    mean: take(rows * na),
    input: take(rows * ni),
    output: take(rows * last(shape.model)),
    alive: take(rows),
    value: take(rows),
    spare: take(2 * rows * Math.max(...[shape.policy, shape.value, shape.model].map(widestLayer))),
    features: [joinColumns(matrix(0), ofFeatures), joinColumns(matrix(1), ofFeatures)],
    outcome: [outcome(0, 1), outcome(1, 0)],
  };
};
