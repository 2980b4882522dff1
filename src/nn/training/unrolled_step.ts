/**
 * One step of the k-step loss of the dynamics, forward and back.
 *
 *   e₀ = 0,  e_{h+1} = e_h + y_h − t_h,  y_h = net(features(s_h + e_h·scale), clip(a_h)),  t_h the normalised target
 *
 * This is (ŝ − s)/scale of the model's own unrolled prediction ŝ, without the cancellation of ŝ − s.
 *
 * @module
 */
import type { ModelParams } from "../../data/parameters.ts";
import type { ControlEnds } from "../../math/control_range.ts";
import type { Take } from "../passes/arena.ts";
import { joinColumns, matrixColumns, ownColumns } from "../passes/column_places.ts";
import type { ColumnKernels, Columns, Program } from "../passes/column_program.ts";
import type { ModelSegments } from "./dynamics_fit.ts";
import { widestLayer } from "../passes/layers.ts";
import type { Passes, PlacedMlp } from "../passes/passes.ts";
import { addScaledColumn, addScaledRows, normalizeActionRows, normalizeColumn } from "../passes/row_loops.ts";

/** Places of one step's values. */
export interface StepPlaces {
  /** [rows, obs] s_h + e_h·scale */
  readonly state: number;
  /** values of the features' program */
  readonly features: Columns;
  /** layers of the network, from the normalised input to its output, which e_{h+1} replaces */
  readonly layers: ReadonlyArray<number>;
}

/** Places of what the way back overwrites, and of the steps. */
export interface Places {
  readonly steps: ReadonlyArray<StepPlaces>;
  /** [rows, obs] by e */
  readonly error: number;
  /** [rows, obs] by s */
  readonly state: number;
  /** [rows, in] */
  readonly input: number;
  /** [rows, out] */
  readonly output: number;
  /** by the values of the features' program */
  readonly features: Columns;
  /** of the network's passes */
  readonly spare: number;
}

/** What a loss is computed with. */
export interface Setting {
  readonly passes: Passes;
  readonly model: Omit<ModelParams, "adam">;
  readonly network: PlacedMlp;
  readonly program: Program;
  readonly kernels: ColumnKernels;
  /** what actions are clipped to */
  readonly control: ControlEnds;
  readonly places: Places;
  /** [out] of a squared error in the loss */
  readonly weights: ReadonlyArray<number>;
  readonly observationSize: number;
  readonly outputs: number;
}

/** Some rows of segments. */
export interface Rows {
  readonly segments: ModelSegments;
  readonly first: number;
  readonly count: number;
}

/** (take, model and program, rows, steps) ⇒ (places). */
export const placesOf = (
  take: Take,
  { model, program }: Pick<Setting, "model" | "program">,
  rows: number,
  horizon: number,
) => {
  const { shape } = model, { inputs: obs, operations } = program, outputs = shape.sizes[shape.sizes.length - 1];
  const own = () => ownColumns(take(rows * operations.length), rows, operations.length);
  const matrix = (place: number) => joinColumns(matrixColumns(place, obs, obs), own());
  const steps = Array.from({ length: horizon }, (): StepPlaces => {
    const state = take(rows * obs);
    return { state, features: matrix(state), layers: shape.sizes.map((size) => take(rows * size)) };
  });
  const state = take(rows * obs);
  return {
    steps,
    state,
    features: matrix(state),
    error: take(rows * obs),
    input: take(rows * shape.sizes[0]),
    output: take(rows * outputs),
    spare: take(2 * rows * widestLayer(shape)),
  };
};

