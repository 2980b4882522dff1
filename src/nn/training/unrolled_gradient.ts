/**
 * The k-step loss of the dynamics and its gradient: forward and back through time without a tape.
 *
 *   loss = Σ mask · (mean over obs of v·e² + α·min(1, v_residual)·e_residual²) / Σ mask
 *
 * Errors e are in the network's units. Without a linear part these are the outputs' deviations, and v = 1. With one, v is the
 * output's unit in deviations, over the mean of the states that change: so a state's weight lies between that of errors in
 * deviations and that of errors in units.
 *
 * @module
 */
import type { ModelParams } from "../../data/parameters.ts";
import { openArena } from "../passes/arena.ts";
import { controlEnds, type ControlRange } from "../../math/control_range.ts";
import { type Program, wholeGroups } from "../passes/column_program.ts";
import { unitsOf } from "../networks/dynamics.ts";
import type { ModelLossOptions, ModelSegments } from "./dynamics_fit.ts";
import { type Passes, placedMlp } from "../passes/passes.ts";
import type { LossGradient } from "../passes/read.ts";
import { backward, forward, placesOf, type Rows, type Setting } from "./unrolled_step.ts";

/** A model's inputs as kernels make them. */
export interface InputProgram {
  /** s [obs] ⇒ features */
  readonly program: Program;
  /** [act] what actions are clipped to; undefined: ±1 everywhere */
  readonly controlRange: ControlRange | undefined;
}

/** A loss ready to be computed many times. */
export interface UnrolledLoss {
  /** (segments, one over the steps that count in all of the loss) ⇒ (their part of it); adds ∂/∂θ to the gradient. */
  readonly add: (rows: Rows, share: number) => number;
  /** (segments, visit): `visit(h, first row, e_{h+1} [rows, out])`, valid until the next call. */
  readonly errors: (
    segments: ModelSegments,
    visit: (h: number, first: number, errors: Float32Array) => void,
  ) => void;
  /** Frees its memory. */
  readonly free: () => void;
}

const MOST = 1024; // rows at a time

/** (model, obs, α) ⇒ [out] of a squared error in the loss. */
const errorWeights = (
  model: Pick<ModelParams, "outputScale" | "outputDeviation">,
  observationSize: number,
  rewardWeight: number,
): ReadonlyArray<number> => {
  const units = [...unitsOf(model)], changing = units.slice(0, observationSize).filter((unit) => unit > 0);
  const mean = changing.length === 0 ? 1 : changing.reduce((sum, unit) => sum + unit, 0) / changing.length;
  return units.map((unit, j) =>
    j < observationSize ? unit / mean / observationSize : Math.min(1, unit / mean) * rewardWeight
  );
};

/**
 * (passes, model, its inputs, places of θ and of ∂L/∂θ, most rows, most steps, options) ⇒ (loss), to be freed.
 * Fails: `OutOfMemory`, with nothing left allocated.
 */
export const openUnrolledLoss = (
  passes: Passes,
  model: Omit<ModelParams, "adam">,
  { program, controlRange }: InputProgram,
  at: { readonly theta: number; readonly gradient: number },
  size: { readonly rows: number; readonly horizon: number },
  { rewardWeight }: ModelLossOptions,
): UnrolledLoss => {
  const capacity = Math.min(size.rows, MOST), observationSize = program.inputs, outputs = model.outputMean.length;
  const { places, free } = openArena(
    passes,
    (take) => placesOf(take, { model, program }, wholeGroups(capacity), size.horizon),
  );
  const setting: Setting = {
    passes,
    model,
    network: placedMlp(model.shape, at.theta),
    program,
    kernels: passes.columns(program),
    control: controlEnds(controlRange, model.inputMean.length - program.outputs.length),
    places,
    weights: errorWeights(model, observationSize, rewardWeight),
    observationSize,
    outputs,
  };
  const visit: UnrolledLoss["errors"] = (segments, found) => {
    for (let first = 0; first < segments.count; first += capacity) {
      const rows = { segments, first, count: Math.min(capacity, segments.count - first) };
      for (let h = 0; h < segments.horizon; h++) {
        forward(setting, rows, h);
        const place = places.steps[h].layers.at(-1)!;
        found(h, first, passes.floats().subarray(place, place + rows.count * outputs));
      }
    }
  };
  const add: UnrolledLoss["add"] = ({ segments, first, count }, share) => {
    let loss = 0;
    for (let start = 0; start < count; start += capacity) {
      const rows = { segments, first: first + start, count: Math.min(capacity, count - start) };
      for (let h = 0; h < segments.horizon; h++) loss += forward(setting, rows, h);
      passes.floats().fill(0, places.error, places.error + rows.count * observationSize);
      for (let h = segments.horizon - 1; h >= 0; h--) backward(setting, rows, h, share, at.gradient);
    }
    return loss * share;
  };
  return { add, errors: visit, free };
};

/** (segments) ⇒ one over the steps of them that count, at most 1. */
export const shareOf = ({ segments: { mask, horizon, count: n }, first, count }: Rows): number => {
  let sum = 0;
  for (let h = 0; h < horizon; h++) for (let i = h * n + first; i < h * n + first + count; i++) sum += mask[i];
  return 1 / Math.max(1, sum);
};

/** Runs `visit` on a loss of θ as it stands in the model, and frees its memory, whatever happens. */
const withLoss = <A>(
  passes: Passes,
  model: ModelParams,
  { count: rows, horizon }: ModelSegments,
  options: ModelLossOptions,
  inputs: InputProgram,
  visit: (loss: UnrolledLoss, gradient: number) => A,
): A => {
  const count = model.theta.length;
  const { places, free } = openArena(passes, (take) => ({ theta: take(count), gradient: take(count) }));
  try {
    const unrolled = openUnrolledLoss(passes, model, inputs, places, { rows, horizon }, options);
    try {
      passes.floats().set(model.theta, places.theta);
      passes.floats().fill(0, places.gradient, places.gradient + count);
      return visit(unrolled, places.gradient);
    } finally {
      unrolled.free();
    }
  } finally {
    free();
  }
};

/** (passes, model, segments, options, inputs) ⇒ (loss, ∇θ loss), H steps unrolled on the model's own predictions. Fails: `OutOfMemory`. */
export const unrolledGradient = (
  passes: Passes,
  model: ModelParams,
  segments: ModelSegments,
  options: ModelLossOptions,
  inputs: InputProgram,
): LossGradient =>
  withLoss(passes, model, segments, options, inputs, ({ add }, gradient) => {
    const rows = { segments, first: 0, count: segments.count }, loss = add(rows, shareOf(rows));
    return { loss, gradient: passes.floats().slice(gradient, gradient + model.theta.length) };
  });

/** (passes, model, segments, inputs) ⇒ normalised errors [H, n, out], with η = 0 where the dynamics are stochastic. Fails: `OutOfMemory`. */
export const unrolledErrors = (
  passes: Passes,
  model: ModelParams,
  segments: ModelSegments,
  inputs: InputProgram,
): Float32Array => {
  const outputs = model.outputMean.length, all = new Float32Array(segments.horizon * segments.count * outputs);
  withLoss(
    passes,
    model,
    segments,
    { rewardWeight: 0 },
    inputs,
    ({ errors }) => errors(segments, (h, first, found) => all.set(found, (h * segments.count + first) * outputs)),
  );
  return all;
};
