/**
 * Adam on flat arrays, in plain JS: cheaper than the tensor library's for these sizes, and the same bits every time.
 *
 * Source: Kingma and Ba 2015.
 *
 * @module
 */
import type { AdamState } from "../../data/parameters.ts";

/** Options of a step of Adam. */
export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1: number; // decay of the first moment
  readonly beta2: number; // decay of the second moment
  readonly epsilon: number;
}

/** The usual decay rates. */
export const adamDefaults: Omit<AdamOptions, "learningRate"> = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** (number of parameters) ⇒ (state) before any step. */
export const makeAdam = (parameters: number): AdamState => ({
  first: new Float32Array(parameters),
  second: new Float32Array(parameters),
  step: 0,
});

/** The numbers of one step. */
export interface AdamStep extends Omit<AdamOptions, "learningRate"> {
  readonly rate: number; // learning rate by the first moment's correction
  readonly correction: number; // of the second moment
}

/** (options, step, 1 for the first) ⇒ the numbers of that step. */
export const adamStep = (
  options: Partial<AdamOptions> & Pick<AdamOptions, "learningRate">,
  step: number,
): AdamStep => {
  const { learningRate, beta1, beta2, epsilon } = { ...adamDefaults, ...options };
  return { beta1, beta2, epsilon, rate: learningRate / (1 - beta1 ** step), correction: 1 / (1 - beta2 ** step) };
};

/**
 * (θ, gradient, first and second moments, each [parameters]; numbers of the step): overwrites θ and the moments.
 *
 *   m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²,  θ ← θ − rate·m/(√(v·correction) + ε)
 */
export const applyAdam = (
  theta: Float32Array,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  { beta1, beta2, epsilon, rate, correction }: AdamStep,
): void => {
  for (let i = 0; i < theta.length; i++) {
    const g = gradient[i];
    const m = beta1 * first[i] + (1 - beta1) * g;
    const v = beta2 * second[i] + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    theta[i] -= rate * m / (Math.sqrt(v * correction) + epsilon);
  }
};