/** (setting, rows, h) ⇒ (Σ mask·weighted e²_{h+1}). */
export const forward = (setting: Setting, { segments, first, count: rows }: Rows, h: number): number => {
  const { passes, model, program, kernels, network, places: { steps }, observationSize: no, outputs } = setting;
  const { state, features, layers } = steps[h], inputs = network.shape.sizes[0], nf = program.outputs.length;
  const from = h * segments.count + first, f = passes.floats();
  f.set(segments.observation.subarray(from * no, (from + rows) * no), state);
  if (h > 0) addScaledRows(f, steps[h - 1].layers.at(-1)!, outputs, model.outputScale, state, rows, no);
  kernels.run(features, rows);
  const { inputMean: mean, inputScale: scale } = model, heap = passes.floats();
  if (inputs > mean.length) heap.fill(0, layers[0], layers[0] + rows * inputs); // η
  program.outputs.forEach((v, j) =>
    normalizeColumn(heap, features.at[v], features.step[v], mean[j], scale[j], layers[0] + j, inputs, rows)
  );
  const { control } = setting, at = from * control.low.length;
  normalizeActionRows(heap, segments.action, at, mean, scale, nf, control, layers[0], inputs, rows);
  passes.forward(network, layers, rows);
  return errorsOf(setting, { segments, first, count: rows }, h);
};

/** y_h ⇒ e_{h+1} in its place, 0 of what never changes, (Σ mask·weighted e²). */
const errorsOf = (setting: Setting, { segments, first, count: rows }: Rows, h: number): number => {
  const { passes, model: { outputMean, outputScale }, places: { steps }, weights, observationSize: no, outputs } =
    setting;
  const { observation, residual, mask, count: n } = segments, f = passes.floats(), from = h * n + first;
  let at = steps[h].layers.at(-1)!, before = h === 0 ? 0 : steps[h - 1].layers.at(-1)!, loss = 0;
  for (let i = from; i < from + rows; i++, at += outputs, before += outputs) {
    for (let j = 0; j < outputs; j++) {
      const raw = j < no ? observation[(i + n) * no + j] - observation[i * no + j] : residual[i];
      const earlier = h > 0 && j < no ? f[before + j] : 0;
      const error = outputScale[j] === 0 ? 0 : f[at + j] - (raw - outputMean[j]) / outputScale[j] + earlier;
      f[at + j] = error;
      loss += mask[i] * weights[j] * error * error;
    }
  }
  return loss;
};

/** ∂L/∂e_{h+1} through later steps ⇒ (adds to ∂L/∂θ; ∂L/∂e_h). */
export const backward = (setting: Setting, rows: Rows, h: number, share: number, theta: number): void => {
  const { passes, network, places: g } = setting, { layers } = g.steps[h];
  slopesOf(setting, rows, h, share);
  const out = { spare: g.spare, input: h > 0 ? g.input : null, theta };
  passes.backward(network, layers, g.output, rows.count, out);
  if (h > 0) throughFeatures(setting, rows.count, h);
};

/** (h) ⇒ adds what e_{h+1} itself costs to ∂L/∂e, and copies it to ∂L/∂y. */
const slopesOf = (setting: Setting, { segments, first, count: rows }: Rows, h: number, share: number): void => {
  const { passes, places: g, weights, observationSize: no, outputs } = setting, f = passes.floats();
  const mask = h * segments.count + first;
  let error = g.steps[h].layers.at(-1)!, by = g.error, to = g.output;
  for (let i = 0; i < rows; i++, by += no, error += outputs, to += outputs) {
    const factor = 2 * share * segments.mask[mask + i];
    for (let j = 0; j < outputs; j++) {
      const own = factor * weights[j] * f[error + j];
      f[to + j] = j < no ? (f[by + j] += own) : own;
    }
  }
};

/** ∂L/∂input ⇒ adds to ∂L/∂e. */
const throughFeatures = (setting: Setting, rows: number, h: number): void => {
  const { passes, model, program, kernels, network, places: g, observationSize: no } = setting, f = passes.floats();
  const { at, step } = g.features, inputs = network.shape.sizes[0];
  f.fill(0, g.state, g.state + rows * no);
  for (const v of program.outputs) if (v >= program.inputs) f.fill(0, at[v], at[v] + rows);
  program.outputs.forEach((v, j) => addScaledColumn(f, g.input + j, inputs, model.inputScale[j], at[v], step[v], rows));
  kernels.pullBack(g.steps[h].features, g.features, rows);
  addScaledRows(passes.floats(), g.state, no, model.outputScale, g.error, rows, no);
};
